// Exact fractions of arbitrary integers. Always in lowest terms with a positive denominator, so that equal values look equal.
// Size is bounded by `BITS_MAX`; an operation that would pass it throws instead of rounding.

import { BITS_MAX, MathFault } from './limits.ts';

export interface Rational {
  readonly over: bigint;
  /** Positive. */
  readonly under: bigint;
}

const LARGEST = 1n << BigInt(BITS_MAX);
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export const ZERO: Rational = { over: 0n, under: 1n };
export const ONE: Rational = { over: 1n, under: 1n };

function bounded(value: bigint): bigint {
  if (value > LARGEST || value < -LARGEST) throw new MathFault('budget', 'number too large');
  return value;
}

/** Lehmer's algorithm (Knuth, TAOCP volume 2, 4.5.2 L): most steps are done on the leading bits, as doubles. */
export function greatestCommonDivisor(first: bigint, second: bigint): bigint {
  let a = first < 0n ? -first : first;
  let b = second < 0n ? -second : second;
  if (a < b) [a, b] = [b, a];
  while (b > SAFE) [a, b] = leadingSteps(a, b);
  if (b === 0n) return a;
  // One division brings the larger one down to a double as well.
  let x = Number(b);
  let y = Number(a % b);
  while (y !== 0) [x, y] = [y, x % y];
  return BigInt(x);
}

/** Several steps of Euclid at once: as many as the leading 50 bits of a >= b decide. */
function leadingSteps(a: bigint, b: bigint): [bigint, bigint] {
  const shift = BigInt(Math.max(0, a.toString(16).length * 4 - 50));
  let [x, y] = [Number(a >> shift), Number(b >> shift)];
  let [p, q, r, s] = [1, 0, 0, 1];
  while (y + r !== 0 && y + s !== 0) {
    const quotient = Math.floor((x + p) / (y + r));
    if (quotient !== Math.floor((x + q) / (y + s))) break;
    [p, r] = [r, p - quotient * r];
    [q, s] = [s, q - quotient * s];
    [x, y] = [y, x - quotient * y];
  }
  if (q === 0) return [b, a % b];
  return [BigInt(p) * a + BigInt(q) * b, BigInt(r) * a + BigInt(s) * b];
}

export function integer(value: bigint): Rational {
  return { over: value, under: 1n };
}

/** over/under in lowest terms. Throws `MathFault` (undefined) for a zero denominator, (budget) beyond the size limit. */
export function fraction(over: bigint, under: bigint): Rational {
  if (under === 1n) return { over: bounded(over), under };
  if (under === 0n) throw new MathFault('undefined', 'division by zero');
  const divisor = greatestCommonDivisor(over, under);
  const sign = under < 0n ? -divisor : divisor;
  return { over: bounded(over / sign), under: bounded(under / sign) };
}

export function add(a: Rational, b: Rational): Rational {
  if (a.under === b.under) return fraction(a.over + b.over, a.under);
  return fraction(a.over * b.under + b.over * a.under, a.under * b.under);
}

export function negate(a: Rational): Rational {
  return { over: -a.over, under: a.under };
}

export function subtract(a: Rational, b: Rational): Rational {
  return add(a, negate(b));
}

export function multiply(a: Rational, b: Rational): Rational {
  return fraction(a.over * b.over, a.under * b.under);
}

export function divide(a: Rational, b: Rational): Rational {
  return fraction(a.over * b.under, a.under * b.over);
}

export function isEqual(a: Rational, b: Rational): boolean {
  return a.over === b.over && a.under === b.under;
}

export function isInteger(a: Rational): boolean {
  return a.under === 1n;
}

/** Negative, zero or positive as a is below, at or above b. */
export function order(a: Rational, b: Rational): number {
  const difference = a.over * b.under - b.over * a.under;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Number of bits of a whole number, within four. Cheap for small ones. */
export function bitLength(value: bigint): number {
  const size = value < 0n ? -value : value;
  return size <= SAFE ? 53 : size.toString(16).length * 4;
}

/** base^exponent for a whole exponent; checks the size before computing. */
export function power(base: Rational, exponent: bigint): Rational {
  if (exponent === 0n) {
    if (base.over === 0n) throw new MathFault('undefined', 'zero to the power zero');
    return ONE;
  }
  const isOne = base.under === 1n && (base.over === 1n || base.over === 0n);
  if (isOne && exponent > 0n) return base;
  if (base.under === 1n && base.over === -1n) return exponent % 2n === 0n ? ONE : base;
  const size = exponent < 0n ? -exponent : exponent;
  const widest = bitLength(base.over) > bitLength(base.under) ? base.over : base.under;
  const bits = (widest < 0n ? -widest : widest).toString(2).length - 1;
  if (size > BigInt(BITS_MAX) || Number(size) * Math.max(1, bits) > BITS_MAX) {
    throw new MathFault('budget', 'power too large');
  }
  const over = base.over ** size;
  const under = base.under ** size;
  return exponent > 0n ? { over, under } : fraction(under, over);
}

/** The whole root of a whole number >= 0, or undefined when it is not a perfect power. */
export function wholeRoot(value: bigint, index: number): bigint | undefined {
  if (value < 2n) return value;
  const n = BigInt(index);
  let low = 1n;
  let high = 1n << BigInt(Math.ceil(value.toString(2).length / index) + 1);
  while (low <= high) {
    const middle = (low + high) / 2n;
    const raised = middle ** n;
    if (raised === value) return middle;
    if (raised < value) low = middle + 1n;
    else high = middle - 1n;
  }
  return undefined;
}

/** "12.50" or "-3" as an exact value. The text holds digits, at most one point and perhaps a sign. */
export function parseDecimal(text: string): Rational {
  const point = text.indexOf('.');
  if (point < 0) return integer(BigInt(text));
  const places = text.length - point - 1;
  return fraction(BigInt(`${text.slice(0, point)}${text.slice(point + 1)}`), 10n ** BigInt(places));
}

/** Nearest double. NaN, not 0 or Infinity, when a double cannot hold it: such a value must not compare equal to anything. */
export function toDouble(value: Rational): number {
  const { over, under } = value;
  if (over <= SAFE && over >= -SAFE && under <= SAFE) return Number(over) / Number(under);
  const shift = bitLength(under) - bitLength(over) + 64;
  const scaled = shift > 0 ? (over << BigInt(shift)) / under : over / (under << BigInt(-shift));
  const double = Number(scaled) * 2 ** -shift;
  return Number.isFinite(double) && (double !== 0 || over === 0n) ? double : Number.NaN;
}
