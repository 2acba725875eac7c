// The checker of Webscale-RL (arXiv 2510.06499), with reasons that are counted apart, votes where one is not enough, and a
// rewrite where only the question's wording is at fault. An answer that is wrong is not mended: nobody would know by what.

import { z } from 'zod';

import { costSum } from '../costs.ts';
import { asPair, type PairItem } from '../item.ts';
import { dropped, kept, noted, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { judgePair, verdictReply, type PairVerdict, type VerdictReply } from './pair-verdict.ts';
import { rewriteQuestion, rewriteReply, type RewriteReply } from './rewrite.ts';
import { flawOf, USUAL_LIMITS } from './string-flaws.ts';

const checkOptions = () =>
  z.strictObject({
    /** Votes in all on a pair that the first vote is not sure about; 1 never asks again. */
    votes: z
      .int()
      .min(1)
      .max(15)
      .refine((votes) => votes % 2 === 1, 'must be odd')
      .default(3),
    vote_temperature: z.number().min(0).max(2).default(0.7),
    /** Whether a leak or missing context is mended by one rewrite, which is checked again. */
    repair: z.boolean().default(true),
  });
type CheckOptions = z.output<ReturnType<typeof checkOptions>>;

interface Checking {
  readonly options: CheckOptions;
  readonly tools: StageTools;
  readonly verdictReply: VerdictReply;
  readonly rewriteReply: RewriteReply;
}

export const check = stageKind({
  name: 'check',
  summary:
    'A model decides whether the answer is right by the passage, not given away, and the question complete.',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: checkOptions,
  // One pair in ten is borderline, one in ten is rewritten and checked again.
  estimate: (options: CheckOptions) => ({
    calls: 1 + 0.1 * (options.votes - 1) + (options.repair ? 0.2 : 0),
    promptTokens: 500,
    showsPassage: true,
    completionTokens: 120,
    yield: 0.75,
  }),
  build: (options: CheckOptions) => {
    const schemas = { verdictReply: verdictReply(), rewriteReply: rewriteReply() };
    return {
      kind: 'each',
      apply: async (item, tools) => checkPair(asPair(item), { options, tools, ...schemas }),
    };
  },
});

async function checkPair(item: PairItem, by: Checking): Promise<Outcome> {
  const checked = await judged(item, by);
  if (checked.kind === 'outcome') return checked.outcome;
  const { verdict, item: paid } = checked;
  const [fault] = verdict.faults;
  if (fault === undefined) return kept(paid);
  const detail = `${verdict.faults.join(', ')}: ${verdict.reasoning}`;
  if (!by.options.repair || fault === 'wrong_answer') return dropped(fault, detail);

  const rewrite = await rewriteQuestion(paid, {
    complaint: { reason: verdict.faults.join(', '), detail: verdict.reasoning },
    tools: by.tools,
    reply: by.rewriteReply,
  });
  if (rewrite.kind === 'failed') return dropped(fault, `${detail} (${rewrite.detail})`);
  const flaw = flawOf(rewrite.item, USUAL_LIMITS);
  if (flaw !== undefined) return dropped(flaw.reason, `after a rewrite, ${flaw.detail}`);
  const again = await judged(rewrite.item, by);
  if (again.kind === 'outcome') return again.outcome;
  const [left] = again.verdict.faults;
  return left === undefined
    ? kept(again.item)
    : dropped(left, `after a rewrite, ${again.verdict.faults.join(', ')}: ${again.verdict.reasoning}`);
}

/** The verdict with the pair that bears its cost, or what becomes of a pair that has none. */
async function judged(
  item: PairItem,
  by: Checking,
): Promise<
  | { readonly kind: 'verdict'; readonly verdict: PairVerdict; readonly item: PairItem }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
> {
  if (item.passage === undefined) {
    const outcome = dropped('no_passage', `nothing to check it by: ${item.draft.question}`);
    return { kind: 'outcome', outcome };
  }
  const rule = { votes: by.options.votes, temperature: by.options.vote_temperature };
  const verdict = await judgePair(
    { draft: item.draft, passage: item.passage },
    { rule, tools: by.tools, reply: by.verdictReply },
  );
  if ('unreadable' in verdict) {
    return { kind: 'outcome', outcome: dropped('unreadable_reply', verdict.unreadable) };
  }
  const note = { votes: verdict.votes, agreement: verdict.agreement };
  const paid = {
    ...item,
    costUsd: costSum(item.costUsd, verdict.costUsd),
    notes: noted(item.notes, 'check', note),
  };
  return { kind: 'verdict', verdict, item: paid };
}
