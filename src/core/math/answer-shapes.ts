// Questions about the form of an answer: is it a list, a set, a scalar, what are its items, does it name what it says.

import { assignmentOf, bareName } from './assignment.ts';
import { contains, type Expression, isConstant, type RelationSign } from './expression.ts';
import type { Outcome } from './outcome.ts';
import { bothSigns, hasPlusMinus } from './plus-minus.ts';

/** An expression of one kind. */
export type Of<Kind extends Expression['kind']> = Expression & { readonly kind: Kind };

/** `equal` when all are, `different` when one is, else `unknown`. */
export function every<T>(items: readonly T[], compare: (item: T, at: number) => Outcome): Outcome {
  let result: Outcome = 'equal';
  for (const [at, item] of items.entries()) {
    const outcome = compare(item, at);
    if (outcome === 'different') return outcome;
    if (outcome === 'unknown') result = outcome;
  }
  return result;
}

export function isMarked(expression: Expression): boolean {
  return expression.kind === 'measured' || expression.kind === 'percent' || expression.kind === 'degree';
}

export function withoutMark(expression: Expression): Expression {
  return expression.kind === 'percent' || expression.kind === 'degree' ? expression.operand : expression;
}

export function isSeveral(expression: Expression): boolean {
  return (
    expression.kind === 'list' ||
    expression.kind === 'set' ||
    (isScalarOrEquation(expression) && hasPlusMinus(expression))
  );
}

export function isScalarOrEquation(expression: Expression): boolean {
  return isScalar(expression) || expression.kind === 'relation' || expression.kind === 'tuple';
}

const NO_SCALARS: ReadonlySet<Expression['kind']> = new Set<Expression['kind']>([
  'list',
  'set',
  'tuple',
  'matrix',
  'condition_set',
  'number_set',
  'set_operation',
  'relation',
  'ratio',
  'measured',
]);
const SET_LIKES: ReadonlySet<Expression['kind']> = new Set<Expression['kind']>([
  'tuple',
  'set',
  'number_set',
  'set_operation',
  'condition_set',
]);

export function isScalar(expression: Expression): boolean {
  return !NO_SCALARS.has(expression.kind);
}

export function isSetLike(expression: Expression): boolean {
  return SET_LIKES.has(expression.kind);
}

/** `(x, y) = (1, 2)` as `x = 1, y = 2`; `x = kπ, k ∈ ℤ` without the range of its parameter. */
export function spelledOut(expression: Expression): Expression {
  if (expression.kind === 'list') {
    const items = expression.items.filter((item) => !isRange(item));
    const [first] = items;
    if (first === undefined || items.length === expression.items.length) return expression;
    return items.length === 1 ? first : { ...expression, items };
  }
  if (expression.kind === 'product') return namedPoint(expression.items) ?? expression;
  if (expression.kind !== 'relation' || expression.signs.length !== 1 || expression.signs[0] !== '=')
    return expression;
  const [left, right] = expression.operands;
  if (left?.kind !== 'tuple' || right?.kind !== 'tuple' || left.items.length !== right.items.length)
    return expression;
  const items = left.items.map((name, at): Expression => ({
    kind: 'relation',
    operands: [name, right.items[at] ?? name],
    signs: ['='],
  }));
  return { kind: 'list', items, joiner: 'and', isGrouped: false };
}

/** The coordinates of `A(3, -1)`. */
function namedPoint(items: readonly Expression[]): Expression | undefined {
  const [name, point] = items;
  if (items.length !== 2 || name?.kind !== 'symbol' || !/^[A-Z](?:_|'|$)/.test(name.name)) return undefined;
  return point?.kind === 'tuple' && isRound(point) ? point : undefined;
}

/** `x = y = 1` as `x = 1, y = 1`; anything else as it is. */
export function chainSpelledOut(expression: Expression): Expression {
  if (expression.kind !== 'relation' || expression.operands.length < 3) return expression;
  const names = expression.operands.slice(0, -1);
  const value = expression.operands.at(-1);
  const isChain =
    expression.signs.every((sign) => sign === '=') && names.every(({ kind }) => kind === 'symbol');
  if (!isChain || value === undefined || !isConstant(value)) return expression;
  const items = names.map((name): Expression => ({
    kind: 'relation',
    operands: [name, value],
    signs: ['='],
  }));
  return { kind: 'list', items, joiner: 'and', isGrouped: false };
}

/** `k ∈ ℤ` */
export function isRange(item: Expression): boolean {
  return item.kind === 'relation' && item.signs[0] === '∈' && item.operands[1]?.kind === 'number_set';
}

/** The items of a list, set or ± expression; `n = 2, 3, 4` names all three. */
export function severalItems(expression: Expression): readonly Expression[] {
  const items = expression.kind === 'list' || expression.kind === 'set' ? expression.items : [expression];
  const [first, ...rest] = items;
  const named = first === undefined ? undefined : assignmentOf(first);
  const isShared = named !== undefined && rest.length > 0 && rest.every((item) => item.kind !== 'relation');
  const shared = isShared ? [named.value, ...rest] : items;
  // `x ∈ {1, 2}` and `x = ±1` name what they hold.
  const opened = shared.flatMap((item) => {
    const value = shared.length === 1 ? assignmentOf(item)?.value : undefined;
    return value !== undefined && (value.kind === 'set' || value.kind === 'list') ? value.items : [item];
  });
  return opened.flatMap(bothSigns);
}

export function valuesOf(items: readonly Expression[]): readonly Expression[] {
  return distinctNames(items) ? items.map((item) => assignmentOf(item)?.value ?? item) : items;
}

/** `y = 1, x = 2` as `x = 2, y = 1`: a pair without names is in the order of the alphabet. */
export function byName(items: readonly Expression[]): readonly Expression[] {
  const named = items.map((item): [string, Expression] => [assignmentOf(item)?.name ?? '', item]);
  return named.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/** `a = 1, b = 2`: each item names something else, so that the order of bare values matters. */
export function distinctNames(items: readonly Expression[]): boolean {
  const names = items.map((item) => assignmentOf(item)?.name);
  if (names.includes(undefined) || names.length < 2) return false;
  return new Set(names.map((name) => bareName(name ?? ''))).size === names.length;
}

export function isInequality(relation: Of<'relation'>): boolean {
  return relation.signs.some((sign) => sign !== '=' && sign !== '≈' && sign !== '≡');
}

export function isInequalityList(expression: Expression): boolean {
  return (
    expression.kind === 'list' &&
    expression.items.every((item) => item.kind === 'relation' && isInequality(item))
  );
}

function isOpenEnded(item: Expression): boolean {
  return contains(item, (node) => node.kind === 'constant' && node.name === 'infinity');
}

/** A list of intervals as their union, where the other side is one or an end says that no points are meant. */
export function asUnion(list: Expression, other: Expression): Expression | undefined {
  if (list.kind !== 'list' || !list.items.every(({ kind }) => kind === 'tuple')) return undefined;
  if (other.kind !== 'set_operation') return undefined;
  const areIntervals = list.items.some(
    (item) => isOpenEnded(item) || (item.kind === 'tuple' && !isRound(item)),
  );
  if (!areIntervals) return undefined;
  const [first, ...rest] = list.items;
  return rest.reduce<Expression | undefined>(
    (left, right) => (left === undefined ? undefined : { kind: 'set_operation', operator: '∪', left, right }),
    first,
  );
}

export function isEquation(relation: Of<'relation'>): boolean {
  return relation.signs.length === 1 && (relation.signs[0] === '=' || relation.signs[0] === '≈');
}

export function difference(relation: Of<'relation'>): Expression {
  const [left, right] = relation.operands;
  // A relation has one operand more than signs, so at least two.
  if (left === undefined || right === undefined) return relation;
  return { kind: 'sum', items: [left, { kind: 'negate', operand: right }] };
}

const FLIPPED: ReadonlyMap<RelationSign, RelationSign> = new Map<RelationSign, RelationSign>([
  ['>', '<'],
  ['≥', '≤'],
]);

/** The same relation read from small to large. */
export function upward(relation: Of<'relation'>): Of<'relation'> {
  const isDownward = relation.signs.every((sign) => FLIPPED.has(sign));
  if (!isDownward) return relation;
  return {
    kind: 'relation',
    operands: relation.operands.toReversed(),
    signs: relation.signs.toReversed().map((sign) => FLIPPED.get(sign) ?? sign),
  };
}

export function isRound(tuple: Of<'tuple'>): boolean {
  return bracketOf(tuple) === '()';
}

export function bracketOf(tuple: Of<'tuple'>): string {
  return tuple.open === '⟨' ? '()' : `${tuple.open}${tuple.close}`;
}

type Rows = readonly (readonly Expression[])[];

/** The entries of a tuple in the shape of a matrix: a row, a column, or rows of their own, `[[1,2],[3,4]]`. */
export function vectorItems(tuple: Expression, like: Rows | undefined): Rows | undefined {
  if (tuple.kind !== 'tuple' || !/^(?:\(\)|\[\])$/.test(bracketOf(tuple))) return undefined;
  const rows = tuple.items.map((item) =>
    item.kind === 'tuple' && item.open === '[' ? item.items : undefined,
  );
  if (rows.every((row) => row !== undefined)) return rows;
  const isColumn = like !== undefined && like.length > 1;
  return isColumn ? tuple.items.map((item) => [item]) : [tuple.items];
}

export function asQuotient(expression: Expression): Expression | undefined {
  if (expression.kind !== 'ratio' || expression.isClock || expression.items.length !== 2) return undefined;
  const [over, under] = expression.items;
  return over === undefined || under === undefined ? undefined : { kind: 'quotient', over, under };
}

/** `5m` against `5 \text{ m}`: the last symbol spells the unit that the ground truth has. */
export function withoutUnitSymbol(answer: Expression, unit: string): Expression | undefined {
  if (answer.kind !== 'product') return undefined;
  const last = answer.items.at(-1);
  const spelled =
    last?.kind === 'symbol'
      ? `${last.name}^1`
      : last?.kind === 'power' && last.base.kind === 'symbol' && last.exponent.kind === 'number'
        ? `${last.base.name}^${last.exponent.value.over}`
        : '';
  if (spelled !== unit) return undefined;
  const items = answer.items.slice(0, -1);
  const [first] = items;
  return first !== undefined && items.length === 1 ? first : { kind: 'product', items };
}
