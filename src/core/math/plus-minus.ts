// `3 ± √2` is two answers. All signs of one expression go together; a list of four means that they do not.

import { contains, type Expression } from './expression.ts';

export function hasPlusMinus(expression: Expression): boolean {
  return contains(expression, (node) => node.kind === 'plus_minus');
}

/** The expression with every `±` read as `sign` and every `∓` as its opposite. */
function withSign(expression: Expression, sign: 1 | -1): Expression {
  const inner = (node: Expression): Expression => withSign(node, sign);
  switch (expression.kind) {
    case 'plus_minus': {
      const operand = inner(expression.operand);
      return expression.sign === sign ? operand : { kind: 'negate', operand };
    }
    case 'sum':
    case 'product':
    case 'call':
    case 'tuple':
    case 'set':
    case 'ratio':
    case 'list':
      return { ...expression, items: expression.items.map(inner) };
    case 'negate':
    case 'percent':
    case 'degree':
    case 'factorial':
    case 'measured':
      return { ...expression, operand: inner(expression.operand) };
    case 'quotient':
      return { kind: 'quotient', over: inner(expression.over), under: inner(expression.under) };
    case 'power':
      return { kind: 'power', base: inner(expression.base), exponent: inner(expression.exponent) };
    case 'relation':
      return { ...expression, operands: expression.operands.map(inner) };
    case 'condition_set':
    case 'constant':
    case 'matrix':
    case 'number':
    case 'number_set':
    case 'series':
    case 'set_operation':
    case 'symbol':
      return expression;
  }
}

/** The two readings of an expression with `±`; just itself without. */
export function bothSigns(expression: Expression): readonly Expression[] {
  return hasPlusMinus(expression) ? [withSign(expression, 1), withSign(expression, -1)] : [expression];
}
