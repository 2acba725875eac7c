// Choosing subsets: lazy greedy equals greedy, centres are far apart, tags cover.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { complexityFirst } from '../../../../src/core/similarity/diverse-tags.ts';
import { facilityLocation } from '../../../../src/core/similarity/facility-location.ts';
import { kCenterGreedy } from '../../../../src/core/similarity/k-center.ts';
import { cosine, normalized } from '../../../../src/core/similarity/vectors.ts';

/** The definition, without any shortcut. */
function plainGreedy(
  qualities: readonly number[],
  matrix: readonly (readonly number[])[],
  size: number,
  alpha: number,
) {
  const chosen: number[] = [];
  const cover = (items: readonly number[]): number =>
    qualities.reduce((sum, _, v) => sum + Math.max(0, ...items.map((item) => matrix[item]?.[v] ?? 0)), 0);
  while (chosen.length < Math.min(size, qualities.length)) {
    let best = -1;
    let bestGain = -1;
    qualities.forEach((quality, item) => {
      if (chosen.includes(item)) return;
      const gain = (1 - alpha) * (cover([...chosen, item]) - cover(chosen)) + alpha * quality;
      if (gain > bestGain) [best, bestGain] = [item, gain];
    });
    chosen.push(best);
  }
  return chosen;
}

describe('facilityLocation()', () => {
  // Multiples of 1/64 add up without rounding, so that both ways see the same ties.
  const share = fc.integer({ min: 0, max: 64 }).map((value) => value / 64);
  const problem = fc.integer({ min: 1, max: 9 }).chain((n) =>
    fc.record({
      qualities: fc.array(share, { minLength: n, maxLength: n }),
      matrix: fc.array(fc.array(share, { minLength: n, maxLength: n }), { minLength: n, maxLength: n }),
      size: fc.integer({ min: 0, max: n + 2 }),
      alpha: fc.constantFrom(0, 0.25, 0.5, 1),
    }),
  );

  it('chooses exactly what plain greedy chooses', () => {
    fc.assert(
      fc.property(problem, ({ qualities, matrix, size, alpha }) => {
        const lazy = facilityLocation(qualities, (a, b) => matrix[a]?.[b] ?? 0, {
          size,
          qualityShare: alpha,
        });
        expect(lazy).toEqual(plainGreedy(qualities, matrix, size, alpha));
      }),
      { numRuns: 500 },
    );
  });

  it('covers two clusters before it takes a second item of one', () => {
    const cluster = [0, 0, 0, 1, 1];
    const similarity = (a: number, b: number): number => (cluster[a] === cluster[b] ? 1 : 0);
    const chosen = facilityLocation([1, 1, 1, 1, 1], similarity, { size: 2, qualityShare: 0 });
    expect(chosen).toEqual([0, 3]);
  });
});

describe('kCenterGreedy()', () => {
  const places = [0, 1, 10, 11, 5];
  const distance = (a: number, b: number): number => Math.abs((places[a] ?? 0) - (places[b] ?? 0));

  it.each([
    [{ size: 3, first: [] }, [0, 3, 4]],
    [{ size: 2, first: [2] }, [2, 0]],
    [{ size: 9, first: [1] }, [1, 3, 4, 0, 2]],
    [{ size: 0, first: [] }, []],
  ])('kCenterGreedy() of five places on a line with %j chooses %j', (options, chosen) => {
    expect(kCenterGreedy(5, distance, options)).toEqual(chosen);
  });

  it('gives every item once where all are alike', () => {
    expect(kCenterGreedy(4, () => 0, { size: 4, first: [] })).toEqual([0, 1, 2, 3]);
    expect(kCenterGreedy(0, () => 0, { size: 4, first: [] })).toEqual([]);
  });
});

describe('complexityFirst()', () => {
  it.each([
    [[['a'], ['a', 'b'], ['c'], ['a', 'b', 'c']], 2, [3, 1]],
    [[['a'], ['b'], ['a'], ['c']], 3, [0, 1, 3]],
    [[['a'], ['a'], ['a']], 3, [0, 1, 2]],
    [[[], ['a'], []], 3, [1, 0, 2]],
    [[[], []], 1, [0]],
    [[], 2, []],
  ])('complexityFirst(%j, %d) chooses %j', (tags, size, chosen) => {
    expect(complexityFirst(tags, size)).toEqual(chosen);
  });

  it('chooses as many as it is asked for, none twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 }), { maxLength: 20 }),
        fc.nat(25),
        (tags, size) => {
          const chosen = complexityFirst(tags, size);
          expect(chosen.length).toBe(Math.min(size, tags.length));
          expect(new Set(chosen).size).toBe(chosen.length);
        },
      ),
    );
  });
});

describe('vectors', () => {
  it('normalized() and cosine() give 1 for one direction, 0 for a right angle, and nothing for no direction', () => {
    const a = normalized(Float32Array.of(3, 4)) ?? new Float32Array();
    expect(cosine(a, a)).toBeCloseTo(1, 6);
    expect(cosine(a, Float32Array.of(-0.8, 0.6))).toBeCloseTo(0, 6);
    expect(normalized(Float32Array.of(0, 0))).toBeUndefined();
    expect(() => cosine(a, Float32Array.of(1))).toThrow('2 and 1 dimensions');
  });
});
