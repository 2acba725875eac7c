import { describe, expect, it } from 'vitest';

import { validateRecipe } from '../../../src/core/recipe-check.ts';
import type { ScorerNames } from '../../../src/core/recipe-check.ts';
import { recipeOf } from '../../../src/core/recipe.ts';
import type { Recipe, ScorerUse } from '../../../src/core/recipe.ts';
import { findVerifier, VERIFIERS } from '../../../src/core/verifiers/table.ts';

const SCORERS: ScorerNames = { find: findVerifier, names: () => VERIFIERS.map(({ name }) => name) };

function use(name: string, more: Partial<ScorerUse> = {}): ScorerUse {
  return { name, weight: 1, required: true, when: 'always', options: {}, ...more };
}

function recipe(scorers: readonly ScorerUse[], more: Partial<Recipe> = {}): Recipe {
  return { ...recipeOf('math'), scorers, ...more };
}

const penalty = { maxTokens: 100, bufferTokens: 10, factor: 1 };

describe('validateRecipe()', () => {
  it('fills in the options of each scorer', () => {
    const checked = validateRecipe(recipeOf('numeric'), SCORERS);
    expect(checked.scorers[0]?.options).toEqual({ abs_tolerance: 0, rel_tolerance: 0, unit: 'auto' });
  });

  it.each([
    ['an unknown scorer', recipe([use('numric')]), 'reward.scorers[0].name'],
    ['a prototype name', recipe([use('constructor')]), 'reward.scorers[0].name'],
    ['no scorer', recipe([]), 'reward.scorers'],
    ['an unknown option', recipe([use('math'), use('exact', { options: { a: 1 } })]), 'reward.scorers[1].a'],
    [
      'a bad option',
      recipe([use('math'), use('regex', { options: { pattern: '(' } })]),
      'reward.scorers[1].pattern',
    ],
    ['a missing option', recipe([use('format')]), 'reward.scorers[0].pattern'],
    ['a weight that is no number', recipe([use('math', { weight: Number.NaN })]), 'reward.scorers[0].weight'],
    ['an infinite weight', recipe([use('math', { weight: Infinity })]), 'reward.scorers[0].weight'],
    ['a second opinion on nothing', recipe([use('math', { when: 'undecided' })]), 'reward.scorers[0].when'],
    [
      'a second opinion on gates alone',
      recipe([
        use('format', { gate: 1, weight: 0, options: { pattern: 'boxed' } }),
        use('math', { when: 'incorrect' }),
      ]),
      'reward.scorers[1].when',
    ],
    ['a recipe of gates', recipe([use('math', { gate: 0.5, weight: 0 })]), 'reward.scorers'],
    [
      'a gate that is always open',
      recipe([use('math'), use('exact', { gate: 0, weight: 0 })]),
      'reward.scorers[1].gate',
    ],
    [
      'a gate above 1',
      recipe([use('math'), use('exact', { gate: 1.1, weight: 0 })]),
      'reward.scorers[1].gate',
    ],
    [
      'a gate that is not a number',
      recipe([use('math'), use('exact', { gate: Number.NaN, weight: 0 })]),
      'reward.scorers[1].gate',
    ],
    ['a gate with a weight', recipe([use('math'), use('exact', { gate: 1 })]), 'reward.scorers[1].weight'],
    [
      'a gate that waits',
      recipe([use('math'), use('exact', { gate: 1, weight: 0, when: 'undecided' })]),
      'reward.scorers[1].when',
    ],
    [
      'a range that falls',
      recipe([use('math', { undecidedBetween: [0.8, 0.2] })]),
      'reward.scorers[0].undecided_between',
    ],
    [
      'a range beyond 1',
      recipe([use('math', { undecidedBetween: [0.5, 2] })]),
      'reward.scorers[0].undecided_between',
    ],
    ['a time limit of nothing', recipe([use('math', { timeLimitMs: 0 })]), 'reward.scorers[0].time_limit_ms'],
    [
      'a part of a millisecond',
      recipe([use('math', { timeLimitMs: 1.5 })]),
      'reward.scorers[0].time_limit_ms',
    ],
    ['a floor without a gate', recipe([use('math')], { floor: 0 }), 'reward.floor'],
    [
      'an infinite floor',
      recipe([use('math'), use('exact', { gate: 1, weight: 0 })], { floor: Infinity }),
      'reward.floor',
    ],
    [
      'no length',
      recipe([use('math')], { lengthPenalty: { ...penalty, maxTokens: 0 } }),
      'reward.length_penalty.max_tokens',
    ],
    [
      'a part of a token',
      recipe([use('math')], { lengthPenalty: { ...penalty, maxTokens: 1.5 } }),
      'reward.length_penalty.max_tokens',
    ],
    [
      'a buffer above the length',
      recipe([use('math')], { lengthPenalty: { ...penalty, bufferTokens: 101 } }),
      'reward.length_penalty.buffer_tokens',
    ],
    [
      'no buffer',
      recipe([use('math')], { lengthPenalty: { ...penalty, bufferTokens: 0 } }),
      'reward.length_penalty.buffer_tokens',
    ],
    [
      'a negative factor',
      recipe([use('math')], { lengthPenalty: { ...penalty, factor: -1 } }),
      'reward.length_penalty.factor',
    ],
  ])('refuses %s and names the field', (_, bad, field) => {
    expect(() => validateRecipe(bad, SCORERS)).toThrowError(
      expect.objectContaining({ name: 'EnvError', code: 'invalid_argument', field }),
    );
  });

  it('says which scorers exist when it refuses one that does not', () => {
    expect(() => validateRecipe(recipeOf('judge'), SCORERS)).toThrowError(/"math", "numeric", "exact"/u);
  });

  it('writes the path of the recipe as the caller knows it', () => {
    expect(() => validateRecipe(recipeOf('judge'), SCORERS, 'default_reward')).toThrowError(
      expect.objectContaining({ field: 'default_reward.scorers[0].name' }),
    );
  });
});
