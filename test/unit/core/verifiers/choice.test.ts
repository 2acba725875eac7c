import { describe, expect, it } from 'vitest';

import { choiceVerifier } from '../../../../src/core/verifiers/choice.ts';
import { filled, verdictOf } from '../../../support/verifier-cases.ts';
import type { VerifierRow } from '../../../support/verifier-cases.ts';

const CITIES = ['London', 'Paris', 'Rome', 'New York'];
const PROMPT = 'Which city is the capital of France?';

const CASES: readonly VerifierRow[] = [
  ['B', 'B', 'correct', { choices: CITIES }],
  ['b', 'B', 'correct', { choices: CITIES }],
  ['(B)', 'B', 'correct', { choices: CITIES }],
  ['[B]', 'B', 'correct', { choices: CITIES }],
  ['B.', 'B', 'correct', { choices: CITIES }],
  ['B)', 'B', 'correct', { choices: CITIES }],
  ['**B**', 'B', 'correct', { choices: CITIES }],
  ['option B', 'B', 'correct', { choices: CITIES }],
  ['Option (B)', 'B', 'correct', { choices: CITIES }],
  ['Answer: B', 'B', 'correct', { choices: CITIES }],
  ['\\text{B}', 'B', 'correct', { choices: CITIES }],
  ['\\boxed{\\textbf{(B)}}', 'B', 'correct', { choices: CITIES }],
  ['Paris', 'B', 'correct', { choices: CITIES }],
  ['paris.', 'B', 'correct', { choices: CITIES }],
  ['B', 'Paris', 'correct', { choices: CITIES }],
  ['B', '(B) Paris', 'correct', { choices: CITIES }],
  ['B. Paris', 'B', 'correct', { choices: CITIES }],
  ['B) Paris', 'B', 'correct', { choices: CITIES }],
  ['(B) Paris', 'B', 'correct', { choices: CITIES }],
  ['B: Paris', 'B', 'correct', { choices: CITIES }],
  ['B - Paris', 'B', 'correct', { choices: CITIES }],
  ['The answer is B', 'B', 'correct', { choices: CITIES }],
  ['The answer is (B).', 'B', 'correct', { choices: CITIES }],
  ['A good choice is B', 'B', 'correct', { choices: CITIES }],
  ['The capital is Paris', 'B', 'correct', { choices: CITIES }],
  ['New York', 'D', 'correct', { choices: CITIES }],
  ['B', 'B', 'correct'],
  ['Both A and B', 'D', 'correct', { choices: ['1', '2', '3', 'Both A and B'] }],
  ['5', 'B', 'correct', { choices: ['25', '5'] }],
  ['A. 5', 'A', 'incorrect', { choices: ['25', '5'] }],
  ['25', 'B', 'incorrect', { choices: ['25', '5'] }],
  ['York', 'B', 'correct', { choices: ['New York', 'York'] }],
  ['It is New York', 'B', 'incorrect', { choices: ['New York', 'York'] }],
  ['It is (b)', 'B', 'correct', { choices: CITIES }],
  ['the answer is b.', 'B', 'correct', { choices: CITIES }],
  ['(a) or (b)', 'B', 'incorrect', { choices: CITIES }],
  ['option a, option b', 'B', 'incorrect', { choices: CITIES }],
  ['A', 'B', 'incorrect', { choices: CITIES }],
  ['London', 'B', 'incorrect', { choices: CITIES }],
  ['E', 'B', 'incorrect', { choices: CITIES }],
  ['A or B', 'B', 'incorrect', { choices: CITIES }],
  ['A, B', 'B', 'incorrect', { choices: CITIES }],
  ['A B', 'B', 'incorrect', { choices: CITIES }],
  ['(A) (B)', 'B', 'incorrect', { choices: CITIES }],
  ['A and B', 'B', 'incorrect', { choices: CITIES }],
  ['A, B, C, D', 'B', 'incorrect', { choices: CITIES }],
  ['Paris or London', 'B', 'incorrect', { choices: CITIES }],
  ['Paris and London', 'B', 'incorrect', { choices: CITIES }],
  ['maybe Paris', 'B', 'incorrect', { choices: CITIES }],
  ['B. London', 'B', 'incorrect', { choices: CITIES }],
  ['A. Paris', 'B', 'incorrect', { choices: CITIES }],
  ['B, not A', 'B', 'incorrect', { choices: CITIES }],
  ['not B', 'B', 'undecided', { choices: CITIES }],
  ['AB', 'B', 'undecided', { choices: CITIES }],
  ['', 'B', 'undecided', { choices: CITIES }],
  ['none', 'B', 'undecided', { choices: CITIES }],
  ['same', 'A', 'incorrect', { choices: ['same', 'same'] }],
  ['A', 'same', 'unusable', { choices: ['same', 'same'] }],
  ['B', 'E', 'unusable', { choices: CITIES }],
  ['B', 'Berlin', 'unusable', { choices: CITIES }],
  ['B', 'Paris', 'unusable'],
  ['B', 'A', 'unusable', { choices: ['B', 'A'] }],
  ['A London B Paris C Rome D New York', 'B', 'incorrect', { choices: CITIES }],
  [PROMPT, 'B', 'incorrect', { choices: CITIES, promptText: PROMPT }],
  [`${PROMPT} B`, 'B', 'incorrect', { choices: CITIES, promptText: PROMPT }],
];

describe('choiceVerifier', () => {
  it.each(filled(CASES))('verify() of %j against %j is %s', (answer, gold, expected, more) => {
    expect(verdictOf(choiceVerifier, answer, gold, more).kind).toBe(expected);
  });
});
