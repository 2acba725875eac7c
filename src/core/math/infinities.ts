// Infinity as an answer: it has a sign and nothing else. What is built with it besides is not decided.

import { contains, type Expression } from './expression.ts';
import type { Outcome } from './outcome.ts';

export function isInfinity(node: Expression): boolean {
  return node.kind === 'constant' && node.name === 'infinity';
}

export function sameInfinity(a: Expression, b: Expression): Outcome {
  const [x, y] = [signedInfinity(a), signedInfinity(b)];
  if (x === undefined || y === undefined) {
    const isFiniteOther =
      (x !== undefined && !contains(b, isInfinity)) || (y !== undefined && !contains(a, isInfinity));
    return isFiniteOther ? 'different' : 'unknown';
  }
  return x === y ? 'equal' : 'different';
}

function signedInfinity(expression: Expression): 1 | -1 | undefined {
  if (isInfinity(expression)) return 1;
  return expression.kind === 'negate' && isInfinity(expression.operand) ? -1 : undefined;
}
