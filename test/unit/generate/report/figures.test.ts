// Figures of a dataset, by hand and independent of the order of its pairs.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FigureTaker } from '../../../../src/generate/report/figures.ts';
import type { PairItem } from '../../../../src/generate/item.ts';
import { pairItem } from '../../../support/stage-world.ts';

function figuresOf(pairs: readonly PairItem[]) {
  const taker = new FigureTaker();
  for (const pair of pairs) taker.add(pair);
  return taker.figures();
}

describe('FigureTaker', () => {
  it('counts answers, domains, personas and pass rates, and adds up what pairs cost', () => {
    const figures = figuresOf([
      pairItem(0, { answer: '7', domain: 'Math', persona: 'a', passRate: 0 }, { costUsd: 0.5 }),
      pairItem(1, { answer: '8', domain: 'Math', persona: 'b', passRate: 1 }, { costUsd: 0.25 }),
      pairItem(2, { answer: 'Paris', domain: 'Travel', persona: 'a', passRate: 0.55 }),
    ]);
    expect(figures).toMatchObject({
      pairs: 3,
      answerTypes: [
        { name: 'number', count: 2 },
        { name: 'text', count: 1 },
      ],
      domains: [
        { name: 'Math', count: 2 },
        { name: 'Travel', count: 1 },
      ],
      personas: 2,
      costUsd: 0.75,
    });
    expect(figures.passRates.map(({ count }) => count)).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    // −(2/3)·log2(2/3) − (1/3)·log2(1/3)
    expect(figures.diversity.domainBits).toBeCloseTo(0.918_296, 6);
  });

  it('measures how questions differ', () => {
    const questions = ['who wrote the book', 'who wrote the song', 'when was it'];
    const { diversity } = figuresOf(questions.map((question, at) => pairItem(at, { question })));
    // 8 different words among 11, 7 different pairs among 8; two questions share 2 of 4 pairs, the third none.
    expect(diversity).toMatchObject({ sample: 3, medianWords: 4, distinct1: 8 / 11, distinct2: 6 / 8 });
    expect(diversity.nearest).toBeCloseTo((0.5 + 0.5 + 0) / 3, 12);
    expect(diversity.openings[0]).toEqual({ name: 'who wrote', count: 2 });
  });

  it('has a cost that is not known as soon as one is not', () => {
    expect(figuresOf([pairItem(0, {}), pairItem(1, {}, { costUsd: null })]).costUsd).toBeNull();
  });

  it('gives nothing but zeros for no pairs', () => {
    expect(figuresOf([])).toMatchObject({
      pairs: 0,
      costUsd: 0,
      diversity: { sample: 0, medianWords: 0, distinct1: 0, distinct2: 0, nearest: 0, domainBits: 0 },
    });
  });

  it('does not depend on the order of pairs', () => {
    const question = fc.array(fc.constantFrom('who', 'is', 'a', 'b'), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(question, { maxLength: 12 }), (all) => {
        const pairs = all.map((words, at) => pairItem(at, { question: words.join(' ') }));
        expect(figuresOf(pairs.toReversed())).toEqual(figuresOf(pairs));
      }),
    );
  });
});
