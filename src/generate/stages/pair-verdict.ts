// Asks a model whether a pair is right by its passage, gives nothing away and can be answered alone. One asking at temperature
// 0 decides where the model is sure; where it is not, more votes are bought, and the majority decides each of the three.

import { z } from 'zod';

import { costSum } from '../costs.ts';
import type { Passage } from '../../core/document.ts';
import type { Draft } from '../item.ts';
import type { StageTools } from '../stage.ts';
import { passageValues } from './passage-values.ts';

/** True where the pair fails, in the order in which failures count. */
export const FAULTS = ['wrong_answer', 'leaks_answer', 'lacks_context'] as const;
export type Fault = (typeof FAULTS)[number];

export const verdictReply = () =>
  z.object({
    reasoning: z.string(),
    correct: z.boolean(),
    leaks_answer: z.boolean(),
    enough_context: z.boolean(),
    /** Whether another careful reader would surely say the same of all three. */
    sure: z.boolean(),
  });
export type VerdictReply = ReturnType<typeof verdictReply>;
type Vote = z.output<VerdictReply>;

export interface PairVerdict {
  readonly faults: readonly Fault[];
  readonly reasoning: string;
  readonly votes: number;
  /** Smallest share of votes that agree with what was decided, over the three. */
  readonly agreement: number;
  readonly costUsd: number | null;
}

export interface VotingRule {
  /** Votes in all where the first is not sure; odd. */
  readonly votes: number;
  readonly temperature: number;
}

/** The verdict, or why no vote could be read. */
export async function judgePair(
  pair: { readonly draft: Draft; readonly passage: Passage },
  by: { readonly rule: VotingRule; readonly tools: StageTools; readonly reply: VerdictReply },
): Promise<PairVerdict | { readonly unreadable: string; readonly costUsd: number | null }> {
  const { draft, passage } = pair;
  const ask = (sample: number) =>
    by.tools.ask({
      prompt: 'check/pair',
      values: {
        ...passageValues(passage),
        question: draft.question,
        answer: draft.answer,
        aliases: draft.aliases,
      },
      reply: by.reply,
      sample,
      temperature: sample === 0 ? 0 : by.rule.temperature,
    });
  const first = await ask(0);
  if (first.kind === 'unreadable') return { unreadable: first.detail, costUsd: first.costUsd };
  if (first.value.sure || by.rule.votes === 1) return decide([first.value], first.costUsd);
  const more = await Promise.all(Array.from({ length: by.rule.votes - 1 }, (_, index) => ask(index + 1)));
  const votes = more.flatMap((answer) => (answer.kind === 'answer' ? [answer.value] : []));
  const costUsd = costSum(first.costUsd, ...more.map((answer) => answer.costUsd));
  return decide([first.value, ...votes], costUsd);
}

/** A fault stands unless more than half of the votes say that it is none: a tie is no acquittal. */
function decide(votes: readonly Vote[], costUsd: number | null): PairVerdict {
  let agreement = 1;
  const faults = FAULTS.filter((fault) => {
    const found = votes.filter((vote) => hasFault(vote, fault)).length;
    agreement = Math.min(agreement, Math.max(found, votes.length - found) / votes.length);
    return 2 * found >= votes.length;
  });
  const telling = votes.find((vote) => faults.some((fault) => hasFault(vote, fault))) ?? votes[0];
  return { faults, reasoning: telling?.reasoning ?? '', votes: votes.length, agreement, costUsd };
}

function hasFault(vote: Vote, fault: Fault): boolean {
  switch (fault) {
    case 'wrong_answer':
      return !vote.correct;
    case 'leaks_answer':
      return vote.leaks_answer;
    case 'lacks_context':
      return !vote.enough_context;
  }
}
