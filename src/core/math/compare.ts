// Whether an answer says what the ground truth says, for every kind of answer. The ground truth leads: what it leaves
// open (a unit, a name, an order) the answer may fill, never the other way round. An answer that lists more than was
// asked is different, however right one of its items is.

import {
  byName,
  chainSpelledOut,
  type Of,
  difference,
  distinctNames,
  every,
  isEquation,
  isInequality,
  isInequalityList,
  isMarked,
  isRound,
  isScalar,
  isSetLike,
  isSeveral,
  severalItems,
  spelledOut,
  upward,
  valuesOf,
  withoutMark,
  withoutUnitSymbol,
} from './answer-shapes.ts';
import { type Assignment, assignmentOf, bareName } from './assignment.ts';
import { ValueComparison } from './compare-values.ts';
import { type Expression, isConstant, keyOf } from './expression.ts';
import type { Outcome } from './outcome.ts';
import { hasPlusMinus } from './plus-minus.ts';
import { factorSign, proportional } from './proportional.ts';
import * as rational from './rational.ts';
import { isNear } from './same-value.ts';
import { conversion, isSame } from './units.ts';

export class Comparison extends ValueComparison {
  /** Throws `MathFault` when an answer has no value or the work exceeds the budget. */
  answers(truth: Expression, answer: Expression): Outcome {
    this.budget.spendCompare();
    const goal = chainSpelledOut(spelledOut(truth));
    const said = spelledOut(answer);
    // "a = b = 5" says 5 where one value is asked for, and two values where two are.
    return this.plain(goal, goal.kind === 'list' || goal.kind === 'tuple' ? chainSpelledOut(said) : said);
  }

  protected plain(truth: Expression, answer: Expression): Outcome {
    if (isMarked(truth) || isMarked(answer)) return this.marked(truth, answer);
    if (isSeveral(truth) || isSeveral(answer)) return this.several(truth, answer);
    if (answer.kind === 'relation' && answer.signs.at(-1) === '≈' && truth.kind !== 'relation') {
      return this.approximation(truth, answer);
    }
    if (truth.kind === 'relation' || answer.kind === 'relation') return this.relations(truth, answer);
    if (isSetLike(truth) && isSetLike(answer)) return this.setLikes(truth, answer);
    if (truth.kind === 'ratio' || answer.kind === 'ratio') return this.ratios(truth, answer);
    return this.scalars(truth, answer);
  }

  // ── Marks behind a value: units, percent, degrees ─────────────────────────────────────────────────────────────────

  protected marked(truth: Expression, answer: Expression): Outcome {
    if (truth.kind === 'measured' || answer.kind === 'measured') return this.measured(truth, answer);
    if (truth.kind === 'degree' || answer.kind === 'degree') return this.degrees(truth, answer);
    const [a, b] = [truth.kind === 'percent', answer.kind === 'percent'];
    const exact = this.scalars(truth, answer);
    if (exact !== 'different' || a === b || !this.options.percentAsNumber) return exact;
    return this.scalars(withoutMark(truth), withoutMark(answer));
  }

  protected measured(truth: Expression, answer: Expression): Outcome {
    if (truth.kind === 'measured' && answer.kind === 'measured') {
      const found = conversion(answer.unit, truth.unit);
      if (found === undefined) return 'different';
      if (isSame(found)) return this.answers(truth.operand, answer.operand);
      const [factor, shift] = [found.factor, found.shift].map((value): Expression => ({
        kind: 'number',
        value,
        isDecimal: false,
      }));
      if (factor === undefined || shift === undefined) return 'unknown';
      const scaled: Expression = { kind: 'product', items: [answer.operand, factor] };
      const isShifted = !rational.isEqual(found.shift, rational.ZERO);
      return this.answers(truth.operand, isShifted ? { kind: 'sum', items: [scaled, shift] } : scaled);
    }
    // 30° is no 30 minutes, and 150% no 1.5 km.
    if (isMarked(truth) && isMarked(answer)) return 'different';
    if (answer.kind === 'measured') return this.answers(truth, answer.operand);
    if (truth.kind !== 'measured') return 'unknown';
    const spelled = withoutUnitSymbol(answer, truth.unit.name);
    if (spelled !== undefined) return this.answers(truth.operand, spelled);
    return this.options.requireUnit ? 'different' : this.answers(truth.operand, answer);
  }

  /** `90°` is `90` where the ground truth says one of them, and `π/2` always. */
  protected degrees(truth: Expression, answer: Expression): Outcome {
    if (truth.kind === 'degree' && answer.kind === 'degree')
      return this.answers(truth.operand, answer.operand);
    const bare = this.answers(withoutMark(truth), withoutMark(answer));
    if (bare === 'equal' || !isScalar(truth) || !isScalar(answer)) return bare;
    return this.scalars(truth, answer);
  }

  // ── Several answers ───────────────────────────────────────────────────────────────────────────────────────────────

  protected several(truth: Expression, answer: Expression): Outcome {
    const ordered = this.ordered(truth, answer);
    if (ordered !== undefined) return ordered;
    const asSets = this.unions(truth, answer);
    if (asSets !== undefined) return asSets;
    if (isInequalityList(truth) || isInequalityList(answer)) return this.inequalityLists(truth, answer);
    const [truths, answers] = [severalItems(truth), severalItems(answer)];
    if (truth.kind === 'tuple' || answer.kind === 'tuple') {
      // (1,2) is not 1 and 2.
      if (truths.length !== answers.length) return 'different';
    }
    const [only] = truths;
    if (only !== undefined && truths.length === 1 && answer.kind === 'list' && answer.joiner === 'or') {
      // "3/8 or 37.5%" says one value in two ways.
      return every(answers, (said) => this.answers(only, said));
    }
    const isSet = truth.kind === 'set' && answer.kind === 'set';
    return this.multisets(truths, answers, isSet);
  }

  /** `x > 1 and x < 3` is an interval; `x > 1, y < 3` are two claims, joined in the same way on both sides. */
  protected inequalityLists(truth: Expression, answer: Expression): Outcome {
    const sets = this.asRealSets(truth, answer);
    const isUnasked = isSetLike(truth) && !this.options.inequalityForInterval;
    if (isUnasked) return sets === 'unknown' ? sets : 'different';
    if (sets !== 'unknown' || truth.kind !== 'list' || answer.kind !== 'list') return sets;
    if (truth.joiner !== answer.joiner || truth.items.length !== answer.items.length) return sets;
    return this.multisets(truth.items, answer.items, false);
  }

  /** Lists that stand for a tuple, and names with values each. Undefined when order does not matter. */
  protected ordered(truth: Expression, answer: Expression): Outcome | undefined {
    if (truth.kind === 'tuple' && answer.kind === 'list' && !hasPlusMinus(truth)) {
      // "x = 1 or x = 2" are two values of one x, not the point (1, 2).
      const isPoint = answer.joiner !== 'or' && answer.items.every((item) => item.kind !== 'relation');
      const isNamed = distinctNames(answer.items);
      if (!isRound(truth) || !(isPoint || isNamed)) return 'different';
      return this.inOrder(truth.items, valuesOf(isNamed ? byName(answer.items) : answer.items));
    }
    if (truth.kind === 'list' && answer.kind === 'set' && distinctNames(truth.items)) {
      const isBare = answer.items.every((item) => assignmentOf(item) === undefined);
      return isBare ? this.inOrder(valuesOf(truth.items), answer.items) : undefined;
    }
    if (truth.kind === 'list' && answer.kind === 'tuple') {
      // Two numbers in brackets may be an interval; three are the list again.
      const isLong = answer.items.length > 2 && truth.joiner === 'comma';
      const isTuple = truth.isGrouped || distinctNames(truth.items) || isLong;
      return isTuple && isRound(answer) ? this.inOrder(valuesOf(truth.items), answer.items) : undefined;
    }
    if (truth.kind === 'list' && answer.kind === 'list' && distinctNames(truth.items)) {
      const isBare = answer.items.every((item) => assignmentOf(item) === undefined);
      return isBare ? this.inOrder(valuesOf(truth.items), answer.items) : undefined;
    }
    return undefined;
  }

  // ── Equations, inequalities, memberships ──────────────────────────────────────────────────────────────────────────

  protected relations(truth: Expression, answer: Expression): Outcome {
    const [goal, said] = [assignmentOf(truth), assignmentOf(answer)];
    if (truth.kind === 'relation' && answer.kind === 'relation')
      return this.bothRelations(truth, answer, goal, said);
    if (truth.kind === 'relation') {
      if (goal !== undefined)
        return this.options.allowAssignment ? this.answers(goal.value, answer) : 'different';
      return isSetLike(answer) && isInequality(truth) ? this.asRealSets(truth, answer) : 'different';
    }
    if (said !== undefined)
      return this.options.allowAssignment ? this.answers(truth, said.value) : 'different';
    if (answer.kind !== 'relation') return 'unknown';
    if (isSetLike(truth)) {
      const isAllowed = this.options.inequalityForInterval && isInequality(answer);
      return isAllowed ? this.asRealSets(truth, answer) : 'different';
    }
    return this.calculation(truth, answer);
  }

  /** `√2 ≈ 1.414` says √2, and 1.414 to the digits that it has; `7 ≈ 8` says nothing. */
  protected approximation(truth: Expression, answer: Of<'relation'>): Outcome {
    const last = answer.operands.at(-1);
    const before = answer.operands.at(-2);
    if (last === undefined || before === undefined || answer.operands.length < 2) return 'unknown';
    const exactly: Expression =
      answer.operands.length === 2
        ? before
        : {
            kind: 'relation',
            operands: answer.operands.slice(0, -1),
            signs: answer.signs.slice(0, -1),
          };
    if (!isConstant(before)) return this.relations(truth, answer);
    if (!isNear(before, last, this.budget)) return 'different';
    const outcome = this.answers(truth, exactly);
    return outcome === 'different' ? this.answers(truth, last) : outcome;
  }

  /** `3 + 2 = 5` says 5, if it is true. */
  protected calculation(truth: Expression, answer: Of<'relation'>): Outcome {
    const last = answer.operands.at(-1);
    const isCalculation = answer.signs.every((sign) => sign === '=') && answer.operands.every(isConstant);
    if (last === undefined || !isCalculation) return 'different';
    const isTrue = every(answer.operands, (operand) => this.answers(last, operand));
    return isTrue === 'equal' ? this.answers(truth, last) : isTrue;
  }

  protected bothRelations(
    truth: Of<'relation'>,
    answer: Of<'relation'>,
    goal: Assignment | undefined,
    said: Assignment | undefined,
  ): Outcome {
    if (goal !== undefined && said !== undefined) {
      const isSameName = bareName(goal.name) === bareName(said.name);
      const outcome = isSameName ? this.answers(goal.value, said.value) : 'different';
      if (outcome !== 'different' || isConstant(goal.value)) return outcome;
    }
    if (isInequality(truth) || isInequality(answer)) {
      const sets = this.asRealSets(truth, answer);
      return sets === 'unknown' ? this.inequalities(truth, answer) : sets;
    }
    // A solved ground truth (x = 5) is not met by the equation it solves (2x = 10), which the prompt may well contain.
    if (goal !== undefined && isConstant(goal.value)) return 'different';
    if (!isEquation(truth) || !isEquation(answer)) return this.sameLook(truth, answer);
    const outcome = proportional(difference(truth), difference(answer), this.budget);
    return outcome === 'equal' ? outcome : keyOf(truth) === keyOf(answer) ? 'equal' : outcome;
  }

  protected inequalities(truth: Of<'relation'>, answer: Of<'relation'>): Outcome {
    const [a, b] = [upward(truth), upward(answer)];
    if (a.signs.length !== 1 || b.signs.length !== 1) return this.sameLook(a, b);
    if (a.signs[0] !== b.signs[0] || a.signs[0] === undefined) return 'different';
    const outcome = proportional(difference(a), difference(b), this.budget);
    if (outcome !== 'equal' || a.signs[0] === '≠') return outcome;
    const sign = factorSign(difference(a), difference(b), this.budget);
    return sign === undefined ? 'unknown' : sign > 0 ? 'equal' : 'different';
  }

  protected sameLook(a: Of<'relation'>, b: Of<'relation'>): Outcome {
    if (a.signs.join(' ') !== b.signs.join(' ')) return 'different';
    return this.inOrder(a.operands, b.operands);
  }
}
