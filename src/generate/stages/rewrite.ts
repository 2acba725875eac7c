// Mends the question of a pair instead of throwing the pair away: one call, where a new pair would cost the whole generator
// again. Only the question changes; the answer and what proves it stay as they were, so what was true stays true.

import { z } from 'zod';

import { textAtBytes } from '../../core/quote-search.ts';
import { costSum } from '../costs.ts';
import type { PairItem } from '../item.ts';
import { noted, type StageTools } from '../stage.ts';
import { passageValues } from './passage-values.ts';

/** What a rewrite is told to mend: a reason of the stages that found it, and what was seen. */
export interface Complaint {
  readonly reason: string;
  readonly detail: string;
}

export const rewriteReply = () => z.object({ possible: z.boolean(), question: z.string() });
export type RewriteReply = ReturnType<typeof rewriteReply>;

export type Rewrite =
  | { readonly kind: 'rewritten'; readonly item: PairItem }
  | { readonly kind: 'failed'; readonly detail: string };

/** The pair with another question, or why there is none. Whoever calls checks the pair again. */
export async function rewriteQuestion(
  item: PairItem,
  by: { readonly complaint: Complaint; readonly tools: StageTools; readonly reply: RewriteReply },
): Promise<Rewrite> {
  const { draft, passage } = item;
  if (passage === undefined) return { kind: 'failed', detail: 'there is no passage to mend it by' };
  const evidence =
    draft.evidence === undefined ? [] : [textAtBytes(passage.text, draft.evidence, passage.span.start)];
  const answer = await by.tools.ask({
    prompt: 'repair/question',
    values: {
      ...passageValues(passage),
      question: draft.question,
      answer: draft.answer,
      evidence,
      flaw: by.complaint.reason,
      seen: by.complaint.detail,
    },
    reply: by.reply,
    temperature: 0,
  });
  const paid = { ...item, costUsd: costSum(item.costUsd, answer.costUsd) };
  if (answer.kind === 'unreadable') return { kind: 'failed', detail: answer.detail };
  const question = answer.value.question.trim();
  if (!answer.value.possible || question === '' || question === draft.question) {
    return { kind: 'failed', detail: `no other question was found: ${draft.question}` };
  }
  return {
    kind: 'rewritten',
    item: {
      ...paid,
      draft: { ...draft, question, written: answer.written },
      notes: noted(paid.notes, 'repair', { reason: by.complaint.reason, before: draft.question }),
    },
  };
}
