import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Books } from '../../../src/core/accounting.ts';
import { LEASE_STATES } from '../../../src/core/lease.ts';

const BESIDE = { groupsTotal: 9, cache: { hits: 0, misses: 0 }, costUsd: 0 };

function scored(reward: number) {
  return { kind: 'scored' as const, reward, scores: [] };
}

describe('Books', () => {
  it('Books balances its leases after any moves', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...LEASE_STATES)), (moves) => {
        const books = new Books();
        let state: (typeof LEASE_STATES)[number] | undefined;
        for (const to of moves) {
          books.leaseMoved(state, to);
          state = to;
        }
        const { leased, ...ends } = books.accounting(BESIDE).leases;
        expect(Object.values(ends).reduce((a, b) => a + b, 0)).toBe(leased);
        expect(Object.values(ends).every((count) => count >= 0)).toBe(true);
      }),
    );
  });

  it('Books has no mean, pass rate or share before there is anything', () => {
    const { meanReward, passRate, zeroVarianceShare, passThreshold } = new Books().accounting(BESIDE);
    expect([meanReward, passRate, zeroVarianceShare, passThreshold]).toEqual([
      undefined,
      undefined,
      undefined,
      0.5,
    ]);
  });

  it('Books takes the mean without losing digits', () => {
    const books = new Books();
    for (const reward of [1e16, 1, 1, -1e16]) books.completionEnded(scored(reward));
    expect(books.accounting(BESIDE).meanReward).toBe(0.5);
  });

  it('Books goes on from its snapshot, and a snapshot does not change', () => {
    const books = new Books();
    books.completionEnded(scored(0.5));
    const snapshot = books.snapshot();
    books.completionEnded(scored(0));
    const again = new Books(snapshot);
    again.completionEnded(scored(0));
    expect(again.accounting(BESIDE)).toEqual(books.accounting(BESIDE));
    expect(new Books(snapshot).accounting(BESIDE).passRate).toBe(1);
  });

  it('Books counts drifts one by one up to 256, and larger ones under the power of two below', () => {
    const books = new Books();
    for (const drift of [0, 256, 257, 511, 512, 2 ** 40 + 5, undefined]) {
      books.completionSubmitted({ isTruncated: false, drift });
    }
    expect(books.accounting(BESIDE).drift).toEqual([
      { drift: 0, completions: 1 },
      { drift: 256, completions: 3 },
      { drift: 512, completions: 1 },
      { drift: 2 ** 40, completions: 1 },
    ]);
  });

  it('Books counts for the total as well, from when it was made', () => {
    const total = new Books();
    const old = new Books();
    old.groupIssued();
    const books = new Books(old.snapshot(), total);
    books.groupIssued();
    books.leaseMoved(undefined, 'open');
    books.leaseMoved('open', 'expired');
    books.leaseMoved('expired', 'handed_in');
    expect(books.groups.issued).toBe(2);
    expect([total.groups.issued, total.expirations]).toEqual([1, 1]);
  });
});
