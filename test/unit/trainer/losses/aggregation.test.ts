import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { AGGREGATIONS, tokenWeights } from '../../../../src/trainer/losses/aggregation.ts';

describe('tokenWeights()', () => {
  it.each([
    ['token-mean', [1 / 6, 1 / 6, 0, 1 / 6]],
    ['sequence-mean', [1 / 12, 1 / 4, 0, 1 / 8]],
    ['constant', [1 / 40, 1 / 40, 0, 1 / 40]],
  ] as const)('tokenWeights() of %s are those of its paper', (aggregation, expected) => {
    expect(tokenWeights([3, 1, 0, 2], { aggregation, lengthMax: 10 })).toEqual(expected);
  });

  it.each(AGGREGATIONS)('tokenWeights() of %s sum to at most 1 over all tokens', (aggregation) => {
    const lengths = fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lengths, (given) => {
        const weights = tokenWeights(given, { aggregation, lengthMax: 50 });
        const total = given.reduce((sum, length, index) => sum + length * (weights[index] ?? NaN), 0);
        expect(total).toBeLessThanOrEqual(1 + 1e-12);
        expect(total).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('tokenWeights() of token-mean sum to 1 wherever there is a token', () => {
    const [first, second] = tokenWeights([7, 3], { aggregation: 'token-mean', lengthMax: 1 });
    expect(7 * (first ?? NaN) + 3 * (second ?? NaN)).toBeCloseTo(1, 12);
  });
});
