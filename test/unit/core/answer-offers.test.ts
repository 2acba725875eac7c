import { describe, expect, test } from 'vitest';
import { extractAnswer } from '../../../src/core/answer.ts';

/** A guess beside words is no claim: a policy must not be paid for naming a number among other things. */
const OFFERS = [
  'Paris or 4',
  'either blue or 4',
  'it is blue or maybe 4',
  '4 or Paris',
  'I say 4 km or nothing',
];

describe('extractAnswer() without a marker', () => {
  test.each(OFFERS)('takes no number out of "%s"', (text) => {
    expect(extractAnswer(text, 'number')).toBeUndefined();
    expect(extractAnswer(text, 'expression')?.answer ?? 'none').not.toBe('4');
  });

  test.each(['the order is 4', 'for 3 floors we get 4', 'Oregon 4'])(
    'still takes the number of "%s"',
    (text) => {
      expect(extractAnswer(text, 'number')?.answer).toBe('4');
      expect(extractAnswer(text, 'expression')?.answer).toBe('4');
    },
  );

  test('keeps two numbers together, for the verifier to refuse', () => {
    expect(extractAnswer('It is 7 or 8', 'number')?.answer).toBe('7 or 8');
  });
});
