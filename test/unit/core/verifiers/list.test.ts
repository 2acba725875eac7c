import { describe, expect, it } from 'vitest';

import { listVerifier } from '../../../../src/core/verifiers/list.ts';
import { filled, verdictOf } from '../../../support/verifier-cases.ts';
import type { VerifierRow } from '../../../support/verifier-cases.ts';

const CASES: readonly VerifierRow[] = [
  ['a, b', 'a, b', 'correct'],
  ['b, a', 'a, b', 'correct'],
  ['b, a', 'a, b', 'incorrect', { options: { ordered: true } }],
  ['a, b', 'a, b', 'correct', { options: { ordered: true } }],
  ['a, b and c', 'c, b, a', 'correct'],
  ['a, b, and c', 'c, b, a', 'correct'],
  ['a & b', 'a, b', 'correct'],
  ['a; b', 'a, b', 'correct'],
  ['- a\n- b', 'a, b', 'correct'],
  ['1. a\n2. b', 'a, b', 'correct'],
  ['["a", "b"]', 'b, a', 'correct'],
  ['["a, b", "c"]', '["c", "a, b"]', 'correct'],
  ['The Alps and the Andes', 'alps, andes', 'correct'],
  ['Paris, France; Rome, Italy', 'Rome, Italy; Paris, France', 'correct'],
  ['black and white, red', 'red, black and white', 'correct'],
  ['{1, 2}', '[2,1]', 'correct'],
  ['\\{1, 2\\}', '1, 2', 'correct'],
  ['$\\{1, 2\\}$', '1, 2', 'correct'],
  ['1 and 2', '1,2', 'correct'],
  ['1 \\text{ and } 2', '1,2', 'correct'],
  ['0.5, 2', '1/2, 2', 'correct'],
  ['5 km, 3 m', '3 m, 5000 m', 'correct'],
  ['100, 200', '100,200', 'correct'],
  ['1,234 and 5', '5; 1234', 'correct'],
  ['(12,102)', '12, 102', 'correct'],
  ['(12,102)', '12102', 'incorrect'],
  ['1, 2, 2', '1,2,2', 'correct'],
  ['1, 2', '1,2,2', 'incorrect'],
  ['1, 2', '1,2,2', 'correct', { options: { duplicates: 'ignore' } }],
  ['1, 1, 2', '1, 2', 'incorrect'],
  ['a', 'a', 'correct'],
  ['a', 'a, b', 'incorrect'],
  ['a, b, c', 'a, b', 'incorrect'],
  ['a, b, c, d, e, f, g', 'a, b', 'incorrect'],
  ['a or b', 'a, b', 'incorrect'],
  ['a, b or c', 'a, b, c', 'incorrect'],
  ['', 'a, b', 'incorrect'],
  [',,,', 'a, b', 'incorrect'],
  ['a, b', '', 'unusable'],
  ['1, x', '1, 2', 'incorrect', { options: { items: 'number' } }],
  ['1, 2', '1, x', 'unusable', { options: { items: 'number' } }],
  ['1.0, 2', '1, 2', 'incorrect', { options: { items: 'text' } }],
  ['x, y', 'a, b', 'correct', { aliases: ['y, x'] }],
];

describe('listVerifier', () => {
  it.each(filled(CASES))('verify() of %j against %j is %s', (answer, gold, expected, more) => {
    expect(verdictOf(listVerifier, answer, gold, more).kind).toBe(expected);
  });
});
