// Comparing expressions that make sense for whole numbers only: factorials, binomials, sums with symbolic bounds. Exact values at
// a few whole numbers; never doubles.

import { type Bindings, exactValue } from './exact.ts';
import { type Expression, isConstant } from './expression.ts';
import { type Budget, MathFault } from './limits.ts';
import { AGREEING_PROBES_MIN, type Outcome } from './outcome.ts';
import { WHOLE_PROBES } from './probe-points.ts';
import * as rational from './rational.ts';
import type { Rational } from './rational.ts';

/** Factorials, binomials and sums with symbols speak of whole numbers. */
export function isForWholeNumbers(node: Expression): boolean {
  if (node.kind === 'series') return node.operator === 'sum' || node.operator === 'prod';
  return (
    (node.kind === 'factorial' || (node.kind === 'call' && node.name === 'binomial')) && !isConstant(node)
  );
}

/** Exact values at whole numbers: `n!` is `n·(n-1)!`, `\sum_{k=1}^{n} k` is `n(n+1)/2`. */
export function sameOnWholeNumbers(a: Expression, b: Expression, budget: Budget): Outcome {
  let agreeing = 0;
  for (let point = 0; point < WHOLE_PROBES.points; point += 1) {
    const bindings = WHOLE_PROBES.bindings([a, b], point);
    const x = definedValue(a, bindings, budget);
    const y = x === undefined ? undefined : definedValue(b, bindings, budget);
    if (x === undefined || y === undefined) continue;
    if (!rational.isEqual(x, y)) return 'different';
    agreeing += 1;
  }
  return agreeing >= AGREEING_PROBES_MIN ? 'equal' : 'unknown';
}

function definedValue(expression: Expression, bindings: Bindings, budget: Budget): Rational | undefined {
  try {
    return exactValue(expression, budget, bindings);
  } catch (fault) {
    if (fault instanceof MathFault && fault.kind === 'undefined') return undefined;
    throw fault;
  }
}
