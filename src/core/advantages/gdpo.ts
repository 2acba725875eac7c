// GDPO, "GDPO: Group reward-Decoupled Normalization Policy Optimization for Multi-reward RL Optimization", arXiv 2601.05242:
// each objective k is standardised on its own before they are added, so that none drowns the others.
//
//     A_i = Σ_k w_k · (r_ik − μ_k) / (s_k + ε)      over the group, for each of the K objectives
//     Â_i = A_i, standardised over the batch
//
// An objective that could not score a member adds nothing for it; one that scored fewer than two members of the group, or
// scored all the same, adds nothing for the group. The two dialects differ in ε and in the last line only.

import { isConstant, mean, standardDeviation } from '../statistics.ts';
import { batchwise, type Compute, type ScoredGroup } from './edges.ts';
import type { GroupFlag } from './estimator.ts';
import { type Scaling, standardised } from './grpo.ts';
import { WHITENING_EPSILON, whitened } from './reinforce-pp.ts';

export interface ObjectiveScaling extends Scaling {
  /** w by scorer name; 1 where none is given. */
  readonly weights: Readonly<Record<string, number>>;
}

/** verl `compute_gdpo_outcome_advantage`: the last line is a whitening over tokens with verl's own ε of 1e-8. */
export function gdpoVerl(scaling: ObjectiveScaling): Compute {
  return batchwise(
    { lengths: 'optional', components: true },
    (groups) => {
      const sums = groups.map((group) => weightedSum(group, scaling));
      return whitened(sums, groups, { ddof: scaling.ddof, epsilon: WHITENING_EPSILON });
    },
    flagByObjective,
  );
}

/**
 * TRL `multi_objective_aggregation="normalize_then_sum"`: the last line is (A_i − mean) / (s + ε) over the scored members of
 * the batch, whatever their lengths. Flagged groups count with their zeros, as in the source.
 */
export function gdpoTrl(scaling: ObjectiveScaling): Compute {
  return batchwise(
    { lengths: 'unused', components: true },
    (groups) => {
      const sums = groups.map((group) => weightedSum(group, scaling));
      const all = sums.flat();
      if (all.length === 0) return sums;
      const centre = mean(all);
      const s = standardDeviation(all, scaling.ddof);
      // Objectives that cancel out leave s = 0; with an ε of 0 there would be nothing to divide by.
      const scale = s + scaling.epsilon > 0 ? 1 / (s + scaling.epsilon) : 0;
      return sums.map((list) => list.map((a) => (a - centre) * scale));
    },
    flagByObjective,
  );
}

/** The weight of one scorer. Asks for own names only: a scorer may be called `constructor`. */
export function weightOf(weights: ObjectiveScaling['weights'], scorer: string): number {
  return Object.hasOwn(weights, scorer) ? (weights[scorer] ?? 1) : 1;
}

/** [n]: Σ_k w_k · (r_ik − μ_k) / (s_k + ε). Weights are rounded to float32, as the trainers' are. */
function weightedSum(group: ScoredGroup, { ddof, epsilon, weights }: ObjectiveScaling): number[] {
  const sum = group.rewards.map(() => 0);
  for (const [name, scores] of group.components) {
    const known = scores.filter((score) => score !== null);
    if (isConstant(known)) continue;
    const a_k = standardised(known, { ddof, epsilon });
    const w_k = Math.fround(weightOf(weights, name));
    let next = 0;
    scores.forEach((score, i) => {
      if (score !== null) sum[i] = (sum[i] ?? 0) + w_k * (a_k[next++] ?? 0);
    });
  }
  return sum;
}

/** Equal rewards are no reason for zeros here: 1 + 0 and 0 + 1 are equal sums of different scores. Equal scores are. */
function flagByObjective(group: ScoredGroup): GroupFlag | undefined {
  if (group.rewards.length < 2) return 'insufficient_valid';
  for (const scores of group.components.values()) {
    if (!isConstant(scores.filter((score) => score !== null))) return undefined;
  }
  return 'zero_variance';
}
