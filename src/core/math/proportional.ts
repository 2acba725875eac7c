// Whether two expressions are the same up to a constant factor: that makes `x²/4 + y²/3 = 1` and `3x² + 4y² = 12` one
// equation, and with a positive factor `2x > 6y` and `x > 3y` one inequality.

import * as approximate from './approximate.ts';
import type { Expression } from './expression.ts';
import { type Budget, MathFault } from './limits.ts';
import { modularValue } from './modular.ts';
import { FIELDS } from './prime-fields.ts';
import { numericValue } from './numeric.ts';
import { COMPLEX_PROBES, REAL_PROBES } from './probe-points.ts';
import type { Outcome } from './outcome.ts';

const POINTS = 4;

/** `a = k·b` for a constant k ≠ 0. An expression that is zero everywhere is proportional to nothing. */
export function proportional(a: Expression, b: Expression, budget: Budget): Outcome {
  return proportionalImage(a, b, budget) ?? proportionalProbes(a, b, budget);
}

/** 1 or -1: the sign of k in `a = k·b`, from the first real point where both have a value. Undefined when there is none. */
export function factorSign(a: Expression, b: Expression, budget: Budget): 1 | -1 | undefined {
  for (let point = 0; point < REAL_PROBES.points; point += 1) {
    const context = { probes: REAL_PROBES, point, logBase: 'e', budget } as const;
    const [x, y] = [numericValue(a, context), numericValue(b, context)];
    const isUsable = approximate.isFinite(x) && approximate.isFinite(y) && x.im === 0 && y.im === 0;
    if (isUsable && Math.abs(x.re) > x.error && Math.abs(y.re) > y.error)
      return x.re > 0 === y.re > 0 ? 1 : -1;
  }
  return undefined;
}

function proportionalImage(a: Expression, b: Expression, budget: Budget): Outcome | undefined {
  try {
    for (const field of FIELDS) {
      const images: [bigint, bigint][] = [];
      for (let point = 0; point < POINTS; point += 1) {
        const x = modularValue(a, field, point, budget);
        const y = x === undefined ? undefined : modularValue(b, field, point, budget);
        if (x === undefined || y === undefined) return undefined;
        images.push([x, y]);
      }
      const [x0, y0] = images[0] ?? [0n, 0n];
      if (x0 === 0n || y0 === 0n) return 'different';
      if (images.some(([x, y]) => (x * y0 - y * x0) % field.prime !== 0n)) return 'different';
    }
    return 'equal';
  } catch (fault) {
    if (fault instanceof MathFault && fault.message === 'power too large') return undefined;
    throw fault;
  }
}

function proportionalProbes(a: Expression, b: Expression, budget: Budget): Outcome {
  let ratio: approximate.Approximate | undefined;
  let agreeing = 0;
  for (let point = 0; point < COMPLEX_PROBES.points; point += 1) {
    const context = { probes: COMPLEX_PROBES, point, logBase: 'e', budget } as const;
    const next = approximate.divide(numericValue(a, context), numericValue(b, context));
    if (!approximate.isFinite(next) || approximate.size(next) <= next.error) continue;
    ratio ??= next;
    const result = approximate.closeness(ratio, next);
    if (result === 'different') return 'different';
    if (result === 'equal') agreeing += 1;
  }
  return agreeing >= 3 ? 'equal' : 'unknown';
}
