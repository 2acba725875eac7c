// What the trainers' own functions returned (float32) for these rewards. Where the rules here differ on purpose, the
// fixture holds both numbers and the reason.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EstimatorChoice, RewardGroup } from '../../../../src/core/advantages/estimator.ts';
import { resolveEstimator } from '../../../../src/core/advantages/table.ts';

interface GoldenCase {
  readonly source: string;
  readonly estimator: EstimatorChoice;
  readonly groups: readonly RewardGroup[];
  /** What the source returned, groups one after the other. */
  readonly expected: readonly number[];
  /** What we return instead, and why. */
  readonly ours?: readonly number[];
  readonly why?: string;
}

const CASES: readonly GoldenCase[] = JSON.parse(
  readFileSync(new URL('../../../fixtures/advantages.json', import.meta.url), 'utf8'),
);

/**
 * 1e-6, relative to numbers above 1: the sources' float32 holds no more digits. NeMo-RL's one-pass variance needs it:
 * its 3.4914644 is 3.4914632 in doubles.
 */
function expectClose(got: number, wanted: number): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(wanted)));
}

describe('resolveEstimator() against the sources', () => {
  for (const { source, estimator, groups, expected, ours, why } of CASES) {
    const rewards = JSON.stringify(groups.map((group) => group.rewards));
    const exception = why === undefined ? '' : `, but: ${why}`;
    it(`${estimator.name} equals ${source} on ${rewards}${exception}`, () => {
      const got = resolveEstimator(estimator)
        .compute(groups)
        .flatMap((group) => group.advantages);
      const wanted = ours ?? expected;
      expect(got).toHaveLength(wanted.length);
      got.forEach((advantage, i) => {
        expectClose(advantage, wanted[i] ?? Number.NaN);
        expect(Object.is(advantage, -0)).toBe(false);
      });
    });
  }

  it('names a reason wherever it differs from its source by more than 1e-6, and only there', () => {
    for (const { expected, ours, why } of CASES) {
      const differs = ours?.some((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)) > 1e-6) ?? false;
      expect(why !== undefined).toBe(differs);
    }
  });
});
