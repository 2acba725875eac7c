// Real values to some 300 bits, in fixed point. A second look where doubles see no difference: e^(π√163) differs from a whole
// number only in the thirtieth digit, and (x - 29)^9 swallows a 1. Real values only; anything else is left to the doubles.

import { exactValue } from './exact.ts';
import type { Expression } from './expression.ts';
import type { Budget } from './limits.ts';
import {
  absolute,
  arcTangent,
  circleRatio,
  divide,
  exponential,
  FRACTION_BITS,
  LIMIT_BITS,
  limited,
  multiply,
  naturalLogarithm,
  ONE,
  sine,
  squareRoot,
} from './fixed-point.ts';
import { REAL_PROBES } from './probe-points.ts';

/** Two values that agree to this many bits are one, */
const AGREEING_BITS = 120n;
/** unless this many bits behind the point tell them apart: 22^27 + sin x has 120 bits before it, and swallows a 1. */
const AGREEING_FRACTION_BITS = 100n;
/** Series and their argument reductions are dear; each counts as this many steps. */
const FUNCTION_STEPS = 100;

/** Whether two expressions agree at the first real probe point; undefined when one is out of reach. */
export function agreesPrecisely(a: Expression, b: Expression, budget: Budget): boolean | undefined {
  const x = preciseValue(a, budget);
  const y = x === undefined ? undefined : preciseValue(b, budget);
  if (x === undefined || y === undefined) return undefined;
  const size = absolute(x) > absolute(y) ? absolute(x) : absolute(y);
  // A difference of rounding errors is no evidence against zero.
  if (size < 1n << (FRACTION_BITS - LIMIT_BITS)) return undefined;
  const distance = absolute(x - y);
  return distance << AGREEING_BITS <= size && distance <= ONE >> AGREEING_FRACTION_BITS;
}

function preciseValue(expression: Expression, budget: Budget): bigint | undefined {
  budget.spend(2);
  const valueOf = (inner: Expression): bigint | undefined => preciseValue(inner, budget);
  const value = ((): bigint | undefined => {
    switch (expression.kind) {
      case 'number':
        return (expression.value.over << FRACTION_BITS) / expression.value.under;
      case 'constant':
        if (expression.name === 'pi') return circleRatio();
        return expression.name === 'e' ? exponential(ONE) : undefined;
      case 'sum':
        return fold(expression.items, 0n, valueOf, (a, b) => a + b);
      case 'product':
        return fold(expression.items, ONE, valueOf, multiply);
      case 'negate':
        return map(valueOf(expression.operand), (operand) => -operand);
      case 'percent':
        return map(valueOf(expression.operand), (operand) => operand / 100n);
      case 'degree':
        return map(valueOf(expression.operand), (operand) => multiply(operand, circleRatio()) / 180n);
      case 'quotient': {
        const over = valueOf(expression.over);
        const under = over === undefined ? undefined : valueOf(expression.under);
        return over === undefined || under === undefined ? undefined : divide(over, under);
      }
      case 'power':
        return power(expression.base, expression.exponent, budget);
      case 'call':
        budget.spend(FUNCTION_STEPS);
        return call(expression.name, expression.items, budget);
      case 'symbol':
        return symbolValue(expression.name);
      case 'factorial':
      case 'plus_minus':
      case 'series':
      case 'matrix':
      case 'tuple':
      case 'set':
      case 'condition_set':
      case 'number_set':
      case 'set_operation':
      case 'relation':
      case 'ratio':
      case 'list':
      case 'measured':
        return undefined;
    }
  })();
  return value === undefined ? undefined : limited(value);
}

/** The same double as the numeric probe, exactly. */
function symbolValue(name: string): bigint {
  const [re] = REAL_PROBES.valueOf(name, 0);
  return BigInt(Math.round(re * 2 ** 52)) << (FRACTION_BITS - 52n);
}

function map(value: bigint | undefined, change: (value: bigint) => bigint): bigint | undefined {
  return value === undefined ? undefined : change(value);
}

function fold(
  items: readonly Expression[],
  start: bigint,
  valueOf: (inner: Expression) => bigint | undefined,
  operation: (a: bigint, b: bigint) => bigint,
): bigint | undefined {
  let total: bigint | undefined = start;
  for (const item of items) {
    const value = valueOf(item);
    if (value === undefined || total === undefined) return undefined;
    total = limited(operation(total, value));
  }
  return total;
}

function power(base: Expression, exponent: Expression, budget: Budget): bigint | undefined {
  const value = preciseValue(base, budget);
  if (value === undefined) return undefined;
  const exact = exactValue(exponent, budget);
  if (exact !== undefined && exact.under === 1n && absolute(exact.over) <= 64n) {
    let result: bigint | undefined = ONE;
    for (let at = 0n; at < absolute(exact.over) && result !== undefined; at += 1n)
      result = limited(multiply(result, value));
    return result === undefined || exact.over >= 0n ? result : divide(ONE, result);
  }
  budget.spend(FUNCTION_STEPS);
  const raised = preciseValue(exponent, budget);
  const logarithm = naturalLogarithm(value);
  if (raised === undefined || logarithm === undefined) return undefined;
  return exponential(multiply(raised, logarithm));
}

function call(name: string, items: readonly Expression[], budget: Budget): bigint | undefined {
  const [first, second] = items.map((item) => preciseValue(item, budget));
  if (first === undefined || (items.length > 1 && second === undefined)) return undefined;
  switch (name) {
    case 'root':
      return root(first, second);
    case 'abs':
      return absolute(first);
    case 'exp':
      return exponential(first);
    case 'ln':
      return naturalLogarithm(first);
    case 'log': {
      const over = naturalLogarithm(first);
      const under = second === undefined ? undefined : naturalLogarithm(second);
      return over === undefined || under === undefined ? undefined : divide(over, under);
    }
    case 'sin':
      return sine(first);
    case 'cos':
      return sine(first + circleRatio() / 2n);
    case 'tan':
      return divide(sine(first), sine(first + circleRatio() / 2n));
    case 'atan':
      return arcTangent(first);
    default:
      return undefined;
  }
}

function root(value: bigint, index: bigint | undefined): bigint | undefined {
  if (index === 2n * ONE && value >= 0n) return squareRoot(value);
  if (index === undefined || index === 0n || value <= 0n) return undefined;
  const logarithm = naturalLogarithm(value);
  const exponent = logarithm === undefined ? undefined : divide(logarithm, index);
  return exponent === undefined ? undefined : exponential(exponent);
}
