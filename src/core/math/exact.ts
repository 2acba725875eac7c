// The exact value of an expression without symbols, when it is a fraction. Never rounds: what is irrational, complex or not
// known to be rational has no exact value here.

import type { Expression } from './expression.ts';
import { FACTORIAL_MAX, type Budget, MathFault, SERIES_TERMS_MAX } from './limits.ts';
import * as rational from './rational.ts';
import type { Rational } from './rational.ts';

/** Values of bound symbols. */
export type Bindings = ReadonlyMap<string, Rational>;

const NO_BINDINGS: Bindings = new Map();

/** Throws `MathFault`: undefined (1/0) or budget. */
export function exactValue(
  expression: Expression,
  budget: Budget,
  bindings: Bindings = NO_BINDINGS,
): Rational | undefined {
  budget.spend(1);
  const valueOf = (inner: Expression): Rational | undefined => exactValue(inner, budget, bindings);
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'symbol':
      return bindings.get(expression.name);
    case 'sum':
      return fold(expression.items, rational.ZERO, rational.add, valueOf, budget);
    case 'product':
      return fold(expression.items, rational.ONE, rational.multiply, valueOf, budget);
    case 'negate':
      return map(valueOf(expression.operand), rational.negate);
    case 'percent':
      return map(valueOf(expression.operand), (value) => rational.divide(value, rational.integer(100n)));
    case 'quotient': {
      const over = valueOf(expression.over);
      const under = valueOf(expression.under);
      if (over === undefined || under === undefined) return undefined;
      charge(budget, over, under);
      return rational.divide(over, under);
    }
    case 'power': {
      const base = valueOf(expression.base);
      const exponent = base === undefined ? undefined : valueOf(expression.exponent);
      return base === undefined || exponent === undefined ? undefined : rationalPower(base, exponent, budget);
    }
    case 'factorial':
      return map(valueOf(expression.operand), (value) => factorial(value, budget));
    case 'call':
      return exactCall(expression.name, expression.items.map(valueOf), budget);
    case 'series':
      return exactSeries(expression, budget, bindings);
    case 'condition_set':
    case 'constant':
    case 'degree':
    case 'list':
    case 'matrix':
    case 'measured':
    case 'number_set':
    case 'plus_minus':
    case 'ratio':
    case 'relation':
    case 'set':
    case 'set_operation':
    case 'tuple':
      return undefined;
  }
}

function map<T>(value: Rational | undefined, change: (value: Rational) => T): T | undefined {
  return value === undefined ? undefined : change(value);
}

function fold(
  items: readonly Expression[],
  start: Rational,
  operation: (a: Rational, b: Rational) => Rational,
  valueOf: (inner: Expression) => Rational | undefined,
  budget: Budget,
): Rational | undefined {
  let total = start;
  for (const item of items) {
    const value = valueOf(item);
    if (value === undefined) return undefined;
    charge(budget, total, value);
    total = operation(total, value);
  }
  return total;
}

/** Large numbers take time by the square of their size. */
function charge(budget: Budget, a: Rational, b: Rational): void {
  const bits =
    rational.bitLength(a.over) +
    rational.bitLength(a.under) +
    rational.bitLength(b.over) +
    rational.bitLength(b.under);
  if (bits > 2_000) budget.spend(Math.ceil((bits / 1_000) ** 2));
}

/** base^(p/q) when it is a fraction: the exact root must exist. */
export function rationalPower(base: Rational, exponent: Rational, budget: Budget): Rational | undefined {
  if (exponent.under === 1n) {
    const raised = rational.power(base, exponent.over);
    charge(budget, raised, rational.ONE);
    return raised;
  }
  if (exponent.under > 64n) return undefined;
  const root = exactRoot(base, Number(exponent.under));
  return root === undefined ? undefined : rational.power(root, exponent.over);
}

/** The principal real root when it is a fraction. Negative radicands have none: their principal root is complex. */
function exactRoot(value: Rational, index: number): Rational | undefined {
  if (value.over < 0n || rational.bitLength(value.over) > 4_096 || rational.bitLength(value.under) > 4_096)
    return undefined;
  const over = rational.wholeRoot(value.over, index);
  const under = over === undefined ? undefined : rational.wholeRoot(value.under, index);
  return over === undefined || under === undefined ? undefined : { over, under };
}

function wholeNumber(value: Rational, most: bigint): number {
  if (value.under !== 1n || value.over < 0n) throw new MathFault('undefined', 'not a whole number');
  if (value.over > most) throw new MathFault('budget', 'number too large');
  return Number(value.over);
}

function factorial(value: Rational, budget: Budget): Rational | undefined {
  if (value.under !== 1n) return undefined;
  const count = wholeNumber(value, BigInt(FACTORIAL_MAX));
  budget.spend(count);
  return rational.integer(productOfRange(1, count));
}

/** Halving keeps the factors of like size, which BigInt multiplies much faster. */
function productOfRange(from: number, to: number): bigint {
  if (to < from) return 1n;
  if (to - from < 8) {
    let product = 1n;
    for (let factor = from; factor <= to; factor += 1) product *= BigInt(factor);
    return product;
  }
  const middle = Math.floor((from + to) / 2);
  return productOfRange(from, middle) * productOfRange(middle + 1, to);
}

function exactCall(
  name: string,
  values: readonly (Rational | undefined)[],
  budget: Budget,
): Rational | undefined {
  const known: Rational[] = [];
  for (const value of values) {
    if (value === undefined) return undefined;
    known.push(value);
  }
  const [first, second] = known;
  if (first === undefined) return undefined;
  switch (name) {
    case 'root': {
      if (second === undefined || second.under !== 1n || second.over < 2n || second.over > 64n)
        return undefined;
      const isOddRootOfNegative = first.over < 0n && second.over % 2n === 1n;
      const root = exactRoot(isOddRootOfNegative ? rational.negate(first) : first, Number(second.over));
      return root === undefined || !isOddRootOfNegative ? root : rational.negate(root);
    }
    case 'abs':
      return first.over < 0n ? rational.negate(first) : first;
    case 'floor':
      return rational.integer(floor(first));
    case 'ceil':
      return rational.integer(-floor(rational.negate(first)));
    case 'max':
      return known.reduce((a, b) => (rational.order(a, b) >= 0 ? a : b));
    case 'min':
      return known.reduce((a, b) => (rational.order(a, b) <= 0 ? a : b));
    case 'gcd':
    case 'lcm':
      return wholeNumbers(name, known);
    case 'mod':
      if (second === undefined || second.over === 0n || first.under !== 1n || second.under !== 1n)
        return undefined;
      return rational.integer(((first.over % second.over) + second.over) % second.over);
    case 'binomial':
      return second === undefined ? undefined : binomial(first, second, budget);
    default:
      return undefined;
  }
}

function floor(value: Rational): bigint {
  const quotient = value.over / value.under;
  return value.over < 0n && quotient * value.under !== value.over ? quotient - 1n : quotient;
}

function wholeNumbers(name: 'gcd' | 'lcm', values: readonly Rational[]): Rational | undefined {
  if (values.some((value) => value.under !== 1n)) return undefined;
  const whole = values.map((value) => (value.over < 0n ? -value.over : value.over));
  const result = whole.reduce((a, b) => {
    const divisor = rational.greatestCommonDivisor(a, b);
    if (name === 'gcd') return divisor;
    return divisor === 0n ? 0n : (a / divisor) * b;
  });
  return rational.fraction(result, 1n);
}

function binomial(top: Rational, bottom: Rational, budget: Budget): Rational | undefined {
  if (top.under !== 1n || bottom.under !== 1n) return undefined;
  const n = wholeNumber(top, BigInt(FACTORIAL_MAX));
  const chosen = wholeNumber(bottom, BigInt(FACTORIAL_MAX));
  if (chosen > n) return rational.ZERO;
  const k = Math.min(chosen, n - chosen);
  budget.spend(2 * k + 1);
  return rational.integer(productOfRange(n - k + 1, n) / productOfRange(1, k));
}

function exactSeries(
  series: Expression & { readonly kind: 'series' },
  budget: Budget,
  bindings: Bindings,
): Rational | undefined {
  if (series.operator !== 'sum' && series.operator !== 'prod') return undefined;
  const from = exactValue(series.from, budget, bindings);
  const to = exactValue(series.to, budget, bindings);
  if (
    from === undefined ||
    to === undefined ||
    from.under !== 1n ||
    to.under !== 1n ||
    series.variable === ''
  ) {
    return undefined;
  }
  if (to.over - from.over >= BigInt(SERIES_TERMS_MAX)) throw new MathFault('budget', 'too many terms');
  let total = series.operator === 'sum' ? rational.ZERO : rational.ONE;
  for (let at = from.over; at <= to.over; at += 1n) {
    const term = exactValue(
      series.body,
      budget,
      new Map(bindings).set(series.variable, rational.integer(at)),
    );
    if (term === undefined) return undefined;
    charge(budget, total, term);
    total = series.operator === 'sum' ? rational.add(total, term) : rational.multiply(total, term);
  }
  return total;
}
