// Puts a question to a model that does not see the passage, several times: how often it is right is the pair's pass rate. What
// is always right teaches nothing; what is never right may be unclear, and what is answered otherwise again and again may be
// labelled wrong. Which of these go is for the recipe to say.

import { z } from 'zod';

import { wilsonInterval } from '../../core/pass-rate.ts';
import { costSum } from '../costs.ts';
import { answerIn, compareAnswer, compareTexts } from '../draft-answers.ts';
import { asPair, type Draft, type PairItem } from '../item.ts';
import { dropped, kept, noted, stageKind, type Outcome, type StageTools } from '../stage.ts';

/** Quantile of the normal distribution for an interval of 95 %. */
const Z95 = 1.959963984540054;

const closedBookOptions = () =>
  z.strictObject({
    samples: z.int().min(1).max(256).default(8),
    sample_temperature: z.number().min(0).max(2).default(0.7),
    /** Pairs with a pass rate above it are dropped: 1 keeps all, 0.99 drops what is always right. */
    pass_rate_max: z.number().min(0).max(1).default(0.99),
    /** Pairs with a pass rate below it are dropped: 0 keeps all. */
    pass_rate_min: z.number().min(0).max(1).default(0),
    /** A pair is dropped where at least this share of all samples agrees on another answer; null never drops. */
    disputed_share: z.number().gt(0).max(1).nullable().default(null),
  });
type ClosedBookOptions = z.output<ReturnType<typeof closedBookOptions>>;

export const closedBook = stageKind({
  name: 'closed_book',
  summary:
    'A model answers without the passage, several times: gives the pass rate, and drops what is too easy or disputed.',
  takes: 'pair',
  gives: 'pair',
  model: 'policy',
  options: closedBookOptions,
  estimate: (options: ClosedBookOptions) => ({
    calls: options.samples,
    promptTokens: 150,
    showsPassage: false,
    completionTokens: 200,
    yield: 0.8,
  }),
  build: (options: ClosedBookOptions) => ({
    kind: 'each',
    apply: async (item, tools) => solve(asPair(item), { options, tools }),
  }),
});

async function solve(
  item: PairItem,
  { options, tools }: { readonly options: ClosedBookOptions; readonly tools: StageTools },
): Promise<Outcome> {
  const { draft } = item;
  const answers = await Promise.all(
    Array.from({ length: options.samples }, (_, sample) =>
      tools.ask<string>({
        prompt: 'closed_book/solve',
        values: { question: draft.question, choices: draft.choices ?? [] },
        reply: 'text',
        sample,
        temperature: options.sample_temperature,
      }),
    ),
  );
  // A reply that could not be read is no attempt of the model's: it counts for nothing.
  const completions = answers.flatMap((answer) => (answer.kind === 'answer' ? [answer.value] : []));
  if (completions.length === 0) return dropped('unreadable_reply', `none of ${options.samples} samples`);
  const paid = { ...item, costUsd: costSum(item.costUsd, ...answers.map((answer) => answer.costUsd)) };
  return judge(paid, completions, options);
}

/** A completion without an answer, or with one that the verifier cannot tell, does not pass: so it is scored in training. */
function judge(item: PairItem, completions: readonly string[], options: ClosedBookOptions): Outcome {
  const { draft } = item;
  let passes = 0;
  const wrong: string[] = [];
  for (const completion of completions) {
    const answer = answerIn(draft, completion);
    if (answer === undefined) continue;
    const verdict = compareAnswer(draft, answer);
    if (verdict.kind === 'unusable') return dropped('ground_truth_unusable', verdict.reason);
    if (verdict.kind === 'correct') passes += 1;
    else wrong.push(answer);
  }
  const trials = completions.length;
  const rate = passes / trials;
  const { low, high } = wilsonInterval({ passes, trials }, Z95);
  const counted = `right ${passes} of ${trials} times: ${draft.question}`;
  if (rate > options.pass_rate_max) return dropped('too_easy', counted);
  if (rate < options.pass_rate_min) return dropped('too_hard', counted);
  const rival = commonest(draft, wrong);
  if (options.disputed_share !== null && rival.count / trials >= options.disputed_share) {
    const detail = `"${rival.answer}" ${rival.count} of ${trials} times, not "${draft.answer}": ${draft.question}`;
    return dropped('disputed_answer', detail);
  }
  return kept({
    ...item,
    draft: { ...draft, passRate: rate },
    notes: noted(item.notes, 'closed_book', { passes, trials, low, high }),
  });
}

/** The answer that most of `answers` are the same as, by the draft's verifier; the earliest of several. */
function commonest(
  draft: Draft,
  answers: readonly string[],
): { readonly answer: string; readonly count: number } {
  let best = { answer: '', count: 0 };
  for (const answer of answers) {
    const truth = { answer, aliases: [] };
    const count = answers.filter((other) => compareTexts(draft, other, truth).kind === 'correct').length;
    if (count > best.count) best = { answer, count };
  }
  return best;
}
