// Advantages for pass@k: what counts is that one of k completions is right, not how many are. Two methods share the name
// and nothing else.

import { drawAllFrom, PASS_THRESHOLD } from '../pass-rate.ts';
import { standardDeviation } from '../statistics.ts';
import { type Compute, groupwise, type Needs, type ScoredGroup } from './edges.ts';
import type { GroupFlag } from './estimator.ts';
import type { Scaling } from './grpo.ts';

const REWARDS_ONLY: Needs = { lengths: 'unused', components: false };

/**
 * "Pass@k Training for Adaptively Balancing Exploration and Exploitation", arXiv 2508.10751, the analytical form: all
 * C(N, k) sub-groups of k are scored by their best member, standardised, and averaged for each completion.
 *
 *     R̄ = 1 − C(N_neg, k) / C(N, k)              mean pass@k of the sub-groups
 *     σ = √(R̄ (1 − R̄))
 *     A_pos = (1 − R̄) / σ
 *     A_neg = (1 − R̄ − C(N_neg − 1, k − 1) / C(N − 1, k − 1)) / σ
 *
 * Rewards count as right (at least PASS_THRESHOLD) or wrong, nothing between. rewards: [N], advantages: [N].
 */
export function passAtKTraining({ k }: { readonly k: number }): Compute {
  const formula = ({ rewards: r }: ScoredGroup): number[] => {
    const N = r.length;
    const N_neg = r.filter(isWrong).length;
    const allWrong = drawAllFrom({ chosen: N_neg, of: N, k });
    const sigma = Math.sqrt((1 - allWrong) * allWrong);
    const A_pos = allWrong / sigma;
    const A_neg = (allWrong - drawAllFrom({ chosen: N_neg - 1, of: N - 1, k: k - 1 })) / sigma;
    return r.map((r_i) => (isWrong(r_i) ? A_neg : A_pos));
  };
  /** Too few for one sub-group, or every sub-group the same (σ = 0): all pass, or none does. */
  const flagOf = ({ rewards: r }: ScoredGroup): GroupFlag | undefined => {
    if (r.length < Math.max(2, k)) return 'insufficient_valid';
    const allWrong = drawAllFrom({ chosen: r.filter(isWrong).length, of: r.length, k });
    return allWrong === 0 || allWrong === 1 ? 'zero_variance' : undefined;
  };
  return groupwise(REWARDS_ONLY, formula, flagOf);
}

function isWrong(reward: number): boolean {
  return reward < PASS_THRESHOLD;
}

/**
 * "Optimizing Language Models for Inference Time Objectives using Reinforcement Learning", arXiv 2503.19595, as verl's
 * `grpo_passk` has it: only the best completion has an advantage, A_max = (r_max − r_second) / (s + ε); the others have 0.
 * Two that share the first place have r_max − r_second = 0. rewards: [n], advantages: [n].
 */
export function bestOfGroup({ ddof, epsilon }: Scaling): Compute {
  return groupwise(REWARDS_ONLY, ({ rewards: r }) => {
    const [first = 0, second = 0] = r.toSorted((a, b) => b - a);
    const best = (first - second) / (standardDeviation(r, ddof) + epsilon);
    return r.map((r_i) => (r_i === first ? best : 0));
  });
}
