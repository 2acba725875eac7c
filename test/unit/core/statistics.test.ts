import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isConstant,
  leaveOneOut,
  mean,
  quantile,
  standardDeviation,
  variance,
} from '../../../src/core/statistics.ts';

describe('mean() and variance()', () => {
  const cases: readonly (readonly [readonly number[], number, number, number])[] = [
    // values, mean, variance with ddof 0, with ddof 1
    [[1, 0, 0, 0], 0.25, 0.1875, 0.25],
    [[2, 4, 4, 4, 5, 5, 7, 9], 5, 4, 32 / 7],
    [[3], 3, 0, 0],
    [[-1, 1], 0, 1, 2],
  ];
  for (const [values, centre, population, sample] of cases) {
    it(`mean() of ${values.join(', ')} is ${centre}; variance() is ${population}, or ${sample} of a sample`, () => {
      expect(mean(values)).toBeCloseTo(centre, 12);
      expect(variance(values, 0)).toBeCloseTo(population, 12);
      expect(variance(values, 1)).toBeCloseTo(sample, 12);
      expect(standardDeviation(values, 1)).toBeCloseTo(Math.sqrt(sample), 12);
    });
  }

  it('variance() keeps its digits where values are large and close together', () => {
    // Sum of squares minus square of sum gives 0 or worse here.
    expect(variance([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16], 1)).toBeCloseTo(30, 9);
  });

  it('mean() takes back what one pass would round away', () => {
    expect(mean([0.1, 0.1, 0.1])).toBe(0.1);
  });
});

describe('leaveOneOut()', () => {
  it('leaveOneOut() equals mean() and standardDeviation() of the others', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1), (list, ddof) => {
        leaveOneOut(list, ddof).forEach((found, i) => {
          const others = list.toSpliced(i, 1);
          expect(Math.abs(found.mean - mean(others))).toBeLessThan(1e-9);
          expect(Math.abs(found.deviation - standardDeviation(others, ddof))).toBeLessThan(1e-6);
        });
      }),
    );
  });

  it('leaveOneOut() has a deviation of exactly 0 where the others are equal, and no other', () => {
    const equal = Math.fround(0.1);
    for (const size of [2, 3, 8, 1024]) {
      const values = Array.from<number>({ length: size })
        .fill(equal)
        .with(Math.floor(size / 2), 1e6);
      const zeros = leaveOneOut(values, 0).filter(({ deviation }) => deviation === 0);
      expect(zeros).toHaveLength(size === 2 ? 2 : 1);
    }
  });

  it('leaveOneOut() keeps the digits of nearly equal others beside one that is far off', () => {
    // Others 1, 1.001, 1.002: deviation 0.001. Subtracting sums of squares would leave 0.
    expect(leaveOneOut([1, 1.001, 1e9, 1.002], 1)[2]?.deviation).toBeCloseTo(0.001, 12);
  });
});

describe('isConstant()', () => {
  it('isConstant() is true of none, of one and of equal numbers, and takes -0 for 0', () => {
    expect([[], [1], [2, 2], [0, -0]].map(isConstant)).toEqual([true, true, true, true]);
    expect(
      [
        [1, 2],
        [2, 2, 1],
        [1, 2, 2],
      ].map(isConstant),
    ).toEqual([false, false, false]);
  });
});

describe('quantile()', () => {
  const cases: readonly (readonly [readonly number[], number, number])[] = [
    [[4, 1, 3, 2], 0, 1],
    [[4, 1, 3, 2], 1, 4],
    [[4, 1, 3, 2], 0.5, 2.5],
    [[1, 2, 3, 4, 5], 0.25, 2],
    [[10, 20], 0.9, 19],
    [[7], 0.3, 7],
  ];
  for (const [values, q, wanted] of cases) {
    it(`quantile() of ${values.join(', ')} at ${q} is ${wanted}`, () => {
      expect(quantile(values, q)).toBeCloseTo(wanted, 12);
    });
  }

  it('quantile() does not reorder its argument and never falls as q rises', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), share, share, (values, p, q) => {
        const before = [...values];
        const low = quantile(values, Math.min(p, q));
        expect(low).toBeLessThanOrEqual(quantile(values, Math.max(p, q)));
        expect(values).toEqual(before);
      }),
    );
  });
});
