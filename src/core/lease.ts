// One client's hold on a group, as a state machine: (lease, event, now) → lease. What an event means for the rest of the
// group is `group.ts`'s business.

import type { BatchId, LeaseId } from './ids.ts';

/**
 * `open`: members are missing, the clock runs. `handed_in`: all members are in and the lease has claimed its group; it
 * can no longer expire. `superseded`: another lease of the group claimed it first. The rest are ends.
 */
export const LEASE_STATES = [
  'open',
  'handed_in',
  'completed',
  'expired',
  'released',
  'superseded',
  'quarantined',
] as const;
export type LeaseState = (typeof LEASE_STATES)[number];

export interface Lease {
  readonly leaseId: LeaseId;
  /** Which lease of its group this is, from 0. */
  readonly number: number;
  readonly batchId: BatchId;
  /** 1 + leases of the group that expired before this one. */
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly state: LeaseState;
}

export type LeaseEvent =
  | { readonly kind: 'extend'; readonly ttlMs: number }
  /** `isEarly`: whatever its time, because its group turned out to be unusable. */
  | { readonly kind: 'expire' | 'quarantine'; readonly isEarly?: boolean | undefined }
  | { readonly kind: 'release' }
  | { readonly kind: 'supersede' }
  | { readonly kind: 'hand-in' }
  | { readonly kind: 'complete' };

/** The lease after the event, or undefined when the event cannot happen to it in its state or not yet. */
// oxlint-disable-next-line typescript/consistent-return -- the cases are all there are, and the compiler holds us to it
export function nextLease(lease: Lease, event: LeaseEvent, now: number): Lease | undefined {
  const { state } = lease;
  switch (event.kind) {
    case 'extend':
      return state === 'open'
        ? { ...lease, expiresAt: Math.max(lease.expiresAt, now + event.ttlMs) }
        : undefined;
    case 'expire':
      return state === 'open' && isDue(lease, event, now) ? { ...lease, state: 'expired' } : undefined;
    case 'quarantine':
      return state === 'open' && isDue(lease, event, now) ? { ...lease, state: 'quarantined' } : undefined;
    case 'release':
      return state === 'open' ? { ...lease, state: 'released' } : undefined;
    case 'supersede':
      return state === 'open' ? { ...lease, state: 'superseded' } : undefined;
    case 'hand-in':
      // An expired lease may still win the group: its completions are as good as any.
      return state === 'open' || state === 'expired' ? { ...lease, state: 'handed_in' } : undefined;
    case 'complete':
      return state === 'handed_in' ? { ...lease, state: 'completed' } : undefined;
  }
}

function isDue({ expiresAt }: Lease, { isEarly }: { readonly isEarly?: boolean | undefined }, now: number) {
  return isEarly === true || expiresAt <= now;
}
