// The points of all seeds as rows, for whoever plots or computes further: the same as CSV and as JSON lines.

import type { SeedRecord } from './experiment.ts';
import { type Arm, type ArmPoint, ARMS } from './plan.ts';

export interface PointRow extends ArmPoint {
  readonly seed: number;
  readonly arm: Arm;
  readonly index: number;
}

const COLUMNS = [
  'seed',
  'arm',
  'index',
  'documents',
  'source_tokens',
  'flops',
  'updates',
  'pass',
  'pass_refreshed',
  'stated',
] as const satisfies readonly (keyof PointRow)[];

export function pointRows(records: readonly SeedRecord[]): readonly PointRow[] {
  return records.flatMap(({ seed, arms }) =>
    ARMS.flatMap((arm) => arms[arm].points.map((point, index) => ({ seed, arm, index, ...point }))),
  );
}

/** No field holds a comma or a quote: they are numbers and names of arms. */
export function pointsCsv(rows: readonly PointRow[]): string {
  return `${[COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((name) => row[name]).join(','))].join('\n')}\n`;
}

export function pointsJsonLines(rows: readonly PointRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
