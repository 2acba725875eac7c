import { describe, expect, it } from 'vitest';

import { exactVerifier } from '../../../../src/core/verifiers/exact.ts';
import { filled, verdictOf } from '../../../support/verifier-cases.ts';
import type { VerifierRow } from '../../../support/verifier-cases.ts';

const CASES: readonly VerifierRow[] = [
  ['Paris', 'Paris', 'correct'],
  ['Paris.', 'paris', 'correct'],
  ['The Beatles', 'Beatles', 'correct'],
  ['  New   York ', 'new york', 'correct'],
  ['ＰＡＲＩＳ', 'Paris', 'correct'],
  ['don’t', "don't", 'correct'],
  ['U.S.A.', 'USA', 'correct'],
  ['twenty-five', 'twenty five', 'correct'],
  ['H₂O', 'H2O', 'correct'],
  ['\\text{Paris}', 'Paris', 'correct'],
  ['**Paris**', 'Paris', 'correct'],
  ['"Paris"', 'Paris', 'correct'],
  ['Pa\u200bris', 'Paris', 'correct'],
  ['A', 'A', 'correct'],
  ['the', 'The', 'correct'],
  ['C++', 'c++', 'correct'],
  ['rock & roll', 'Rock & Roll', 'correct'],
  ['Big Apple', 'New York', 'correct', { aliases: ['NYC', 'The Big Apple'] }],
  ['Paris', 'London', 'incorrect'],
  ['3.5', '35', 'incorrect'],
  ['-5', '5', 'incorrect'],
  ['.5', '5', 'incorrect'],
  ['1/2', '12', 'incorrect'],
  ['10²', '102', 'incorrect'],
  ['C++', 'C', 'incorrect'],
  ['C#', 'C', 'incorrect'],
  ['50%', '50', 'incorrect'],
  ['$5', '5', 'incorrect'],
  ['Ångström', 'Angstrom', 'incorrect'],
  ['Paris or London', 'Paris', 'incorrect'],
  ['Paris, London, Rome', 'Paris', 'incorrect'],
  ['It is Paris', 'Paris', 'incorrect'],
  ['not Paris', 'Paris', 'incorrect'],
  ['Paris Paris', 'Paris', 'incorrect'],
  ['', 'Paris', 'incorrect'],
  ['?', '!', 'incorrect'],
  ['x', '', 'unusable'],
  ['x', '  ', 'unusable'],
  ['paris', 'Paris', 'incorrect', { options: { case_sensitive: true } }],
  ['Paris!', 'Paris', 'incorrect', { options: { keep_punctuation: true } }],
  ['The Beatles', 'Beatles', 'incorrect', { options: { keep_articles: true } }],
  ['NYC', 'New York City', 'undecided', { options: { mismatch: 'undecided' } }],
];

describe('exactVerifier', () => {
  it.each(filled(CASES))('verify() of %j against %j is %s', (answer, gold, expected, more) => {
    expect(verdictOf(exactVerifier, answer, gold, more).kind).toBe(expected);
  });

  it('parseOptions() refuses an unknown option and lists those that exist', () => {
    expect(() => exactVerifier.parseOptions({ ignore_case: true })).toThrowError(/"case_sensitive"/u);
  });
});
