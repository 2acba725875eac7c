import { describe, expect, it } from 'vitest';

import type { JsonObject } from '../../../../src/core/json.ts';
import { regexVerifier } from '../../../../src/core/verifiers/regex.ts';
import type { Verdict, VerifierInput } from '../../../../src/core/verifiers/verifier.ts';
import { filled, verdictOf } from '../../../support/verifier-cases.ts';
import type { VerifierRow } from '../../../support/verifier-cases.ts';

const CASES: readonly VerifierRow[] = [
  ['abc', 'a.c', 'correct'],
  [' abc\n', 'a.c', 'correct'],
  ['xabc', 'a.c', 'incorrect'],
  ['abcx', 'a.c', 'incorrect'],
  ['7 or 8', '7', 'incorrect'],
  ['cat', 'cat|dog', 'correct'],
  ['catdog', 'cat|dog', 'incorrect'],
  ['dog', 'cat', 'correct', { aliases: ['dog'] }],
  ['ABC', 'abc', 'incorrect'],
  ['ABC', 'abc', 'correct', { options: { ignore_case: true } }],
  ['2024', 'ignored', 'correct', { options: { pattern: '\\d{4}' } }],
  ['', '.*', 'incorrect'],
  ['abc', '(', 'unusable'],
  ['abc', 'a)|(b', 'unusable'],
  ['abc', '', 'unusable'],
];

function quickVerdict(answer: string, pattern: string, options: JsonObject = {}): Verdict | undefined {
  const input: VerifierInput = {
    answer,
    groundTruth: { answer: pattern, aliases: [] },
    choices: [],
    promptText: '',
    options: regexVerifier.parseOptions(options),
  };
  return regexVerifier.quick?.(input);
}

describe('regexVerifier', () => {
  it.each(filled(CASES))('verify() of %j against %j is %s', (answer, gold, expected, more) => {
    expect(verdictOf(regexVerifier, answer, gold, more).kind).toBe(expected);
  });

  it.each(['abc', 'a.c', '\\d{4}-\\d{2}-\\d{2}', '[a-z]+', '\\s*x\\s*', 'cat|dog', 'colou?r'])(
    'quick() decides %j, which is cheap on any answer',
    (pattern) => {
      expect(quickVerdict('2024-01-01', pattern)).toBeDefined();
    },
  );

  it.each(['(a+)+b', '(a|a)*b', '(?=a)b', '(a)\\1', 'a*a*a*b', 'a?a?a?a?a?a?a?aaaaaaa', '(?:x{1,5}){1,5}'])(
    'quick() leaves %j to a worker',
    (pattern) => {
      expect(quickVerdict('a'.repeat(30), pattern)).toBeUndefined();
    },
  );

  it('quick() leaves long answers to a worker and refuses very long ones', () => {
    expect(quickVerdict('a'.repeat(1_000), 'a+')).toBeUndefined();
    expect(quickVerdict('a'.repeat(200_000), 'a+')).toMatchObject({ kind: 'incorrect' });
  });

  it.each([['('], ['a)|(b'], [''], ['x'.repeat(3_000)], [7]])(
    'parseOptions() refuses the pattern %j',
    (pattern) => {
      expect(() => regexVerifier.parseOptions({ pattern })).toThrowError(
        expect.objectContaining({ code: 'invalid_argument', field: 'pattern' }),
      );
    },
  );
});
