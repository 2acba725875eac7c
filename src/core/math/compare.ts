// Whether a predicted answer says what the ground truth says, for every kind of answer. The ground truth leads: what it leaves
// open (a unit, a name, an order) the prediction may fill, never the other way round. A prediction that lists more than was
// asked is different, however right one of its items is.

import { type Assignment, assignmentOf, bareName } from './assignment.ts';
import { type Expression, isConstant, keyOf, type RelationSign } from './expression.ts';
import type { Budget } from './limits.ts';
import { matrixOf } from './matrix.ts';
import { bothSigns, hasPlusMinus } from './plus-minus.ts';
import { factorSign, proportional } from './proportional.ts';
import * as rational from './rational.ts';
import { realSetOf } from './real-set.ts';
import { isNear, type Outcome, sameValue } from './same-value.ts';
import { conversion } from './units.ts';

export interface CompareOptions {
  /** Decimal places to which a decimal stands for an exact value. */
  readonly precision: number;
  /** `28` passes for `28%`. */
  readonly percentAsNumber: boolean;
  /** `x = 5` passes for `5` and the other way round. */
  readonly allowAssignment: boolean;
  /** `0 < x < 1` passes for the interval `(0, 1)`. */
  readonly inequalityForInterval: boolean;
  /** `5` does not pass for `5 cm`. */
  readonly requireUnit: boolean;
}

type Of<Kind extends Expression['kind']> = Expression & { readonly kind: Kind };

export class Comparison {
  readonly #options: CompareOptions;
  readonly #budget: Budget;

  constructor(options: CompareOptions, budget: Budget) {
    this.#options = options;
    this.#budget = budget;
  }

  /** Throws `MathFault` when an answer has no value or the work exceeds the budget. */
  answers(gold: Expression, predicted: Expression): Outcome {
    this.#budget.spendCompare();
    return this.#plain(spelledOut(gold), spelledOut(predicted));
  }

  #plain(gold: Expression, predicted: Expression): Outcome {
    if (isMarked(gold) || isMarked(predicted)) return this.#marked(gold, predicted);
    if (isSeveral(gold) || isSeveral(predicted)) return this.#several(gold, predicted);
    if (predicted.kind === 'relation' && predicted.signs.at(-1) === '≈' && gold.kind !== 'relation') {
      return this.#approximation(gold, predicted);
    }
    if (gold.kind === 'relation' || predicted.kind === 'relation') return this.#relations(gold, predicted);
    if (isSetLike(gold) && isSetLike(predicted)) return this.#setLikes(gold, predicted);
    if (gold.kind === 'ratio' || predicted.kind === 'ratio') return this.#ratios(gold, predicted);
    return this.#scalars(gold, predicted);
  }

  // ── Marks behind a value: units, percent, degrees ─────────────────────────────────────────────────────────────────

  #marked(gold: Expression, predicted: Expression): Outcome {
    if (gold.kind === 'measured' || predicted.kind === 'measured') return this.#measured(gold, predicted);
    if (gold.kind === 'degree' || predicted.kind === 'degree') return this.#degrees(gold, predicted);
    const [a, b] = [gold.kind === 'percent', predicted.kind === 'percent'];
    const exact = this.#scalars(gold, predicted);
    if (exact !== 'different' || a === b || !this.#options.percentAsNumber) return exact;
    return this.#scalars(withoutMark(gold), withoutMark(predicted));
  }

  #measured(gold: Expression, predicted: Expression): Outcome {
    if (gold.kind === 'measured' && predicted.kind === 'measured') {
      const factor = conversion(predicted.unit, gold.unit);
      if (factor === undefined) return 'different';
      if (rational.isEqual(factor, rational.ONE)) return this.answers(gold.operand, predicted.operand);
      const scale: Expression = { kind: 'number', value: factor, isDecimal: false };
      return this.answers(gold.operand, { kind: 'product', items: [predicted.operand, scale] });
    }
    if (predicted.kind === 'measured') return this.answers(gold, predicted.operand);
    if (gold.kind !== 'measured') return 'unknown';
    const spelled = withoutUnitSymbol(predicted, gold.unit.name);
    if (spelled !== undefined) return this.answers(gold.operand, spelled);
    return this.#options.requireUnit ? 'different' : this.answers(gold.operand, predicted);
  }

  /** `90°` is `90` where the ground truth says one of them, and `π/2` always. */
  #degrees(gold: Expression, predicted: Expression): Outcome {
    if (gold.kind === 'degree' && predicted.kind === 'degree')
      return this.answers(gold.operand, predicted.operand);
    const bare = this.answers(withoutMark(gold), withoutMark(predicted));
    if (bare === 'equal' || !isScalar(gold) || !isScalar(predicted)) return bare;
    return this.#scalars(gold, predicted);
  }

  // ── Several answers ───────────────────────────────────────────────────────────────────────────────────────────────

  #several(gold: Expression, predicted: Expression): Outcome {
    const ordered = this.#ordered(gold, predicted);
    if (ordered !== undefined) return ordered;
    if (isInequalityList(gold) || isInequalityList(predicted)) return this.#asRealSets(gold, predicted);
    const [golds, predictions] = [severalItems(gold), severalItems(predicted)];
    if (gold.kind === 'tuple' || predicted.kind === 'tuple') {
      // (1,2) is not 1 and 2.
      if (golds.length !== predictions.length) return 'different';
    }
    const isSet = gold.kind === 'set' && predicted.kind === 'set';
    return this.#multisets(golds, predictions, isSet);
  }

  /** Lists that stand for a tuple, and names with values each. Undefined when order does not matter. */
  #ordered(gold: Expression, predicted: Expression): Outcome | undefined {
    if (gold.kind === 'tuple' && predicted.kind === 'list') {
      return isRound(gold) ? this.#inOrder(gold.items, valuesOf(predicted.items)) : 'different';
    }
    if (gold.kind === 'list' && predicted.kind === 'tuple') {
      const isTuple = gold.isGrouped || distinctNames(gold.items);
      return isTuple && isRound(predicted) ? this.#inOrder(valuesOf(gold.items), predicted.items) : undefined;
    }
    if (gold.kind === 'list' && predicted.kind === 'list' && distinctNames(gold.items)) {
      const isBare = predicted.items.every((item) => assignmentOf(item) === undefined);
      return isBare ? this.#inOrder(valuesOf(gold.items), predicted.items) : undefined;
    }
    return undefined;
  }

  #inOrder(golds: readonly Expression[], predictions: readonly Expression[]): Outcome {
    if (golds.length !== predictions.length) return 'different';
    return every(golds, (gold, at) => {
      const predicted = predictions[at];
      return predicted === undefined ? 'different' : this.answers(gold, predicted);
    });
  }

  /** Every item has one partner of its own. With `isSet`, repeats do not count. */
  #multisets(golds: readonly Expression[], predictions: readonly Expression[], isSet: boolean): Outcome {
    const left = isSet ? this.#distinct(golds) : golds;
    const rest = isSet ? this.#distinct(predictions) : [...predictions];
    if (left.length !== rest.length) return 'different';
    let result: Outcome = 'equal';
    const unmatched: Expression[] = [];
    for (const gold of left) {
      const key = keyOf(gold);
      const at = rest.findIndex((item) => keyOf(item) === key);
      if (at >= 0 && this.answers(gold, rest[at] ?? gold) === 'equal') rest.splice(at, 1);
      else unmatched.push(gold);
    }
    for (const gold of unmatched) {
      const outcomes = rest.map((item) => this.answers(gold, item));
      const at = outcomes.indexOf('equal');
      if (at >= 0) rest.splice(at, 1);
      else if (outcomes.includes('unknown')) result = 'unknown';
      else return 'different';
    }
    return result;
  }

  #distinct(items: readonly Expression[]): Expression[] {
    const kept: Expression[] = [];
    for (const item of items) {
      if (!kept.some((other) => this.answers(other, item) === 'equal')) kept.push(item);
    }
    return kept;
  }

  // ── Equations, inequalities, memberships ──────────────────────────────────────────────────────────────────────────

  #relations(gold: Expression, predicted: Expression): Outcome {
    const [goal, said] = [assignmentOf(gold), assignmentOf(predicted)];
    if (gold.kind === 'relation' && predicted.kind === 'relation')
      return this.#bothRelations(gold, predicted, goal, said);
    if (gold.kind === 'relation') {
      if (goal !== undefined)
        return this.#options.allowAssignment ? this.answers(goal.value, predicted) : 'different';
      return isSetLike(predicted) && isInequality(gold) ? this.#asRealSets(gold, predicted) : 'different';
    }
    if (said !== undefined)
      return this.#options.allowAssignment ? this.answers(gold, said.value) : 'different';
    if (predicted.kind !== 'relation') return 'unknown';
    if (isSetLike(gold)) {
      const isAllowed = this.#options.inequalityForInterval && isInequality(predicted);
      return isAllowed ? this.#asRealSets(gold, predicted) : 'different';
    }
    return this.#calculation(gold, predicted);
  }

  /** `√2 ≈ 1.414` says √2, and 1.414 to the digits that it has; `7 ≈ 8` says nothing. */
  #approximation(gold: Expression, predicted: Of<'relation'>): Outcome {
    const last = predicted.operands.at(-1);
    const before = predicted.operands.at(-2);
    if (last === undefined || before === undefined || predicted.operands.length < 2) return 'unknown';
    const exactly: Expression =
      predicted.operands.length === 2
        ? before
        : {
            kind: 'relation',
            operands: predicted.operands.slice(0, -1),
            signs: predicted.signs.slice(0, -1),
          };
    if (!isConstant(before)) return this.#relations(gold, predicted);
    if (!isNear(before, last, this.#budget)) return 'different';
    const outcome = this.answers(gold, exactly);
    return outcome === 'different' ? this.answers(gold, last) : outcome;
  }

  /** `3 + 2 = 5` says 5, if it is true. */
  #calculation(gold: Expression, predicted: Of<'relation'>): Outcome {
    const last = predicted.operands.at(-1);
    const isCalculation =
      predicted.signs.every((sign) => sign === '=') && predicted.operands.every(isConstant);
    if (last === undefined || !isCalculation) return 'different';
    const isTrue = every(predicted.operands, (operand) => this.answers(last, operand));
    return isTrue === 'equal' ? this.answers(gold, last) : isTrue;
  }

  #bothRelations(
    gold: Of<'relation'>,
    predicted: Of<'relation'>,
    goal: Assignment | undefined,
    said: Assignment | undefined,
  ): Outcome {
    if (goal !== undefined && said !== undefined) {
      const isSameName = bareName(goal.name) === bareName(said.name);
      const outcome = isSameName ? this.answers(goal.value, said.value) : 'different';
      if (outcome !== 'different' || isConstant(goal.value)) return outcome;
    }
    if (isInequality(gold) || isInequality(predicted)) {
      const sets = this.#asRealSets(gold, predicted);
      return sets === 'unknown' ? this.#inequalities(gold, predicted) : sets;
    }
    // A solved ground truth (x = 5) is not met by the equation it solves (2x = 10), which the prompt may well contain.
    if (goal !== undefined && isConstant(goal.value)) return 'different';
    if (!isEquation(gold) || !isEquation(predicted)) return this.#sameLook(gold, predicted);
    const outcome = proportional(difference(gold), difference(predicted), this.#budget);
    return outcome === 'equal' ? outcome : keyOf(gold) === keyOf(predicted) ? 'equal' : outcome;
  }

  #inequalities(gold: Of<'relation'>, predicted: Of<'relation'>): Outcome {
    const [a, b] = [upward(gold), upward(predicted)];
    if (a.signs.length !== 1 || b.signs.length !== 1) return this.#sameLook(a, b);
    if (a.signs[0] !== b.signs[0] || a.signs[0] === undefined) return 'different';
    const outcome = proportional(difference(a), difference(b), this.#budget);
    if (outcome !== 'equal' || a.signs[0] === '≠') return outcome;
    const sign = factorSign(difference(a), difference(b), this.#budget);
    return sign === undefined ? 'unknown' : sign > 0 ? 'equal' : 'different';
  }

  #sameLook(a: Of<'relation'>, b: Of<'relation'>): Outcome {
    if (a.signs.join(' ') !== b.signs.join(' ')) return 'different';
    return this.#inOrder(a.operands, b.operands);
  }

  // ── Sets, intervals, tuples ───────────────────────────────────────────────────────────────────────────────────────

  #setLikes(gold: Expression, predicted: Expression): Outcome {
    if (gold.kind === 'tuple' && predicted.kind === 'tuple') {
      const isInterval = gold.items.length === 2 && predicted.items.length === 2;
      const isSameBrackets = !isInterval || bracketOf(gold) === bracketOf(predicted);
      if (gold.items.length !== predicted.items.length) return 'different';
      if (isSameBrackets) return this.#inOrder(gold.items, predicted.items);
      return 'different';
    }
    const [a, b] = [matrixOf(gold), matrixOf(predicted)];
    if (a !== undefined || b !== undefined)
      return this.#matrices(a ?? [itemsOf(gold)], b ?? [itemsOf(predicted)]);
    if (keyOf(gold) === keyOf(predicted)) return 'equal';
    return this.#asRealSets(gold, predicted);
  }

  #asRealSets(gold: Expression, predicted: Expression): Outcome {
    const a = realSetOf(gold, this.#budget);
    const b = a === undefined ? undefined : realSetOf(predicted, this.#budget);
    if (a === undefined || b === undefined) return 'unknown';
    if (a.variable !== undefined && b.variable !== undefined && a.variable !== b.variable) return 'different';
    if (a.set.length !== b.set.length) return 'different';
    return every(a.set, (interval, at) => {
      const other = b.set[at];
      if (other === undefined) return 'different';
      const isSameKind =
        interval.low.isClosed === other.low.isClosed && interval.high.isClosed === other.high.isClosed;
      if (!isSameKind) return 'different';
      return every([interval.low, interval.high], (end, index) =>
        this.#scalars(end.expression, (index === 0 ? other.low : other.high).expression),
      );
    });
  }

  #matrices(
    gold: readonly (readonly Expression[])[],
    predicted: readonly (readonly Expression[])[],
  ): Outcome {
    const a = flattenColumn(gold);
    const b = flattenColumn(predicted);
    if (a.length !== b.length) return 'different';
    return every(a, (row, at) => this.#inOrder(row, b[at] ?? []));
  }

  #ratios(gold: Expression, predicted: Expression): Outcome {
    if (gold.kind === 'ratio' && predicted.kind === 'ratio') {
      if (gold.items.length !== predicted.items.length) return 'different';
      if (gold.isClock || predicted.isClock) return this.#inOrder(gold.items, predicted.items);
      const [a, b] = [gold.items[0], predicted.items[0]];
      if (a === undefined || b === undefined) return 'unknown';
      return every(gold.items.slice(1), (item, at) => {
        const other = predicted.items[at + 1];
        if (other === undefined) return 'different';
        return this.#scalars({ kind: 'product', items: [item, b] }, { kind: 'product', items: [other, a] });
      });
    }
    const [quotient, other] =
      gold.kind === 'ratio' ? [asQuotient(gold), predicted] : [asQuotient(predicted), gold];
    return quotient === undefined ? 'different' : this.#scalars(quotient, other);
  }

  #scalars(gold: Expression, predicted: Expression): Outcome {
    const [a, b] = [matrixOf(gold), matrixOf(predicted)];
    if (a !== undefined || b !== undefined) {
      const isVector =
        a === undefined ? gold.kind === 'tuple' : b !== undefined || predicted.kind === 'tuple';
      return isVector ? this.#matrices(a ?? [itemsOf(gold)], b ?? [itemsOf(predicted)]) : 'different';
    }
    if (!isScalar(gold) || !isScalar(predicted))
      return keyOf(gold) === keyOf(predicted) ? 'equal' : 'different';
    return sameValue(gold, predicted, this.#options.precision, this.#budget);
  }
}

/** `equal` when all are, `different` when one is, else `unknown`. */
function every<T>(items: readonly T[], compare: (item: T, at: number) => Outcome): Outcome {
  let result: Outcome = 'equal';
  for (const [at, item] of items.entries()) {
    const outcome = compare(item, at);
    if (outcome === 'different') return outcome;
    if (outcome === 'unknown') result = outcome;
  }
  return result;
}

function isMarked(expression: Expression): boolean {
  return expression.kind === 'measured' || expression.kind === 'percent' || expression.kind === 'degree';
}

function withoutMark(expression: Expression): Expression {
  return expression.kind === 'percent' || expression.kind === 'degree' ? expression.operand : expression;
}

function isSeveral(expression: Expression): boolean {
  return (
    expression.kind === 'list' ||
    expression.kind === 'set' ||
    (isScalarOrEquation(expression) && hasPlusMinus(expression))
  );
}

function isScalarOrEquation(expression: Expression): boolean {
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

function isScalar(expression: Expression): boolean {
  return !NO_SCALARS.has(expression.kind);
}

function isSetLike(expression: Expression): boolean {
  return SET_LIKES.has(expression.kind);
}

/** `(x, y) = (1, 2)` as `x = 1, y = 2`; `x = kπ, k ∈ ℤ` without the range of its parameter. */
function spelledOut(expression: Expression): Expression {
  if (expression.kind === 'list') {
    const items = expression.items.filter((item) => !isRange(item));
    const [first] = items;
    if (first === undefined || items.length === expression.items.length) return expression;
    return items.length === 1 ? first : { ...expression, items };
  }
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
  return { kind: 'list', items, isGrouped: false };
}

/** `k ∈ ℤ` */
function isRange(item: Expression): boolean {
  return item.kind === 'relation' && item.signs[0] === '∈' && item.operands[1]?.kind === 'number_set';
}

/** The items of a list, set or ± expression; `n = 2, 3, 4` names all three. */
function severalItems(expression: Expression): readonly Expression[] {
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

function valuesOf(items: readonly Expression[]): readonly Expression[] {
  return distinctNames(items) ? items.map((item) => assignmentOf(item)?.value ?? item) : items;
}

/** `a = 1, b = 2`: each item names something else, so that the order of bare values matters. */
function distinctNames(items: readonly Expression[]): boolean {
  const names = items.map((item) => assignmentOf(item)?.name);
  if (names.includes(undefined) || names.length < 2) return false;
  return new Set(names.map((name) => bareName(name ?? ''))).size === names.length;
}

function isInequality(relation: Of<'relation'>): boolean {
  return relation.signs.some((sign) => sign !== '=' && sign !== '≈' && sign !== '≡');
}

function isInequalityList(expression: Expression): boolean {
  return (
    expression.kind === 'list' &&
    expression.items.every((item) => item.kind === 'relation' && isInequality(item))
  );
}

function isEquation(relation: Of<'relation'>): boolean {
  return relation.signs.length === 1 && (relation.signs[0] === '=' || relation.signs[0] === '≈');
}

function difference(relation: Of<'relation'>): Expression {
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
function upward(relation: Of<'relation'>): Of<'relation'> {
  const isDownward = relation.signs.every((sign) => FLIPPED.has(sign));
  if (!isDownward) return relation;
  return {
    kind: 'relation',
    operands: relation.operands.toReversed(),
    signs: relation.signs.toReversed().map((sign) => FLIPPED.get(sign) ?? sign),
  };
}

function itemsOf(expression: Expression): readonly Expression[] {
  return expression.kind === 'tuple' || expression.kind === 'set' ? expression.items : [expression];
}

function isRound(tuple: Of<'tuple'>): boolean {
  return bracketOf(tuple) === '()';
}

function bracketOf(tuple: Of<'tuple'>): string {
  return tuple.open === '⟨' ? '()' : `${tuple.open}${tuple.close}`;
}

/** A column vector and a row vector hold the same numbers. */
function flattenColumn(rows: readonly (readonly Expression[])[]): readonly (readonly Expression[])[] {
  return rows.length > 1 && rows.every((row) => row.length === 1) ? [rows.flat()] : rows;
}

function asQuotient(expression: Expression): Expression | undefined {
  if (expression.kind !== 'ratio' || expression.isClock || expression.items.length !== 2) return undefined;
  const [over, under] = expression.items;
  return over === undefined || under === undefined ? undefined : { kind: 'quotient', over, under };
}

/** `5m` against `5 \text{ m}`: the last symbol spells the unit that the ground truth has. */
function withoutUnitSymbol(predicted: Expression, unit: string): Expression | undefined {
  if (predicted.kind !== 'product') return undefined;
  const last = predicted.items.at(-1);
  const spelled =
    last?.kind === 'symbol'
      ? `${last.name}^1`
      : last?.kind === 'power' && last.base.kind === 'symbol' && last.exponent.kind === 'number'
        ? `${last.base.name}^${last.exponent.value.over}`
        : '';
  if (spelled !== unit) return undefined;
  const items = predicted.items.slice(0, -1);
  const [first] = items;
  return first !== undefined && items.length === 1 ? first : { kind: 'product', items };
}
