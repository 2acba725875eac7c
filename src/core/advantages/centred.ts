// Advantages that are a difference from a baseline and nothing more: no division by a deviation, so that easy and hard
// prompts weigh by how much their rewards really vary.

import { mean } from '../statistics.ts';
import { batchwise, type Compute, groupwise, type Needs } from './edges.ts';

const REWARDS_ONLY: Needs = { lengths: 'unused', components: false };

/**
 * Dr. GRPO, "Understanding R1-Zero-Like Training", arXiv 2503.20783: A_i = r_i − μ. The other half of the method is in
 * the loss, which must not divide by lengths. rewards: [n], advantages: [n].
 */
export function drGrpo(): Compute {
  return groupwise(REWARDS_ONLY, ({ rewards: r }) => {
    const mu = mean(r);
    return r.map((r_i) => r_i - mu);
  });
}

/**
 * RLOO, "Back to Basics: Revisiting REINFORCE Style Optimization", arXiv 2402.14740, section 3.2: r_i less the mean of the
 * n − 1 others, which is A_i = n / (n − 1) · (r_i − μ). rewards: [n], advantages: [n].
 */
export function rloo(): Compute {
  return groupwise(REWARDS_ONLY, ({ rewards: r }) => {
    const n = r.length;
    const mu = mean(r);
    return r.map((r_i) => (n / (n - 1)) * (r_i - mu));
  });
}

/**
 * OPO, "On-Policy RL with Optimal Reward Baseline", arXiv 2505.23585: A_i = r_i − b, b = Σ l_j r_j / Σ l_j, the baseline of
 * least variance when a completion's gradient grows with its length l. rewards, lengths: [n], advantages: [n].
 */
export function opo(): Compute {
  return groupwise({ lengths: 'required', components: false }, ({ rewards: r, lengths: l = [] }) => {
    let weighted = 0;
    let total = 0;
    r.forEach((r_i, i) => {
      weighted += (l[i] ?? 0) * r_i;
      total += l[i] ?? 0;
    });
    return r.map((r_i) => r_i - weighted / total);
  });
}

/**
 * GPG, "GPG: A Simple and Strong Reinforcement Learning Baseline", arXiv 2504.02546, as verl has it: A_i = α (r_i − μ_g),
 * α = B / M, B the scored members of the batch, M those with a reward other than 0 (at least 1). Every scored member counts
 * in B and M, those of flagged groups too. verl's F_norm is 1 unless its caller says otherwise, and so it is here.
 */
export function gpg(): Compute {
  return batchwise(REWARDS_ONLY, (groups) => {
    const all = groups.flatMap(({ rewards }) => rewards);
    const alpha = all.length / Math.max(1, all.filter((reward) => reward !== 0).length);
    return groups.map(({ rewards: r, flag }) => {
      if (flag !== undefined) return [];
      const mu = mean(r);
      return r.map((r_i) => alpha * (r_i - mu));
    });
  });
}

/**
 * MaxRL, "Maximum Likelihood Reinforcement Learning", as prime-rl has it: A_i = (r_i − μ) / μ, and 0 for all when μ ≤ 0.
 * Meant for rewards of 0 or more: μ is then the pass rate, and rare successes weigh as in maximum likelihood.
 */
export function maxRl(): Compute {
  return groupwise(REWARDS_ONLY, ({ rewards: r }) => {
    const mu = mean(r);
    return r.map((r_i) => (mu > 0 ? (r_i - mu) / mu : 0));
  });
}
