// From finished seeds to curves: means over seeds with intervals, and the differences between arms, seed by seed. Pure.

import { mean, standardDeviation } from '../../core/statistics.ts';
import type { SeedRecord } from './experiment.ts';
import { type Arm, type ArmPoint, ARMS } from './plan.ts';

export const GRADES = ['pass', 'pass_refreshed', 'stated'] as const;
export type GradeName = (typeof GRADES)[number];

export interface Interval {
  readonly mean: number;
  /** Undefined for a single seed: one number says nothing of how others would be. */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export interface CurvePoint extends Readonly<Record<GradeName, Interval>> {
  readonly index: number;
  /** Means over seeds: their documents differ in length. */
  readonly documents: number;
  readonly source_tokens: number;
  readonly flops: number;
  readonly updates: number;
}

/** Reinforcement minus pretraining of one kind, at one point, both seed by seed. */
export interface Difference {
  readonly at: 'first pass' | 'end';
  readonly over: Exclude<Arm, 'reinforcement'>;
  readonly grade: 'pass' | 'pass_refreshed';
  readonly index: number;
  readonly difference: Interval;
}

export interface Comparison {
  readonly seeds: readonly number[];
  readonly curves: Readonly<Record<Arm, readonly CurvePoint[]>>;
  readonly differences: readonly Difference[];
}

/** Two-sided 95 % quantiles of Student's t for 1, 2, … degrees of freedom (Student, 1908; any table of it). */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

type Bounds = readonly [least: number, most: number];
const SHARE: Bounds = [0, 1];
const DIFFERENCE: Bounds = [-1, 1];

export const SEEDS_MAX = T_95.length + 1;

/**
 * x̄ ± t · s / √n, s with n − 1, cut at `least` and `most`, which no value can pass.
 * @throws RangeError for no values, or more than `SEEDS_MAX`
 */
export function interval95(values: readonly number[], [least, most]: Bounds): Interval {
  const count = values.length;
  if (count === 0 || count > SEEDS_MAX) throw new RangeError(`Cannot give an interval of ${count} values`);
  const centre = mean(values);
  const t = T_95[count - 2];
  if (t === undefined) return { mean: centre, low: undefined, high: undefined };
  const reach = (t * standardDeviation(values, 1)) / Math.sqrt(count);
  return { mean: centre, low: Math.max(least, centre - reach), high: Math.min(most, centre + reach) };
}

/** @throws RangeError when arms have different numbers of points */
export function compare(records: readonly SeedRecord[]): Comparison {
  const curve = (arm: Arm): readonly CurvePoint[] =>
    acrossSeeds(records, arm).map((points, index) => {
      const of = (name: keyof ArmPoint): readonly number[] => points.map((point) => point[name]);
      return {
        index,
        documents: mean(of('documents')),
        source_tokens: mean(of('source_tokens')),
        flops: mean(of('flops')),
        updates: mean(of('updates')),
        pass: interval95(of('pass'), SHARE),
        pass_refreshed: interval95(of('pass_refreshed'), SHARE),
        stated: interval95(of('stated'), SHARE),
      };
    });
  return {
    seeds: records.map(({ seed }) => seed),
    curves: {
      reinforcement: curve('reinforcement'),
      pretraining: curve('pretraining'),
      'pretraining-repeated': curve('pretraining-repeated'),
    },
    differences: differencesOf(records),
  };
}

/** The points of an arm: by index, then by seed. */
function acrossSeeds(records: readonly SeedRecord[], arm: Arm): readonly (readonly ArmPoint[])[] {
  const counts = new Set(records.flatMap(({ arms }) => ARMS.map((each) => arms[each].points.length)));
  const [count = 0] = counts;
  if (counts.size > 1) throw new RangeError('Arms are compared point by point: they have as many points');
  return Array.from({ length: count }, (_, index) =>
    records.flatMap(({ arms }) => arms[arm].points[index] ?? []),
  );
}

function differencesOf(records: readonly SeedRecord[]): readonly Difference[] {
  const first = acrossSeeds(records, 'reinforcement');
  const last = first.length - 1;
  const documentsAt = (index: number): number => mean((first[index] ?? []).map(({ documents }) => documents));
  const firstPass = first.findIndex((_, index) => documentsAt(index) >= documentsAt(last));
  const places = [
    { at: 'first pass' as const, index: firstPass },
    { at: 'end' as const, index: last },
  ].filter(({ at, index }) => at === 'end' || index < last);
  return places.flatMap(({ at, index }) =>
    (['pretraining', 'pretraining-repeated'] as const).flatMap((over) =>
      (['pass', 'pass_refreshed'] as const).map((grade) => ({
        at,
        over,
        grade,
        index,
        difference: interval95(
          acrossSeeds(records, over)[index]?.map(
            (point, seed) => (first[index]?.[seed]?.[grade] ?? NaN) - point[grade],
          ) ?? [],
          DIFFERENCE,
        ),
      })),
    ),
  );
}
