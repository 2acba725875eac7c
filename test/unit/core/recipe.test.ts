import { describe, expect, test } from 'vitest';
import { bareScorer, type Recipe, type ScorerUse, recipeOf } from '../../../src/core/recipe.ts';

const MATH = recipeOf('math');

/** The recipe with its one use changed. */
function withUse(change: Partial<ScorerUse>): Partial<Recipe> {
  return { scorers: MATH.scorers.map((use) => ({ ...use, ...change })) };
}

describe('bareScorer()', () => {
  test('bareScorer() gives back the name that recipeOf() was given', () => {
    expect(bareScorer(MATH)).toBe('math');
    expect(bareScorer({ ...MATH, lengthPenalty: undefined })).toBe('math');
  });

  test.each<[string, Partial<Recipe>]>([
    ['no scorer', { scorers: [] }],
    ['two scorers', { scorers: [...MATH.scorers, ...MATH.scorers] }],
    ['another weight', withUse({ weight: 2 })],
    ['a scorer that is not required', withUse({ required: false })],
    ['a scorer that waits for others', withUse({ when: 'undecided' })],
    ['a gate', withUse({ gate: 1 })],
    ['a range that is undecided', withUse({ undecidedBetween: [0, 1] })],
    ['a time limit', withUse({ timeLimitMs: 1 })],
    ['a floor', { floor: 0 }],
    ['options', withUse({ options: { tolerance: 0 } })],
    ['product', { combine: 'product' }],
    ['truncated completions that get zero', { truncated: 'zero' }],
    ['missing answers that are unscorable', { noAnswer: 'unscorable' }],
    ['undecided answers that are unscorable', { undecided: 'unscorable' }],
    ['a length penalty', { lengthPenalty: { maxTokens: 10, bufferTokens: 5, factor: 1 } }],
  ])('bareScorer() has no name for a recipe with %s', (_, change) => {
    expect(bareScorer({ ...MATH, ...change })).toBeUndefined();
  });
});
