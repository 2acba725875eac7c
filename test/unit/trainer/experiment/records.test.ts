// The documents: what each states, that no two state the same, and that the seed decides them.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import { RECORDS_MAX, writeRecords } from '../../../../src/trainer/experiment/records.ts';

function numbersIn(text: string): readonly number[] {
  return Array.from(text.matchAll(/\d+/gu), ([digits]) => Number(digits));
}

describe('writeRecords()', () => {
  it('states two different numbers of two digits and then their sum of three, and nothing behind it', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        for (const { text, sumAt } of writeRecords(30, createRandom(seed))) {
          const [a = 0, b = 0, sum = 0, ...more] = numbersIn(text);
          expect(more).toEqual([]);
          expect([a, b].every((number) => number >= 10 && number <= 99)).toBe(true);
          expect(a).not.toBe(b);
          expect(sum).toBe(a + b);
          expect(sum).toBeGreaterThanOrEqual(100);
          expect(text.slice(sumAt)).toBe(`${sum}.`);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('adds the same two numbers in no two records, in either order', () => {
    const records = writeRecords(RECORDS_MAX, createRandom(4));
    const sums = records.map(({ text }) =>
      numbersIn(text)
        .slice(0, 2)
        .toSorted((a, b) => a - b)
        .join('+'),
    );
    expect(new Set(sums).size).toBe(RECORDS_MAX);
    expect(new Set(records.map(({ id }) => id)).size).toBe(RECORDS_MAX);
  });

  it('can write 2,405 records: pairs of 10…99 in rising order that reach 100', () => {
    // Σ over the larger number h of the smaller ones from max(10, 100 − h) to h − 1.
    const count = Array.from({ length: 90 }, (_, index) => index + 10).reduce(
      (sum, high) => sum + Math.max(0, high - Math.max(10, 100 - high)),
      0,
    );
    expect(count).toBe(2_405);
    expect(RECORDS_MAX).toBe(count);
    expect(() => writeRecords(RECORDS_MAX + 1, createRandom(1))).toThrow(RangeError);
  });

  it('writes the same for a seed and something else for another', () => {
    expect(writeRecords(20, createRandom(5))).toEqual(writeRecords(20, createRandom(5)));
    expect(writeRecords(20, createRandom(5))).not.toEqual(writeRecords(20, createRandom(6)));
  });

  it('begins the same whatever the count is, so that more documents are documents more', () => {
    expect(writeRecords(40, createRandom(5)).slice(0, 20)).toEqual(writeRecords(20, createRandom(5)));
  });
});
