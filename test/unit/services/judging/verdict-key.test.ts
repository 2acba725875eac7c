import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JudgeQuestion, JudgeSampling } from '../../../../src/services/judging/judge.ts';
import { verdictKey } from '../../../../src/services/judging/verdict-key.ts';
import { questionWith } from '../../../support/verdicts.ts';

const SAMPLING: JudgeSampling = { temperature: 0, maxTokens: 64, votes: 1, seed: 0 };
const JUDGE = {
  name: 'judge',
  model: 'gpt-4.1-mini',
  template: 'equivalence@3-9f86d081',
  sampling: SAMPLING,
};

const text = fc.string({ unit: 'binary', maxLength: 8 });
const question: fc.Arbitrary<JudgeQuestion> = fc.record({
  question: text,
  groundTruth: text,
  aliases: fc.array(text, { maxLength: 3 }),
  answer: text,
  other: fc.option(text, { nil: undefined }),
});

describe('verdictKey()', () => {
  // Computed by other programs: printf '%s' '["groupwise verdict",1,"judge",…,"two",null]' | openssl dgst -sha256 -binary | base64
  it('verdictKey() says the same on every machine and in every version', () => {
    expect(verdictKey(JUDGE, questionWith())).toBe('mEAsxGHgGdqVxf9-wTw2RjnocXK-y6W0DMT5wSilVyg');
  });

  it.each([
    ['name', { name: 'second' }],
    ['model', { model: 'gpt-4.1' }],
    ['template version', { template: 'equivalence@4-9f86d081' }],
    ['template wording', { template: 'equivalence@3-00000000' }],
    ['temperature', { sampling: { ...SAMPLING, temperature: 0.7 } }],
    ['most tokens', { sampling: { ...SAMPLING, maxTokens: 65 } }],
    ['votes', { sampling: { ...SAMPLING, votes: 3 } }],
    ['seed', { sampling: { ...SAMPLING, seed: 1 } }],
  ])("verdictKey() changes with the judge's %s", (_, change) => {
    expect(verdictKey({ ...JUDGE, ...change }, questionWith())).not.toBe(verdictKey(JUDGE, questionWith()));
  });

  it.each([
    ['question', { question: 'What is 1 + 2?' }],
    ['ground truth', { groundTruth: '3' }],
    ['aliases', { aliases: ['two'] }],
    ['answer', { answer: 'Two' }],
    ['other answer', { other: '' }],
  ])('verdictKey() changes with the %s', (_, change) => {
    expect(verdictKey(JUDGE, questionWith(change))).not.toBe(verdictKey(JUDGE, questionWith()));
  });

  it.each([
    [
      'an alias moved into the ground truth',
      { groundTruth: '2', aliases: [] },
      { groundTruth: '', aliases: ['2'] },
    ],
    ['text moved over a border', { groundTruth: 'ab', answer: 'c' }, { groundTruth: 'a', answer: 'bc' }],
    ['quotes and commas that look like a border', { answer: 'a","b' }, { answer: 'a', other: 'b' }],
    ['two aliases and one with a comma', { aliases: ['a', 'b'] }, { aliases: ['a","b'] }],
    ['half characters', { answer: '\ud800' }, { answer: '\udfff' }],
  ])('verdictKey() tells apart %s', (_, one, two) => {
    expect(verdictKey(JUDGE, questionWith(one))).not.toBe(verdictKey(JUDGE, questionWith(two)));
  });

  it('verdictKey() is the same exactly when all parts are', () => {
    fc.assert(
      fc.property(question, question, (one, two) => {
        const isSame = JSON.stringify(Object.values(one)) === JSON.stringify(Object.values(two));
        expect(verdictKey(JUDGE, one) === verdictKey(JUDGE, two)).toBe(isSame);
        expect(verdictKey(JUDGE, { ...one })).toBe(verdictKey(JUDGE, one));
      }),
    );
  });
});
