// From the outcomes of scored completions to the input of an estimator. Unscorable members become `null`, never a number.

import type { Estimator, RewardGroup } from '../../core/advantages/estimator.ts';
import type { CompletionOutcome } from '../../core/score.ts';

/** One group of the batch; both lists [G]. */
export interface OutcomeGroup {
  readonly outcomes: readonly CompletionOutcome[];
  readonly tokenCounts: readonly (number | undefined)[];
}

/**
 * The groups of one batch as the estimator reads them. Lengths are given where the estimator uses them and every member of
 * the batch has one: for some only they would weigh those against members that count the same.
 */
export function rewardGroups(
  groups: readonly OutcomeGroup[],
  estimator: Pick<Estimator, 'usesLengths' | 'needsComponents'>,
): readonly RewardGroup[] {
  const hasLengths = estimator.usesLengths && groups.every((group) => group.tokenCounts.every(isKnown));
  const scorers = estimator.needsComponents ? scorersOf(groups) : [];
  return groups.map(({ outcomes, tokenCounts }) => ({
    rewards: outcomes.map((outcome) => (outcome.kind === 'scored' ? outcome.reward : null)),
    lengths: hasLengths ? tokenCounts.filter(isKnown) : undefined,
    components: estimator.needsComponents
      ? Object.fromEntries(
          scorers.map((scorer) => [scorer, outcomes.map((outcome) => scoreOf(outcome, scorer))]),
        )
      : undefined,
  }));
}

function isKnown(count: number | undefined): count is number {
  return count !== undefined;
}

/** Of the whole batch, so that its groups have the same components; never none, as then nothing could be computed. */
function scorersOf(groups: readonly OutcomeGroup[]): readonly string[] {
  const scorers = new Set<string>();
  for (const { outcomes } of groups) {
    for (const outcome of outcomes) for (const { scorer } of outcome.scores) scorers.add(scorer);
  }
  return scorers.size === 0 ? ['none'] : [...scorers];
}

function scoreOf(outcome: CompletionOutcome, scorer: string): number | null {
  if (outcome.kind === 'unscorable') return null;
  const score = outcome.scores.find((each) => each.scorer === scorer);
  return score?.kind === 'scored' ? score.score : null;
}
