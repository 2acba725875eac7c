import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalForm } from '../../../src/core/normal-form.ts';
import type { AnswerType } from '../../../src/core/qa-pair.ts';

describe('normalForm()', () => {
  test.each<[AnswerType, string, string]>([
    ['number', '1,234.50', '1234.5'],
    ['number', ' eighteen. ', '18'],
    ['number', '−7', '-7'],
    ['number', '3/4', '0.75'],
    ['number', '2/6', '1/3'],
    ['number', '-0.05', '-0.05'],
    ['number', '**42**', '42'],
    ['quantity', '5,895 metres', '5895 metres'],
    ['quantity', '12 %', '12%'],
    ['quantity', '$3.50', '3.5 USD'],
    ['quantity', '5.9 million', '5900000'],
    // Not fully read: it stays.
    ['quantity', 'about 5 km', 'about 5 km'],
    ['quantity', '5.9 million people', '5.9 million people'],
    ['number', '6.02e23', '6.02e23'],
    ['date', '7 November 1867', '1867-11-07'],
    ['date', 'May 1997', '1997-05'],
    ['date', 'November 7, 1867', '1867-11-07'],
    ['date', '1905', '1905'],
    ['date', '44 BC', '44 BC'],
    ['date', '03/04/2024', '03/04/2024'],
    ['date', 'the 1990s', 'the 1990s'],
    ['date', '12 February', '12 February'],
    ['boolean', 'Yes.', 'yes'],
    ['boolean', 'False', 'no'],
    ['boolean', 'perhaps', 'perhaps'],
    ['math', '$x^2$', 'x^2'],
    ['math', '$x$ and $y$', '$x$ and $y$'],
    ['text', ' "Leonhard  Euler". ', 'Leonhard Euler'],
    ['list', 'red,  green', 'red, green'],
  ])('writes %s "%s" as "%s"', (type, written, expected) => {
    expect(normalForm(type, written)).toBe(expected);
  });

  test('is its own normal form', () => {
    const amount = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value.toFixed(3));
    const day = fc
      .date({ min: new Date('1000-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(amount, day, (number, date) => {
        for (const [type, text] of [
          ['number', number],
          ['quantity', `${number} km`],
          ['date', date],
        ] as const) {
          const once = normalForm(type, text);
          expect(normalForm(type, once)).toBe(once);
        }
      }),
    );
  });
});
