// ROUGE-L by hand-worked values, against the textbook table of the longest common subsequence, and through its index.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { RougeIndex } from '../../../../src/core/similarity/rouge-index.ts';
import { longestCommonSubsequence, rougeL } from '../../../../src/core/similarity/rouge-l.ts';

/** The quadratic table, as in textbooks. */
function byTable(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const word of a) {
    const next = [0];
    b.forEach((other, at) => {
      next.push(word === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    });
    row = next;
  }
  return row.at(-1) ?? 0;
}

const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 100 });

describe('rougeL()', () => {
  it.each([
    ['police killed the gunman', 'police kill the gunman', 0.75],
    ['police killed the gunman', 'the gunman kill police', 0.5],
    ['The cat sat.', 'the CAT sat', 1],
    ['one two', 'three four', 0],
    ['', 'one', 0],
    ['', '', 0],
    ['naïve café', 'naive cafe', 1],
    ['水是什么', '水是', 2 / 3],
    ['costs 1,500 now', 'costs 1 500 now', 4 / 7],
  ])('rougeL(%j, %j) is %d', (a, b, expected) => {
    expect(rougeL(a, b)).toBeCloseTo(expected, 12);
  });

  it('is the same both ways and 1 for a text with words and itself', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        expect(rougeL(a.join(' '), b.join(' '))).toBe(rougeL(b.join(' '), a.join(' ')));
        expect(rougeL(a.join(' '), a.join(' '))).toBe(a.length === 0 ? 0 : 1);
      }),
    );
  });
});

describe('longestCommonSubsequence()', () => {
  it('is what the quadratic table says, over several cells of bits', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        expect(longestCommonSubsequence(a, b)).toBe(byTable(a, b));
      }),
      { numRuns: 500 },
    );
  });
});

describe('RougeIndex', () => {
  it('finds the first text above its limit, exactly as comparing with all does', () => {
    const text = fc.array(fc.constantFrom('the', 'of', 'river', 'long', 'is', 'capital', 'x'), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 12 }),
        text,
        fc.constantFrom(0.3, 0.5, 0.7, 0.9, 1),
        (kept, asked, limit) => {
          const index = new RougeIndex(limit);
          const texts = kept.map((each) => each.join(' '));
          for (const each of texts) index.add(each);
          const expected = texts.findIndex((each) => rougeL(each, asked.join(' ')) > limit);
          expect(index.findSimilar(asked.join(' '))?.index ?? -1).toBe(expected);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([0, -1, 1.5, Number.NaN])('RougeIndex refuses a limit of %d', (limit) => {
    expect(() => new RougeIndex(limit)).toThrow(RangeError);
  });
});
