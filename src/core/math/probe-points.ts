// The points at which expressions are compared. They depend only on the symbol's name and the number of the point, so both
// sides of a comparison, and every machine, use the same ones.

import { children, type Expression } from './expression.ts';
import { integer, type Rational } from './rational.ts';

/** 32 mixed bits for a name and a point. FNV-1a, finished as in MurmurHash3. */
export function seedOf(name: string, point: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(point + 1, 0x9e3779b1);
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** In [0, 1). */
function unit(name: string, point: number): number {
  return seedOf(name, point) / 2 ** 32;
}

export interface ProbeSet {
  readonly points: number;
  /** The value of a symbol at a point, real and imaginary part. */
  valueOf(name: string, point: number): readonly [number, number];
}

/** Six real points: three positive, one negative, two of either sign. */
export const REAL_PROBES: ProbeSet = {
  points: 6,
  valueOf(name, point) {
    const size = 0.3 + 2 * unit(name, point);
    const isNegative = point === 3 || (point > 3 && (seedOf(name, point + 500) & 1) === 1);
    return [isNegative ? -size : size, 0];
  },
};

/** Twenty-four real points from a hundredth to a thousand, for functions with corners or steps. */
export const WIDE_PROBES: ProbeSet = {
  points: 24,
  valueOf(name, point) {
    const size = 10 ** (-2 + 5 * unit(name, point + 2_000));
    return [(seedOf(name, point + 2_500) & 1) === 1 ? -size : size, 0];
  },
};

/** Six complex points near the positive axis, away from the cuts of roots and logarithms. */
export const COMPLEX_PROBES: ProbeSet = {
  points: 6,
  valueOf(name, point) {
    return [0.4 + 1.6 * unit(name, point + 3_000), 1.2 * unit(name, point + 3_500) - 0.6];
  },
};

/** Eight assignments of whole numbers from 2 to 21. */
export const WHOLE_PROBES = {
  points: 8,
  bindings(sides: readonly Expression[], point: number): ReadonlyMap<string, Rational> {
    const values = new Map<string, Rational>();
    const collect = (node: Expression): void => {
      if (node.kind === 'symbol')
        values.set(node.name, integer(BigInt(2 + (seedOf(node.name, point + 4_000) % 20))));
      for (const child of children(node)) collect(child);
    };
    for (const side of sides) collect(side);
    return values;
  },
} as const;
