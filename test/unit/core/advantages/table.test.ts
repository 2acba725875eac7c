// What a caller may ask for and what is refused, and the edge rules that all dialects share.

import { describe, expect, it } from 'vitest';
import type { Estimator, EstimatorChoice, RewardGroup } from '../../../../src/core/advantages/estimator.ts';
import { DIALECTS, resolveEstimator, statedChoice } from '../../../../src/core/advantages/table.ts';
import { EnvError } from '../../../../src/core/errors.ts';

const NAMES = [
  'grpo:verl',
  'grpo:trl',
  'grpo:trl-batch',
  'grpo:nemo-rl',
  'grpo:openrlhf',
  'grpo:rllm',
  'dr_grpo',
  'rloo',
  'reinforce_pp_baseline',
  'gdpo:verl',
  'gdpo:trl',
  'opo',
  'pass_at_k',
  'passk:verl',
  'maxrl',
  'gpg',
];

function refusalOf(run: () => unknown): { code: string; field: string | undefined; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof EnvError) return { code: error.code, field: error.field, message: error.message };
    throw error;
  }
  throw new Error('Nothing was refused');
}

/** A group that every dialect takes. */
function groupOf(rewards: readonly (number | null)[]): RewardGroup {
  return { rewards, lengths: rewards.map((_, i) => i + 1), components: { only: rewards } };
}

describe('resolveEstimator()', () => {
  it('knows the dialects by these names and no others', () => {
    expect(DIALECTS.map(({ name }) => name)).toEqual(NAMES);
  });

  it('refuses an unknown name and lists those that exist', () => {
    const refusal = refusalOf(() => resolveEstimator({ name: 'grpo' }));
    expect(refusal).toMatchObject({ code: 'invalid_argument', field: 'estimator.name' });
    for (const name of NAMES) expect(refusal.message).toContain(name);
  });

  const refused: readonly (readonly [EstimatorChoice, string])[] = [
    [{ name: 'rloo', ddof: 1 }, 'estimator.ddof'],
    [{ name: 'dr_grpo', epsilon: 1e-6 }, 'estimator.epsilon'],
    [{ name: 'grpo:verl', k: 2 }, 'estimator.k'],
    [{ name: 'grpo:verl', weights: { math: 1 } }, 'estimator.weights'],
    [{ name: 'pass_at_k', ddof: 1 }, 'estimator.ddof'],
    [{ name: 'pass_at_k', k: 0 }, 'estimator.k'],
    [{ name: 'pass_at_k', k: 1.5 }, 'estimator.k'],
    [{ name: 'grpo:verl', ddof: 2 }, 'estimator.ddof'],
    [{ name: 'grpo:verl', epsilon: -1e-6 }, 'estimator.epsilon'],
    [{ name: 'grpo:verl', epsilon: Number.NaN }, 'estimator.epsilon'],
    [{ name: 'grpo:verl', epsilon: Number.POSITIVE_INFINITY }, 'estimator.epsilon'],
    [{ name: 'gdpo:trl', weights: { math: Number.NaN } }, 'estimator.weights.math'],
    [{ name: 'gdpo:trl', weights: { math: 1e39 } }, 'estimator.weights.math'],
  ];
  for (const [choice, field] of refused) {
    it(`refuses ${JSON.stringify(choice)} and names ${field}`, () => {
      expect(refusalOf(() => resolveEstimator(choice))).toMatchObject({ code: 'invalid_argument', field });
    });
  }

  it('takes empty weights of a dialect without weights as none given', () => {
    expect(statedChoice(resolveEstimator({ name: 'rloo', weights: {} }))).toEqual({ name: 'rloo' });
  });

  it('states the source constants, and the ones that a caller gave instead', () => {
    expect(statedChoice(resolveEstimator({ name: 'grpo:verl' }))).toEqual({
      name: 'grpo:verl',
      ddof: 1,
      epsilon: 1e-6,
    });
    expect(statedChoice(resolveEstimator({ name: 'grpo:verl', ddof: 0, epsilon: 0 }))).toEqual({
      name: 'grpo:verl',
      ddof: 0,
      epsilon: 0,
    });
    expect(statedChoice(resolveEstimator({ name: 'pass_at_k', k: 2 }))).toEqual({ name: 'pass_at_k', k: 2 });
  });

  it('says which dialects need the whole batch, lengths and components', () => {
    const estimators = NAMES.map((name) => resolveEstimator({ name }));
    const having = (test: (estimator: Estimator) => boolean): string[] =>
      estimators.filter(test).map(({ name }) => name);
    expect(having(({ scope }) => scope === 'batch')).toEqual([
      'grpo:trl-batch',
      'reinforce_pp_baseline',
      'gdpo:verl',
      'gdpo:trl',
      'gpg',
    ]);
    expect(having(({ needsLengths }) => needsLengths)).toEqual(['opo']);
    expect(having(({ usesLengths }) => usesLengths)).toEqual(['reinforce_pp_baseline', 'gdpo:verl', 'opo']);
    expect(having(({ needsComponents }) => needsComponents)).toEqual(['gdpo:verl', 'gdpo:trl']);
  });
});

describe('compute() in every dialect', () => {
  for (const name of NAMES) {
    const compute = (groups: readonly RewardGroup[]) => resolveEstimator({ name }).compute(groups);

    it(`${name} gives exact zeros and zero_variance to equal rewards, also where floats cannot sum them`, () => {
      for (const reward of [1, 0, -0, 0.1, 0.7, 1 / 3]) {
        const [group] = compute([groupOf([reward, reward, reward, reward, reward, reward, reward])]);
        expect(group?.flags).toEqual(['zero_variance']);
        expect(group?.advantages.every((advantage) => Object.is(advantage, 0))).toBe(true);
      }
    });

    it(`${name} takes rewards that are one float32 for equal`, () => {
      const [group] = compute([groupOf([0.1, 0.1 + 1e-10, 0.1, 0.1])]);
      expect(group?.flags).toEqual(['zero_variance']);
    });

    it(`${name} gives zeros and insufficient_valid to fewer than two scored members`, () => {
      for (const rewards of [[2.5], [null, 1, null], [null, null], []]) {
        const [group] = compute([groupOf(rewards)]);
        expect(group).toEqual({ advantages: rewards.map(() => 0), flags: ['insufficient_valid'] });
      }
    });

    it(`${name} returns nothing for no groups, and takes groups of several sizes`, () => {
      expect(compute([])).toEqual([]);
      const sizes = compute([groupOf([1, 0, 0, 0, 0]), groupOf([1]), groupOf([0, 1, 1, 0, 0, 0, 1])]);
      expect(sizes.map((group) => group.advantages.length)).toEqual([5, 1, 7]);
    });

    it(`${name} refuses rewards that float32 cannot hold, and names them`, () => {
      for (const reward of [Number.NaN, Number.POSITIVE_INFINITY, -1e39]) {
        const refusal = refusalOf(() =>
          compute([{ ...groupOf([1, 0]) }, { ...groupOf([1, 0, 0]), rewards: [1, 0, reward] }]),
        );
        expect(refusal).toMatchObject({ code: 'invalid_argument', field: 'groups[1].rewards[2]' });
      }
    });

    it(`${name} refuses lengths of another number than rewards, and those that are no counts`, () => {
      const sized = refusalOf(() => compute([{ ...groupOf([1, 0]), lengths: [1] }]));
      expect(sized).toMatchObject({ code: 'invalid_argument', field: 'groups[0].lengths' });
      for (const length of [-1, 1.5, Number.NaN]) {
        const refusal = refusalOf(() => compute([{ ...groupOf([1, 0]), lengths: [1, length] }]));
        expect(refusal).toMatchObject({ code: 'invalid_argument', field: 'groups[0].lengths[1]' });
      }
    });
  }

  it('opo refuses a group without lengths and names the field', () => {
    const refusal = refusalOf(() => resolveEstimator({ name: 'opo' }).compute([{ rewards: [1, 0] }]));
    expect(refusal).toMatchObject({ code: 'invalid_argument', field: 'groups[0].lengths' });
  });

  for (const name of ['reinforce_pp_baseline', 'gdpo:verl']) {
    it(`${name} refuses a batch in which only some groups have lengths`, () => {
      const { lengths: _lengths, ...without } = groupOf([1, 0]);
      const refusal = refusalOf(() => resolveEstimator({ name }).compute([groupOf([1, 0]), without]));
      expect(refusal).toMatchObject({ code: 'invalid_argument', field: 'groups[1].lengths' });
    });
  }

  for (const name of ['gdpo:verl', 'gdpo:trl']) {
    it(`${name} refuses groups without components, of another size, or not finite`, () => {
      const estimator = resolveEstimator({ name });
      const fieldFor = (components: RewardGroup['components']) =>
        refusalOf(() => estimator.compute([{ rewards: [1, 0], components }])).field;
      expect(fieldFor(undefined)).toBe('groups[0].components');
      expect(fieldFor({ math: [1] })).toBe('groups[0].components.math');
      expect(fieldFor({ math: [1, Number.NaN] })).toBe('groups[0].components.math[1]');
    });

    it(`${name} takes scorers with the names of an object's own properties`, () => {
      for (const scorer of ['constructor', '__proto__', 'toString']) {
        const components = JSON.parse(`{"${scorer}": [1, 0]}`);
        const [group] = resolveEstimator({ name }).compute([{ rewards: [1, 0], components }]);
        expect(group?.advantages[0]).toBeCloseTo(Math.SQRT1_2, 3);
      }
    });

    it(`${name} leaves out members that no objective scored`, () => {
      const [group] = resolveEstimator({ name }).compute([
        { rewards: [1, 0, 0.5], components: { math: [1, 0, null] } },
      ]);
      expect(group?.advantages[2]).toBe(0);
      expect(group?.advantages[0]).toBeCloseTo(-(group?.advantages[1] ?? Number.NaN), 12);
    });
  }

  it('dr_grpo gives 0 and not -0 to a reward of -0, with and without unscorable members', () => {
    const estimator = resolveEstimator({ name: 'dr_grpo' });
    const results = estimator.compute([{ rewards: [-0, 1, -1] }, { rewards: [null, -0, 1, -1] }]);
    expect(results.map(({ advantages }) => advantages)).toEqual([
      [0, 1, -1],
      [0, 0, 1, -1],
    ]);
    expect(Object.is(results[0]?.advantages[0], 0)).toBe(true);
    expect(Object.is(results[1]?.advantages[1], 0)).toBe(true);
  });

  it('pass_at_k says insufficient_valid where fewer than k were scored', () => {
    const [group] = resolveEstimator({ name: 'pass_at_k', k: 4 }).compute([{ rewards: [1, 0, null, 0] }]);
    expect(group).toEqual({ advantages: [0, 0, 0, 0], flags: ['insufficient_valid'] });
  });

  it('maxrl gives zeros where the mean is not above 0', () => {
    const [group] = resolveEstimator({ name: 'maxrl' }).compute([{ rewards: [-1, 1, -1] }]);
    expect(group).toEqual({ advantages: [0, 0, 0], flags: [] });
  });
});
