// Reads a declared calibration as people write it in configuration files. Every number must be there and make sense: a
// calibration that maps everything to one score would train on nothing.

import { CALIBRATION_KINDS, type Calibration, type CalibrationPoint } from './calibration.ts';
import { isJsonObject } from './canonical-json.ts';
import { invalidArgument } from './errors.ts';
import type { JsonObject } from './json.ts';

const MEMBERS: Readonly<Record<Calibration['kind'], readonly string[]>> = {
  identity: [],
  sigmoid: ['scale', 'shift'],
  min_max: ['min', 'max'],
  table: ['points'],
};

/**
 * @param field what to call the value in an error
 * @throws EnvError `invalid_argument` that names the member at fault
 */
export function calibrationFromJson(value: unknown, field: string): Calibration {
  const kind = isJsonObject(value) ? CALIBRATION_KINDS.find((known) => known === value['kind']) : undefined;
  if (!isJsonObject(value) || kind === undefined) {
    throw invalidArgument(field, `${field} must have a kind: ${CALIBRATION_KINDS.join(', ')}`);
  }
  const stranger = Object.keys(value).find((key) => key !== 'kind' && !MEMBERS[kind].includes(key));
  if (stranger !== undefined)
    throw invalidArgument(`${field}.${stranger}`, `${field} of kind ${kind} has no member "${stranger}"`);
  switch (kind) {
    case 'identity':
      return { kind };
    case 'sigmoid':
      return sigmoidFromJson(value, field);
    case 'min_max': {
      const min = finite(value['min'], `${field}.min`);
      const max = finite(value['max'], `${field}.max`);
      if (min >= max) throw invalidArgument(`${field}.max`, `${field}.max must be above ${field}.min`);
      return { kind, min, max };
    }
    case 'table':
      return { kind, points: pointsFromJson(value['points'], `${field}.points`) };
    default:
      return kind satisfies never;
  }
}

function sigmoidFromJson(value: JsonObject, field: string): Calibration {
  const scale = finite(value['scale'] ?? 1, `${field}.scale`);
  if (scale === 0) throw invalidArgument(`${field}.scale`, `${field}.scale must not be 0`);
  return { kind: 'sigmoid', scale, shift: finite(value['shift'] ?? 0, `${field}.shift`) };
}

function pointsFromJson(value: unknown, field: string): readonly CalibrationPoint[] {
  if (!Array.isArray(value) || value.length < 2)
    throw invalidArgument(field, `${field} must be a list of at least two points [raw, score]`);
  const points = value.map((point: unknown, index): CalibrationPoint => {
    const at = `${field}[${index}]`;
    if (!Array.isArray(point) || point.length !== 2)
      throw invalidArgument(at, `${at} must be a point [raw, score]`);
    const score = finite(point[1], `${at}[1]`);
    if (score < 0 || score > 1) throw invalidArgument(`${at}[1]`, `${at}[1] must be a score from 0 to 1`);
    return [finite(point[0], `${at}[0]`), score];
  });
  const falling = points.findIndex(([raw], index) => raw <= (points[index - 1]?.[0] ?? -Infinity));
  if (falling !== -1) throw invalidArgument(`${field}[${falling}]`, `${field} must have rising raw values`);
  return points;
}

function finite(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw invalidArgument(field, `${field} must be a finite number`);
  return value;
}
