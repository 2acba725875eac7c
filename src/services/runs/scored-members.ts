// The scored members of a group as those see them who work on: the estimator, the result, and the sampler.

import type { AdvantageGroup } from '../../core/advantages/estimator.ts';
import type { CompletionResult } from '../../core/calls.ts';
import { PASS_THRESHOLD } from '../../core/pass-rate.ts';
import type { Observation } from '../../core/sampling.ts';
import type { OutcomeGroup } from '../scoring/reward-groups.ts';
import type { Members } from './held-group.ts';

export function outcomesOf(members: Members): OutcomeGroup {
  const present = members.present();
  return {
    outcomes: present.map((member) => member.outcome).filter((outcome) => outcome !== undefined),
    tokenCounts: present.map((member) => member.completion.tokenCount),
  };
}

export function withAdvantages(
  members: Members,
  group: AdvantageGroup | undefined,
): readonly CompletionResult[] {
  return members.scored().map((result, index) => ({ ...result, advantage: group?.advantages[index] }));
}

export function observationOf(members: Members): Observation {
  const rewards = members
    .scored()
    .flatMap(({ outcome }) => (outcome.kind === 'scored' ? [outcome.reward] : []));
  return { passes: rewards.filter((reward) => reward >= PASS_THRESHOLD).length, trials: rewards.length };
}
