// The points at which expressions are compared. They depend only on the symbol's name and the number of the point, so both
// sides of a comparison, and every machine, use the same ones.

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
