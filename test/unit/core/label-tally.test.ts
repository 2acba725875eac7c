// Shares with their intervals, agreement beyond chance, and verdicts held against labels.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kappaOf } from '../../../src/core/agreement.ts';
import { LabelTally } from '../../../src/core/label-tally.ts';
import { proportionOf } from '../../../src/core/proportion.ts';

describe('proportionOf()', () => {
  // As prop.test of R without continuity correction, and statsmodels' proportion_confint with method "wilson", print them.
  it.each([
    [8, 10, 0.490162, 0.943318],
    [0, 10, 0, 0.277533],
    [10, 10, 0.722467, 1],
    [1, 2, 0.094531, 0.905469],
    [50, 100, 0.403832, 0.596168],
  ])('proportionOf(%d, %d) lies between %d and %d', (part, whole, low, high) => {
    const found = proportionOf(part, whole);
    expect(found?.share).toBe(part / whole);
    expect(found?.low).toBeCloseTo(low, 6);
    expect(found?.high).toBeCloseTo(high, 6);
  });

  it('proportionOf() of nothing is undefined', () => {
    expect(proportionOf(0, 0)).toBeUndefined();
  });

  it('proportionOf() stays inside [0, 1] and around its share, and mirrors', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (a, b) => {
        fc.pre(a + b > 0);
        const [found, mirrored] = [proportionOf(a, a + b), proportionOf(b, a + b)];
        if (found === undefined || mirrored === undefined) return false;
        expect(found.low).toBeGreaterThanOrEqual(0);
        expect(found.low).toBeLessThanOrEqual(found.share);
        expect(found.high).toBeGreaterThanOrEqual(found.share);
        expect(found.high).toBeLessThanOrEqual(1);
        expect(found.low).toBeCloseTo(1 - mirrored.high, 12);
        return true;
      }),
    );
  });
});

describe('kappaOf()', () => {
  it.each([
    // Agreement 0.7, by chance 0.5.
    [{ bothYes: 20, onlyScorer: 5, onlyJudge: 10, bothNo: 15 }, 0.4],
    [{ bothYes: 5, onlyScorer: 0, onlyJudge: 0, bothNo: 5 }, 1],
    [{ bothYes: 25, onlyScorer: 25, onlyJudge: 25, bothNo: 25 }, 0],
    [{ bothYes: 0, onlyScorer: 5, onlyJudge: 5, bothNo: 0 }, -1],
    // Nearly all are right: agreement of 0.9 is no better than chance.
    [{ bothYes: 90, onlyScorer: 10, onlyJudge: 0, bothNo: 0 }, 0],
  ])('kappaOf(%o) is %d', (counts, kappa) => {
    expect(kappaOf(counts)).toBeCloseTo(kappa, 12);
  });

  it('kappaOf() is undefined where both always say the same', () => {
    expect(kappaOf({ bothYes: 7, onlyScorer: 0, onlyJudge: 0, bothNo: 0 })).toBeUndefined();
    expect(kappaOf({ bothYes: 0, onlyScorer: 0, onlyJudge: 0, bothNo: 0 })).toBeUndefined();
  });
});

describe('LabelTally', () => {
  it('LabelTally.measure() counts each verdict in one cell, and what could not be scored as no agreement', () => {
    const tally = new LabelTally();
    const add = (count: number, isYes: boolean, label: boolean): void => {
      for (let each = 0; each < count; each += 1) tally.add({ kind: 'said', isYes }, label);
    };
    add(4, true, true);
    add(1, true, false);
    add(2, false, true);
    add(3, false, false);
    tally.add({ kind: 'unscorable', cause: 'judge_unavailable' }, true);
    tally.add({ kind: 'unscorable', cause: 'judge_unavailable' }, false);
    const measure = tally.measure();
    expect(measure).toMatchObject({
      labelled: 12,
      truePositives: 4,
      falsePositives: 1,
      falseNegatives: 2,
      trueNegatives: 3,
      unscorable: { judge_unavailable: 2 },
    });
    expect(measure.accuracy?.share).toBe(7 / 10);
    expect(measure.precision?.share).toBe(4 / 5);
    expect(measure.recall?.share).toBe(4 / 6);
    expect(measure.agreement?.share).toBe(7 / 12);
  });

  it('LabelTally.measure() of nothing has no shares', () => {
    expect(new LabelTally().measure()).toMatchObject({ labelled: 0, accuracy: undefined, kappa: undefined });
  });
});
