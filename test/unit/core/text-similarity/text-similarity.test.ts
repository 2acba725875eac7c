// Every measure against the Python library that it follows, value by value; then what holds of all of them.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { porterStem } from '../../../../src/core/text-similarity/porter-stem.ts';
import { TEXT_SIMILARITIES } from '../../../../src/core/text-similarity/table.ts';
import { tokensOf } from '../../../../src/core/text-similarity/tokens.ts';

interface Golden {
  readonly made_by: string;
  readonly pairs: readonly {
    readonly text: string;
    readonly reference: string;
    readonly scores: Readonly<Record<string, number>>;
  }[];
  readonly stems: Readonly<Record<string, string>>;
}

const golden = JSON.parse(
  readFileSync(new URL('../../../fixtures/text-similarity.json', import.meta.url), 'utf8'),
) as Golden;

const NAMES = [...TEXT_SIMILARITIES.keys()];

function measure(name: string, text: string, reference: string): number {
  const found = TEXT_SIMILARITIES.get(name);
  if (found === undefined) throw new Error(`no measure "${name}"`);
  return found(text, reference);
}

describe('TEXT_SIMILARITIES', () => {
  it.each(NAMES)('%s equals its Python library to 1e-9 on 80 pairs of texts', (name) => {
    const apart = golden.pairs.filter(({ text, reference, scores }) => {
      const wanted = scores[name] ?? Number.NaN;
      return !(Math.abs(measure(name, text, reference) - wanted) < 1e-9);
    });
    expect(golden.pairs).toHaveLength(80);
    expect(apart).toEqual([]);
  });

  it.each(NAMES)('%s stays within [0, 1] on any two texts', (name) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, reference) => {
        const score = measure(name, text, reference);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each(NAMES)('%s of a text that holds the reference in a long list is far from 1', (name) => {
    const listed = Array.from({ length: 60 }, (_, at) => `candidate ${at}`).join(', ');
    const reference = 'the river rises near the old mill';
    expect(measure(name, `${listed}, ${reference}, ${listed}`, reference)).toBeLessThan(0.5);
  });
});

describe('porterStem()', () => {
  it("gives NLTK's stem of every word of the list", () => {
    const stems = Object.entries(golden.stems);
    expect(stems.length).toBeGreaterThan(1_000);
    expect(stems.filter(([word, stem]) => porterStem(word.toLowerCase()) !== stem)).toEqual([]);
  });
});

describe('tokensOf()', () => {
  it.each([
    ['Hello, world!', ['Hello', ',', 'world', '!']],
    ['3,000.50 or 5-6.', ['3,000.50', 'or', '5', '-', '6', '.']],
    ['', []],
    [' \n\t', []],
  ])('parts %j as mteval does', (text, tokens) => {
    expect(tokensOf(text)).toEqual(tokens);
  });
});
