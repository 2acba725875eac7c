// Reads an expression as a set of reals: intervals and their unions, finite sets, set builders, inequalities in one symbol.

import { exactValue } from './exact.ts';
import { children, type Expression, isConstant, type RelationSign } from './expression.ts';
import * as intervals from './interval-set.ts';
import type { IntervalSet } from './interval-set.ts';
import { type Budget, MathFault } from './limits.ts';
import * as rational from './rational.ts';
import type { Rational } from './rational.ts';

export interface RealSet {
  readonly set: IntervalSet;
  /** The symbol that an inequality is about; undefined for a plain set. */
  readonly variable: string | undefined;
}

/** The set, or undefined when the expression is none. */
export function realSetOf(expression: Expression, budget: Budget): RealSet | undefined {
  try {
    return read(expression, budget);
  } catch (fault) {
    if (fault instanceof MathFault && fault.kind !== 'budget') return undefined;
    throw fault;
  }
}

function read(expression: Expression, budget: Budget): RealSet | undefined {
  switch (expression.kind) {
    case 'tuple': {
      const set = tupleInterval(expression, budget);
      return set === undefined ? undefined : { set, variable: undefined };
    }
    case 'set': {
      const points = expression.items.map((item) => intervals.pointSet(intervals.endOf(item, true, budget)));
      return { set: points.reduce(intervals.union, []), variable: undefined };
    }
    case 'number_set':
      return expression.name === 'R' ? { set: intervals.ALL_REALS, variable: undefined } : undefined;
    case 'condition_set': {
      const inner = read(expression.condition, budget);
      return inner === undefined ? undefined : { set: inner.set, variable: undefined };
    }
    case 'set_operation':
      return operation(expression, budget);
    case 'relation':
      return relationSet(expression, budget);
    case 'list':
      return listSet(expression, budget);
    case 'call':
    case 'constant':
    case 'degree':
    case 'factorial':
    case 'matrix':
    case 'measured':
    case 'negate':
    case 'number':
    case 'percent':
    case 'plus_minus':
    case 'power':
    case 'product':
    case 'quotient':
    case 'ratio':
    case 'series':
    case 'sum':
    case 'symbol':
      return undefined;
  }
}

function tupleInterval(
  tuple: Expression & { readonly kind: 'tuple' },
  budget: Budget,
): IntervalSet | undefined {
  const [low, high] = tuple.items;
  if (low === undefined || high === undefined || tuple.items.length !== 2 || tuple.open === '⟨')
    return undefined;
  const set = intervals.between(
    intervals.endOf(low, tuple.open === '[', budget),
    intervals.endOf(high, tuple.close === ']', budget),
  );
  // (3, -1) is a point; nobody writes the empty set so.
  return set.length === 0 ? undefined : set;
}

function operation(
  expression: Expression & { readonly kind: 'set_operation' },
  budget: Budget,
): RealSet | undefined {
  const left = read(expression.left, budget);
  const right = left === undefined ? undefined : read(expression.right, budget);
  if (left === undefined || right === undefined) return undefined;
  const { variable } = left;
  switch (expression.operator) {
    case '∪':
      return { set: intervals.union(left.set, right.set), variable };
    case '∩':
      return { set: intervals.intersection(left.set, right.set), variable };
    case '∖':
      return { set: intervals.intersection(left.set, intervals.complement(right.set)), variable };
  }
}

/**
 * `x < 1 or x > 2` is a union, `x > 1 and x < 3` an intersection. A comma means "or" between sets that do not meet and "and"
 * where "or" would say nothing; elsewhere, as in `x > 0, x > 1`, it says neither.
 */
function listSet(list: Expression & { readonly kind: 'list' }, budget: Budget): RealSet | undefined {
  const sets: RealSet[] = [];
  for (const item of list.items) {
    const set = item.kind === 'relation' ? read(item, budget) : undefined;
    if (set === undefined || set.variable === undefined || set.variable !== (sets[0] ?? set).variable)
      return undefined;
    sets.push(set);
  }
  const variable = sets[0]?.variable;
  const joined = sets.map(({ set }) => set).reduce(intervals.union, []);
  if (list.joiner === 'or') return { set: joined, variable };
  const shared = sets.map(({ set }) => set).reduce(intervals.intersection, intervals.ALL_REALS);
  // Nobody gives the empty set as "x < 1 and x > 2": what was meant stays open.
  if (list.joiner === 'and') return shared.length === 0 ? undefined : { set: shared, variable };
  if (shared.length === 0) return { set: joined, variable };
  return intervals.isAllReals(joined) ? { set: shared, variable } : undefined;
}

/** `a < x ≤ b`, `x ≠ 2`, `2x + 1 > 7`, `x ∈ (0, 1)`. */
function relationSet(
  relation: Expression & { readonly kind: 'relation' },
  budget: Budget,
): RealSet | undefined {
  const variable = onlySymbol(relation);
  if (variable === undefined) return undefined;
  let set: IntervalSet = intervals.ALL_REALS;
  for (const [at, sign] of relation.signs.entries()) {
    const left = relation.operands[at];
    const right = relation.operands[at + 1];
    if (left === undefined || right === undefined) return undefined;
    const next = comparisonSet({ left, sign, right }, variable, budget);
    if (next === undefined) return undefined;
    set = intervals.intersection(set, next);
  }
  return { set, variable };
}

function onlySymbol(relation: Expression): string | undefined {
  const names = new Set<string>();
  const collect = (node: Expression): void => {
    if (node.kind === 'symbol') names.add(node.name);
    for (const child of children(node)) collect(child);
  };
  collect(relation);
  const [name] = names;
  return names.size === 1 ? name : undefined;
}

interface Pair {
  readonly left: Expression;
  readonly sign: RelationSign;
  readonly right: Expression;
}

const FLIPPED: ReadonlyMap<RelationSign, RelationSign> = new Map<RelationSign, RelationSign>([
  ['<', '>'],
  ['>', '<'],
  ['≤', '≥'],
  ['≥', '≤'],
]);

function comparisonSet(pair: Pair, variable: string, budget: Budget): IntervalSet | undefined {
  const isLone = (side: Expression): boolean => side.kind === 'symbol' && side.name === variable;
  if (pair.sign === '∈' || pair.sign === '∉') {
    const inner = isLone(pair.left) ? read(pair.right, budget) : undefined;
    if (inner === undefined) return undefined;
    return pair.sign === '∈' ? inner.set : intervals.complement(inner.set);
  }
  if (isLone(pair.left) && isConstant(pair.right)) return signSet(pair.sign, pair.right, budget);
  if (isLone(pair.right) && isConstant(pair.left)) {
    return signSet(FLIPPED.get(pair.sign) ?? pair.sign, pair.left, budget);
  }
  const bounded = absoluteSet(pair, variable, budget);
  if (bounded !== undefined) return bounded;
  const solved = solveLinear(pair, variable, budget);
  if (solved === undefined) return undefined;
  const sign = solved.isRising ? pair.sign : (FLIPPED.get(pair.sign) ?? pair.sign);
  return signSet(sign, { kind: 'number', value: solved.root, isDecimal: false }, budget);
}

/** `|x - 1| < 4` is `x - 1 < 4` and `x - 1 > -4`; with `>` it is "or". */
function absoluteSet({ left, sign, right }: Pair, variable: string, budget: Budget): IntervalSet | undefined {
  const [inner] = left.kind === 'call' && left.name === 'abs' ? left.items : [];
  const flipped = FLIPPED.get(sign);
  if (inner === undefined || flipped === undefined || !isConstant(right)) return undefined;
  const upper = comparisonSet({ left: inner, sign, right }, variable, budget);
  const negated: Expression = { kind: 'negate', operand: right };
  const lower = comparisonSet({ left: inner, sign: flipped, right: negated }, variable, budget);
  if (upper === undefined || lower === undefined) return undefined;
  const isInside = sign === '<' || sign === '≤';
  return isInside ? intervals.intersection(upper, lower) : intervals.union(upper, lower);
}

function signSet(sign: RelationSign, bound: Expression, budget: Budget): IntervalSet | undefined {
  switch (sign) {
    case '<':
      return intervals.below(intervals.endOf(bound, false, budget));
    case '≤':
      return intervals.below(intervals.endOf(bound, true, budget));
    case '>':
      return intervals.above(intervals.endOf(bound, false, budget));
    case '≥':
      return intervals.above(intervals.endOf(bound, true, budget));
    case '=':
      return intervals.pointSet(intervals.endOf(bound, true, budget));
    case '≠':
      return intervals.complement(intervals.pointSet(intervals.endOf(bound, true, budget)));
    case '∈':
    case '∉':
    case '≈':
    case '≡':
      return undefined;
  }
}

/** The root of left - right when that is linear in the symbol with fractions for coefficients. */
function solveLinear(
  { left, right }: Pair,
  variable: string,
  budget: Budget,
): { readonly root: Rational; readonly isRising: boolean } | undefined {
  const difference = (x: bigint): Rational | undefined => {
    const bindings = new Map([[variable, rational.integer(x)]]);
    const a = exactValue(left, budget, bindings);
    const b = a === undefined ? undefined : exactValue(right, budget, bindings);
    return a === undefined || b === undefined ? undefined : rational.subtract(a, b);
  };
  const [atZero, atOne] = [difference(0n), difference(1n)];
  if (atZero === undefined || atOne === undefined) return undefined;
  const slope = rational.subtract(atOne, atZero);
  if (slope.over === 0n) return undefined;
  for (const x of [2n, -3n, 41n, -1009n]) {
    const line = rational.add(atZero, rational.multiply(slope, rational.integer(x)));
    const value = difference(x);
    if (value === undefined || !rational.isEqual(value, line)) return undefined;
  }
  return { root: rational.negate(rational.divide(atZero, slope)), isRising: slope.over > 0n };
}
