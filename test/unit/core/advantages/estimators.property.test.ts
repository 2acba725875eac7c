// Laws of the estimators, on random groups: small scores that often tie, and arbitrary float32 numbers.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RewardGroup } from '../../../../src/core/advantages/estimator.ts';
import { DIALECTS, resolveEstimator } from '../../../../src/core/advantages/table.ts';
import { mean } from '../../../../src/core/statistics.ts';

/** Room for rounding in doubles; a wrong formula is off by far more. */
const CLOSE = 1e-7;
const NAMES = DIALECTS.map(({ name }) => name);

/** Rewards that tie often, as real ones do; all are exact in float32. */
const score = fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8);
const anyReward = fc.oneof(score, fc.float({ noNaN: true, noDefaultInfinity: true }));

interface Member {
  readonly reward: number | null;
  readonly length: number;
  readonly right: number | null;
  readonly format: number | null;
}

function orNull(value: fc.Arbitrary<number>): fc.Arbitrary<number | null> {
  return fc.option(value, { nil: null, freq: 6 });
}

function memberOf(reward: fc.Arbitrary<number>): fc.Arbitrary<Member> {
  return fc.record({
    reward: orNull(reward),
    length: fc.integer({ min: 0, max: 5000 }),
    right: orNull(reward),
    format: orNull(reward),
  });
}

const scoredMember: fc.Arbitrary<Member> = fc.record({
  reward: score,
  length: fc.integer({ min: 1, max: 5000 }),
  right: score,
  format: score,
});

function groupOf(members: readonly Member[]): RewardGroup {
  return {
    rewards: members.map(({ reward }) => reward),
    lengths: members.map(({ length }) => length),
    components: { right: members.map(({ right }) => right), format: members.map(({ format }) => format) },
  };
}

function advantagesOf(name: string, batch: readonly (readonly Member[])[], epsilon?: number): number[][] {
  return resolveEstimator({ name, epsilon })
    .compute(batch.map(groupOf))
    .map(({ advantages }) => [...advantages]);
}

/** The largest difference, relative to wanted numbers above 1. */
function distance(got: readonly number[], wanted: readonly number[]): number {
  if (got.length !== wanted.length) return Number.POSITIVE_INFINITY;
  const differences = wanted.map(
    (value, i) => Math.abs((got[i] ?? Number.NaN) - value) / Math.max(1, Math.abs(value)),
  );
  return Math.max(0, ...differences);
}

function pickAt<T>(list: readonly T[], order: readonly number[]): T[] {
  return order.flatMap((i) => list.slice(i, i + 1));
}

const anyBatch = fc.array(fc.array(memberOf(anyReward), { maxLength: 12 }), { maxLength: 5 });
const scoreBatch = fc.array(fc.array(memberOf(score), { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 5,
});
const scoredBatch = fc.array(fc.array(scoredMember, { minLength: 2, maxLength: 12 }), {
  minLength: 1,
  maxLength: 5,
});

describe('every dialect', () => {
  for (const name of NAMES) {
    it(`${name} gives one finite number for each member, never -0, and 0 to unscorable ones`, () => {
      fc.assert(
        fc.property(anyBatch, (batch) => {
          const advantages = advantagesOf(name, batch);
          expect(advantages.map((group) => group.length)).toEqual(batch.map((group) => group.length));
          batch.forEach((group, g) =>
            group.forEach(({ reward }, i) => {
              const advantage = advantages[g]?.[i] ?? Number.NaN;
              expect(Number.isFinite(advantage)).toBe(true);
              expect(Object.is(advantage, -0)).toBe(false);
              expect(reward === null && advantage !== 0).toBe(false);
            }),
          );
        }),
      );
    });

    it(`${name} does not care in which order the completions of a group come`, () => {
      fc.assert(
        fc.property(
          scoreBatch,
          fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
          (batch, keys) => {
            const orders = batch.map((group) => {
              const ranked = group.map((_, i) => ({ i, key: keys.next().value }));
              return ranked.toSorted((a, b) => a.key - b.key).map(({ i }) => i);
            });
            const straight = advantagesOf(name, batch);
            const shuffled = advantagesOf(
              name,
              batch.map((group, g) => pickAt(group, orders[g] ?? [])),
            );
            const wanted = straight.map((group, g) => pickAt(group, orders[g] ?? []));
            expect(distance(shuffled.flat(), wanted.flat())).toBeLessThan(CLOSE);
          },
        ),
      );
    });

    it(`${name} gives the scored members the same whether unscorable ones stand beside them or not`, () => {
      fc.assert(
        fc.property(scoreBatch, (batch) => {
          const hasScore = ({ reward, right, format }: Member): boolean =>
            reward !== null && (!name.startsWith('gdpo') || right !== null || format !== null);
          const withNulls = advantagesOf(name, batch).map((group, g) =>
            group.filter((_, i) => batch[g]?.slice(i, i + 1).every(hasScore)),
          );
          const without = advantagesOf(
            name,
            batch.map((group) => group.filter(hasScore)),
          );
          expect(withNulls).toEqual(without);
        }),
      );
    });
  }
});

describe('dialects with a law of their own', () => {
  const balanced = [
    'grpo:verl',
    'grpo:trl',
    'grpo:trl-batch',
    'grpo:openrlhf',
    'grpo:rllm',
    'dr_grpo',
    'rloo',
  ];
  for (const name of [...balanced, 'gpg', 'maxrl', 'pass_at_k']) {
    it(`${name} sums to 0 over each group`, () => {
      fc.assert(
        fc.property(scoreBatch, (batch) => {
          for (const group of advantagesOf(name, batch)) {
            expect(Math.abs(group.reduce((sum, a) => sum + a, 0))).toBeLessThan(1e-9);
          }
        }),
      );
    });
  }

  it('opo sums to 0 over each group when advantages are weighted by length', () => {
    fc.assert(
      fc.property(scoredBatch, (batch) => {
        advantagesOf('opo', batch).forEach((group, g) => {
          const sum = group.reduce((total, a, i) => total + a * (batch[g]?.[i]?.length ?? 0), 0);
          expect(Math.abs(sum)).toBeLessThan(1e-6);
        });
      }),
    );
  });

  it('reinforce_pp_baseline with epsilon 0 has mean 0 and variance 1 over tokens when no group is flagged', () => {
    fc.assert(
      fc.property(scoredBatch, (batch) => {
        const groups = batch.map(groupOf);
        // A lone token among thousands varies so little that the default ε would show.
        const results = resolveEstimator({ name: 'reinforce_pp_baseline', epsilon: 0 }).compute(groups);
        fc.pre(results.every(({ flags }) => flags.length === 0));
        let tokens = 0;
        let sum = 0;
        let squares = 0;
        batch.flat().forEach(({ length }, i) => {
          const a = results.flatMap(({ advantages }) => advantages)[i] ?? Number.NaN;
          tokens += length;
          sum += length * a;
          squares += length * a * a;
        });
        expect(Math.abs(sum / tokens)).toBeLessThan(1e-9);
        expect(squares / (tokens - 1)).toBeCloseTo(1, 8);
      }),
    );
  });

  it('reinforce_pp_baseline and gdpo:verl equal a whitening over tokens that are really laid out', () => {
    const short = fc.record({
      reward: score,
      length: fc.integer({ min: 1, max: 9 }),
      right: score,
      format: score,
    });
    const shortBatch = fc.array(fc.array(short, { minLength: 2, maxLength: 6 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(shortBatch, (batch) => {
        const centred = advantagesOf('dr_grpo', batch).flat();
        expect(distanceFromWhitened('reinforce_pp_baseline', batch, centred)).toBeLessThan(CLOSE);

        const standardisedBy = (key: 'right' | 'format'): number[] =>
          advantagesOf(
            'grpo:verl',
            batch.map((group) => group.map((member) => ({ ...member, reward: member[key] }))),
          ).flat();
        const format = standardisedBy('format');
        const sums = standardisedBy('right').map((a, i) => a + (format[i] ?? Number.NaN));
        expect(distanceFromWhitened('gdpo:verl', batch, sums)).toBeLessThan(CLOSE);
      }),
    );
  });

  const shiftable = [
    ...balanced,
    'grpo:nemo-rl',
    'reinforce_pp_baseline',
    'gdpo:verl',
    'gdpo:trl',
    'opo',
    'passk:verl',
  ];
  for (const name of shiftable) {
    it(`${name} does not change when a constant is added to all rewards`, () => {
      fc.assert(
        fc.property(scoredBatch, fc.integer({ min: -8, max: 8 }), (batch, constant) => {
          const add = (value: number | null): number | null => (value === null ? null : value + constant);
          const shifted = batch.map((group) =>
            group.map((member) => ({
              ...member,
              reward: add(member.reward),
              right: add(member.right),
              format: add(member.format),
            })),
          );
          const wanted = advantagesOf(name, batch);
          expect(distance(advantagesOf(name, shifted).flat(), wanted.flat())).toBeLessThan(CLOSE);
        }),
      );
    });
  }
  for (const name of ['maxrl', 'gpg']) {
    it(`${name} does change when a constant is added: its scale is made of raw rewards`, () => {
      const estimator = resolveEstimator({ name });
      const shifted = estimator.compute([{ rewards: [2, 1, 1, 1] }]);
      expect(shifted).not.toEqual(estimator.compute([{ rewards: [1, 0, 0, 0] }]));
    });
  }

  const scalable = ['grpo:verl', 'grpo:trl', 'grpo:trl-batch', 'grpo:openrlhf', 'grpo:rllm', 'passk:verl'];
  for (const name of scalable) {
    it(`${name} with epsilon 0 ignores positive scaling`, () => {
      fc.assert(
        fc.property(scoredBatch, fc.integer({ min: -10, max: 10 }), (batch, exponent) => {
          const scaled = batch.map((group) =>
            group.map((member) => ({ ...member, reward: (member.reward ?? 0) * 2 ** exponent })),
          );
          const wanted = advantagesOf(name, batch, 0);
          expect(distance(advantagesOf(name, scaled, 0).flat(), wanted.flat())).toBeLessThan(CLOSE);
        }),
      );
    });
  }

  it('grpo:verl with its epsilon does not ignore scaling: the constant is seen to work', () => {
    const estimator = resolveEstimator({ name: 'grpo:verl' });
    const small = estimator.compute([{ rewards: [1e-6, 0] }]);
    expect(small).not.toEqual(estimator.compute([{ rewards: [1, 0] }]));
  });

  it('rloo is the centred reward times n / (n − 1), and the reward less the mean of the others', () => {
    fc.assert(
      fc.property(scoredBatch, (batch) => {
        const centred = advantagesOf('dr_grpo', batch);
        advantagesOf('rloo', batch).forEach((group, g) => {
          const n = group.length;
          expect(
            distance(
              group,
              (centred[g] ?? []).map((a) => (a * n) / (n - 1)),
            ),
          ).toBeLessThan(CLOSE);
          const rewards = (batch[g] ?? []).map(({ reward }) => reward ?? Number.NaN);
          expect(
            distance(
              group,
              rewards.map((reward, i) => reward - mean(rewards.toSpliced(i, 1))),
            ),
          ).toBeLessThan(CLOSE);
        });
      }),
    );
  });

  it('opo with equal lengths is dr_grpo', () => {
    fc.assert(
      fc.property(scoredBatch, fc.integer({ min: 0, max: 9000 }), (batch, length) => {
        const equal = batch.map((group) => group.map((member) => ({ ...member, length })));
        const wanted = advantagesOf('dr_grpo', equal);
        expect(distance(advantagesOf('opo', equal).flat(), wanted.flat())).toBeLessThan(CLOSE);
      }),
    );
  });

  it('pass_at_k with k 1 is grpo with the population deviation on right and wrong', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 16 }), (rewards) => {
        const [wanted] = resolveEstimator({ name: 'grpo:rllm', epsilon: 0 }).compute([{ rewards }]);
        const [got] = resolveEstimator({ name: 'pass_at_k', k: 1 }).compute([{ rewards }]);
        expect(distance(got?.advantages ?? [], wanted?.advantages ?? [])).toBeLessThan(CLOSE);
      }),
    );
  });

  it('pass_at_k equals the average over all sub-groups of k, standardised, by enumeration', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 7 }),
        fc.integer({ min: 1, max: 7 }),
        (rewards, k) => {
          fc.pre(k <= rewards.length);
          const subgroups = subsetsOf(rewards.length, k);
          const best = subgroups.map((members) => Math.max(...members.map((i) => rewards[i] ?? 0)));
          const centre = mean(best);
          const sigma = Math.sqrt(mean(best.map((reward) => (reward - centre) ** 2)));
          const wanted = rewards.map((_, i) => {
            const mine = best.filter((__, s) => subgroups[s]?.includes(i));
            return sigma === 0 ? 0 : (mean(mine) - centre) / sigma;
          });
          const [got] = resolveEstimator({ name: 'pass_at_k', k }).compute([{ rewards }]);
          expect(distance(got?.advantages ?? [], wanted)).toBeLessThan(CLOSE);
        },
      ),
    );
  });
});

/** As verl does it: one entry for each token, mean and sample variance over all of them. */
function whiten(values: readonly number[], batch: readonly (readonly Member[])[]): number[] {
  const tokens = batch
    .flat()
    .flatMap(({ length }, i) => Array.from<number>({ length }).fill(values[i] ?? Number.NaN));
  const centre = tokens.reduce((sum, a) => sum + a, 0) / tokens.length;
  const variance = tokens.reduce((sum, a) => sum + (a - centre) ** 2, 0) / (tokens.length - 1);
  return values.map((a) => (a - centre) / Math.sqrt(variance + 1e-8));
}

/** How far a dialect is from `whiten`, over the groups that it does not flag. */
function distanceFromWhitened(
  name: string,
  batch: readonly (readonly Member[])[],
  values: readonly number[],
): number {
  const results = resolveEstimator({ name }).compute(batch.map(groupOf));
  const isCompared = results.flatMap(({ advantages, flags }) => advantages.map(() => flags.length === 0));
  const got = results.flatMap(({ advantages }) => advantages);
  return distance(
    got.filter((_, i) => isCompared[i]),
    whiten(values, batch).filter((_, i) => isCompared[i]),
  );
}

/** All ways to take k of n members. */
function subsetsOf(n: number, k: number): number[][] {
  if (k === 0) return [[]];
  if (n < k) return [];
  return [...subsetsOf(n - 1, k), ...subsetsOf(n - 1, k - 1).map((members) => [...members, n - 1])];
}
