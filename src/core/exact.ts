// Exact rational numbers for comparing written quantities. Doubles call 12345678901234567890 and …891 equal; these do not.
// Sizes are bounded by whoever reads the digits, so nothing here may be fed an unchecked exponent. One comparison needs no lowest terms:
// `math/rational.ts`, which computes at length, keeps them and a limit of its own.

/** numerator / denominator, denominator > 0; not always in lowest terms. */
export interface Exact {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Decimal exponents beyond this are not computed with: a number so large or small is never called equal to another. */
export const EXPONENT_MAX = 5_000;

export const ONE: Exact = { numerator: 1n, denominator: 1n };

export function integer(value: bigint): Exact {
  return { numerator: value, denominator: 1n };
}

/** The number written "3", "-0.25" or "1e-6"; undefined when it is not one, or its exponent is beyond `EXPONENT_MAX`. */
export function fromDecimal(text: string): Exact | undefined {
  const parts = /^([-+]?)(\d*)(?:\.(\d*))?(?:e([-+]?\d{1,9}))?$/iu.exec(text);
  if (parts === null) return undefined;
  const whole = parts[2] ?? '';
  const decimals = parts[3] ?? '';
  if (whole === '' && decimals === '') return undefined;
  const exponent = Number(parts[4] ?? '0') - decimals.length;
  if (Math.abs(exponent) > EXPONENT_MAX) return undefined;
  const digits = BigInt(whole + decimals);
  const mantissa = parts[1] === '-' ? -digits : digits;
  return exponent >= 0
    ? { numerator: mantissa * 10n ** BigInt(exponent), denominator: 1n }
    : { numerator: mantissa, denominator: 10n ** BigInt(-exponent) };
}

/** 10 to the power of `exponent`; undefined beyond `EXPONENT_MAX`. */
export function powerOfTen(exponent: number): Exact | undefined {
  return fromDecimal(`1e${String(exponent)}`);
}

export function negate(a: Exact): Exact {
  return { numerator: -a.numerator, denominator: a.denominator };
}

export function add(a: Exact, b: Exact): Exact {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

export function multiply(a: Exact, b: Exact): Exact {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

/** a / b; undefined when b is 0. */
export function divide(a: Exact, b: Exact): Exact | undefined {
  if (b.numerator === 0n) return undefined;
  const numerator = a.numerator * b.denominator;
  const denominator = a.denominator * b.numerator;
  return denominator < 0n ? { numerator: -numerator, denominator: -denominator } : { numerator, denominator };
}

/** a to the power of a small integer; undefined for 0 to a negative power. */
export function power(a: Exact, exponent: number): Exact | undefined {
  const size = BigInt(Math.abs(exponent));
  const raised = { numerator: a.numerator ** size, denominator: a.denominator ** size };
  return exponent < 0 ? divide(ONE, raised) : raised;
}

export function equalExact(a: Exact, b: Exact): boolean {
  return a.numerator * b.denominator === b.numerator * a.denominator;
}

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export function compareExact(a: Exact, b: Exact): number {
  const left = a.numerator * b.denominator;
  const right = b.numerator * a.denominator;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function absolute(a: Exact): Exact {
  return a.numerator < 0n ? negate(a) : a;
}

/** The same text for the same number. */
export function exactKey(a: Exact): string {
  let [x, y] = [a.numerator < 0n ? -a.numerator : a.numerator, a.denominator];
  while (y !== 0n) [x, y] = [y, x % y];
  const divisor = x === 0n ? 1n : x;
  return `${String(a.numerator / divisor)}/${String(a.denominator / divisor)}`;
}
