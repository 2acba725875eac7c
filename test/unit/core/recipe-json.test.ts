import { describe, expect, it } from 'vitest';

import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { recipeFromJson, recipeToJson } from '../../../src/core/recipe-json.ts';
import { recipeOf } from '../../../src/core/recipe.ts';

describe('recipeFromJson()', () => {
  it.each<[string, unknown]>([
    ['a bare name', 'math'],
    ['a recipe with a name', { scorers: ['math'] }],
    ['a recipe with defaults', { scorers: [{ name: 'math' }] }],
  ])('recipeFromJson() completes %s', (_what, json) => {
    expect(recipeFromJson(json, 'reward')).toEqual(recipeOf('math'));
  });

  it('recipeFromJson() reads back all that recipeToJson() writes', () => {
    const recipe = recipeFromJson(
      {
        scorers: [
          { name: 'math', weight: 0.9, when: 'always' },
          {
            name: 'format',
            weight: 0.1,
            required: false,
            when: 'undecided',
            pattern: 'boxed',
            nested: { a: [1] },
          },
          { name: 'quality', undecided_between: [0.2, 0.8], time_limit_ms: 500 },
          { name: 'format', gate: true, pattern: 'boxed' },
        ],
        combine: 'product',
        truncated: 'unscorable',
        no_answer: 'unscorable',
        undecided: 'unscorable',
        length_penalty: { max_tokens: 100, buffer_tokens: 20 },
        floor: -1,
      },
      'reward',
    );
    expect(recipe.scorers[1]?.options).toEqual({ pattern: 'boxed', nested: { a: [1] } });
    expect(recipe.scorers[2]).toMatchObject({ undecidedBetween: [0.2, 0.8], timeLimitMs: 500, options: {} });
    expect(recipe.scorers[3]).toMatchObject({ gate: 0.5, weight: 0, options: { pattern: 'boxed' } });
    expect(recipe.floor).toBe(-1);
    expect(recipe.lengthPenalty).toEqual({ maxTokens: 100, bufferTokens: 20, factor: 1 });
    expect(recipeFromJson(recipeToJson(recipe), 'reward')).toEqual(recipe);
  });

  it.each<[unknown, string]>([
    [7, 'reward'],
    ['', 'reward'],
    [[], 'reward'],
    [{}, 'reward.scorers'],
    [{ scorers: [] }, 'reward.scorers'],
    [{ scorers: [{}] }, 'reward.scorers[0].name'],
    [{ scorers: ['a', { name: 'b', weight: '1' }] }, 'reward.scorers[1].weight'],
    [{ scorers: [{ name: 'b', required: 1 }] }, 'reward.scorers[0].required'],
    [{ scorers: [{ name: 'b', when: 'never' }] }, 'reward.scorers[0].when'],
    [{ scorers: [{ name: 'b', gate: false }] }, 'reward.scorers[0].gate'],
    [{ scorers: [{ name: 'b', undecided_between: [0.5] }] }, 'reward.scorers[0].undecided_between'],
    [{ scorers: [{ name: 'b', undecided_between: [0, '1'] }] }, 'reward.scorers[0].undecided_between[1]'],
    [{ scorers: [{ name: 'b', time_limit_ms: '1 s' }] }, 'reward.scorers[0].time_limit_ms'],
    [{ scorers: ['a'], floor: null }, 'reward.floor'],
    [{ scorers: ['a'], combine: 'max' }, 'reward.combine'],
    [{ scorers: ['a'], surprise: 1 }, 'reward.surprise'],
    [{ scorers: ['a'], length_penalty: { max_tokens: 1.5 } }, 'reward.length_penalty.max_tokens'],
    [{ scorers: ['a'], length_penalty: 3 }, 'reward.length_penalty.max_tokens'],
  ])('recipeFromJson() refuses %j and names %s', (json, field) => {
    expect(() => recipeFromJson(json, 'reward')).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    );
  });
});

describe('canonicalJson()', () => {
  it('canonicalJson() does not depend on the order of keys, at any depth', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'é"\n' })).toBe(
      '{"a":"é\\"\\n","b":[{"c":null,"d":1}]}',
    );
    expect(canonicalJson({ a: 'é"\n', b: [{ c: null, d: 1 }] })).toBe(
      '{"a":"é\\"\\n","b":[{"c":null,"d":1}]}',
    );
  });

  it('canonicalJson() refuses what JSON does not have', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
    expect(() => canonicalJson(undefined)).toThrow(TypeError);
  });
});
