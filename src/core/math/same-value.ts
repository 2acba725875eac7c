// Whether two expressions have the same value: exactly where that can be decided, by probing elsewhere, "unknown" when the
// probes say too little. Equal is only said with evidence; overflow, underflow and blur are never evidence.

import * as approximate from './approximate.ts';
import type { Approximate } from './approximate.ts';
import { exactValue } from './exact.ts';
import { contains, type Expression, hasDecimal, isConstant, keyOf } from './expression.ts';
import { isInfinity, sameInfinity } from './infinities.ts';
import { LIMIT_BITS } from './fixed-point.ts';
import { type Budget, MathFault } from './limits.ts';
import { modularValue } from './modular.ts';
import { FIELDS } from './prime-fields.ts';
import { numericValue } from './numeric.ts';
import { AGREEING_PROBES_MIN, type Outcome } from './outcome.ts';
import { agreesPrecisely } from './precise.ts';
import { COMPLEX_PROBES, type ProbeSet, REAL_PROBES, WIDE_PROBES } from './probe-points.ts';
import * as rational from './rational.ts';
import type { Rational } from './rational.ts';
import { isForWholeNumbers, sameOnWholeNumbers } from './whole-numbers.ts';

const CORNERED = new Set(['abs', 'floor', 'ceil', 'max', 'min', 'sign']);

/** Compares two scalar expressions. `precision`: decimal places to which a decimal stands for an exact value. */
export function sameValue(a: Expression, b: Expression, precision: number, budget: Budget): Outcome {
  budget.spendCompare();
  if (keyOf(a) === keyOf(b)) return hasValue(a, budget) ? 'equal' : 'unknown';
  if (contains(a, isInfinity) || contains(b, isInfinity)) return sameInfinity(a, b);
  if (isConstant(a) && isConstant(b)) {
    const exact = sameExact(a, b, precision, budget);
    if (exact !== undefined) return exact;
    if (hasDecimal(a) || hasDecimal(b)) return sameDecimal(a, b, precision, budget);
  }
  const exact = sameImage(a, b, 'none', budget);
  if (exact !== undefined) return exact;
  if (sameImage(a, b, 'opaque', budget) === 'equal') return 'equal';
  if (contains(a, isForWholeNumbers) || contains(b, isForWholeNumbers))
    return sameOnWholeNumbers(a, b, budget);
  return sameProbes(a, b, budget);
}

/** Division by zero equals nothing, not even itself. */
function hasValue(expression: Expression, budget: Budget): boolean {
  if (!contains(expression, (node) => node.kind === 'quotient' || node.kind === 'power')) return true;
  try {
    exactValue(expression, budget);
    return true;
  } catch (fault) {
    if (!(fault instanceof MathFault)) throw fault;
    return fault.kind !== 'undefined';
  }
}

function isBareLog(node: Expression): boolean {
  return node.kind === 'call' && node.name === 'log' && node.items.length === 1;
}

function isImaginary(node: Expression): boolean {
  return node.kind === 'constant' && node.name === 'i';
}

function isCornered(node: Expression): boolean {
  return node.kind === 'call' && CORNERED.has(node.name);
}

/** Undefined when one side has no exact value or it is too large. */
function sameExact(a: Expression, b: Expression, precision: number, budget: Budget): Outcome | undefined {
  const x = boundedExact(a, budget);
  const y = x === undefined ? undefined : boundedExact(b, budget);
  if (x === undefined || y === undefined) return undefined;
  if (rational.isEqual(x, y)) return 'equal';
  if (!hasDecimal(a) && !hasDecimal(b)) return 'different';
  const isEqual = isWrittenInFull(x, precision) ? isSameDouble(x, y) : roundsTo(x, y, precision);
  return isEqual ? 'equal' : 'different';
}

function boundedExact(expression: Expression, budget: Budget): Rational | undefined {
  try {
    return exactValue(expression, budget);
  } catch (fault) {
    if (
      fault instanceof MathFault &&
      fault.kind === 'budget' &&
      fault.message !== 'too much work to evaluate'
    )
      return undefined;
    throw fault;
  }
}

/** Fewer than `precision` decimal places say all of it: 2.0000001 does not stand for 2. */
function isWrittenInFull(truth: Rational, precision: number): boolean {
  return precision > 0 && (truth.over * 10n ** BigInt(precision - 1)) % truth.under === 0n;
}

/** Apart by no more than the noise of double arithmetic: 0.30000000000000004 is 0.3. */
function isSameDouble(x: Rational, y: Rational): boolean {
  const distance = absolute(rational.subtract(x, y));
  return rational.order(rational.multiply(distance, rational.integer(10n ** 15n)), absolute(x)) <= 0;
}

/** Half a unit in the last of `precision` places, and at least precision - 2 significant digits: 1e-7 is not 2e-7. */
function roundsTo(x: Rational, y: Rational, precision: number): boolean {
  const distance = absolute(rational.subtract(x, y));
  const places = 10n ** BigInt(precision);
  if (rational.order(distance, rational.fraction(1n, 2n * places)) > 0) return false;
  const [a, b] = [absolute(x), absolute(y)];
  const larger = rational.order(a, b) > 0 ? a : b;
  const digits = 10n ** BigInt(Math.max(0, precision - 2));
  return rational.order(rational.multiply(distance, rational.integer(digits)), larger) <= 0;
}

function absolute(value: Rational): Rational {
  return value.over < 0n ? rational.negate(value) : value;
}

/** A decimal against an irrational or complex value. */
function sameDecimal(a: Expression, b: Expression, precision: number, budget: Budget): Outcome {
  const [x, y] = [constantValue(a, 'e', budget), constantValue(b, 'e', budget)];
  if (!approximate.isFinite(x) || !approximate.isFinite(y)) return 'unknown';
  const distance = Math.hypot(x.re - y.re, x.im - y.im);
  const scale = Math.max(approximate.size(x), approximate.size(y));
  if (x.error + y.error > 0.01 * 10 ** -precision) return 'unknown';
  const isClose = distance <= 0.5 * 10 ** -precision && distance <= scale * 10 ** -Math.max(0, precision - 2);
  return isClose ? 'equal' : 'different';
}

/** Whether two constants agree to one part in a hundred, as the two sides of `≈` should. */
export function isNear(a: Expression, b: Expression, budget: Budget): boolean {
  const [x, y] = [constantValue(a, 'e', budget), constantValue(b, 'e', budget)];
  return Math.hypot(x.re - y.re, x.im - y.im) <= 0.01 * approximate.size(x);
}

function constantValue(expression: Expression, logBase: 'e' | '10', budget: Budget): Approximate {
  return numericValue(expression, { probes: COMPLEX_PROBES, point: 0, logBase, budget });
}

/** The exact identity test, where both sides have an image. Undefined where they have none. */
function sameImage(
  a: Expression,
  b: Expression,
  atoms: 'none' | 'opaque',
  budget: Budget,
): Outcome | undefined {
  for (const [point, field] of FIELDS.entries()) {
    const imageOf = (side: Expression): bigint | undefined => boundedImage(side, field, point, atoms, budget);
    const x = imageOf(a);
    const y = x === undefined ? undefined : imageOf(b);
    if (x === undefined || y === undefined) return undefined;
    if (x !== y) return 'different';
  }
  // Someone might write a multiple of the prime; doubles see that at once. And an atom may have no value at all (ln 0).
  const doubles = approximate.closeness(constantValue(a, 'e', budget), constantValue(b, 'e', budget));
  if (doubles === 'blurred' && atoms === 'opaque') return undefined;
  return doubles === 'different' ? 'different' : 'equal';
}

function boundedImage(
  expression: Expression,
  field: (typeof FIELDS)[number],
  point: number,
  atoms: 'none' | 'opaque',
  budget: Budget,
): bigint | undefined {
  try {
    return modularValue(expression, field, point, budget, atoms);
  } catch (fault) {
    // An exponent too large to write out has no image; work that ran out is a verdict of its own.
    if (fault instanceof MathFault && fault.message === 'power too large') return undefined;
    throw fault;
  }
}

function sameProbes(a: Expression, b: Expression, budget: Budget): Outcome {
  const natural = probe(a, b, 'e', budget);
  if (natural === 'equal' || !(contains(a, isBareLog) || contains(b, isBareLog))) return natural;
  // \log means base e in one book and base 10 in the next: both sides are read the same way.
  return probe(a, b, '10', budget);
}

function probe(a: Expression, b: Expression, logBase: 'e' | '10', budget: Budget): Outcome {
  if (isConstant(a) && isConstant(b)) {
    const result = approximate.closeness(
      constantValue(a, logBase, budget),
      constantValue(b, logBase, budget),
    );
    if (result === 'equal' && agreesPrecisely(a, b, budget) === false) return 'different';
    return result === 'blurred' ? 'unknown' : result;
  }
  if (!contains(a, isImaginary) && !contains(b, isImaginary)) {
    const onReals = probeSet(a, b, REAL_PROBES, true, logBase, budget);
    if (onReals === 'different') return onReals;
    if (onReals === 'equal') {
      const agrees = agreesPrecisely(a, b, budget);
      if (agrees === false) return 'different';
      if (agrees === undefined && isTooLargeToTell(a, logBase, budget)) return 'unknown';
    }
    if (contains(a, isCornered) || contains(b, isCornered)) {
      const onWide = probeSet(a, b, WIDE_PROBES, true, logBase, budget);
      return onReals === 'equal' && onWide === 'equal'
        ? 'equal'
        : onWide === 'different'
          ? 'different'
          : 'unknown';
    }
    if (onReals === 'equal') return onReals;
  }
  return probeSet(a, b, COMPLEX_PROBES, false, logBase, budget);
}

/** Beyond the second look's reach doubles are all there is, and 10^60 + sin x swallows whatever is added to it. */
function isTooLargeToTell(a: Expression, logBase: 'e' | '10', budget: Budget): boolean {
  const value = numericValue(a, { probes: REAL_PROBES, point: 0, logBase, isReal: true, budget });
  return approximate.size(value) > 2 ** Number(LIMIT_BITS);
}

function probeSet(
  a: Expression,
  b: Expression,
  probes: ProbeSet,
  isReal: boolean,
  logBase: 'e' | '10',
  budget: Budget,
): Outcome {
  let agreeing = 0;
  for (let point = 0; point < probes.points; point += 1) {
    const context = { probes, point, logBase, isReal, budget };
    const [x, y] = [numericValue(a, context), numericValue(b, context)];
    // ln|x| is not ln x: where absolute values stand, so does the question where there is a value.
    if (probes === WIDE_PROBES && Number.isNaN(x.re) !== Number.isNaN(y.re)) return 'different';
    const result = approximate.closeness(x, y);
    if (result === 'different') return 'different';
    if (result === 'equal') agreeing += 1;
  }
  return agreeing >= AGREEING_PROBES_MIN ? 'equal' : 'unknown';
}
