// The numeric and the math verifier measure with one table: what is the same amount to one is so to the other.

import { describe, expect, it } from 'vitest';
import { mathVerifier } from '../../../../src/core/verifiers/math.ts';
import { numericVerifier } from '../../../../src/core/verifiers/numeric.ts';
import { verdictOf } from '../../../support/verifier-cases.ts';

const SAME: readonly (readonly [string, string])[] = [
  ['1 kWh', '3600 kJ'],
  ['1 kWh', '3600000 J'],
  ['1 acre', '4046.8564224 m^2'],
  ['2 hectares', '20000 m^2'],
  ['1 atm', '101325 Pa'],
  ['1 cal', '4.184 J'],
  ['1 gallon', '3.785411784 L'],
  ['8 quarts', '2 gallons'],
  ['100 °C', '212 °F'],
  ['100^\\circ\\text{C}', '212^\\circ\\text{F}'],
  ['20 degrees Celsius', '68 °F'],
  ['-40 °F', '-40 °C'],
  ['100°C', '373.15 K'],
  ['1 byte', '8 bits'],
  ['1 MB', '1000 kB'],
  ['2 dozen', '24'],
  ['1 ton', '1000 kg'],
  ['2 kN', '2000 N'],
  ['60 mph', '26.8224 m/s'],
  ['20 knots', '20 kn'],
  ['2 decades', '20 years'],
  ['1\\text{ bar}', '100000 Pa'],
  ['5 L', '5000 cm^3'],
  ['5 pm', '5 pm'],
];

const DIFFERENT: readonly (readonly [string, string])[] = [
  ['1 kWh', '1000 J'],
  ['5 kg', '5 m'],
  ['100 °C', '100 °F'],
  ['100 °C', '100 K'],
  ['1 gallon', '1 L'],
  ['1 MB', '1 kB'],
  ['2 dozen', '2'],
  ['5 pm', '5 am'],
  ['3 pounds', '3 dollars'],
];

const VERIFIERS = [numericVerifier, mathVerifier];

describe('numericVerifier and mathVerifier', () => {
  it.each(SAME)('take %j and %j for one amount', (a, b) => {
    for (const verifier of VERIFIERS) {
      expect([verifier.name, verdictOf(verifier, b, a).kind]).toEqual([verifier.name, 'correct']);
      expect([verifier.name, verdictOf(verifier, a, b).kind]).toEqual([verifier.name, 'correct']);
    }
  });

  it.each(DIFFERENT)('tell %j from %j', (a, b) => {
    for (const verifier of VERIFIERS) {
      expect([verifier.name, verdictOf(verifier, b, a).kind]).not.toEqual([verifier.name, 'correct']);
      expect([verifier.name, verdictOf(verifier, a, b).kind]).not.toEqual([verifier.name, 'correct']);
    }
  });
});

describe('mathVerifier.verify()', () => {
  it.each([
    ['ab', 'ba'],
    ['2cd', '2dc'],
    ['\\frac{\\pi}{2} \\text{ radians}', '90^\\circ'],
    ['90^\\circ', '\\frac{\\pi}{2}'],
    ['28 \\text{ percent}', '0.28'],
    ['5t', '5t'],
  ])('reads %s as no unit that hides %s', (a, b) => {
    expect(verdictOf(mathVerifier, b, a).kind).toBe('correct');
  });
});
