import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { numericVerifier } from '../../../../src/core/verifiers/numeric.ts';
import { verdictOf } from '../../../support/verifier-cases.ts';

function kindOf(answer: string, gold: string): string {
  return verdictOf(numericVerifier, answer, gold).kind;
}

const large = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });

function write([digits, exponent]: readonly [bigint, number]): string {
  return `${String(digits)}e-${String(exponent)}`;
}

/** The ways in which people write one whole number. */
function spellings(value: bigint): readonly string[] {
  const digits = String(value < 0n ? -value : value);
  const sign = value < 0n ? '-' : '';
  const grouped = digits.replace(/\B(?=(?:\d{3})+$)/gu, ',');
  return [
    `${sign}${digits}`,
    `${sign}${grouped}`,
    `${sign}${grouped.replaceAll(',', ' ')}`,
    `${sign}${grouped.replaceAll(',', '{,}')}`,
    `${sign}${digits}.00`,
    `${sign}${digits}e0`,
    `${sign}${digits}/1`,
    `$${sign}${digits}$`,
    `**${sign}${digits}**`,
    `${sign}${digits} apples`,
  ];
}

describe('numericVerifier', () => {
  it('verify() accepts each spelling of a whole number, and no spelling of its neighbour', () => {
    fc.assert(
      fc.property(large, (value) => {
        for (const spelling of spellings(value)) {
          expect([spelling, kindOf(spelling, String(value))]).toEqual([spelling, 'correct']);
          expect([spelling, kindOf(spelling, String(value + 1n))]).toEqual([spelling, 'incorrect']);
        }
      }),
    );
  });

  it('verify() agrees with exact arithmetic on decimals', () => {
    const decimal = fc.tuple(fc.bigInt({ min: -999n, max: 999n }), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const isEqual = a[0] * 10n ** BigInt(4 - a[1]) === b[0] * 10n ** BigInt(4 - b[1]);
        expect(kindOf(write(a), write(b))).toBe(isEqual ? 'correct' : 'incorrect');
      }),
    );
  });

  it('verify() never pays for two different numbers, whatever stands between them', () => {
    const number = fc.nat();
    const between = fc.constantFrom(
      ' ',
      ', ',
      '; ',
      ' or ',
      ' and ',
      '\n',
      ' | ',
      ' to ',
      '–',
      ' = ',
      ' (',
      '...',
      '$',
      '°',
      ': ',
    );
    fc.assert(
      fc.property(number, number, between, (a, b, joint) => {
        fc.pre(a !== b);
        expect(kindOf(`${String(a)}${joint}${String(b)}`, String(a))).not.toBe('correct');
        expect(kindOf(`${String(a)}${joint}${String(b)}`, String(b))).not.toBe('correct');
      }),
    );
  });

  it('verify() ends with a verdict on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(['correct', 'incorrect', 'undecided']).toContain(kindOf(text, '31.4159'));
      }),
    );
  });
});
