import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { splitOf, splitOfFileName } from '../../../src/core/split.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('splitOf()', () => {
  it('splitOf() puts all rows of a document into one split, whatever else there is', () => {
    fc.assert(
      fc.property(fc.string(), share, (document, testShare) => {
        expect(splitOf(document, testShare)).toBe(splitOf(document, testShare));
      }),
    );
  });

  it('splitOf() puts everything into train at 0 and into test at 1', () => {
    fc.assert(
      fc.property(fc.string(), (document) => {
        expect(splitOf(document, 0)).toBe('train');
        expect(splitOf(document, 1)).toBe('test');
      }),
    );
  });

  it('splitOf() only moves documents from train to test when the share rises', () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(fc.string(), share, share, (document, one, other) => {
        const [low, high] = one < other ? [one, other] : [other, one];
        expect([splitOf(document, low), splitOf(document, high)]).not.toEqual(['test', 'train']);
      }),
    );
  });

  it.each([0.01, 0.1, 0.5, 0.9])('splitOf() gives %d of many documents to test', (testShare) => {
    const documents = 20_000;
    let inTest = 0;
    for (let index = 0; index < documents; index += 1) {
      if (splitOf(`document ${index}`, testShare) === 'test') inTest += 1;
    }
    // Five standard deviations of a binomial share.
    const tolerance = 5 * Math.sqrt((testShare * (1 - testShare)) / documents);
    expect(Math.abs(inTest / documents - testShare)).toBeLessThan(tolerance);
  });

  it('splitOf() says the same on every machine and in every version', () => {
    const inTest = Array.from({ length: 40 }, (_, index) => index).filter(
      (index) => splitOf(`document ${index}`, 0.2) === 'test',
    );
    expect(inTest).toEqual(PINNED);
  });
});

/** Datasets that exist were split like this: changing it would move test documents into training. */
const PINNED: readonly number[] = [1, 10, 19, 23, 31, 35, 38];

describe('splitOfFileName()', () => {
  it.each([
    ['data/train-00000-of-00002.parquet', 'train'],
    ['validation-00001-of-00002.jsonl.zst', 'validation'],
    ['C:\\data\\test-00000-of-00001.parquet', 'test'],
    ['test.jsonl', undefined],
    ['part-00000-of-00012.parquet', undefined],
    ['my-train-00000-of-00002.parquet', undefined],
  ])('splitOfFileName() of %j is %j', (path, split) => {
    expect(splitOfFileName(path)).toBe(split);
  });
});
