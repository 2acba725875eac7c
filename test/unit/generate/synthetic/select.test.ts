// Selection by pass rate: the paper's formula, a band, and p(1 − p).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { select, selectByPassRate } from '../../../../src/generate/synthetic/select.ts';
import { fatesOf, pairItem, runStage } from '../../../support/stage-world.ts';

const RATES = [0, 1, 0.5, 1 / 64, 0.25, 1, 0, 0.5, 63 / 64];
const rule = (name: 'paper' | 'band' | 'variance', size: number | null) => ({
  rule: name,
  size,
  min: 0.2,
  max: 0.8,
});

describe('selectByPassRate()', () => {
  it.each([
    ['paper', 3, [3, 4, 2]],
    ['paper', 5, [3, 4, 2, 7, 8]],
    // Never and always solved rank last, together.
    ['paper', 7, [3, 4, 2, 7, 8, 0, 1]],
    ['paper', null, [3, 4, 2, 7, 8, 0, 1, 5, 6]],
    ['band', null, [2, 4, 7]],
    ['band', 2, [2, 4]],
    ['variance', 3, [2, 7, 4]],
    ['variance', null, [2, 7, 4, 3, 8]],
  ] as const)('by "%s" with size %s chooses %j', (name, size, chosen) => {
    expect(selectByPassRate(RATES, rule(name, size))).toEqual(chosen);
  });

  it('by "paper" chooses the M lowest of p, or 1 where p is 0 (equation 7), for any rates', () => {
    const rates = fc.array(
      fc.integer({ min: 0, max: 64 }).map((passes) => passes / 64),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 50 }), (all, size) => {
        const score = (index: number): number => (all[index] === 0 ? 1 : (all[index] ?? 0));
        const chosen = selectByPassRate(all, rule('paper', size));
        const rest = all.map((_, index) => index).filter((index) => !chosen.includes(index));
        expect(chosen).toHaveLength(Math.min(size, all.length));
        expect(Math.max(0, ...chosen.map(score))).toBeLessThanOrEqual(Math.min(1, ...rest.map(score)));
      }),
    );
  });
});

describe('the stage "select"', () => {
  it('keeps the chosen ones and says why it drops the others', async () => {
    const items = RATES.map((passRate, at) => pairItem(at, { passRate }));
    expect(fatesOf(await runStage(select.prepare({ size: 2 }).stage, items))).toEqual([
      'never_solved',
      'always_solved',
      'not_selected',
      'kept',
      'kept',
      'always_solved',
      'never_solved',
      'not_selected',
      'not_selected',
    ]);
  });

  it('says that nobody has measured a pass rate', async () => {
    await expect(runStage(select.prepare({}).stage, [pairItem(0, {})])).rejects.toThrow(
      'no stage before this one has measured it',
    );
  });
});
