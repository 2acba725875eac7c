// Sets of reals as sorted, disjoint intervals: what unions, inequalities and `\mathbb{R} \setminus \{2\}` are brought to before
// they are compared. Ends keep their expression, so that they are compared exactly; doubles only put them in order.

import * as approximate from './approximate.ts';
import { exactValue } from './exact.ts';
import { type Expression, isConstant } from './expression.ts';
import { type Budget, ITEMS_MAX, MathFault } from './limits.ts';
import { numericValue } from './numeric.ts';
import { REAL_PROBES } from './probe-points.ts';
import { toDouble } from './rational.ts';

export interface End {
  readonly value: number;
  readonly expression: Expression;
  readonly isClosed: boolean;
}

export interface Interval {
  readonly low: End;
  readonly high: End;
}

/** Ascending; no two touch. */
export type IntervalSet = readonly Interval[];

const INFINITY: Expression = { kind: 'constant', name: 'infinity' };
const LOWEST: End = { value: -Infinity, expression: { kind: 'negate', operand: INFINITY }, isClosed: false };
const HIGHEST: End = { value: Infinity, expression: INFINITY, isClosed: false };

export const ALL_REALS: IntervalSet = [{ low: LOWEST, high: HIGHEST }];

/** Throws `MathFault` (syntax) for an end that is not a real constant. */
export function endOf(expression: Expression, isClosed: boolean, budget: Budget): End {
  if (expression.kind === 'constant' && expression.name === 'infinity') return HIGHEST;
  if (
    expression.kind === 'negate' &&
    expression.operand.kind === 'constant' &&
    expression.operand.name === 'infinity'
  ) {
    return LOWEST;
  }
  if (!isConstant(expression)) throw new MathFault('syntax', 'end of an interval is no number');
  const exact = exactValue(expression, budget);
  if (exact !== undefined) return { value: toDouble(exact), expression, isClosed };
  const value = numericValue(expression, { probes: REAL_PROBES, point: 0, logBase: 'e', budget });
  if (!approximate.isFinite(value) || Math.abs(value.im) > value.error) {
    throw new MathFault('syntax', 'end of an interval is no real number');
  }
  return { value: value.re, expression, isClosed };
}

export function between(low: End, high: End): IntervalSet {
  const isEmpty = low.value > high.value || (isSame(low, high) && !(low.isClosed && high.isClosed));
  return isEmpty ? [] : [{ low, high }];
}

export function below(end: End): IntervalSet {
  return between(LOWEST, end);
}

export function above(end: End): IntervalSet {
  return between(end, HIGHEST);
}

export function pointSet(end: End): IntervalSet {
  return [{ low: { ...end, isClosed: true }, high: { ...end, isClosed: true } }];
}

function isSame(a: End, b: End): boolean {
  if (a.value === b.value) return true;
  const larger = Math.max(Math.abs(a.value), Math.abs(b.value));
  // An infinite end is near nothing.
  return larger < Infinity && Math.abs(a.value - b.value) <= 1e-12 * larger;
}

export function union(a: IntervalSet, b: IntervalSet): IntervalSet {
  if (a.length + b.length > 2 * ITEMS_MAX) throw new MathFault('budget', 'too many intervals');
  const sorted = [...a, ...b].toSorted(
    (x, y) => x.low.value - y.low.value || Number(y.low.isClosed) - Number(x.low.isClosed),
  );
  const result: Interval[] = [];
  for (const next of sorted) {
    const last = result.at(-1);
    const touches =
      last !== undefined &&
      (isSame(next.low, last.high)
        ? next.low.isClosed || last.high.isClosed
        : next.low.value < last.high.value);
    if (last === undefined || !touches) {
      result.push(next);
      continue;
    }
    const low = isSame(last.low, next.low) && next.low.isClosed ? next.low : last.low;
    result[result.length - 1] = { low, high: higher(last.high, next.high) };
  }
  return result;
}

function higher(a: End, b: End): End {
  if (isSame(a, b)) return a.isClosed ? a : b;
  return a.value > b.value ? a : b;
}

export function complement(set: IntervalSet): IntervalSet {
  let result: IntervalSet = [];
  let low = LOWEST;
  for (const interval of set) {
    result = [...result, ...between(low, { ...interval.low, isClosed: !interval.low.isClosed })];
    low = { ...interval.high, isClosed: !interval.high.isClosed };
  }
  return low.value === Infinity ? result : [...result, ...between(low, HIGHEST)];
}

export function intersection(a: IntervalSet, b: IntervalSet): IntervalSet {
  return complement(union(complement(a), complement(b)));
}

export function isAllReals(set: IntervalSet): boolean {
  return set.length === 1 && set[0]?.low.value === -Infinity && set[0].high.value === Infinity;
}
