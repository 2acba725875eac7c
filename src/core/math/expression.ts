// What an answer can be, as a tree. Data only: reading, evaluating and comparing live beside it.

import type { Rational } from './rational.ts';
import type { Unit } from './units.ts';

export type ConstantName = 'pi' | 'e' | 'i' | 'infinity';
export type RelationSign = '=' | '≠' | '<' | '>' | '≤' | '≥' | '≈' | '∈' | '∉' | '≡';
export type SetOperator = '∪' | '∩' | '∖';

/** What stands between the items of a list. One "or" makes it a list of alternatives, one "and" a list of conditions. */
export type Joiner = 'comma' | 'and' | 'or';

export type Expression =
  | { readonly kind: 'number'; readonly value: Rational; readonly isDecimal: boolean }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'constant'; readonly name: ConstantName }
  | { readonly kind: 'sum' | 'product'; readonly items: readonly Expression[] }
  | { readonly kind: 'negate' | 'percent' | 'degree' | 'factorial'; readonly operand: Expression }
  | { readonly kind: 'quotient'; readonly over: Expression; readonly under: Expression }
  | { readonly kind: 'power'; readonly base: Expression; readonly exponent: Expression }
  /** A function by name: known ones are evaluated, others (`f`) stand for themselves. */
  | { readonly kind: 'call'; readonly name: string; readonly items: readonly Expression[] }
  /** Both signs at once; `sign` tells `\pm` (1) from `\mp` (-1). */
  | { readonly kind: 'plus_minus'; readonly sign: 1 | -1; readonly operand: Expression }
  /** A finite or symbolic sum or product over a bound symbol; others (limits, integrals) only by their look. */
  | {
      readonly kind: 'series';
      readonly operator: string;
      readonly variable: string;
      readonly from: Expression;
      readonly to: Expression;
      readonly body: Expression;
    }
  | { readonly kind: 'matrix'; readonly rows: readonly (readonly Expression[])[] }
  /** `(1,2)`, `[0,1)`, `⟨1,2⟩`: a tuple, or an interval when there are two items. */
  | {
      readonly kind: 'tuple';
      readonly open: string;
      readonly close: string;
      readonly items: readonly Expression[];
    }
  | { readonly kind: 'set'; readonly items: readonly Expression[] }
  | { readonly kind: 'condition_set'; readonly condition: Expression }
  | { readonly kind: 'number_set'; readonly name: string }
  | {
      readonly kind: 'set_operation';
      readonly operator: SetOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  /** `a = b = c`, `1 < x ≤ 2`: one more operand than signs. */
  | {
      readonly kind: 'relation';
      readonly operands: readonly Expression[];
      readonly signs: readonly RelationSign[];
    }
  | { readonly kind: 'ratio'; readonly items: readonly Expression[]; readonly isClock: boolean }
  /** Several answers. `isGrouped`: in plain braces, `{1,3}`, which may also stand for a tuple. */
  | {
      readonly kind: 'list';
      readonly items: readonly Expression[];
      readonly joiner: Joiner;
      readonly isGrouped: boolean;
    }
  | { readonly kind: 'measured'; readonly operand: Expression; readonly unit: Unit };

export function children(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'number':
    case 'symbol':
    case 'constant':
    case 'number_set':
      return [];
    case 'sum':
    case 'product':
    case 'call':
    case 'tuple':
    case 'set':
    case 'ratio':
    case 'list':
      return expression.items;
    case 'negate':
    case 'percent':
    case 'degree':
    case 'factorial':
    case 'plus_minus':
    case 'measured':
      return [expression.operand];
    case 'quotient':
      return [expression.over, expression.under];
    case 'power':
      return [expression.base, expression.exponent];
    case 'series':
      return [expression.from, expression.to, expression.body];
    case 'matrix':
      return expression.rows.flat();
    case 'condition_set':
      return [expression.condition];
    case 'set_operation':
      return [expression.left, expression.right];
    case 'relation':
      return expression.operands;
  }
}

/** Whether `test` holds for the expression or anything in it. */
export function contains(expression: Expression, test: (node: Expression) => boolean): boolean {
  return test(expression) || children(expression).some((child) => contains(child, test));
}

export function hasDecimal(expression: Expression): boolean {
  return contains(expression, (node) => node.kind === 'number' && node.isDecimal);
}

/** No symbol and no function that stands for itself: it has a value. */
export function isConstant(expression: Expression): boolean {
  return !contains(expression, (node) => node.kind === 'symbol' || node.kind === 'series');
}

/** One string per structure; sums, products, sets do not depend on order. Equal keys mean equal expressions. */
export function keyOf(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return `${expression.value.over}/${expression.value.under}`;
    case 'symbol':
    case 'constant':
    case 'number_set':
      return `${expression.kind}:${expression.name}`;
    case 'matrix':
      return `matrix[${expression.rows.map((row) => row.map(keyOf).join(',')).join(';')}]`;
    case 'relation':
      return `relation(${expression.signs.join('')}:${expression.operands.map(keyOf).join(',')})`;
    case 'call':
    case 'condition_set':
    case 'degree':
    case 'factorial':
    case 'list':
    case 'measured':
    case 'negate':
    case 'percent':
    case 'plus_minus':
    case 'power':
    case 'product':
    case 'quotient':
    case 'ratio':
    case 'series':
    case 'set':
    case 'set_operation':
    case 'sum':
    case 'tuple': {
      const keys = children(expression).map(keyOf);
      if (expression.kind === 'sum' || expression.kind === 'product' || expression.kind === 'set') {
        keys.sort((a, b) => (a < b ? -1 : 1));
      }
      return `${expression.kind}${labelOf(expression)}(${keys.join(',')})`;
    }
  }
}

function labelOf(expression: Expression): string {
  switch (expression.kind) {
    case 'call':
      return `:${expression.name}`;
    case 'plus_minus':
      return `:${expression.sign}`;
    case 'series':
      return `:${expression.operator}:${expression.variable}`;
    case 'tuple':
      return `:${expression.open}${expression.close}`;
    case 'set_operation':
      return `:${expression.operator}`;
    case 'measured':
      return `:${expression.unit.name}`;
    case 'condition_set':
    case 'constant':
    case 'degree':
    case 'factorial':
    case 'list':
    case 'matrix':
    case 'negate':
    case 'number':
    case 'number_set':
    case 'percent':
    case 'power':
    case 'product':
    case 'quotient':
    case 'ratio':
    case 'relation':
    case 'set':
    case 'sum':
    case 'symbol':
      return '';
  }
}
