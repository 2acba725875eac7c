// Intervals against hand-worked numbers, and curves and differences of made-up seeds.

import { describe, expect, it } from 'vitest';

import { compare, interval95, SEEDS_MAX } from '../../../../src/trainer/experiment/comparison.ts';
import type { SeedRecord } from '../../../../src/trainer/experiment/experiment.ts';
import { experimentReport } from '../../../../src/trainer/experiment/experiment-report.ts';
import { type Arm, type ArmRecord, ARMS, gradedSteps } from '../../../../src/trainer/experiment/plan.ts';
import { pointRows, pointsCsv, pointsJsonLines } from '../../../../src/trainer/experiment/point-rows.ts';
import { reportText } from '../../../../src/core/report-text.ts';
import { EXPERIMENT_PLAN } from '../../../support/experiment-plan.ts';

/** Each arm with these shares at four points; the third one has all documents already. */
function seedRecord(seed: number, shares: Readonly<Record<Arm, readonly number[]>>): SeedRecord {
  const arm = (name: Arm): ArmRecord => ({
    arm: name,
    seed,
    order: ['a', 'b'],
    seconds: 1,
    points: shares[name].map((pass, index) => ({
      documents: Math.min(2, index),
      source_tokens: Math.min(2, index) * 60 + seed,
      flops: index * 1e9,
      updates: index,
      pass,
      pass_refreshed: pass / 2,
      stated: 0,
    })),
  });
  return {
    seed,
    base: { updates: 10, accuracy: 0.3 },
    arms: {
      reinforcement: arm('reinforcement'),
      pretraining: arm('pretraining'),
      'pretraining-repeated': arm('pretraining-repeated'),
    },
  };
}

const RECORDS = [
  seedRecord(1, {
    reinforcement: [0.2, 0.3, 0.4, 0.6],
    pretraining: [0.2, 0.2, 0.2, 0.2],
    'pretraining-repeated': [0.2, 0.25, 0.3, 0.7],
  }),
  seedRecord(2, {
    reinforcement: [0.1, 0.2, 0.5, 0.9],
    pretraining: [0.1, 0.1, 0.1, 0.1],
    'pretraining-repeated': [0.1, 0.25, 0.3, 0.7],
  }),
];

const reportOf = (records: readonly SeedRecord[]) =>
  experimentReport({
    plan: EXPERIMENT_PLAN,
    records,
    comparison: compare(records),
    model: 'tiny decoder',
    parameters: 1_234,
    device: 'cpu',
    seconds: 6,
  });

describe('interval95()', () => {
  it.each<[readonly number[], number, number]>([
    // s = 1, t of 2 degrees of freedom = 4.303: 4.303 / √3
    [[1, 2, 3], 2, 2.4843],
    // s = √2 · 0.1, t of 1 = 12.706: 12.706 · 0.1
    [[0.4, 0.6], 0.5, 1.2706],
    [[0.5, 0.5, 0.5], 0.5, 0],
  ])('of %j is %f ± %f', (values, centre, reach) => {
    const { mean, low, high } = interval95(values, [-10, 10]);
    expect(mean).toBeCloseTo(centre, 12);
    expect((high ?? NaN) - mean).toBeCloseTo(reach, 3);
    expect(mean - (low ?? NaN)).toBeCloseTo(reach, 3);
  });

  it('of one value is that value, without a claim about others', () => {
    expect(interval95([0.7], [0, 1])).toEqual({ mean: 0.7, low: undefined, high: undefined });
  });

  it('is cut where no value can be', () => {
    expect(interval95([0.5, 0.9], [0, 1])).toMatchObject({ low: 0, high: 1 });
  });

  it('refuses no values and more than its table has', () => {
    expect(() => interval95([], [0, 1])).toThrow(RangeError);
    const most = Array.from({ length: SEEDS_MAX }, (_, index) => index);
    expect(interval95(most, [0, 1]).low).toBeDefined();
    expect(() => interval95([...most, 0], [0, 1])).toThrow(RangeError);
  });
});

describe('compare()', () => {
  it('means the points of all seeds, each arm by itself', () => {
    const { seeds, curves } = compare(RECORDS);
    expect(seeds).toEqual([1, 2]);
    expect(curves.reinforcement.map(({ pass }) => pass.mean)).toEqual(
      [0.15, 0.25, 0.45, 0.75].map((x) => expect.closeTo(x, 12)),
    );
    expect(curves.pretraining.map(({ documents }) => documents)).toEqual([0, 1, 2, 2]);
    expect(curves.pretraining.map(({ source_tokens: tokens }) => tokens)).toEqual([1.5, 61.5, 121.5, 121.5]);
  });

  it('takes differences seed by seed, where the documents are used up for the first time and at the end', () => {
    const { differences } = compare(RECORDS);
    const found = (at: string, over: Arm, grade: string) =>
      differences.find((each) => each.at === at && each.over === over && each.grade === grade)?.difference;
    expect(found('first pass', 'pretraining', 'pass')?.mean).toBeCloseTo(0.3, 12);
    expect(found('first pass', 'pretraining-repeated', 'pass')?.mean).toBeCloseTo(0.15, 12);
    expect(found('end', 'pretraining-repeated', 'pass')?.mean).toBeCloseTo(0.05, 12);
    expect(found('end', 'pretraining', 'pass_refreshed')?.mean).toBeCloseTo(0.3, 12);
    // Of 0.1 and 0.2 seed by seed, not of the arms apart: 0.15 ± 12.706 · 0.05.
    expect(found('first pass', 'pretraining-repeated', 'pass')?.high).toBeCloseTo(0.15 + 0.6353, 3);
  });

  it('refuses arms that cannot be held against each other point by point', () => {
    const odd = seedRecord(3, { reinforcement: [0, 0], pretraining: [0, 0], 'pretraining-repeated': [0] });
    expect(() => compare([odd])).toThrow(RangeError);
  });
});

describe('experimentReport()', () => {
  it('has every arm in every chart, with the band of its interval', () => {
    const charts = reportOf(RECORDS).blocks.filter((block) => block.kind === 'lines');
    expect(charts).toHaveLength(5);
    for (const { series } of charts) {
      expect(series).toHaveLength(ARMS.length);
      for (const { points, band } of series) expect(band).toHaveLength(points.length);
    }
  });

  it('says who is behind as it says who is ahead', () => {
    const text = reportText({
      title: '',
      blocks: reportOf(RECORDS).blocks.filter((block) => block.kind === 'table'),
    });
    // At the end: 0.6 − 0.7 and 0.9 − 0.7 against the one, and the other way round.
    expect(text).toContain(' 0.050 [-1.000, 1.000]');
    const turned = RECORDS.map(({ arms, ...record }) => ({
      ...record,
      arms: {
        ...arms,
        reinforcement: arms['pretraining-repeated'],
        'pretraining-repeated': arms.reinforcement,
      },
    }));
    expect(reportText(reportOf(turned))).toContain('-0.050 [-1.000, 1.000]');
  });
});

describe('pointRows()', () => {
  it('gives each point of each seed and arm once, the same as CSV and as JSON lines', () => {
    const rows = pointRows(RECORDS);
    expect(rows).toHaveLength(2 * 3 * 4);
    const lines = pointsCsv(rows).trim().split('\n');
    const names = lines[0]?.split(',') ?? [];
    const fromJson = pointsJsonLines(rows)
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>);
    expect(lines.slice(1).map((line) => line.split(','))).toEqual(
      fromJson.map((row) => names.map((name) => String(row[name]))),
    );
  });
});

describe('gradedSteps()', () => {
  it.each<[number, number, readonly number[]]>([
    [10, 2, [0, 5, 10]],
    [10, 3, [0, 3, 7, 10]],
    [2, 5, [0, 1, 2]],
    [1, 1, [0, 1]],
  ])('of %i steps by %i points is %j', (steps, points, expected) => {
    expect(gradedSteps(steps, points)).toEqual(expected);
  });
});
