// String checks: the four operations to the character, variables, aliases, and what is no verdict.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/core/json.ts';
import { stringCheckVerifier } from '../../../../src/core/verifiers/string-check.ts';
import { textSimilarityVerifier } from '../../../../src/core/verifiers/text-similarity.ts';
import type { Verdict, Verifier, VerifierInput } from '../../../../src/core/verifiers/verifier.ts';
import { filled, verdictOf, type VerifierRow } from '../../../support/verifier-cases.ts';

function operation(name: string): { readonly options: JsonObject } {
  return { options: { operation: name } };
}

const CASES: readonly VerifierRow[] = [
  ['Paris', 'Paris', 'correct', operation('eq')],
  ['paris', 'Paris', 'incorrect', operation('eq')],
  ['Paris\n', 'Paris', 'incorrect', operation('eq')],
  ['Paris', 'Paris', 'incorrect', operation('ne')],
  ['paris', 'Paris', 'correct', operation('ne')],
  ['It is Paris.', 'Paris', 'correct', operation('like')],
  ['It is paris.', 'Paris', 'incorrect', operation('like')],
  ['Paris', 'It is Paris.', 'incorrect', operation('like')],
  ['It is pARIS.', 'Paris', 'correct', operation('ilike')],
  ['STRASSE', 'straße', 'incorrect', operation('ilike')],
  ['any % of _ text', '%', 'correct', operation('like')],
  ['any text', '%', 'incorrect', operation('like')],
  ['any text', '', 'unusable', operation('like')],
  ['any text', '', 'unusable', operation('ilike')],
  ['Lutetia', 'Paris', 'correct', { ...operation('eq'), aliases: ['Lutetia'] }],
  ['Lutetia', 'Paris', 'incorrect', { ...operation('ne'), aliases: ['Lutetia'] }],
  ['So: Lutetia', 'Paris', 'correct', { ...operation('like'), aliases: ['Lutetia'] }],
];

function withColumns(verifier: Verifier, answer: string, options: JsonObject, columns?: JsonObject): Verdict {
  return verifier.verify({
    answer,
    groundTruth: { answer: '18', aliases: [] },
    choices: [],
    promptText: '',
    options: verifier.parseOptions(options),
    columns,
  });
}

function longTruth(answer: string): VerifierInput {
  return {
    answer,
    groundTruth: { answer: 'b'.repeat(3_000), aliases: [] },
    choices: [],
    promptText: '',
    options: textSimilarityVerifier.parseOptions({}),
  };
}

describe('stringCheckVerifier', () => {
  it.each(filled(CASES))('verify() of %j against %j is %s (%j)', (answer, gold, expected, more) => {
    expect(verdictOf(stringCheckVerifier, answer, gold, more).kind).toBe(expected);
  });

  it('compares texts around variables, from the row and from the completion', () => {
    const options = {
      input: '<{{ sample.output_json.mail }}>',
      reference: '<{{ item.email }}>',
      operation: 'eq',
    };
    const check = (answer: string, columns?: JsonObject) =>
      withColumns(stringCheckVerifier, answer, options, columns);
    expect(check('{"mail": "a@b.c"}', { email: 'a@b.c' }).kind).toBe('correct');
    expect(check('{"mail": "x"}', { email: 'a@b.c' }).kind).toBe('incorrect');
    expect(check('no JSON', { email: 'a@b.c' })).toEqual({ kind: 'no_answer' });
    expect(check('{"mail": "a@b.c"}', { other: 1 })).toEqual({
      kind: 'unusable',
      reason: 'the row has no "item.email"',
    });
    expect(check('no JSON').kind).toBe('unusable');
  });

  it('gives "ne" no score for a completion that says nothing to compare', () => {
    const options = { input: '{{ sample.output_json.a }}', reference: 'x', operation: 'ne' };
    expect(withColumns(stringCheckVerifier, 'prose', options)).toEqual({ kind: 'no_answer' });
  });

  it.each([
    [{ operation: 'starts' }, 'operation'],
    [{ operation: 'eq', input: 5 }, 'input'],
    [{ operation: 'eq', input: 'a', reference: 'b' }, 'input'],
    [{ operation: 'eq', reference: '{{ item' }, 'reference'],
    [{ operation: 'eq', reference: 'x'.repeat(20_001) }, 'reference'],
    [{ operation: 'eq', pattern: 'a' }, 'pattern'],
  ])('parseOptions() refuses %j and names "%s"', (options, field) => {
    expect(() => stringCheckVerifier.parseOptions(options)).toThrow(expect.objectContaining({ field }));
  });
});

describe('textSimilarityVerifier', () => {
  it('scores by the measure of its options, and says which', () => {
    expect(withColumns(textSimilarityVerifier, '17', { evaluation_metric: 'fuzzy_match' })).toEqual({
      kind: 'score',
      score: 0.5,
      reason: 'fuzzy_match 0.500',
    });
    expect(withColumns(textSimilarityVerifier, '18', { evaluation_metric: 'bleu' })).toMatchObject({
      kind: 'score',
      score: 1,
    });
  });

  it('takes the best of the ground truths', () => {
    const more = { aliases: ['seventeen', 'eighteen'] };
    expect(verdictOf(textSimilarityVerifier, 'eighteen', '18', more)).toMatchObject({ score: 1 });
  });

  it('quick() leaves long texts to a worker, which gives the same score', () => {
    expect(textSimilarityVerifier.quick?.(longTruth('a'.repeat(3_000)))).toBeUndefined();
    const short = longTruth('b'.repeat(100));
    expect(textSimilarityVerifier.quick?.(short)).toEqual(textSimilarityVerifier.verify(short));
  });

  it('quick() leaves a short completion and a long column to a worker', () => {
    const options = textSimilarityVerifier.parseOptions({ reference: '{{ item.long }}' });
    const groundTruth = { answer: 'x', aliases: [] };
    const columns = { long: 'y'.repeat(9_000) };
    const input = { answer: 'a', groundTruth, choices: [], promptText: '', options, columns };
    expect(textSimilarityVerifier.quick?.(input)).toBeUndefined();
  });

  it.each([
    [{ evaluation_metric: 'cosine' }, 'evaluation_metric'],
    [{ evaluation_metric: 'toString' }, 'evaluation_metric'],
    [{ input: 'no sample' }, 'input'],
  ])('parseOptions() refuses %j and names "%s"', (options, field) => {
    expect(() => textSimilarityVerifier.parseOptions(options)).toThrow(expect.objectContaining({ field }));
  });
});
