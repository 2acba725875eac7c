// Numbers worked out by hand, step by step, for each dialect: so that a formula is held to arithmetic and not only to
// another implementation of it.

import { describe, expect, it } from 'vitest';
import type { EstimatorChoice, RewardGroup } from '../../../../src/core/advantages/estimator.ts';
import { resolveEstimator } from '../../../../src/core/advantages/table.ts';

interface WorkedCase {
  readonly estimator: EstimatorChoice;
  readonly groups: readonly RewardGroup[];
  readonly advantages: readonly (readonly number[])[];
}

function runCases(cases: readonly WorkedCase[]): void {
  for (const { estimator, groups, advantages } of cases) {
    it(`resolveEstimator() with ${JSON.stringify(estimator)} gives ${JSON.stringify(advantages)}`, () => {
      const got = resolveEstimator(estimator).compute(groups);
      expect(got).toHaveLength(advantages.length);
      got.forEach((group, g) => {
        expect(group.advantages).toHaveLength(advantages[g]?.length ?? -1);
        group.advantages.forEach((value, i) => {
          expect(value).toBeCloseTo(advantages[g]?.[i] ?? Number.NaN, 9);
        });
      });
    });
  }
}

const ONE_RIGHT: RewardGroup = { rewards: [1, 0, 0, 0] };

describe('one right completion of four', () => {
  // μ = 1/4. Differences 3/4, −1/4, −1/4, −1/4; squares 9/16 + 3/16 = 3/4.
  // Sample s = √(3/4 / 3) = 1/2, population s = √(3/4 / 4) = √3/4.
  runCases([
    // (3/4) / (1/2) = 3/2, (−1/4) / (1/2) = −1/2.
    {
      estimator: { name: 'grpo:verl', epsilon: 0 },
      groups: [ONE_RIGHT],
      advantages: [[1.5, -0.5, -0.5, -0.5]],
    },
    // The winner's others are 0, 0, 0: s = 0, so 1 − 0 unscaled. A loser's are 1, 0, 0: b = 1/3, squares 4/9 + 2/9 = 2/3,
    // s = √(2/3 / 2) = 1/√3, (0 − 1/3)·√3 = −1/√3.
    {
      estimator: { name: 'grpo:nemo-rl', epsilon: 0 },
      groups: [ONE_RIGHT],
      advantages: [[1, -1 / Math.sqrt(3), -1 / Math.sqrt(3), -1 / Math.sqrt(3)]],
    },
    // (3/4) / (√3/4) = √3, (−1/4) / (√3/4) = −1/√3.
    {
      estimator: { name: 'grpo:rllm', epsilon: 0 },
      groups: [ONE_RIGHT],
      advantages: [[Math.sqrt(3), -1 / Math.sqrt(3), -1 / Math.sqrt(3), -1 / Math.sqrt(3)]],
    },
    { estimator: { name: 'dr_grpo' }, groups: [ONE_RIGHT], advantages: [[0.75, -0.25, -0.25, -0.25]] },
    // Times n / (n − 1) = 4/3.
    { estimator: { name: 'rloo' }, groups: [ONE_RIGHT], advantages: [[1, -1 / 3, -1 / 3, -1 / 3]] },
    // b = (10·1 + 20·0 + 30·0 + 40·0) / 100 = 1/10.
    {
      estimator: { name: 'opo' },
      groups: [{ ...ONE_RIGHT, lengths: [10, 20, 30, 40] }],
      advantages: [[0.9, -0.1, -0.1, -0.1]],
    },
    // (1 − 0) / (1/2) = 2 for the best, 0 for the others.
    { estimator: { name: 'passk:verl', epsilon: 0 }, groups: [ONE_RIGHT], advantages: [[2, 0, 0, 0]] },
    // (3/4) / (1/4) = 3, (−1/4) / (1/4) = −1.
    { estimator: { name: 'maxrl' }, groups: [ONE_RIGHT], advantages: [[3, -1, -1, -1]] },
    // α = 4 / 1 = 4: 4·3/4 = 3, 4·(−1/4) = −1.
    { estimator: { name: 'gpg' }, groups: [ONE_RIGHT], advantages: [[3, -1, -1, -1]] },
    // k = 2: C(3,2)/C(4,2) = 3/6 = 1/2, R̄ = 1/2, σ = 1/2. A_pos = (1/2)/(1/2) = 1.
    // A_neg = (1/2 − C(2,1)/C(3,1)) / σ = (1/2 − 2/3)·2 = −1/3.
    {
      estimator: { name: 'pass_at_k', k: 2 },
      groups: [ONE_RIGHT],
      advantages: [[1, -1 / 3, -1 / 3, -1 / 3]],
    },
  ]);
});

describe('pass@k in closed form', () => {
  runCases([
    // N = 8, k = 4, two right: C(6,4)/C(8,4) = 15/70 = 3/14, R̄ = 11/14, σ = √33/14, A_pos = 3/√33.
    // C(5,3)/C(7,3) = 10/35 = 4/14, A_neg = (3 − 4)/√33 = −1/√33.
    {
      estimator: { name: 'pass_at_k', k: 4 },
      groups: [{ rewards: [1, 1, 0, 0, 0, 0, 0, 0] }],
      advantages: [[3, 3, -1, -1, -1, -1, -1, -1].map((numerator) => numerator / Math.sqrt(33))],
    },
    // k = 1 is GRPO with the population's deviation: N = 4, two right: A = ±1.
    {
      estimator: { name: 'pass_at_k', k: 1 },
      groups: [{ rewards: [1, 0, 1, 0] }],
      advantages: [[1, -1, 1, -1]],
    },
    // k = 3 of 4, two right: any three hold a right one, every sub-group passes: nothing to learn.
    {
      estimator: { name: 'pass_at_k', k: 3 },
      groups: [{ rewards: [1, 0, 1, 0] }],
      advantages: [[0, 0, 0, 0]],
    },
  ]);
});

describe('dialects that look at the whole batch', () => {
  runCases([
    // Group means 1/2 and 2. All rewards 0, 1, 2, 2: mean 5/4, squares 25/16 + 1/16 + 9/16 + 9/16 = 44/16, s = √(11/12).
    // The second group is constant: it counts in s with its 2, 2 and gets zeros.
    {
      estimator: { name: 'grpo:trl-batch', epsilon: 0 },
      groups: [{ rewards: [0, 1] }, { rewards: [2, 2] }],
      advantages: [
        [-0.5 / Math.sqrt(11 / 12), 0.5 / Math.sqrt(11 / 12)],
        [0, 0],
      ],
    },
    // A member alone in its group counts in s with its raw reward: rewards 0, 1, 2: mean 1, squares 2, s = √(2/2) = 1.
    {
      estimator: { name: 'grpo:trl-batch', epsilon: 0 },
      groups: [{ rewards: [0, 1] }, { rewards: [2, null] }],
      advantages: [
        [-0.5, 0.5],
        [0, 0],
      ],
    },
    // B = 6 scored, M = 4 not zero, α = 3/2. First group ±1/2·3/2; the second is constant; the third centred: −1, 1.
    {
      estimator: { name: 'gpg' },
      groups: [{ rewards: [1, 0, null] }, { rewards: [3, 3] }, { rewards: [0, 2] }],
      advantages: [
        [0.75, -0.75, 0],
        [0, 0],
        [-1.5, 1.5],
      ],
    },
    // Without lengths: centred 1/2, −1/2, then 0, 0 of the constant group: m = 0, v = (1/4 + 1/4) / 3 = 1/6.
    {
      estimator: { name: 'reinforce_pp_baseline', epsilon: 0 },
      groups: [{ rewards: [1, 0] }, { rewards: [5, 5] }],
      advantages: [
        [0.5 * Math.sqrt(6), -0.5 * Math.sqrt(6)],
        [0, 0],
      ],
    },
    // Lengths 3 and 1: tokens ½ ½ ½ −½: m = (3/2 − 1/2)/4 = 1/4, v = (3·1/16 + 9/16)/3 = 1/4, so ÷ 1/2: 1/2 and −3/2.
    {
      estimator: { name: 'reinforce_pp_baseline', epsilon: 0 },
      groups: [{ rewards: [1, 0], lengths: [3, 1] }],
      advantages: [[0.5, -1.5]],
    },
    // A group with one scored member has no baseline: its tokens stay out of m and v. As the case before.
    {
      estimator: { name: 'reinforce_pp_baseline', epsilon: 0 },
      groups: [
        { rewards: [1, 0], lengths: [3, 1] },
        { rewards: [9, null], lengths: [50, 50] },
      ],
      advantages: [
        [0.5, -1.5],
        [0, 0],
      ],
    },
    // A completion of no tokens counts as its end token: lengths 3 and 0 are as 3 and 1.
    {
      estimator: { name: 'reinforce_pp_baseline', epsilon: 0 },
      groups: [{ rewards: [1, 0], lengths: [3, 0] }],
      advantages: [[0.5, -1.5]],
    },
  ]);
});

describe('gdpo: each objective standardised on its own', () => {
  // right: μ = 1/2, squares 4·1/4 = 1, s = √(1/3), a = ±√3/2. format: the same numbers in another order.
  // Sums: (√3, 0, 0, −√3). Over the batch: mean 0, squares 3 + 3 = 6, s = √(6/3) = √2. Divided: (√(3/2), 0, 0, −√(3/2)).
  const components = { right: [1, 1, 0, 0], format: [1, 0, 1, 0] };
  const half = Math.sqrt(3 / 2);
  runCases([
    {
      estimator: { name: 'gdpo:trl', epsilon: 0 },
      groups: [{ rewards: [2, 1, 1, 0], components }],
      advantages: [[half, 0, 0, -half]],
    },
    // verl adds 1e-8 to the variance 2: √2 → √(2 + 1e-8).
    {
      estimator: { name: 'gdpo:verl', epsilon: 0 },
      groups: [{ rewards: [2, 1, 1, 0], components }],
      advantages: [[Math.sqrt(3) / Math.sqrt(2 + 1e-8), 0, 0, -Math.sqrt(3) / Math.sqrt(2 + 1e-8)]],
    },
    // Equal rewards of different scores are no zero-variance group: with weights 2 and 1 the sums are
    // ±√3/2·(2 ∓ 1) = (√3/2, √3/2, −√3/2, −√3/2): mean 0, squares 4·3/4 = 3, s = √(3/3) = 1.
    {
      estimator: { name: 'gdpo:trl', epsilon: 0, weights: { right: 2 } },
      groups: [{ rewards: [1, 1, 1, 1], components: { right: [1, 1, 0, 0], format: [0, 0, 1, 1] } }],
      advantages: [[1, 1, -1, -1].map((sign) => (sign * Math.sqrt(3)) / 2)],
    },
    // A constant objective adds nothing, also with nothing added to its s = 0: right alone, ±√3/2 over s = √(3/3) = 1.
    {
      estimator: { name: 'gdpo:trl', epsilon: 0 },
      groups: [{ rewards: [2, 2, 1, 1], components: { right: [1, 1, 0, 0], format: [1, 1, 1, 1] } }],
      advantages: [[1, 1, -1, -1].map((sign) => (sign * Math.sqrt(3)) / 2)],
    },
    // Objectives that cancel out leave nothing: zeros, not 0/0.
    {
      estimator: { name: 'gdpo:trl', epsilon: 0 },
      groups: [{ rewards: [1, 1], components: { right: [1, 0], format: [0, 1] } }],
      advantages: [[0, 0]],
    },
    // `format` failed for the last member and adds nothing for it: right ±√3/2; format over 1, 0, 1: μ = 2/3, squares
    // 1/9 + 4/9 + 1/9 = 2/3, s = 1/√3, a = (1/√3, −2/√3, 1/√3). Sums: √3/2 + 1/√3 = 5/(2√3), √3/2 − 2/√3 = −1/(2√3),
    // −√3/2 + 1/√3 = −1/(2√3), −√3/2 = −3/(2√3). Mean 0; squares (25 + 1 + 1 + 9)/12 = 3, s = √(3/3) = 1.
    {
      estimator: { name: 'gdpo:trl', epsilon: 0 },
      groups: [{ rewards: [2, 1, 1, 0], components: { ...components, format: [1, 0, 1, null] } }],
      advantages: [[5, -1, -1, -3].map((numerator) => numerator / (2 * Math.sqrt(3)))],
    },
  ]);
});
