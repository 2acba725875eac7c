// From a reward model's raw number to a score in [0, 1], by a rule that is declared and nothing else: a raw output has no
// scale of its own. What is not finite has no score; it is never rounded to one.

/**
 * With raw value x:
 *
 *   identity   x, cut to [0, 1]
 *   sigmoid    1 / (1 + e^−(scale · x + shift)), as in Platt scaling
 *   min_max    (x − min) / (max − min), cut to [0, 1]
 *   table      straight lines between the points, level beyond the first and the last (isotonic regression gives such)
 */
export type Calibration =
  | { readonly kind: 'identity' }
  | { readonly kind: 'sigmoid'; readonly scale: number; readonly shift: number }
  | { readonly kind: 'min_max'; readonly min: number; readonly max: number }
  | { readonly kind: 'table'; readonly points: readonly CalibrationPoint[] };

/** A raw value and its score in [0, 1]. */
export type CalibrationPoint = readonly [raw: number, score: number];

export const CALIBRATION_KINDS = ['identity', 'sigmoid', 'min_max', 'table'] as const;

export const IDENTITY: Calibration = { kind: 'identity' };

/** The score of a raw value, in [0, 1]; undefined when the value is not finite. */
export function calibrate(calibration: Calibration, raw: number): number | undefined {
  if (!Number.isFinite(raw)) return undefined;
  switch (calibration.kind) {
    case 'identity':
      return clamp(raw);
    case 'sigmoid':
      return 1 / (1 + Math.exp(-(calibration.scale * raw + calibration.shift)));
    case 'min_max':
      return clamp((raw - calibration.min) / (calibration.max - calibration.min));
    case 'table':
      return interpolate(calibration.points, raw);
    default:
      return calibration satisfies never;
  }
}

function interpolate(points: readonly CalibrationPoint[], raw: number): number | undefined {
  let before: CalibrationPoint | undefined;
  for (const point of points) {
    if (raw <= point[0]) {
      if (before === undefined) return point[1];
      const share = (raw - before[0]) / (point[0] - before[0]);
      return clamp(before[1] + share * (point[1] - before[1]));
    }
    before = point;
  }
  return before?.[1];
}

/** Adding 0 turns −0 into 0. */
function clamp(value: number): number {
  return Math.min(1, Math.max(0, value)) + 0;
}
