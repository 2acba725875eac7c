// Near-duplicates: the measure by hand, what the index finds, and that it makes none up.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  FOR_DOCUMENTS,
  FOR_QUESTIONS,
  jaccard,
  NearDuplicateIndex,
  shinglesOf,
} from '../../../../src/core/similarity/minhash.ts';

/** 300 words that two seeds hardly share. */
function documentOf(seed: number): string[] {
  return Array.from({ length: 300 }, (_, at) => `w${(seed * 7919 + at * 104_729) % 5_000}`);
}

describe('jaccard()', () => {
  it.each([
    [[1, 2, 3], [2, 3, 4], 0.5],
    [[1], [1], 1],
    [[1], [2], 0],
    [[], [], 0],
    [[], [1], 0],
  ])('jaccard(%j, %j) is %d', (a, b, expected) => {
    expect(jaccard(Uint32Array.from(a), Uint32Array.from(b))).toBe(expected);
  });
});

describe('NearDuplicateIndex', () => {
  const question = 'In which year did Marie Curie win the Nobel Prize in Physics?';

  it.each([
    [question, true],
    ['in which year did marie curie win the nobel prize in physics', true],
    ['In which year did Marie Curie win the Nobel Prize in Chemistry?', true],
    ['In what year did Marie Curie first win the Nobel Prize in Physics?', false],
    ['In which year did Albert Einstein win the Nobel Prize in Physics?', false],
    ['', false],
  ])('NearDuplicateIndex for questions, asked for %j, says %s', (asked, isFound) => {
    const index = new NearDuplicateIndex(FOR_QUESTIONS);
    index.add(question);
    expect(index.findSimilar(asked) !== undefined).toBe(isFound);
  });

  it('finds a document with a few changed words among a thousand others', () => {
    const index = new NearDuplicateIndex(FOR_DOCUMENTS);
    for (let seed = 0; seed < 1_000; seed += 1) index.add(documentOf(seed).join(' '));
    const changed = documentOf(500).with(20, 'other').with(200, 'other');
    expect(index.findSimilar(changed.join(' '))?.index).toBe(500);
    expect(index.findSimilar(documentOf(5_000).toReversed().join(' '))).toBeUndefined();
  });

  it('gives only texts that are as similar as it says, and itself always', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 10 }), text, (texts, asked) => {
        const index = new NearDuplicateIndex(FOR_QUESTIONS);
        for (const each of texts) index.add(each.join(' '));
        const found = index.findSimilar(asked.join(' '));
        const similarityTo = (other: readonly string[]): number =>
          jaccard(shinglesOf(asked.join(' '), 2), shinglesOf(other.join(' '), 2));
        const said = found === undefined ? 1 : similarityTo(texts[found.index] ?? []);
        expect(said).toBe(found?.similarity ?? 1);
        expect(said).toBeGreaterThanOrEqual(FOR_QUESTIONS.similarityMin);
        index.add(asked.join(' '));
        expect(index.findSimilar(asked.join(' '))?.similarity).toBe(1);
      }),
    );
  });
});
