// GRPO, "DeepSeekMath", arXiv 2402.03300, section 4.1: Â_i = (r_i − mean(r)) / std(r). Trainers agree on that line and on
// nothing below it: sample or population deviation, the ε, and whose deviation it is.

import { leaveOneOut, mean, standardDeviation } from '../statistics.ts';
import { batchwise, type Compute, groupwise, type Needs } from './edges.ts';

export interface Scaling {
  /** Delta degrees of freedom of s: 1 sample, 0 population. */
  readonly ddof: number;
  /** ε, added to s. */
  readonly epsilon: number;
}

const REWARDS_ONLY: Needs = { lengths: 'unused', components: false };

/**
 * A_i = (r_i − μ) / (s + ε), μ and s over the group. rewards: [n], advantages: [n].
 *
 * grpo:verl `compute_grpo_outcome_advantage`, grpo:trl `scale_rewards="group"`, grpo:openrlhf `group_norm`, grpo:rllm.
 */
export function scaledByGroup({ ddof, epsilon }: Scaling): Compute {
  return groupwise(REWARDS_ONLY, ({ rewards: r }) => standardised(r, { ddof, epsilon }));
}

/** (r − μ) / (s + ε) of `r: [n]`, n ≥ 2, not all equal. */
export function standardised(r: readonly number[], { ddof, epsilon }: Scaling): number[] {
  const mu = mean(r);
  const scale = standardDeviation(r, ddof) + epsilon;
  return r.map((r_i) => (r_i - mu) / scale);
}

/**
 * A_i = (r_i − μ_g) / (s + ε), μ_g over the group, s over all scored rewards of the batch (not over the differences).
 * Groups with zero variance, or with one scored member, count in s with their raw rewards, as in the source.
 *
 * grpo:trl-batch `scale_rewards="batch"`.
 */
export function scaledByBatch({ ddof, epsilon }: Scaling): Compute {
  return batchwise(REWARDS_ONLY, (groups) => {
    const s = standardDeviation(
      groups.flatMap(({ rewards }) => rewards),
      ddof,
    );
    return groups.map(({ rewards: r, flag }) => {
      if (flag !== undefined) return [];
      const mu = mean(r);
      return r.map((r_i) => (r_i - mu) / (s + epsilon));
    });
  });
}

/**
 * A_i = (r_i − b_i) / (s_i + ε) where s_i > 0, else r_i − b_i; b_i and s_i: mean and deviation of the n − 1 others.
 * The odd one out (1 among zeros) has s_i = 0 and stays unscaled. The source takes r_i out of running sums in float32, and
 * has spikes where the others are nearly equal.
 *
 * grpo:nemo-rl `calculate_baseline_and_std_per_prompt`, leave_one_out_baseline and normalize_rewards both on.
 */
export function scaledByOthers({ ddof, epsilon }: Scaling): Compute {
  return groupwise(REWARDS_ONLY, ({ rewards: r }) => {
    const others = leaveOneOut(r, ddof);
    return r.map((r_i, i) => {
      const { mean: b_i = 0, deviation: s_i = 0 } = others[i] ?? {};
      return s_i > 0 ? (r_i - b_i) / (s_i + epsilon) : r_i - b_i;
    });
  });
}
