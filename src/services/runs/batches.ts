// Which groups were handed out together. Needed by estimators that look at a whole batch, and for refill, which owes a
// batch another group for each zero-variance one. Where neither is used nothing is kept.
//
// A batch is computed in rounds: whenever none of its leases is open and nobody is filling it, all of its groups that wait
// complete together. A lease that expires, is released or is quarantined leaves its batch.

import type { BatchId } from '../../core/ids.ts';
import type { LeaseMove } from '../../core/group.ts';
import type { BatchOwed } from '../../ports/run-store.ts';
import type { HeldGroup } from './held-group.ts';

/**
 * Whether somebody goes on leasing into the batch, so that a round now would be too early. `all`: it is not fully leased
 * yet. `owed`: it is, and what it comes to be owed will be leased as well. `none`: nobody is known to.
 */
export type Filling = 'all' | 'owed' | 'none';

interface Batch {
  /** Leases whose group may still join the round. */
  open: number;
  filling: Filling;
  owed: number;
  awaiting: HeldGroup[];
}

/** Batches that are owed groups and remembered; nobody may come to fetch them, so the oldest are forgotten. */
const BATCHES_OWED_MAX = 65_536;

export class Batches {
  readonly #isJoint: boolean;
  readonly #isRefilled: boolean;
  readonly #batches = new Map<BatchId, Batch>();

  /** @param options.isJoint whether the estimator needs all groups of a batch at once. */
  constructor(options: {
    readonly isJoint: boolean;
    readonly isRefilled: boolean;
    readonly owed: readonly BatchOwed[];
  }) {
    this.#isJoint = options.isJoint;
    this.#isRefilled = options.isRefilled;
    for (const { batchId, owed } of options.owed) this.#get(batchId).owed = owed;
  }

  leaseMoved({ lease, from }: LeaseMove): void {
    if (!this.#isJoint) return;
    const mattered = from === 'open' || from === 'handed_in';
    const matters = lease.state === 'open' || lease.state === 'handed_in';
    if (matters && !mattered) this.#get(lease.batchId).open += 1;
    // A completed lease left the count when it began to wait.
    if (mattered && !matters && lease.state !== 'completed') this.#get(lease.batchId).open -= 1;
  }

  /** All rewards of the group are known: it waits for the rest of its batch. */
  await(batchId: BatchId, held: HeldGroup): void {
    const batch = this.#get(batchId);
    batch.open -= 1;
    batch.awaiting.push(held);
  }

  /** The groups of the round that is complete now, in the order of the run; none while the batch must wait. */
  takeRound(batchId: BatchId): readonly HeldGroup[] {
    const batch = this.#batches.get(batchId);
    if (batch === undefined || batch.open > 0 || mustFill(batch)) return [];
    const round = batch.awaiting.toSorted((a, b) => a.state.sequence - b.state.sequence);
    batch.awaiting = [];
    this.#forgetIfIdle(batchId, batch);
    return round;
  }

  /** Whether batches matter to the run at all. */
  get areKept(): boolean {
    return this.#isJoint || this.#isRefilled;
  }

  setFilling(batchId: BatchId, filling: Filling): void {
    if (!this.#isJoint) return;
    const batch = this.#get(batchId);
    batch.filling = filling;
    this.#forgetIfIdle(batchId, batch);
  }

  /** Groups that the batch is owed; undefined when nothing is ever owed. */
  owed(batchId: BatchId): number | undefined {
    return this.#isRefilled ? (this.#batches.get(batchId)?.owed ?? 0) : undefined;
  }

  /** Owes the batch `change` more groups, never fewer than none; returns what to write, if anything changed. */
  owe(batchId: BatchId, change: number): readonly BatchOwed[] {
    if (!this.#isRefilled) return [];
    const batch = this.#get(batchId);
    const owed = Math.max(0, batch.owed + change);
    const hasChanged = owed !== batch.owed;
    batch.owed = owed;
    this.#forgetIfIdle(batchId, batch);
    return [...(hasChanged ? [{ batchId, owed }] : []), ...this.#forgetOldest()];
  }

  #get(batchId: BatchId): Batch {
    let batch = this.#batches.get(batchId);
    if (batch === undefined) {
      batch = { open: 0, filling: 'none', owed: 0, awaiting: [] };
      this.#batches.set(batchId, batch);
    }
    return batch;
  }

  #forgetIfIdle(batchId: BatchId, batch: Batch): void {
    if (batch.open === 0 && batch.owed === 0 && batch.awaiting.length === 0 && batch.filling !== 'all') {
      this.#batches.delete(batchId);
    }
  }

  #forgetOldest(): readonly BatchOwed[] {
    if (this.#batches.size <= BATCHES_OWED_MAX) return [];
    for (const [batchId, batch] of this.#batches) {
      if (batch.owed === 0) continue;
      batch.owed = 0;
      this.#forgetIfIdle(batchId, batch);
      return [{ batchId, owed: 0 }];
    }
    return [];
  }
}

function mustFill({ filling, owed }: Batch): boolean {
  return filling === 'all' || (filling === 'owed' && owed > 0);
}
