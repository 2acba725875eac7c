// `x = 5`, `f(x) = x²`, `AB = 4`, `(a, b) = (1, 2)`, `x ∈ S`: a name and what it stands for. An equation between two
// expressions (`a + 3z = 0`) is none, so neither of its sides can pass for an answer.

import { contains, type Expression, keyOf } from './expression.ts';

export interface Assignment {
  /** Normal form of the name; equal for `x_1` and `x_{1}`. */
  readonly name: string;
  readonly value: Expression;
}

/** Functions whose value an answer may give a name to: `\cos A = 1/2`, `|AB| = 1`. */
const NAMING_CALLS = new Set(['sin', 'cos', 'tan', 'cot', 'sec', 'csc', 'abs']);
const EVALUATED_NAMES = new Set([
  'root',
  'log',
  'ln',
  'exp',
  'floor',
  'ceil',
  'max',
  'min',
  'gcd',
  'lcm',
  'mod',
  'binomial',
]);

/** The assignment that a relation makes; undefined when it makes none. */
export function assignmentOf(expression: Expression): Assignment | undefined {
  if (expression.kind !== 'relation') return undefined;
  const { operands, signs } = expression;
  const [first] = operands;
  const last = operands.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (signs.length === 1 && signs[0] === '∈') {
    return isName(first) ? { name: nameKey(first), value: last } : undefined;
  }
  if (!signs.every((sign) => sign === '=' || sign === '≈')) return undefined;
  if (isName(first) && !mentions(last, first)) return { name: nameKey(first), value: last };
  if (signs.length === 1 && isName(last) && !isName(first) && !mentions(first, last)) {
    return { name: nameKey(last), value: first };
  }
  return undefined;
}

function isName(expression: Expression): boolean {
  switch (expression.kind) {
    case 'symbol':
      return true;
    case 'product':
      if (isDifferential(expression.items)) return true;
      return expression.items.every(
        (item) => item.kind === 'symbol' && /^(?:[A-Z]|angle|triangle)/.test(item.name),
      );
    case 'call':
      if (NAMING_CALLS.has(expression.name)) return expression.items.every(isName);
      return !EVALUATED_NAMES.has(expression.name);
    case 'quotient':
      return isName(expression.over) && isName(expression.under);
    case 'ratio':
    case 'tuple':
      return expression.items.every(isName);
    case 'condition_set':
    case 'constant':
    case 'degree':
    case 'factorial':
    case 'list':
    case 'matrix':
    case 'measured':
    case 'negate':
    case 'number':
    case 'number_set':
    case 'percent':
    case 'plus_minus':
    case 'power':
    case 'relation':
    case 'series':
    case 'set':
    case 'set_operation':
    case 'sum':
      return false;
  }
}

/** `dy`, `∂f`. */
function isDifferential(items: readonly Expression[]): boolean {
  const [first, second] = items;
  const isSign = first?.kind === 'symbol' && (first.name === 'd' || first.name === 'partial');
  return isSign && items.length === 2 && second?.kind === 'symbol';
}

/** `|AB|` and `AB` name one length. */
function nameKey(name: Expression): string {
  const [inner] = name.kind === 'call' && name.name === 'abs' ? name.items : [];
  return keyOf(inner ?? name);
}

/** `x = x + 1` assigns nothing. */
function mentions(value: Expression, name: Expression): boolean {
  if (name.kind !== 'symbol' && name.kind !== 'call') return false;
  const key = keyOf(name);
  return contains(value, (node) => keyOf(node) === key);
}

/** The letter of a name without its subscript: `x_1` and `x_2` are both an x. */
export function bareName(name: string): string {
  return name.replace(/_.*$/, '');
}
