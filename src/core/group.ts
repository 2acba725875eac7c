// One group of a run, from its first lease to its one end, as a state machine: (group, event, now) → group and the leases
// that moved. It knows who holds the group, not what was handed in.

import type { BatchId, LeaseId } from './ids.ts';
import { nextLease, type Lease, type LeaseEvent, type LeaseState } from './lease.ts';

/**
 * `pending`: it came back and waits to be leased again. `leased`: a lease is open. `handed_in`: a lease has all its
 * members in and has claimed the group. `completed` and `quarantined` are the ends.
 */
export type GroupStage = 'pending' | 'leased' | 'handed_in' | 'completed' | 'quarantined';

export interface Group {
  /** Place in the run, from 0. */
  readonly sequence: number;
  /** Which row of the split. */
  readonly ordinal: number;
  readonly epoch: number;
  readonly stage: GroupStage;
  /** Oldest first. Those that were released long ago are forgotten: see `LEASES_KEPT_MAX`. */
  readonly leases: readonly Lease[];
  readonly leasesMade: number;
  readonly expirations: number;
  /** Its place among the groups that came back, which are leased again in this order. */
  readonly returnedAs: number;
}

export type GroupEvent =
  | { readonly kind: 'lease'; readonly leaseId: LeaseId; readonly batchId: BatchId; readonly ttlMs: number }
  | { readonly kind: 'extend'; readonly leaseId: LeaseId; readonly ttlMs: number }
  | { readonly kind: 'release' | 'hand-in'; readonly leaseId: LeaseId }
  /** `isEarly`: whatever its time, because its pair cannot be read. It counts as an attempt all the same. */
  | { readonly kind: 'expire'; readonly leaseId: LeaseId; readonly isEarly?: boolean }
  | { readonly kind: 'complete' };

/** A lease that changed its state; `from` is undefined for a new one. */
export interface LeaseMove {
  readonly lease: Lease;
  readonly from: LeaseState | undefined;
}

export interface GroupChange {
  readonly group: Group;
  readonly moves: readonly LeaseMove[];
}

/** Released leases of one group that are remembered beside those that may still be handed in. */
const LEASES_KEPT_MAX = 16;

export function newGroup(place: {
  readonly sequence: number;
  readonly ordinal: number;
  readonly epoch: number;
}): Group {
  return { ...place, stage: 'pending', leases: [], leasesMade: 0, expirations: 0, returnedAs: 0 };
}

export function findLease(group: Group, leaseId: LeaseId): Lease | undefined {
  return group.leases.find((lease) => lease.leaseId === leaseId);
}

/** The lease whose members are, or were, the group's. */
export function claimingLease(group: Group): Lease | undefined {
  return group.leases.find((lease) => lease.state === 'handed_in' || lease.state === 'completed');
}

/** Whether more may come in under the lease of this number and make the group its own. */
export function canHandIn(group: Group, leaseNumber: number): boolean {
  if (group.stage === 'quarantined' || claimingLease(group) !== undefined) return false;
  const state = group.leases.find(({ number }) => number === leaseNumber)?.state;
  return state === 'open' || state === 'expired';
}

/** What holds around the group when an event happens. */
export interface GroupContext {
  readonly now: number;
  readonly maxAttempts: number;
  /** What the next group that comes back is numbered; it only rises. */
  readonly returnNumber: number;
}

/** The group after the event, or undefined when the event cannot happen to it now. */
// oxlint-disable-next-line typescript/consistent-return -- the cases are all there are, and the compiler holds us to it
export function nextGroup(group: Group, event: GroupEvent, context: GroupContext): GroupChange | undefined {
  switch (event.kind) {
    case 'lease':
      return group.stage === 'pending' ? addLease(group, event, context.now) : undefined;
    case 'extend':
      return moveLease(group, event, context.now, { kind: 'extend', ttlMs: event.ttlMs }, {});
    case 'release':
      return moveLease(group, event, context.now, event, {
        stage: 'pending',
        returnedAs: context.returnNumber,
      });
    case 'expire': {
      const expirations = group.expirations + 1;
      return expirations >= context.maxAttempts
        ? moveLease(
            group,
            event,
            context.now,
            { kind: 'quarantine', isEarly: event.isEarly },
            { stage: 'quarantined', expirations },
          )
        : moveLease(group, event, context.now, event, {
            stage: 'pending',
            expirations,
            returnedAs: context.returnNumber,
          });
    }
    case 'hand-in':
      return group.stage === 'pending' || group.stage === 'leased'
        ? handIn(group, event, context.now)
        : undefined;
    case 'complete': {
      const claiming = claimingLease(group);
      if (group.stage !== 'handed_in' || claiming === undefined) return undefined;
      return moveLease(group, claiming, context.now, event, { stage: 'completed' });
    }
  }
}

function addLease(group: Group, event: Extract<GroupEvent, { kind: 'lease' }>, now: number): GroupChange {
  const made: Lease = {
    leaseId: event.leaseId,
    number: group.leasesMade,
    batchId: event.batchId,
    attempt: group.expirations + 1,
    expiresAt: now + event.ttlMs,
    state: 'open',
  };
  const leases = [...forgetReleased(group.leases), made];
  return {
    group: { ...group, stage: 'leased', leases, leasesMade: group.leasesMade + 1 },
    moves: [{ lease: made, from: undefined }],
  };
}

/** A client that leases and releases one group for ever must not make its history grow for ever. */
function forgetReleased(leases: readonly Lease[]): readonly Lease[] {
  const released = leases.filter((each) => each.state === 'released');
  return released.length < LEASES_KEPT_MAX ? leases : leases.filter((each) => each !== released[0]);
}

function moveLease(
  group: Group,
  which: { readonly leaseId: LeaseId },
  now: number,
  event: LeaseEvent,
  change: Partial<Group>,
): GroupChange | undefined {
  const before = findLease(group, which.leaseId);
  const after = before && nextLease(before, event, now);
  if (after === undefined) return undefined;
  return {
    group: { ...group, ...change, leases: group.leases.map((each) => (each === before ? after : each)) },
    moves: [{ lease: after, from: before?.state }],
  };
}

/** The lease claims the group; one that is open beside it (when this one had expired) is superseded. */
function handIn(group: Group, which: { readonly leaseId: LeaseId }, now: number): GroupChange | undefined {
  const change = moveLease(group, which, now, { kind: 'hand-in' }, { stage: 'handed_in' });
  const rival = change?.group.leases.find((each) => each.state === 'open');
  const superseded = change && rival && moveLease(change.group, rival, now, { kind: 'supersede' }, {});
  return superseded ? { group: superseded.group, moves: [...change.moves, ...superseded.moves] } : change;
}
