// Which groups an Atropos batch is made of: sizes that its own server cannot pack, and what holds for any sizes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pickBatch, type WaitingGroup } from '../../../src/edges/compat/atropos-batch.ts';

const groups = (sizes: readonly number[], envId = 0): WaitingGroup[] =>
  sizes.map((size) => ({ size, envId }));

describe('pickBatch()', () => {
  it.each<[string, readonly number[], number, readonly number[] | undefined]>([
    ['nothing', [], 4, undefined],
    ['too few', [2, 1], 4, undefined],
    ['one group that is a batch', [4, 4], 4, [0]],
    ['the oldest of equal ones', [2, 2, 2, 2], 4, [0, 1]],
    ['groups of three for a batch of four, which do not add up', [3, 3, 3], 4, [0, 1]],
    ['groups of three for a batch of six', [3, 3, 3], 6, [0, 1]],
    ['the groups that make it exact, not the next one', [4, 2, 4, 2], 8, [0, 1, 3]],
    ['the oldest even where the others are exact without it', [3, 4, 4], 8, [0, 1, 2]],
    ['a group larger than a batch', [9, 1], 4, [0]],
  ])('pickBatch() takes of %s', (_, sizes, batchSize, picked) => {
    expect(pickBatch(groups(sizes), batchSize)).toEqual(picked);
  });

  it.each<[string, WaitingGroup[], Map<number, number>, readonly number[] | undefined]>([
    [
      'has groups of its own before older ones',
      [...groups([2, 2, 2]), ...groups([2], 1)],
      new Map([[1, 2]]),
      [0, 3],
    ],
    ['waits for it', groups([2, 2, 2]), new Map([[1, 2]]), undefined],
    [
      'shares where minimums are more than a batch',
      [...groups([2, 2]), ...groups([2, 2], 1)],
      new Map([
        [0, 4],
        [1, 4],
      ]),
      [0, 2],
    ],
    ['waits for the others, too', groups([2], 1), new Map([[1, 2]]), undefined],
  ])('pickBatch() with a minimum for an environment %s', (_, queue, minimums, picked) => {
    expect(pickBatch(queue, 4, minimums)).toEqual(picked);
  });

  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 });
  const batchSizes = fc.integer({ min: 1, max: 20 });

  it('pickBatch() makes a batch as soon as there are enough, the oldest in it, and goes beyond by less than a group', () => {
    fc.assert(
      fc.property(sizes, batchSizes, (given, batchSize) => {
        const picked = pickBatch(groups(given), batchSize);
        const total = given.reduce((sum, size) => sum + size, 0);
        expect(picked !== undefined).toBe(total >= batchSize);
        if (picked === undefined) return;
        const taken = picked.map((place) => given[place] ?? NaN);
        const sum = taken.reduce((all, size) => all + size, 0);
        expect(picked[0]).toBe(0);
        expect(picked).toEqual([...new Set(picked)].toSorted((a, b) => a - b));
        expect(sum).toBeGreaterThanOrEqual(batchSize);
        expect(sum - (taken.at(-1) ?? 0)).toBeLessThan(batchSize);
      }),
    );
  });

  it('pickBatch() is exact whenever some batch with the oldest group is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 10 }),
        batchSizes,
        (given, batchSize) => {
          const sums = new Set<number>([given[0] ?? 0]);
          for (const size of given.slice(1)) {
            for (const more of Array.from(sums, (sum) => sum + size)) sums.add(more);
          }
          const picked = pickBatch(groups(given), batchSize);
          const sum = picked?.reduce((all, place) => all + (given[place] ?? 0), 0);
          expect(sum === batchSize).toBe(sums.has(batchSize));
        },
      ),
    );
  });

  it('pickBatch() leaves no group for ever: batch after batch, each is in one, until too few are left', () => {
    fc.assert(
      fc.property(sizes, batchSizes, (given, batchSize) => {
        let left = given.map((size, id) => ({ size, envId: id }));
        const taken: number[] = [];
        for (;;) {
          const picked = pickBatch(left, batchSize);
          if (picked === undefined) break;
          taken.push(...picked.map((place) => left[place]?.envId ?? -1));
          left = left.filter((_, place) => !picked.includes(place));
        }
        const rest = left.map(({ envId }) => envId);
        expect([...taken, ...rest].toSorted((a, b) => a - b)).toEqual(given.map((_, id) => id));
        expect(left.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(batchSize);
      }),
    );
  });
});
