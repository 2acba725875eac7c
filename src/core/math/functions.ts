// The functions that are evaluated in doubles, by name. Inverse trigonometric functions are real inside their domain and
// principal complex values outside.

import * as approximate from './approximate.ts';
import type { Approximate } from './approximate.ts';
import { seedOf } from './probe-points.ts';

type OneArgument = (a: Approximate) => Approximate;

const ONE = approximate.real(1, 0);
const HALF = approximate.real(0.5, 0);
const IMAGINARY: Approximate = { re: 0, im: 1, error: 0 };

function reciprocal(of: OneArgument): OneArgument {
  return (a) => approximate.divide(ONE, of(a));
}

function ofReciprocal(of: OneArgument): OneArgument {
  return (a) => of(approximate.divide(ONE, a));
}

function square(a: Approximate): Approximate {
  return approximate.multiply(a, a);
}

function hyperbolicSine(a: Approximate): Approximate {
  const difference = approximate.add(
    approximate.exponential(a),
    approximate.negate(approximate.exponential(approximate.negate(a))),
  );
  return approximate.multiply(HALF, difference);
}

function hyperbolicCosine(a: Approximate): Approximate {
  const sum = approximate.add(approximate.exponential(a), approximate.exponential(approximate.negate(a)));
  return approximate.multiply(HALF, sum);
}

function tangent(a: Approximate): Approximate {
  return approximate.divide(approximate.sine(a), approximate.cosine(a));
}

/** -i ln(iz + √(1-z²)). */
function arcSine(a: Approximate): Approximate {
  const root = approximate.squareRoot(approximate.add(ONE, approximate.negate(square(a))));
  if (a.im === 0 && Math.abs(a.re) <= 1) {
    const slope = Math.max(root.re, Math.sqrt(a.error));
    return approximate.real(Math.asin(a.re), 4e-16 + (slope > 0 ? a.error / slope : 0));
  }
  const logarithm = approximate.logarithm(approximate.add(approximate.multiply(IMAGINARY, a), root));
  return approximate.negate(approximate.multiply(IMAGINARY, logarithm));
}

function arcTangent(a: Approximate): Approximate {
  if (a.im === 0) return approximate.real(Math.atan(a.re), 4e-16 + a.error / (1 + a.re * a.re));
  const turned = approximate.multiply(IMAGINARY, a);
  const difference = approximate.add(
    approximate.logarithm(approximate.add(ONE, approximate.negate(turned))),
    approximate.negate(approximate.logarithm(approximate.add(ONE, turned))),
  );
  return approximate.multiply(approximate.multiply(HALF, IMAGINARY), difference);
}

function arcCosine(a: Approximate): Approximate {
  return approximate.add(approximate.real(Math.PI / 2), approximate.negate(arcSine(a)));
}

function inverseHyperbolic(sign: 1 | -1): OneArgument {
  return (a) => {
    const root =
      sign === 1
        ? approximate.squareRoot(approximate.add(square(a), ONE))
        : approximate.multiply(
            approximate.squareRoot(approximate.add(a, approximate.negate(ONE))),
            approximate.squareRoot(approximate.add(a, ONE)),
          );
    return approximate.logarithm(approximate.add(a, root));
  };
}

function arcHyperbolicTangent(a: Approximate): Approximate {
  const ratio = approximate.divide(approximate.add(ONE, a), approximate.add(ONE, approximate.negate(a)));
  return approximate.multiply(HALF, approximate.logarithm(ratio));
}

/** A step function: undefined where the error reaches across a step. */
function step(of: (value: number) => number): OneArgument {
  return (a) => {
    if (a.im !== 0 || of(a.re - a.error) !== of(a.re + a.error)) return approximate.NOT_A_NUMBER;
    return approximate.real(of(a.re), 0);
  };
}

const ONE_ARGUMENT: ReadonlyMap<string, OneArgument> = new Map<string, OneArgument>([
  ['sin', approximate.sine],
  ['cos', approximate.cosine],
  ['tan', tangent],
  ['cot', reciprocal(tangent)],
  ['sec', reciprocal(approximate.cosine)],
  ['csc', reciprocal(approximate.sine)],
  ['asin', arcSine],
  ['acos', arcCosine],
  ['atan', arcTangent],
  ['acot', ofReciprocal(arcTangent)],
  ['asec', ofReciprocal(arcCosine)],
  ['acsc', ofReciprocal(arcSine)],
  ['sinh', hyperbolicSine],
  ['cosh', hyperbolicCosine],
  ['tanh', (a) => approximate.divide(hyperbolicSine(a), hyperbolicCosine(a))],
  ['coth', (a) => approximate.divide(hyperbolicCosine(a), hyperbolicSine(a))],
  ['sech', reciprocal(hyperbolicCosine)],
  ['csch', reciprocal(hyperbolicSine)],
  ['asinh', inverseHyperbolic(1)],
  ['acosh', inverseHyperbolic(-1)],
  ['atanh', arcHyperbolicTangent],
  ['ln', approximate.logarithm],
  ['exp', approximate.exponential],
  ['abs', (a) => approximate.real(approximate.size(a), a.error + 1e-16 * approximate.size(a))],
  ['floor', step(Math.floor)],
  ['ceil', step(Math.ceil)],
  ['sign', step(Math.sign)],
  ['cbrt', (a) => rootOf(a, approximate.real(3, 0))],
  ['conj', (a) => ({ re: a.re, im: -a.im, error: a.error })],
]);

/** The index-th root; of a negative real and an odd index the real one. */
function rootOf(a: Approximate, index: Approximate): Approximate {
  if (index.re === 2 && index.im === 0) return approximate.squareRoot(a);
  const exponent = approximate.divide(ONE, index);
  if (a.im === 0 && a.re < 0 && index.im === 0 && Math.abs(index.re % 2) === 1) {
    return approximate.negate(approximate.raise(approximate.negate(a), exponent));
  }
  return approximate.raise(a, exponent);
}

/**
 * The value of a function. `logBase` is what `\log` without a base means. A function that is not known stands for itself: a
 * smooth made-up one that depends on its name.
 */
export function callFunction(name: string, values: readonly Approximate[], logBase: 'e' | '10'): Approximate {
  const [first, second] = values;
  if (first === undefined) return approximate.NOT_A_NUMBER;
  if (second === undefined) {
    if (name === 'log') return logarithmOf(first, logBase === 'e' ? undefined : approximate.real(10, 0));
    return ONE_ARGUMENT.get(name)?.(first) ?? unknownFunction(name, values);
  }
  switch (name) {
    case 'log':
      return logarithmOf(first, second);
    case 'root':
      return rootOf(first, second);
    case 'max':
    case 'min':
      return extreme(name, values);
    case 'binomial':
    case 'gcd':
    case 'lcm':
    case 'mod':
      return unknownFunction(name, values);
    default:
      return unknownFunction(name, values);
  }
}

function logarithmOf(a: Approximate, base: Approximate | undefined): Approximate {
  const natural = approximate.logarithm(a);
  return base === undefined ? natural : approximate.divide(natural, approximate.logarithm(base));
}

function extreme(name: 'max' | 'min', values: readonly Approximate[]): Approximate {
  if (values.some((value) => value.im !== 0)) return approximate.NOT_A_NUMBER;
  return values.reduce((a, b) => ((name === 'max') === a.re >= b.re ? a : b));
}

function unknownFunction(name: string, values: readonly Approximate[]): Approximate {
  let total = approximate.real((seedOf(name, 0) % 1_000) / 1_000, 0);
  for (const [at, value] of values.entries()) {
    const factor = approximate.real(0.5 + (seedOf(name, at + 1) % 1_000) / 1_000, 0);
    total = approximate.add(
      total,
      approximate.sine(approximate.multiply(factor, approximate.add(value, total))),
    );
  }
  return total;
}
