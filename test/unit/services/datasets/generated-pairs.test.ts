import { describe, expect, it } from 'vitest';
import type { DraftPair } from '../../../../src/core/layouts/layout.ts';
import { recipeOf } from '../../../../src/core/recipe.ts';
import { findVerifier, VERIFIERS } from '../../../../src/core/verifiers/table.ts';
import {
  addGenerated,
  type GeneratedOptions,
  refuseNothingGenerated,
} from '../../../../src/services/datasets/generated-pairs.ts';
import { ListWriter } from '../../../support/list-writer.ts';

const OPTIONS: GeneratedOptions = {
  answerType: undefined,
  split: undefined,
  testShare: 0.5,
  reward: undefined,
  scorers: { find: findVerifier, names: () => VERIFIERS.map(({ name }) => name) },
  charsMax: { question: 100, answer: 20, choices: 4 },
  signal: new AbortController().signal,
};

function draft(question: string, answer: string, more: Partial<DraftPair> = {}): DraftPair {
  const provenance = { documentId: 'd-1' };
  return { question, groundTruth: { answer, aliases: [] }, provenance, ...more };
}

async function* listed(drafts: readonly DraftPair[]): AsyncGenerator<DraftPair> {
  yield* drafts;
}

async function added(drafts: readonly DraftPair[], options: Partial<GeneratedOptions> = {}) {
  const writer = new ListWriter();
  const report = await addGenerated(listed(drafts), writer, { ...OPTIONS, ...options });
  return { writer, report };
}

describe('addGenerated()', () => {
  it('addGenerated() tells each answer type and keeps the order', async () => {
    const { writer, report } = await added([
      draft('How many?', '12'),
      draft('When?', '7 November 1867'),
      draft('Who?', 'Marie Curie'),
      draft('How far?', '12', { answerType: 'quantity' }),
    ]);
    expect(writer.pairs.map(({ answerType }) => answerType)).toEqual(['number', 'date', 'text', 'quantity']);
    expect(report).toMatchObject({ rowsRead: 4, rowsAdded: 4, rowsRejected: 0 });
  });

  it('addGenerated() puts all pairs of a document into one split, and all splits to use', async () => {
    const drafts = Array.from({ length: 400 }, (_, index) =>
      draft(`Question ${index}?`, '1', { provenance: { documentId: `d-${index % 40}` } }),
    );
    const { writer } = await added(drafts);
    const splits = new Map<string, Set<string>>();
    for (const { provenance, split } of writer.pairs) {
      const id = provenance.documentId ?? '';
      splits.set(id, (splits.get(id) ?? new Set()).add(split));
    }
    expect([...splits.values()].every((names) => names.size === 1)).toBe(true);
    expect(new Set(writer.pairs.map(({ split }) => split))).toEqual(new Set(['train', 'test']));
  });

  it.each([
    ['an empty question', draft('  ', '1'), 'empty_question'],
    ['no answer', draft('Who?', ''), 'empty_ground_truth'],
    [
      'an answer that its verifier cannot use',
      draft('How many?', 'lots', { answerType: 'number' }),
      'unusable_ground_truth',
    ],
    ['an answer beyond the limit', draft('Who?', 'x'.repeat(21)), 'too_long'],
    ['a question beyond the limit', draft('x'.repeat(101), '1'), 'too_long'],
    ['a reward that names no scorer', draft('Who?', 'I', { reward: recipeOf('nobody') }), 'unusable_field'],
  ])('addGenerated() leaves out %s, and counts it', async (_, bad, reason) => {
    const { writer, report } = await added([draft('First?', '1'), bad]);
    expect(writer.pairs).toHaveLength(1);
    expect(report.rejected).toEqual({ [reason]: 1 });
    expect(report.examples).toMatchObject([{ file: 'd-1', at: 2, reason }]);
  });

  it('addGenerated() keeps the first of two that ask the same, and says whether they agree', async () => {
    const { report } = await added([draft('Who?', 'A'), draft('Who?', 'A'), draft('Who?', 'B')]);
    expect(report.rejected).toEqual({ duplicate_prompt: 1, conflicting_ground_truth: 1 });
    expect(report.examples.map(({ at }) => at)).toEqual([2, 3]);
  });

  it('addGenerated() hands on more than one batch', async () => {
    const { writer } = await added(
      Array.from({ length: 1_234 }, (_, index) => draft(`Question ${index}?`, '1')),
    );
    expect(writer.pairs).toHaveLength(1_234);
  });

  it('addGenerated() rejects with the reason of its signal', async () => {
    await expect(
      added([draft('Who?', 'A')], { signal: AbortSignal.abort(new Error('stop')) }),
    ).rejects.toThrow('stop');
  });
});

describe('refuseNothingGenerated()', () => {
  it('refuseNothingGenerated() says whether there was nothing, or nothing that could be used', async () => {
    const nothing = await added([]);
    expect(() => refuseNothingGenerated(nothing.report)).toThrow(/no question came out/);
    const unusable = await added([draft('Who?', '')]);
    expect(() => refuseNothingGenerated(unusable.report)).toThrow(
      /all 1 questions were rejected.*nobody answered/,
    );
    const some = await added([draft('Who?', 'A')]);
    expect(() => refuseNothingGenerated(some.report)).not.toThrow();
  });
});
