// Whether a predicted answer says what the ground truth says, for every kind of answer. The ground truth leads: what it leaves
// open (a unit, a name, an order) the prediction may fill, never the other way round. A prediction that lists more than was
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
import { conversion } from './units.ts';

export class Comparison extends ValueComparison {
  /** Throws `MathFault` when an answer has no value or the work exceeds the budget. */
  answers(gold: Expression, predicted: Expression): Outcome {
    this.budget.spendCompare();
    const goal = chainSpelledOut(spelledOut(gold));
    const said = spelledOut(predicted);
    // "a = b = 5" says 5 where one value is asked for, and two values where two are.
    return this.plain(goal, goal.kind === 'list' || goal.kind === 'tuple' ? chainSpelledOut(said) : said);
  }

  protected plain(gold: Expression, predicted: Expression): Outcome {
    if (isMarked(gold) || isMarked(predicted)) return this.marked(gold, predicted);
    if (isSeveral(gold) || isSeveral(predicted)) return this.several(gold, predicted);
    if (predicted.kind === 'relation' && predicted.signs.at(-1) === '≈' && gold.kind !== 'relation') {
      return this.approximation(gold, predicted);
    }
    if (gold.kind === 'relation' || predicted.kind === 'relation') return this.relations(gold, predicted);
    if (isSetLike(gold) && isSetLike(predicted)) return this.setLikes(gold, predicted);
    if (gold.kind === 'ratio' || predicted.kind === 'ratio') return this.ratios(gold, predicted);
    return this.scalars(gold, predicted);
  }

  // ── Marks behind a value: units, percent, degrees ─────────────────────────────────────────────────────────────────

  protected marked(gold: Expression, predicted: Expression): Outcome {
    if (gold.kind === 'measured' || predicted.kind === 'measured') return this.measured(gold, predicted);
    if (gold.kind === 'degree' || predicted.kind === 'degree') return this.degrees(gold, predicted);
    const [a, b] = [gold.kind === 'percent', predicted.kind === 'percent'];
    const exact = this.scalars(gold, predicted);
    if (exact !== 'different' || a === b || !this.options.percentAsNumber) return exact;
    return this.scalars(withoutMark(gold), withoutMark(predicted));
  }

  protected measured(gold: Expression, predicted: Expression): Outcome {
    if (gold.kind === 'measured' && predicted.kind === 'measured') {
      const factor = conversion(predicted.unit, gold.unit);
      if (factor === undefined) return 'different';
      if (rational.isEqual(factor, rational.ONE)) return this.answers(gold.operand, predicted.operand);
      const scale: Expression = { kind: 'number', value: factor, isDecimal: false };
      return this.answers(gold.operand, { kind: 'product', items: [predicted.operand, scale] });
    }
    // 30° is no 30 minutes, and 150% no 1.5 km.
    if (isMarked(gold) && isMarked(predicted)) return 'different';
    if (predicted.kind === 'measured') return this.answers(gold, predicted.operand);
    if (gold.kind !== 'measured') return 'unknown';
    const spelled = withoutUnitSymbol(predicted, gold.unit.name);
    if (spelled !== undefined) return this.answers(gold.operand, spelled);
    return this.options.requireUnit ? 'different' : this.answers(gold.operand, predicted);
  }

  /** `90°` is `90` where the ground truth says one of them, and `π/2` always. */
  protected degrees(gold: Expression, predicted: Expression): Outcome {
    if (gold.kind === 'degree' && predicted.kind === 'degree')
      return this.answers(gold.operand, predicted.operand);
    const bare = this.answers(withoutMark(gold), withoutMark(predicted));
    if (bare === 'equal' || !isScalar(gold) || !isScalar(predicted)) return bare;
    return this.scalars(gold, predicted);
  }

  // ── Several answers ───────────────────────────────────────────────────────────────────────────────────────────────

  protected several(gold: Expression, predicted: Expression): Outcome {
    const ordered = this.ordered(gold, predicted);
    if (ordered !== undefined) return ordered;
    const asSets = this.unions(gold, predicted);
    if (asSets !== undefined) return asSets;
    if (isInequalityList(gold) || isInequalityList(predicted)) return this.inequalityLists(gold, predicted);
    const [golds, predictions] = [severalItems(gold), severalItems(predicted)];
    if (gold.kind === 'tuple' || predicted.kind === 'tuple') {
      // (1,2) is not 1 and 2.
      if (golds.length !== predictions.length) return 'different';
    }
    const [only] = golds;
    if (only !== undefined && golds.length === 1 && predicted.kind === 'list' && predicted.joiner === 'or') {
      // "3/8 or 37.5%" says one value in two ways.
      return every(predictions, (said) => this.answers(only, said));
    }
    const isSet = gold.kind === 'set' && predicted.kind === 'set';
    return this.multisets(golds, predictions, isSet);
  }

  /** `x > 1 and x < 3` is an interval; `x > 1, y < 3` are two claims, joined in the same way on both sides. */
  protected inequalityLists(gold: Expression, predicted: Expression): Outcome {
    const sets = this.asRealSets(gold, predicted);
    const isUnasked = isSetLike(gold) && !this.options.inequalityForInterval;
    if (isUnasked) return sets === 'unknown' ? sets : 'different';
    if (sets !== 'unknown' || gold.kind !== 'list' || predicted.kind !== 'list') return sets;
    if (gold.joiner !== predicted.joiner || gold.items.length !== predicted.items.length) return sets;
    return this.multisets(gold.items, predicted.items, false);
  }

  /** Lists that stand for a tuple, and names with values each. Undefined when order does not matter. */
  protected ordered(gold: Expression, predicted: Expression): Outcome | undefined {
    if (gold.kind === 'tuple' && predicted.kind === 'list' && !hasPlusMinus(gold)) {
      // "x = 1 or x = 2" are two values of one x, not the point (1, 2).
      const isPoint = predicted.joiner !== 'or' && predicted.items.every((item) => item.kind !== 'relation');
      const isNamed = distinctNames(predicted.items);
      if (!isRound(gold) || !(isPoint || isNamed)) return 'different';
      return this.inOrder(gold.items, valuesOf(isNamed ? byName(predicted.items) : predicted.items));
    }
    if (gold.kind === 'list' && predicted.kind === 'set' && distinctNames(gold.items)) {
      const isBare = predicted.items.every((item) => assignmentOf(item) === undefined);
      return isBare ? this.inOrder(valuesOf(gold.items), predicted.items) : undefined;
    }
    if (gold.kind === 'list' && predicted.kind === 'tuple') {
      // Two numbers in brackets may be an interval; three are the list again.
      const isLong = predicted.items.length > 2 && gold.joiner === 'comma';
      const isTuple = gold.isGrouped || distinctNames(gold.items) || isLong;
      return isTuple && isRound(predicted) ? this.inOrder(valuesOf(gold.items), predicted.items) : undefined;
    }
    if (gold.kind === 'list' && predicted.kind === 'list' && distinctNames(gold.items)) {
      const isBare = predicted.items.every((item) => assignmentOf(item) === undefined);
      return isBare ? this.inOrder(valuesOf(gold.items), predicted.items) : undefined;
    }
    return undefined;
  }

  // ── Equations, inequalities, memberships ──────────────────────────────────────────────────────────────────────────

  protected relations(gold: Expression, predicted: Expression): Outcome {
    const [goal, said] = [assignmentOf(gold), assignmentOf(predicted)];
    if (gold.kind === 'relation' && predicted.kind === 'relation')
      return this.bothRelations(gold, predicted, goal, said);
    if (gold.kind === 'relation') {
      if (goal !== undefined)
        return this.options.allowAssignment ? this.answers(goal.value, predicted) : 'different';
      return isSetLike(predicted) && isInequality(gold) ? this.asRealSets(gold, predicted) : 'different';
    }
    if (said !== undefined)
      return this.options.allowAssignment ? this.answers(gold, said.value) : 'different';
    if (predicted.kind !== 'relation') return 'unknown';
    if (isSetLike(gold)) {
      const isAllowed = this.options.inequalityForInterval && isInequality(predicted);
      return isAllowed ? this.asRealSets(gold, predicted) : 'different';
    }
    return this.calculation(gold, predicted);
  }

  /** `√2 ≈ 1.414` says √2, and 1.414 to the digits that it has; `7 ≈ 8` says nothing. */
  protected approximation(gold: Expression, predicted: Of<'relation'>): Outcome {
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
    if (!isConstant(before)) return this.relations(gold, predicted);
    if (!isNear(before, last, this.budget)) return 'different';
    const outcome = this.answers(gold, exactly);
    return outcome === 'different' ? this.answers(gold, last) : outcome;
  }

  /** `3 + 2 = 5` says 5, if it is true. */
  protected calculation(gold: Expression, predicted: Of<'relation'>): Outcome {
    const last = predicted.operands.at(-1);
    const isCalculation =
      predicted.signs.every((sign) => sign === '=') && predicted.operands.every(isConstant);
    if (last === undefined || !isCalculation) return 'different';
    const isTrue = every(predicted.operands, (operand) => this.answers(last, operand));
    return isTrue === 'equal' ? this.answers(gold, last) : isTrue;
  }

  protected bothRelations(
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
      const sets = this.asRealSets(gold, predicted);
      return sets === 'unknown' ? this.inequalities(gold, predicted) : sets;
    }
    // A solved ground truth (x = 5) is not met by the equation it solves (2x = 10), which the prompt may well contain.
    if (goal !== undefined && isConstant(goal.value)) return 'different';
    if (!isEquation(gold) || !isEquation(predicted)) return this.sameLook(gold, predicted);
    const outcome = proportional(difference(gold), difference(predicted), this.budget);
    return outcome === 'equal' ? outcome : keyOf(gold) === keyOf(predicted) ? 'equal' : outcome;
  }

  protected inequalities(gold: Of<'relation'>, predicted: Of<'relation'>): Outcome {
    const [a, b] = [upward(gold), upward(predicted)];
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
