// The value of an expression in doubles, at one probe point. Anything without a value there is NaN; nothing is thrown but for
// the budget.

import * as approximate from './approximate.ts';
import type { Approximate } from './approximate.ts';
import { exactValue } from './exact.ts';
import type { Expression } from './expression.ts';
import { callFunction } from './functions.ts';
import { type Budget, MathFault, SERIES_TERMS_MAX } from './limits.ts';
import type { ProbeSet } from './probe-points.ts';
import { type Rational, toDouble } from './rational.ts';

export interface NumericContext {
  readonly probes: ProbeSet;
  readonly point: number;
  /** What `\log` without a base means. */
  readonly logBase: 'e' | '10';
  /** Whether a step outside the reals has no value: `√x·√y` is `√(xy)` where both have one. */
  readonly isReal?: boolean | undefined;
  readonly budget: Budget;
}

type Bound = ReadonlyMap<string, number>;

const NOTHING_BOUND: Bound = new Map();
const DEGREE = approximate.real(Math.PI / 180);

export function numericValue(
  expression: Expression,
  context: NumericContext,
  bound: Bound = NOTHING_BOUND,
): Approximate {
  const value = anyValue(expression, context, bound);
  return context.isReal === true && Math.abs(value.im) > value.error ? approximate.NOT_A_NUMBER : value;
}

function anyValue(expression: Expression, context: NumericContext, bound: Bound): Approximate {
  context.budget.spend(1);
  const valueOf = (inner: Expression): Approximate => numericValue(inner, context, bound);
  switch (expression.kind) {
    case 'number':
      return numberValue(expression.value);
    case 'symbol':
      return symbolValue(expression.name, context, bound);
    case 'constant':
      return constantValue(expression.name);
    case 'sum':
      return total(expression.items, valueOf, approximate.add);
    case 'product':
      return total(expression.items, valueOf, approximate.multiply);
    case 'negate':
      return approximate.negate(valueOf(expression.operand));
    case 'percent':
      return approximate.divide(valueOf(expression.operand), approximate.real(100, 0));
    case 'degree':
      return approximate.multiply(valueOf(expression.operand), DEGREE);
    case 'quotient':
      return approximate.divide(valueOf(expression.over), valueOf(expression.under));
    case 'power':
      return approximate.raise(valueOf(expression.base), valueOf(expression.exponent));
    case 'factorial':
      return exactOr(expression, context, () =>
        callFunction('factorial', [valueOf(expression.operand)], context.logBase),
      );
    case 'call':
      return callValue(expression, context, valueOf);
    case 'series':
      return seriesValue(expression, context, bound);
    case 'condition_set':
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
      return approximate.NOT_A_NUMBER;
  }
}

/** Whole numbers that a double holds are exact. */
function numberValue(value: Rational): Approximate {
  const double = toDouble(value);
  return Number.isSafeInteger(double) && value.under === 1n
    ? approximate.real(double, 0)
    : approximate.real(double);
}

function total(
  items: readonly Expression[],
  valueOf: (inner: Expression) => Approximate,
  operation: (a: Approximate, b: Approximate) => Approximate,
): Approximate {
  let result: Approximate | undefined;
  for (const item of items) {
    const value = valueOf(item);
    result = result === undefined ? value : operation(result, value);
  }
  return result ?? approximate.NOT_A_NUMBER;
}

function symbolValue(name: string, context: NumericContext, bound: Bound): Approximate {
  const value = bound.get(name);
  if (value !== undefined) return approximate.real(value, 0);
  const [re, im] = context.probes.valueOf(name, context.point);
  return { re, im, error: 0 };
}

function constantValue(name: 'pi' | 'e' | 'i' | 'infinity'): Approximate {
  switch (name) {
    case 'pi':
      return approximate.real(Math.PI);
    case 'e':
      return approximate.real(Math.E);
    case 'i':
      return { re: 0, im: 1, error: 0 };
    case 'infinity':
      return approximate.NOT_A_NUMBER;
  }
}

/** Whole-number functions have an exact value, or stand for themselves. */
function exactOr(expression: Expression, context: NumericContext, otherwise: () => Approximate): Approximate {
  try {
    const exact = exactValue(expression, context.budget);
    return exact === undefined ? otherwise() : approximate.real(toDouble(exact));
  } catch (fault) {
    if (fault instanceof MathFault && fault.kind === 'undefined') return approximate.NOT_A_NUMBER;
    throw fault;
  }
}

const WHOLE_NUMBER_FUNCTIONS = new Set(['binomial', 'gcd', 'lcm', 'mod', 'floor', 'ceil']);

function callValue(
  expression: Expression & { readonly kind: 'call' },
  context: NumericContext,
  valueOf: (inner: Expression) => Approximate,
): Approximate {
  const evaluate = (): Approximate =>
    callFunction(expression.name, expression.items.map(valueOf), context.logBase);
  return WHOLE_NUMBER_FUNCTIONS.has(expression.name) ? exactOr(expression, context, evaluate) : evaluate();
}

function seriesValue(
  series: Expression & { readonly kind: 'series' },
  context: NumericContext,
  bound: Bound,
): Approximate {
  const isSum = series.operator === 'sum';
  const from = numericValue(series.from, context, bound);
  const to = numericValue(series.to, context, bound);
  const isWritten =
    (isSum || series.operator === 'prod') &&
    series.variable !== '' &&
    Number.isInteger(from.re) &&
    Number.isInteger(to.re);
  if (!isWritten || from.im !== 0 || to.im !== 0 || to.re - from.re >= SERIES_TERMS_MAX)
    return approximate.NOT_A_NUMBER;
  let result = approximate.real(isSum ? 0 : 1, 0);
  for (let at = from.re; at <= to.re; at += 1) {
    const term = numericValue(series.body, context, new Map(bound).set(series.variable, at));
    result = isSum ? approximate.add(result, term) : approximate.multiply(result, term);
  }
  return result;
}
