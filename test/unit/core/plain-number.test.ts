import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { plainNumber } from '../../../src/core/plain-number.ts';

describe('plainNumber()', () => {
  it.each([
    ['18', 18],
    ['-2.50', -2.5],
    ['0', 0],
    ['-0', 0],
    ['007', 7],
    ['1,234', 1_234],
    ['-1,234,567.25', -1_234_567.25],
    ['$18', 18],
    ['999999999999999', 999_999_999_999_999],
  ])('reads %j', (text, value) => {
    expect(plainNumber(text)).toBe(value);
  });

  it.each([
    '',
    '-',
    '$',
    '.',
    '.5',
    '5.',
    '1.2.3',
    '1,23',
    '1,2345',
    '12,34,567',
    '1,234,',
    ',123',
    '1234,567',
    '0,125',
    '1.234,567',
    '1e3',
    ' 18',
    '18 ',
    '+18',
    '--18',
    '1/2',
    '٢',
    '１',
    '18%',
    '1234567890123456',
    '-$5',
  ])('leaves %j to the full reader', (text) => {
    expect(plainNumber(text)).toBeNaN();
  });

  it('is Number() for plain decimals', () => {
    const decimal = fc.stringMatching(/^-?\d{1,8}(?:\.\d{1,7})?$/u);
    fc.assert(
      fc.property(decimal, (text) => {
        expect(plainNumber(text)).toBe(Number(text) + 0);
      }),
    );
  });
});
