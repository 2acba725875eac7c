// A judge that compares two texts, as a group-wise scorer: it compares completions of one group with each other, and what
// each won is its score. Equal texts are ties without asking, and so is a verdict that changes with the order of the two. A
// comparison that failed says nothing; a completion about which too little is known has no score.

import { unfitAnswer } from '../../core/judge-refusals.ts';
import { isDecisive } from '../../core/judge-votes.ts';
import { pairings, seated, type Pairing } from '../../core/ranking/plan.ts';
import type { Finding } from '../../core/reward.ts';
import type { VerifierInput } from '../../core/verifiers/verifier.ts';
import type { Scorer } from '../scoring/scorer.ts';
import type { Judge } from './judge.ts';
import { costOf, judgeFinding } from './judge-scorer.ts';
import { parseRankingOptions, planOf, sizeProblem } from './ranking-options.ts';
import { RankingTable, type Compared, type Fault } from './ranking-table.ts';

export interface RankingScorerOptions {
  readonly judge: Judge;
  /** Of its template: it is shown extracted answers beside a ground truth, or else whole completions. */
  readonly usesGroundTruth: boolean;
  /** Least share of votes that decides, above one half in any case. */
  readonly agreement: number;
  /** Longer texts are not shown to the judge. */
  readonly answerCharsMax: number;
  /** Aborted when the server goes down. */
  readonly signal: AbortSignal;
}

export function rankingScorer(options: RankingScorerOptions): Scorer {
  const { judge, usesGroundTruth } = options;
  return {
    name: judge.name,
    reads: usesGroundTruth ? 'answer' : 'completion',
    fallback: 'line',
    parseOptions: (given) => parseRankingOptions(given, options),
    // Alone there is nobody to compare with.
    score: () => notComparable(sizeProblem(1, planOf({}))),
    groupWise: {
      sizeProblem: (size, given) => sizeProblem(size, planOf(given)),
      reads: (given) => (given['compares'] === 'answer' ? 'answer' : 'completion'),
      scoreGroup: (inputs, timeLimit) => scoreGroup(inputs, options, timeLimit),
    },
  };
}

function notComparable(detail = 'it cannot be compared'): Finding {
  return { kind: 'fault', cause: 'not_comparable', detail };
}

async function scoreGroup(
  inputs: readonly VerifierInput[],
  options: RankingScorerOptions,
  timeLimit: AbortSignal,
): Promise<readonly Finding[]> {
  const [first] = inputs;
  if (first === undefined) return [];
  const { groundTruth } = first;
  if (options.usesGroundTruth && groundTruth.answer.trim() === '') {
    return inputs.map(() => ({ kind: 'unusable', reason: 'the ground truth is empty' }));
  }
  const plan = planOf(first.options);
  const truths = options.usesGroundTruth ? [groundTruth.answer, ...groundTruth.aliases] : [];
  const refusals = inputs.map(({ answer }) => unfitAnswer(answer, truths, options.answerCharsMax));
  const shown = inputs.flatMap(({ answer }, index) => (refusals[index] === undefined ? [answer] : []));
  const texts = seated(first.promptText, shown);
  const problem = inputs.length < 2 ? sizeProblem(1, plan) : sizeProblem(Math.max(2, texts.length), plan);
  if (problem !== undefined) {
    return refusals.map((reason) => (reason === undefined ? notComparable(problem) : refused(reason)));
  }
  const compared = await Promise.all(
    pairings(texts.length, plan).map(({ one, other }) =>
      compare({ one, other }, { texts, first, options, timeLimit }),
    ),
  );
  const table = new RankingTable(texts, shown, compared, inputs.length);
  return inputs.map(({ answer }, index) => {
    const reason = refusals[index];
    return reason === undefined ? table.findingOf(answer) : refused(reason);
  });
}

/** By rule the text is no answer: it has lost against all others, and nobody was asked. */
function refused(reason: string): Finding {
  return { kind: 'score', score: 0, reason };
}

async function compare(
  { one, other }: Pairing,
  {
    texts,
    first,
    options,
    timeLimit,
  }: {
    readonly texts: readonly string[];
    readonly first: VerifierInput;
    readonly options: RankingScorerOptions;
    readonly timeLimit: AbortSignal;
  },
): Promise<Compared> {
  const { judge, usesGroundTruth, agreement, signal } = options;
  const [left = '', right = ''] = [texts[one], texts[other]];
  // One question for a pair, whichever way it is seated, so that its verdict is found again in any group.
  const isTurned = left > right;
  const question = {
    question: first.promptText,
    groundTruth: usesGroundTruth ? first.groundTruth.answer : '',
    aliases: usesGroundTruth ? first.groundTruth.aliases : [],
    answer: isTurned ? right : left,
    other: isTurned ? left : right,
  };
  try {
    const outcome = await judge.judge(question, AbortSignal.any([signal, timeLimit]));
    const cost = outcome.kind === 'refused' ? undefined : costOf(outcome);
    if (outcome.kind === 'verdict') {
      const { score, agreement: share } = outcome.verdict;
      const result = isDecisive(share, agreement) ? score : 0.5;
      return { one, other, result: isTurned ? 1 - result : result, fault: undefined, cost };
    }
    const finding = judgeFinding(outcome, agreement);
    const fault: Fault =
      finding.kind === 'fault'
        ? finding
        : { kind: 'fault', cause: 'judge_unreadable', detail: 'the judge refused the comparison' };
    return { one, other, result: undefined, fault, cost };
  } catch (error) {
    if (signal.aborted || !timeLimit.aborted) throw error;
    const detail = error instanceof Error ? error.message : 'took too long';
    const fault: Fault = { kind: 'fault', cause: 'deadline_exceeded', detail };
    return { one, other, result: undefined, fault, cost: undefined };
  }
}
