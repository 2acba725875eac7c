// Comparing single values, sets, intervals, tuples, matrices and ratios: what a comparison of whole answers comes down to.

import { asQuotient, asUnion, bracketOf, every, isScalar, type Of, vectorItems } from './answer-shapes.ts';
import { type Expression, keyOf } from './expression.ts';
import type { Budget } from './limits.ts';
import { matrixOf } from './matrix.ts';
import type { Outcome } from './outcome.ts';
import { realSetOf } from './real-set.ts';
import { sameValue } from './same-value.ts';

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

export abstract class ValueComparison {
  protected readonly options: CompareOptions;
  protected readonly budget: Budget;

  constructor(options: CompareOptions, budget: Budget) {
    this.options = options;
    this.budget = budget;
  }

  /** Whether one whole answer says what the other says. */
  abstract answers(truth: Expression, answer: Expression): Outcome;

  protected inOrder(truths: readonly Expression[], answers: readonly Expression[]): Outcome {
    if (truths.length !== answers.length) return 'different';
    return every(truths, (truth, at) => {
      const answer = answers[at];
      return answer === undefined ? 'different' : this.answers(truth, answer);
    });
  }

  /** Every item has one partner of its own. With `isSet`, repeats do not count. */
  protected multisets(
    truths: readonly Expression[],
    answers: readonly Expression[],
    isSet: boolean,
  ): Outcome {
    const left = isSet ? this.distinct(truths) : truths;
    const rest = isSet ? this.distinct(answers) : [...answers];
    if (left.length !== rest.length) return 'different';
    let result: Outcome = 'equal';
    const unmatched: Expression[] = [];
    for (const truth of left) {
      const key = keyOf(truth);
      const at = rest.findIndex((item) => keyOf(item) === key);
      if (at >= 0 && this.answers(truth, rest[at] ?? truth) === 'equal') rest.splice(at, 1);
      else unmatched.push(truth);
    }
    for (const truth of unmatched) {
      const outcomes = rest.map((item) => this.answers(truth, item));
      const at = outcomes.indexOf('equal');
      if (at >= 0) rest.splice(at, 1);
      else if (outcomes.includes('unknown')) result = 'unknown';
      else return 'different';
    }
    return result;
  }

  protected distinct(items: readonly Expression[]): Expression[] {
    const kept: Expression[] = [];
    for (const item of items) {
      if (!kept.some((other) => this.answers(other, item) === 'equal')) kept.push(item);
    }
    return kept;
  }

  protected setLikes(truth: Expression, answer: Expression): Outcome {
    if (truth.kind === 'tuple' && answer.kind === 'tuple') {
      const isInterval = truth.items.length === 2 && answer.items.length === 2;
      const isSameBrackets = !isInterval || bracketOf(truth) === bracketOf(answer);
      if (truth.items.length !== answer.items.length) return 'different';
      if (isSameBrackets) return this.inOrder(truth.items, answer.items);
      return 'different';
    }
    const [a, b] = [matrixOf(truth), matrixOf(answer)];
    if (a !== undefined || b !== undefined) return this.vectors(truth, answer);
    if (keyOf(truth) === keyOf(answer)) return 'equal';
    return this.asRealSets(truth, answer);
  }

  /** Sets of reals in other words: `(0,1), (2,3)` for their union, `{1} ∪ {2}` for `{1,2}`. Undefined for anything else. */
  protected unions(truth: Expression, answer: Expression): Outcome | undefined {
    const [a, b] = [asUnion(truth, answer), asUnion(answer, truth)];
    const isMixed = isFinite(truth, answer) || isFinite(answer, truth);
    if (a === undefined && b === undefined && !isMixed) return undefined;
    const outcome = this.asRealSets(a ?? truth, b ?? answer);
    return outcome === 'unknown' ? undefined : outcome;
  }

  protected asRealSets(truth: Expression, answer: Expression): Outcome {
    const a = realSetOf(truth, this.budget);
    const b = a === undefined ? undefined : realSetOf(answer, this.budget);
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
        this.scalars(end.expression, (index === 0 ? other.low : other.high).expression),
      );
    });
  }

  /** Two matrices, or a matrix with one row or column and the tuple of its entries. A half-open interval is no tuple. */
  protected vectors(truth: Expression, answer: Expression): Outcome {
    const [a, b] = [matrixOf(truth), matrixOf(answer)];
    const goals = a ?? vectorItems(truth, b);
    const said = b ?? vectorItems(answer, a);
    if (goals === undefined || said?.length !== goals.length) return 'different';
    return every(goals, (row, at) => this.inOrder(row, said[at] ?? []));
  }

  protected ratios(truth: Expression, answer: Expression): Outcome {
    if (truth.kind === 'ratio' && answer.kind === 'ratio') {
      if (truth.items.length !== answer.items.length) return 'different';
      const areTimes = isTimeLike(truth) && isTimeLike(answer);
      if (truth.isClock || answer.isClock || areTimes) return this.inOrder(truth.items, answer.items);
      const [a, b] = [truth.items[0], answer.items[0]];
      if (a === undefined || b === undefined) return 'unknown';
      return every(truth.items.slice(1), (item, at) => {
        const other = answer.items[at + 1];
        if (other === undefined) return 'different';
        return this.scalars({ kind: 'product', items: [item, b] }, { kind: 'product', items: [other, a] });
      });
    }
    const [quotient, other] =
      truth.kind === 'ratio' ? [asQuotient(truth), answer] : [asQuotient(answer), truth];
    return quotient === undefined ? 'different' : this.scalars(quotient, other);
  }

  protected scalars(truth: Expression, answer: Expression): Outcome {
    const [a, b] = [matrixOf(truth), matrixOf(answer)];
    if (a !== undefined || b !== undefined) {
      return this.vectors(truth, answer);
    }
    if (!isScalar(truth) || !isScalar(answer)) return keyOf(truth) === keyOf(answer) ? 'equal' : 'different';
    return sameValue(truth, answer, this.options.precision, this.budget);
  }
}

/** A finite set beside an operation on sets or a closed interval, which may hold the same numbers. */
function isFinite(side: Expression, other: Expression): boolean {
  if (side.kind !== 'set') return false;
  return other.kind === 'set_operation' || (other.kind === 'tuple' && bracketOf(other) === '[]');
}

/** `2:15` may be a time of day: then it is not `4:30`. Ratios are given in lowest terms, so that little is lost; `22:42` is one. */
function isTimeLike({ items }: Of<'ratio'>): boolean {
  const [hours, minutes] = items;
  if (items.length !== 2 || hours?.kind !== 'number' || minutes?.kind !== 'number') return false;
  const [h, m] = [hours.value, minutes.value];
  return h.under === 1n && m.under === 1n && h.over <= 12n && m.over >= 10n && m.over < 60n;
}
