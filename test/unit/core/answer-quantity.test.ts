import { describe, expect, it } from 'vitest';

import { lastQuantity } from '../../../src/core/answer-quantity.ts';

describe('lastQuantity()', () => {
  it.each([
    ['So 16 - 3 = 13', '13'],
    ['She makes 9 * 2 = $18 every day.', '$18'],
    ['The distance is 5 km.', '5 km'],
    ['So the speed is 72 km/h', '72 km/h'],
    ['It costs $5 million.', '$5 million'],
    ['It costs 1.234,56 € in total', '1.234,56 €'],
    ['It is 20 °C outside.', '20 °C'],
    ['That is 28 % of them', '28 %'],
    ['She has 18 eggs', '18'],
    ['There are 1,234 of them', '1,234'],
    ['There are 1 234 of them', '1 234'],
    ['It is -5.', '-5'],
    ['First 3. Then 4.', '4'],
    ['3 cats\n18', '18'],
    ['1. Add\n2. So 18', '18'],
  ])('of %j is %j', (text, answer) => {
    expect(lastQuantity(text)).toEqual({ answer, source: 'last_number' });
  });

  // Taken alone, the last of several guesses would be paid when it is right.
  it.each([
    ['I think it is 7 or 8.', '7 or 8'],
    ['It could be 7, or maybe 8', '7, or maybe 8'],
    ['Either 7 km or 8 km', '7 km or 8 km'],
    ['Guess: 6, 7, 8', '7, 8'],
    ['6; 7; 8', '7; 8'],
    ['6 7 8', '7 8'],
    ['5-8', '5-8'],
    ['5–8', '5–8'],
    ['$7 or $8', '$7 or $8'],
    ['7 vs. 8', '7 vs. 8'],
    ['7 % or 8 %', '7 % or 8 %'],
  ])('of %j keeps the alternatives together: %j', (text, answer) => {
    expect(lastQuantity(text)?.answer).toBe(answer);
  });

  it.each(['', 'no number here', 'AZYUK2A'])('of %j is nothing', (text) => {
    expect(lastQuantity(text)).toBeUndefined();
  });

  it('ends on hostile text', () => {
    for (const text of [
      '9'.repeat(16_000),
      '9 '.repeat(8_000),
      '9 or '.repeat(3_000),
      `${' '.repeat(16_000)}9`,
    ]) {
      expect(lastQuantity(text)?.source).toBe('last_number');
    }
  });
});
