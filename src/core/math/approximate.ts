// Complex numbers in doubles that carry a bound on their own error, so that a comparison can tell "equal" from "too blurred to
// say". Operations propagate the bound to first order (running error analysis, Higham, Accuracy and Stability, section 3.3).

export interface Approximate {
  readonly re: number;
  readonly im: number;
  /** Absolute error of the value, at most. NaN or infinite when nothing is known. */
  readonly error: number;
}

const EPSILON = 2.3e-16;

export const NOT_A_NUMBER: Approximate = { re: Number.NaN, im: Number.NaN, error: Number.NaN };

export function size(a: Approximate): number {
  return a.im === 0 ? Math.abs(a.re) : Math.hypot(a.re, a.im);
}

export function real(value: number, error = Math.abs(value) * EPSILON): Approximate {
  return { re: value, im: 0, error };
}

/** A value just computed, with the error that came in and one rounding of its own. */
function rounded(re: number, im: number, error: number): Approximate {
  const magnitude = im === 0 ? Math.abs(re) : Math.hypot(re, im);
  return { re, im, error: error + 3 * EPSILON * magnitude };
}

export function add(a: Approximate, b: Approximate): Approximate {
  return rounded(a.re + b.re, a.im + b.im, a.error + b.error);
}

export function negate(a: Approximate): Approximate {
  return { re: -a.re, im: a.im === 0 ? 0 : -a.im, error: a.error };
}

export function multiply(a: Approximate, b: Approximate): Approximate {
  const error = size(a) * b.error + size(b) * a.error + a.error * b.error;
  if (a.im === 0 && b.im === 0) return rounded(a.re * b.re, 0, error);
  return rounded(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re, error);
}

export function divide(a: Approximate, b: Approximate): Approximate {
  const under = size(b);
  if (under <= b.error) return NOT_A_NUMBER;
  const error = (a.error + (size(a) / under) * b.error) / (under - b.error);
  if (a.im === 0 && b.im === 0) return rounded(a.re / b.re, 0, error);
  const square = b.re * b.re + b.im * b.im;
  return rounded((a.re * b.re + a.im * b.im) / square, (a.im * b.re - a.re * b.im) / square, error);
}

export function exponential(a: Approximate): Approximate {
  const growth = Math.exp(a.re);
  const error = growth * Math.expm1(a.error);
  if (a.im === 0) return rounded(growth, 0, error + growth * EPSILON * Math.abs(a.re));
  return rounded(growth * Math.cos(a.im), growth * Math.sin(a.im), error + growth * EPSILON * size(a));
}

/** Principal value; the cut is the negative axis. */
export function logarithm(a: Approximate): Approximate {
  const magnitude = size(a);
  if (magnitude <= a.error) return NOT_A_NUMBER;
  return rounded(Math.log(magnitude), Math.atan2(a.im, a.re), a.error / (magnitude - a.error));
}

export function squareRoot(a: Approximate): Approximate {
  const magnitude = size(a);
  const root = Math.sqrt(magnitude);
  const error = magnitude > a.error ? a.error / root : Math.sqrt(a.error);
  if (a.im === 0) return a.re >= 0 ? rounded(root, 0, error) : rounded(0, root, error);
  const half = Math.atan2(a.im, a.re) / 2;
  return rounded(root * Math.cos(half), root * Math.sin(half), error);
}

export function sine(a: Approximate): Approximate {
  const error = a.error * Math.cosh(Math.abs(a.im)) + EPSILON * Math.abs(a.re);
  if (a.im === 0) return rounded(Math.sin(a.re), 0, error);
  return rounded(Math.sin(a.re) * Math.cosh(a.im), Math.cos(a.re) * Math.sinh(a.im), error);
}

export function cosine(a: Approximate): Approximate {
  const error = a.error * Math.cosh(Math.abs(a.im)) + EPSILON * Math.abs(a.re);
  if (a.im === 0) return rounded(Math.cos(a.re), 0, error);
  return rounded(Math.cos(a.re) * Math.cosh(a.im), -Math.sin(a.re) * Math.sinh(a.im), error);
}

/** Whole powers by squaring. */
export function wholePower(base: Approximate, exponent: number): Approximate {
  if (exponent < 0) return divide(real(1, 0), wholePower(base, -exponent));
  let result = real(1, 0);
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, square);
    if (rest > 1) square = multiply(square, square);
  }
  return result;
}

export function raise(base: Approximate, exponent: Approximate): Approximate {
  if (
    exponent.im === 0 &&
    Number.isInteger(exponent.re) &&
    exponent.error <= EPSILON * Math.abs(exponent.re)
  ) {
    if (base.re === 0 && base.im === 0 && exponent.re <= 0) return NOT_A_NUMBER;
    if (Math.abs(exponent.re) <= 1_024) return wholePower(base, exponent.re);
  }
  if (base.re === 0 && base.im === 0 && base.error === 0) return exponent.re > 0 ? real(0, 0) : NOT_A_NUMBER;
  if (exponent.re === 0.5 && exponent.im === 0) return squareRoot(base);
  return exponential(multiply(exponent, logarithm(base)));
}

export function isFinite(a: Approximate): boolean {
  return Number.isFinite(a.re) && Number.isFinite(a.im) && Number.isFinite(a.error);
}

export type Closeness = 'equal' | 'different' | 'blurred';

/** Whether two values are the same as far as their errors allow to say. Non-finite values are never equal. */
export function closeness(a: Approximate, b: Approximate): Closeness {
  if (!isFinite(a) || !isFinite(b)) return 'blurred';
  const scale = Math.max(size(a), size(b));
  const bound = 2 * (a.error + b.error) + 1e-15 * scale;
  const distance = Math.hypot(a.re - b.re, a.im - b.im);
  if (distance > bound) return 'different';
  if (scale === 0) return 'equal';
  // Near zero only the absolute error can say anything; elsewhere the relative one must be small.
  return bound <= 1e-9 * scale || (scale <= 8 * bound && bound <= 1e-11) ? 'equal' : 'blurred';
}
