// What a client is told of a group, in each of its states. Only what was scored is told, and never a ground truth.

import type { EstimatorChoice } from '../../core/advantages/estimator.ts';
import type { GroupResult, GroupState, LeasedGroup } from '../../core/calls.ts';
import { claimingLease, newGroup } from '../../core/group.ts';
import { groupIdAt, NO_BATCH, NO_LEASE, type BatchId } from '../../core/ids.ts';
import type { Lease } from '../../core/lease.ts';
import type { EndedGroup } from '../../ports/run-store.ts';
import { HeldGroup } from './held-group.ts';

export interface ResultContext {
  readonly groupSize: number;
  /** With its constants. */
  readonly estimator: EstimatorChoice;
  batchOwed(batchId: BatchId): number | undefined;
}

export function endedResult(ended: EndedGroup, { estimator }: ResultContext): GroupResult {
  const { group, leaseId, batchId, completions, flags, batchOwed } = ended;
  const state = group.stage === 'quarantined' ? 'quarantined' : 'completed';
  const groupId = groupIdAt(group.sequence);
  return { groupId, leaseId, batchId, state, completions, missing: [], flags, estimator, batchOwed };
}

/** What became of what was handed in under one lease. Of another lease's completions it tells nothing. */
export function leaseResult(held: HeldGroup, lease: Lease, context: ResultContext): GroupResult {
  if (held.ended !== undefined && held.ended.leaseId === lease.leaseId)
    return endedResult(held.ended, context);
  const members = held.membersOf(lease);
  return {
    groupId: groupIdAt(held.state.sequence),
    leaseId: lease.leaseId,
    batchId: lease.batchId,
    state: stateUnder(held, lease),
    completions: members.scored(),
    missing: members.missing(),
    flags: [],
    estimator: context.estimator,
    batchOwed: context.batchOwed(lease.batchId),
  };
}

/** What became of the group: of the lease that claimed it, or else of its newest. */
export function groupResult(held: HeldGroup, context: ResultContext): GroupResult {
  if (held.ended !== undefined) return endedResult(held.ended, context);
  const lease = claimingLease(held.state) ?? held.state.leases.at(-1);
  if (lease !== undefined && held.state.stage !== 'pending') return leaseResult(held, lease, context);
  return {
    groupId: groupIdAt(held.state.sequence),
    leaseId: lease?.leaseId ?? NO_LEASE,
    batchId: lease?.batchId ?? NO_BATCH,
    state: 'pending',
    completions: [],
    missing: Array.from({ length: context.groupSize }, (_, index) => index),
    flags: [],
    estimator: context.estimator,
    batchOwed: undefined,
  };
}

/** A group of the run that was never leased. */
export function unleasedResult(sequence: number, context: ResultContext): GroupResult {
  return groupResult(new HeldGroup(newGroup({ sequence, ordinal: 0, epoch: 0 }), context.groupSize), context);
}

/** A group as the client that leases it sees it. */
export function leasedGroup(held: HeldGroup, lease: Lease, groupSize: number): LeasedGroup {
  const { state, pair, prompt } = held;
  if (pair === undefined || prompt === undefined) {
    throw new Error(`Group ${state.sequence} is described before its pair is read`);
  }
  return {
    groupId: groupIdAt(state.sequence),
    leaseId: lease.leaseId,
    batchId: lease.batchId,
    pairId: pair.pairId,
    prompt,
    groupSize,
    attempt: lease.attempt,
    expiresAt: lease.expiresAt,
    epoch: state.epoch,
  };
}

function stateUnder(held: HeldGroup, lease: Lease): GroupState {
  if (held.state.stage === 'quarantined') return 'quarantined';
  if (lease.state !== 'handed_in') return 'partial';
  return held.isAwaitingBatch ? 'awaiting_batch' : 'scoring';
}
