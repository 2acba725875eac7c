import { describe, expect, it } from 'vitest';
import { draftPairOf } from '../../../../src/commands/generate/draft-pair.ts';
import type { PairItem } from '../../../../src/generate/item.ts';

const ITEM: PairItem = {
  kind: 'pair',
  key: '0000000003.0001',
  draft: {
    question: 'How many bones has a hand?',
    answer: '27',
    aliases: ['twenty-seven'],
    answerType: 'number',
    domain: 'Medicine & Health',
    persona: 'nurse',
    passRate: 0.5,
    evidence: { start: 10, end: 31 },
    generator: 'generate',
    written: { prompt: 'generate/pair@1-00ff00ff', model: 'teacher-1' },
  },
  passage: {
    documentId: 'hands.md',
    source: 'docs/hands.md',
    title: 'Hands',
    text: 'A hand has 27 bones.',
    span: { start: 0, end: 20 },
    license: 'CC0-1.0',
  },
  costUsd: 0.25,
  notes: { check: { votes: 3 } },
};

describe('draftPairOf()', () => {
  it('draftPairOf() keeps where a pair comes from, what wrote it and what stages found', () => {
    expect(draftPairOf(ITEM)).toEqual({
      question: 'How many bones has a hand?',
      groundTruth: { answer: '27', aliases: ['twenty-seven'] },
      answerType: 'number',
      choices: undefined,
      reward: undefined,
      domain: 'Medicine & Health',
      persona: 'nurse',
      passRate: 0.5,
      provenance: {
        documentId: 'hands.md',
        span: { start: 10, end: 31 },
        generator: 'generate',
        promptVersion: 'generate/pair@1-00ff00ff',
        model: 'teacher-1',
        costUsd: 0.25,
        extra: {
          source: 'docs/hands.md',
          title: 'Hands',
          license: 'CC0-1.0',
          notes: { check: { votes: 3 } },
        },
      },
    });
  });

  it('draftPairOf() leaves an unknown cost unknown, and says nothing of what there is not', () => {
    const { written: _, ...draft } = ITEM.draft;
    const { provenance } = draftPairOf({ ...ITEM, draft, passage: undefined, costUsd: null, notes: {} });
    expect(provenance).toEqual({ span: { start: 10, end: 31 }, generator: 'generate', extra: {} });
  });

  it('draftPairOf() mends halves of surrogate pairs, at every depth', () => {
    const draft = { ...ITEM.draft, question: 'a\uD800', answer: '\uDC00b', aliases: ['\uD801'] };
    const pair = draftPairOf({ ...ITEM, draft, notes: { check: ['\uD800', { word: '\uD800' }] } });
    expect(pair.question).toBe('a\uFFFD');
    expect(pair.groundTruth).toEqual({ answer: '\uFFFDb', aliases: ['\uFFFD'] });
    expect(JSON.stringify(pair)).not.toMatch(/\\ud8/u);
  });
});
