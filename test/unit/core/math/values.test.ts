// The parts under a comparison: fractions, exact values, images in prime fields, precise values, sets of intervals.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as approximate from '../../../../src/core/math/approximate.ts';
import { exactValue } from '../../../../src/core/math/exact.ts';
import * as intervals from '../../../../src/core/math/interval-set.ts';
import { BITS_MAX, Budget, FACTORIAL_MAX, MathFault } from '../../../../src/core/math/limits.ts';
import { FIELDS } from '../../../../src/core/math/prime-fields.ts';
import { parseAnswer } from '../../../../src/core/math/parse-answer.ts';
import { agreesPrecisely } from '../../../../src/core/math/precise.ts';
import * as rational from '../../../../src/core/math/rational.ts';
import { sameValue } from '../../../../src/core/math/same-value.ts';

function exact(text: string): string | undefined {
  const value = exactValue(parseAnswer(text), new Budget());
  return value === undefined ? undefined : `${value.over}/${value.under}`;
}

function same(a: string, b: string): string {
  return sameValue(parseAnswer(a), parseAnswer(b), 6, new Budget());
}

function kindOfFault(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (fault) {
    return fault instanceof MathFault ? fault.kind : 'another error';
  }
}

describe('rational', () => {
  it('fraction() gives lowest terms with a positive denominator', () => {
    expect(rational.fraction(6n, -8n)).toEqual({ over: -3n, under: 4n });
    expect(rational.fraction(0n, -8n)).toEqual({ over: 0n, under: 1n });
    expect(kindOfFault(() => rational.fraction(1n, 0n))).toBe('undefined');
  });

  it('greatestCommonDivisor() is what Euclid finds, for small and large numbers', () => {
    const euclid = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : euclid(b, a % b));
    const size = fc.constantFrom(8n, 52n, 53n, 54n, 64n, 200n, 1_000n);
    const number = fc
      .tuple(size, fc.bigInt({ min: -(2n ** 1_000n), max: 2n ** 1_000n }))
      .map(([bits, value]) => value % 2n ** bits);
    fc.assert(
      fc.property(number, number, number, (a, b, factor) => {
        expect(rational.greatestCommonDivisor(a * factor, b * factor)).toBe(euclid(a * factor, b * factor));
      }),
      { numRuns: 2_000 },
    );
  });

  it('power() refuses what exceeds the size limit, without computing it', () => {
    expect(rational.power(rational.integer(2n), 60_000n).over).toBe(2n ** 60_000n);
    expect(kindOfFault(() => rational.power(rational.integer(2n), BigInt(BITS_MAX) + 1n))).toBe('budget');
    expect(kindOfFault(() => rational.power(rational.integer(2n), 10n ** 100n))).toBe('budget');
    expect(rational.power(rational.integer(-1n), 10n ** 100n + 1n)).toEqual({ over: -1n, under: 1n });
  });

  it('toDouble() is NaN where a double would overflow or underflow', () => {
    expect(rational.toDouble(rational.fraction(1n, 3n))).toBe(1 / 3);
    expect(rational.toDouble(rational.fraction(10n ** 300n, 10n ** 299n + 1n))).toBeCloseTo(10, 12);
    expect(rational.toDouble(rational.integer(10n ** 400n))).toBeNaN();
    expect(rational.toDouble(rational.fraction(1n, 10n ** 400n))).toBeNaN();
    expect(rational.toDouble(rational.ZERO)).toBe(0);
  });
});

describe('exactValue()', () => {
  it.each([
    ['\\frac{1}{3}+\\frac{1}{6}', '1/2'],
    ['\\sqrt{\\frac{4}{9}}', '2/3'],
    ['8^{2/3}', '4/1'],
    ['\\sqrt[3]{-8}', '-2/1'],
    ['10!', '3628800/1'],
    ['\\binom{50}{25}', '126410606437752/1'],
    ['50\\%', '1/2'],
    ['\\lfloor -3.5 \\rfloor', '-4/1'],
    ['\\sum_{k=1}^{100} k', '5050/1'],
    ['\\sqrt{2}', undefined],
    ['\\pi', undefined],
    ['x', undefined],
  ])('of %s is %s', (text, value) => {
    expect(exact(text)).toBe(value);
  });

  it('refuses what is undefined or too large', () => {
    expect(kindOfFault(() => exact('\\frac{1}{0}'))).toBe('undefined');
    expect(kindOfFault(() => exact('0^0'))).toBe('undefined');
    expect(kindOfFault(() => exact(`${FACTORIAL_MAX + 1}!`))).toBe('budget');
    expect(kindOfFault(() => exact('2^{100000}'))).toBe('budget');
    expect(kindOfFault(() => exact('\\sum_{k=1}^{2000} k'))).toBe('budget');
  });
});

describe('FIELDS', () => {
  const squares = [-1n, 2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n, 43n];

  it.each(FIELDS)('holds square roots of -1 and the small primes modulo $prime', ({ prime, roots }) => {
    expect(roots.map((root) => (root * root) % prime)).toEqual(
      squares.map((value) => (value + prime) % prime),
    );
  });

  it.each(FIELDS)('has $prime for a prime, as far as thirty bases can tell', ({ prime }) => {
    const power = (base: bigint, exponent: bigint): bigint => {
      let [result, square] = [1n, base];
      for (let rest = exponent; rest > 0n; rest >>= 1n) {
        if (rest & 1n) result = (result * square) % prime;
        square = (square * square) % prime;
      }
      return result;
    };
    for (let base = 2n; base < 32n; base += 1n) expect(power(base, prime - 1n)).toBe(1n);
  });
});

describe('agreesPrecisely()', () => {
  it.each([
    ['e^{\\pi\\sqrt{163}}', '262537412640768744', false],
    ['\\ln 8', '3 \\ln 2', true],
    ['\\cos 36^\\circ', '\\frac{1+\\sqrt{5}}{4}', true],
    ['\\arctan 1', '\\frac{\\pi}{4}', true],
    ['4\\arctan\\frac15 - \\arctan\\frac{1}{239}', '\\frac{\\pi}{4}', true],
    ['\\sin 1', '0.84147098480789650665250232163029899962256306079837', true],
    ['\\sin 1', '0.84147098480789650665', false],
    ['\\tan 2', '\\frac{\\sin 2}{\\cos 2}', true],
    ['2^{1/3}', '\\sqrt[3]{2}', true],
    ['\\log_2 3', '\\frac{\\ln 3}{\\ln 2}', true],
    ['e^{-3}', '\\frac{1}{e^3}', true],
    ['\\sin x', '\\cos(\\frac{\\pi}{2} - x)', true],
    ['\\sqrt{-1}', 'i', undefined],
    ['e^{1000}', 'e^{1000}', undefined],
  ])('of %s and %s is %s', (a, b, expected) => {
    expect(agreesPrecisely(parseAnswer(a), parseAnswer(b), new Budget())).toBe(expected);
  });
});

describe('sameValue()', () => {
  it.each([
    ['10^{400}+x', '10^{400}+x+1', 'different'],
    ['e^{800}', 'e^{801}', 'different'],
    ['e^{800\\sqrt{2}}', 'e^{801\\sqrt{2}}', 'unknown'],
    ['e^{800\\sqrt{2}} - e^{801\\sqrt{2}}', '5', 'unknown'],
    ['\\infty', '-\\infty', 'different'],
    ['\\infty', '\\infty', 'equal'],
    ['\\infty - \\infty', '0', 'unknown'],
    ['\\frac{1}{0}', '\\frac{1}{0}', 'unknown'],
    ['\\sqrt{\\sqrt{2}+x}', '\\sqrt{x+\\sqrt{2}}', 'equal'],
    ['\\sqrt{4x}', '2\\sqrt{x}', 'equal'],
    ['\\sqrt{4x}', '2\\sqrt{x}+10^{-13}', 'different'],
  ])('of %s and %s is %s', (a, b, outcome) => {
    expect(same(a, b)).toBe(outcome);
  });
});

describe('approximate.closeness()', () => {
  it('never calls non-finite values equal', () => {
    const infinite = approximate.real(Number.POSITIVE_INFINITY);
    expect(approximate.closeness(infinite, infinite)).toBe('blurred');
    expect(approximate.closeness(approximate.NOT_A_NUMBER, approximate.NOT_A_NUMBER)).toBe('blurred');
  });

  it('says "blurred" where cancelling has eaten the digits', () => {
    const lost = approximate.add(approximate.real(1e16 + 2), approximate.real(-1e16));
    expect(approximate.closeness(lost, approximate.real(1.5))).toBe('blurred');
  });
});

function shown(set: intervals.IntervalSet): string {
  return set
    .map(
      ({ low, high }) => `${low.isClosed ? '[' : '('}${low.value},${high.value}${high.isClosed ? ']' : ')'}`,
    )
    .join('∪');
}

describe('interval sets', () => {
  const budget = new Budget();
  const end = (text: string, isClosed = false) => intervals.endOf(parseAnswer(text), isClosed, budget);
  it('union() joins what touches and keeps a missing point', () => {
    expect(
      shown(
        intervals.union(
          intervals.between(end('0', true), end('1', true)),
          intervals.between(end('1'), end('2')),
        ),
      ),
    ).toBe('[0,2)');
    expect(
      shown(intervals.union(intervals.between(end('1'), end('2')), intervals.between(end('0'), end('1')))),
    ).toBe('(0,1)∪(1,2)');
  });

  it('complement() turns itself back', () => {
    for (const set of [
      [],
      intervals.ALL_REALS,
      intervals.pointSet(end('2')),
      intervals.below(end('3', true)),
      intervals.union(intervals.between(end('0', true), end('1')), intervals.above(end('5'))),
    ]) {
      expect(shown(intervals.complement(intervals.complement(set)))).toBe(shown(set));
    }
    expect(shown(intervals.complement(intervals.pointSet(end('2'))))).toBe('(-Infinity,2)∪(2,Infinity)');
  });

  it('intersection() keeps what both hold', () => {
    expect(shown(intervals.intersection(intervals.below(end('5')), intervals.above(end('1', true))))).toBe(
      '[1,5)',
    );
    expect(intervals.intersection(intervals.below(end('1')), intervals.above(end('1')))).toEqual([]);
  });

  it('an infinite end is near no number', () => {
    expect(shown(intervals.above(end('5')))).toBe('(5,Infinity)');
    expect(shown(intervals.below(end('5')))).toBe('(-Infinity,5)');
  });
});
