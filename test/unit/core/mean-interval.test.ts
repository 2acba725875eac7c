// Means over questions and how far they can be trusted.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { meanInterval } from '../../../src/core/mean-interval.ts';
import { proportionOf } from '../../../src/core/proportion.ts';
import { createRandom } from '../../../src/core/random.ts';

describe('meanInterval()', () => {
  it('is undefined of nothing', () => {
    expect(meanInterval([], createRandom(1))).toBeUndefined();
  });

  it.each([
    ['counts', [1, 0, 0, 1, 1], 3],
    ['all right', [1, 1, 1], 3],
    ['all wrong', [0, 0], 0],
    ['all equal', [0.5, 0.5, 0.5, 0.5], 2],
    ['one value', [0.25], 0.25],
  ])("is Wilson's interval for %s", (_, values, part) => {
    expect(meanInterval(values, createRandom(1))).toEqual(proportionOf(part, values.length));
  });

  it('covers the mean of shares about as the normal interval does, where there are many', () => {
    const random = createRandom(3);
    const values = Array.from({ length: 2_000 }, () => random.next());
    const interval = meanInterval(values, createRandom(1));
    const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
    // Standard error of the mean of uniform values: √(1/12 / 2000).
    const reach = 1.96 * Math.sqrt(1 / 12 / values.length);
    expect(interval?.share).toBeCloseTo(centre, 12);
    expect(interval?.low).toBeCloseTo(centre - reach, 2.5);
    expect(interval?.high).toBeCloseTo(centre + reach, 2.5);
  });

  it('holds the mean between its bounds within [0, 1], and the same state gives the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 1_000 }),
        (values, seed) => {
          const interval = meanInterval(values, createRandom(seed));
          const { share = -1, low = -1, high = -1 } = interval ?? {};
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low).toBeLessThanOrEqual(high);
          expect(share).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
          expect(meanInterval(values, createRandom(seed))).toEqual(interval);
        },
      ),
      { numRuns: 20 },
    );
  });
});
