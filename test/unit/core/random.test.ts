import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, hash32, hashFloat, keyedPermutation, Random } from '../../../src/core/random.ts';

/** χ² of counts against equal expectation; its mean is the number of cells less one. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Mean plus five deviations of χ²: fixed seeds pass for good, a biased generator is far above. */
function chiSquareMax(cells: number): number {
  const freedom = cells - 1;
  return freedom + 5 * Math.sqrt(2 * freedom);
}

function orderOf(count: number, words: readonly number[]): number[] {
  const permutation = keyedPermutation({ count, words });
  return Array.from({ length: count }, (_, position) => permutation(position));
}

/** At how many of 1,000 positions two keys draw the same element. */
function agreements(a: readonly number[], b: readonly number[]): number {
  const other = orderOf(1000, b);
  return orderOf(1000, a).filter((element, i) => element === other[i]).length;
}

describe('Random', () => {
  it('Random is xoshiro128**: the published generator gives these numbers for the state 1, 2, 3, 4', () => {
    const random = new Random([1, 2, 3, 4]);
    const wanted = [
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ];
    expect(wanted.map(() => random.uint32())).toEqual(wanted);
  });

  it('createRandom() gives these numbers for ever: runs that were opened keep their order', () => {
    const random = createRandom(7);
    expect([random.uint32(), random.uint32(), random.uint32()]).toEqual([1269663047, 1465764298, 309931462]);
    expect(createRandom(7).next()).toBe(0.29561646453600254);
  });

  it('Random.below() gives each number about as often, and none outside', () => {
    const random = createRandom(1);
    const counts = Array.from<number>({ length: 7 }).fill(0);
    for (let i = 0; i < 70_000; i++) {
      const drawn = random.below(7);
      counts[drawn] = (counts[drawn] ?? Number.NaN) + 1;
    }
    expect(counts).toHaveLength(7);
    expect(chiSquare(counts)).toBeLessThan(chiSquareMax(7));
  });

  it('Random.next() lies in [0, 1) and fills it evenly', () => {
    const random = createRandom(2);
    const counts = Array.from<number>({ length: 64 }).fill(0);
    for (let i = 0; i < 64_000; i++) {
      const cell = Math.floor(random.next() * 64);
      counts[cell] = (counts[cell] ?? Number.NaN) + 1;
    }
    expect(counts).toHaveLength(64);
    expect(chiSquare(counts)).toBeLessThan(chiSquareMax(64));
  });
});

describe('hash32()', () => {
  it('hash32() gives these numbers for ever', () => {
    const hashes = [hash32(0), hash32(1), hash32(2 ** 32), hash32(1, 2), hash32(2, 1)];
    expect(hashes).toEqual([2339934983, 2550523153, 193529915, 777251232, 872028342]);
    expect(hashFloat(7, 3)).toBe(0.2642794900637623);
  });

  it('hash32() flips about half of its bits when one bit of any word changes', () => {
    let flipped = 0;
    let trials = 0;
    for (let word = 0; word < 200; word++) {
      for (let bit = 0; bit < 53; bit++) {
        const other = Number(BigInt(word) ^ (1n << BigInt(bit)));
        const difference = (hash32(word, 5) ^ hash32(other, 5)) >>> 0;
        flipped += difference.toString(2).replaceAll('0', '').length;
        trials += 32;
      }
    }
    expect(flipped / trials).toBeCloseTo(0.5, 2);
  });
});

describe('keyedPermutation()', () => {
  it('keyedPermutation() gives these orders for ever', () => {
    expect(orderOf(10, [0, 0])).toEqual([5, 4, 9, 6, 1, 3, 2, 0, 7, 8]);
    expect(orderOf(10, [0, 1])).toEqual([0, 1, 8, 5, 3, 6, 7, 2, 9, 4]);
    expect([0, 1, 2].map(keyedPermutation({ count: 1_200_000, words: [7, 0] }))).toEqual([
      1097536, 848197, 390362,
    ]);
  });

  it('keyedPermutation() draws every element once, for every count', () => {
    const awkward = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 97, 256, 257, 1009);
    const count = fc.oneof(awkward, fc.integer({ min: 1, max: 3000 }));
    fc.assert(
      fc.property(count, fc.maxSafeNat(), fc.nat(), (size, seed, epoch) => {
        const order = orderOf(size, [seed, epoch]);
        expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      }),
    );
  });

  it('keyedPermutation() draws every one of 1.2 million elements once', () => {
    const count = 1_200_000;
    const permutation = keyedPermutation({ count, words: [3, 0] });
    const isSeen = new Uint8Array(count);
    for (let position = 0; position < count; position++) isSeen[permutation(position)] = 1;
    expect(isSeen.indexOf(0)).toBe(-1);
  });

  it('keyedPermutation() stays inside the range up to 2³² elements', () => {
    const permutation = keyedPermutation({ count: 2 ** 32, words: [1] });
    const drawn = Array.from({ length: 1000 }, (_, i) => permutation(2 ** 32 - 1 - i));
    expect(new Set(drawn).size).toBe(1000);
    expect(drawn.every((element) => element >= 0 && element < 2 ** 32)).toBe(true);
    expect(Math.max(...drawn)).toBeGreaterThan(2 ** 31);
  });

  for (const count of [5, 8, 13, 64]) {
    it(`keyedPermutation() of ${count} puts each element at each position about as often, over seeds`, () => {
      const counts = Array.from<number>({ length: count * count }).fill(0);
      for (let seed = 0; seed < 200 * count; seed++) {
        orderOf(count, [seed, 0]).forEach((element, position) => {
          const cell = position * count + element;
          counts[cell] = (counts[cell] ?? Number.NaN) + 1;
        });
      }
      expect(chiSquare(counts)).toBeLessThan(chiSquareMax(count * count));
    });
  }

  it('keyedPermutation() does not keep neighbours together', () => {
    const count = 10_000;
    const order = orderOf(count, [11, 0]);
    const gaps = order.slice(1).map((element, i) => (element - (order[i] ?? 0) + count) % count);
    const counts = Array.from<number>({ length: 50 }).fill(0);
    for (const gap of gaps) {
      const cell = Math.floor(gap / 200);
      counts[cell] = (counts[cell] ?? Number.NaN) + 1;
    }
    expect(chiSquare(counts)).toBeLessThan(chiSquareMax(50));
  });

  it('keyedPermutation() gives another order for another seed or epoch', () => {
    // Two unrelated orders agree at one position on average.
    expect(agreements([0, 0], [0, 1])).toBeLessThan(8);
    expect(agreements([0, 0], [1, 0])).toBeLessThan(8);
    expect(agreements([0, 0], [2 ** 32, 0])).toBeLessThan(8);
    expect(agreements([0, 1], [1, 0])).toBeLessThan(8);
  });

  it('keyedPermutation() refuses counts and positions that are none', () => {
    for (const count of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1]) {
      expect(() => keyedPermutation({ count, words: [0] })).toThrow(RangeError);
    }
    for (const position of [-1, 5, Number.NaN]) {
      expect(() => keyedPermutation({ count: 5, words: [0] })(position)).toThrow(RangeError);
    }
  });
});
