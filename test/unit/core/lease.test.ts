import { describe, expect, it } from 'vitest';
import { leaseIdFrom, type BatchId } from '../../../src/core/ids.ts';
import {
  LEASE_STATES,
  nextLease,
  type Lease,
  type LeaseEvent,
  type LeaseState,
} from '../../../src/core/lease.ts';

const EXPIRES_AT = 1_000;

function leaseIn(state: LeaseState): Lease {
  const leaseId = leaseIdFrom(3, 'nonce');
  return { leaseId, number: 0, batchId: 'b-1' as BatchId, attempt: 1, expiresAt: EXPIRES_AT, state };
}

/** What each event makes of an open lease, and of which other states it makes anything. */
const EVENTS: readonly (readonly [LeaseEvent, LeaseState, readonly LeaseState[]])[] = [
  [{ kind: 'extend', ttlMs: 500 }, 'open', ['open']],
  [{ kind: 'expire' }, 'expired', ['open']],
  [{ kind: 'quarantine' }, 'quarantined', ['open']],
  [{ kind: 'release' }, 'released', ['open']],
  [{ kind: 'supersede' }, 'superseded', ['open']],
  [{ kind: 'hand-in' }, 'handed_in', ['open', 'expired']],
  [{ kind: 'complete' }, 'completed', ['handed_in']],
];

describe('nextLease()', () => {
  it.each(EVENTS)('nextLease() answers %o with state %s, from %o only', (event, after, from) => {
    for (const state of LEASE_STATES) {
      const next = nextLease(leaseIn(state), event, EXPIRES_AT);
      expect(next?.state).toBe(from.includes(state) ? after : undefined);
    }
  });

  it.each(['expire', 'quarantine'] as const)('nextLease() lets no lease %s before its time', (kind) => {
    expect(nextLease(leaseIn('open'), { kind }, EXPIRES_AT - 1)).toBeUndefined();
  });

  it('nextLease() extends from now, and never shortens', () => {
    const extended = [0, 500, 900].map(
      (now) => nextLease(leaseIn('open'), { kind: 'extend', ttlMs: 500 }, now)?.expiresAt,
    );
    expect(extended).toEqual([1_000, 1_000, 1_400]);
  });
});
