import { describe, expect, it } from 'vitest';

import { booleanVerifier } from '../../../../src/core/verifiers/boolean.ts';
import { filled, verdictOf } from '../../../support/verifier-cases.ts';
import type { VerifierRow } from '../../../support/verifier-cases.ts';

const CASES: readonly VerifierRow[] = [
  ['Yes', 'true', 'correct'],
  ['No.', 'false', 'correct'],
  ['TRUE', 'yes', 'correct'],
  ['\\text{True}', 'yes', 'correct'],
  ['Yes, it is.', 'yes', 'correct'],
  ['No, it is not', 'no', 'correct'],
  ['The answer is yes', 'yes', 'correct'],
  ['1', 'yes', 'correct'],
  ['n', 'no', 'correct'],
  ['No', 'yes', 'incorrect'],
  ['yes and no', 'yes', 'incorrect'],
  ['yes/no', 'no', 'incorrect'],
  ['true or false', 'true', 'incorrect'],
  ['No, yes', 'yes', 'incorrect'],
  ['maybe yes', 'yes', 'incorrect'],
  ['Yes, if it rains', 'yes', 'incorrect'],
  ['', 'yes', 'incorrect'],
  ['1 0', 'yes', 'undecided'],
  ['not true', 'true', 'undecided'],
  ["It isn't true", 'true', 'undecided'],
  ['perhaps', 'yes', 'incorrect'],
  ['Paris', 'yes', 'undecided'],
  ['yes', 'Paris', 'unusable'],
  ['yes', 'yes or no', 'unusable'],
  ['yes', '', 'unusable'],
];

describe('booleanVerifier', () => {
  it.each(filled(CASES))('verify() of %j against %j is %s', (answer, gold, expected, more) => {
    expect(verdictOf(booleanVerifier, answer, gold, more).kind).toBe(expected);
  });
});
