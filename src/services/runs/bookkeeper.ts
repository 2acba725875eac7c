// The one place that learns of every change of who holds what in a run, and passes it on to all who must know: books, batches,
// store, events, sampler and streams. It decides nothing.

import type { Books } from '../../core/accounting.ts';
import type { LeaseMove } from '../../core/group.ts';
import { groupIdAt, NO_BATCH, NO_LEASE, type BatchId } from '../../core/ids.ts';
import type { Lease } from '../../core/lease.ts';
import type { Sampler } from '../../core/sampling.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IssuedPair } from '../../ports/run-store.ts';
import type { Batches } from './batches.ts';
import { endedResult, type ResultContext } from './group-results.ts';
import type { HeldGroup } from './held-group.ts';
import type { RunEvents } from './run-events.ts';
import type { RunLedger } from './run-ledger.ts';
import type { RunSignals } from './run-signals.ts';

export interface BookkeeperOptions {
  readonly books: Books;
  readonly batches: Batches;
  readonly ledger: RunLedger;
  readonly events: RunEvents;
  readonly sampler: Sampler;
  readonly signals: RunSignals;
  readonly results: ResultContext;
  readonly clock: Clock;
  /** A lease has left its batch, which may now be complete. */
  readonly completeRound: (batchId: BatchId) => void;
  /** Who holds the group has changed: members may wait for a rest that cannot come any more. */
  readonly giveUpLost: (held: HeldGroup) => void;
}

export class Bookkeeper {
  readonly #options: BookkeeperOptions;

  constructor(options: BookkeeperOptions) {
    this.#options = options;
  }

  /** The one place that learns of every change of who holds what. */
  changed(held: HeldGroup, moves: readonly LeaseMove[], now: number): void {
    const { sequence, ordinal, stage } = held.state;
    this.#options.giveUpLost(held);
    for (const move of moves) {
      const { lease, from } = move;
      this.#options.books.leaseMoved(from, lease.state);
      this.#options.batches.leaseMoved(move);
      if (lease.number === 0 && from === undefined) {
        this.#options.books.groupIssued();
        this.#noteIssued({ sequence, ordinal, observation: undefined, isRetired: false });
      }
      if (from === 'open' && lease.state !== 'open') this.#leaseLeft(held, lease, now);
    }
    if (stage === 'completed') return;
    if (stage === 'quarantined') this.#quarantined(held);
    else this.#options.ledger.groupChanged(held);
    if (moves.some(({ from }) => from === 'open')) this.#options.signals.changed();
    for (const { lease, from } of moves) {
      if (from === 'open' && lease.state !== 'handed_in') this.#options.completeRound(lease.batchId);
    }
  }

  #leaseLeft(held: HeldGroup, lease: Lease, now: number): void {
    const { leaseId, attempt } = lease;
    const ended = { groupId: groupIdAt(held.state.sequence), leaseId, attempt };
    if (lease.state === 'expired') this.#options.events.append(now, { kind: 'lease-expired', ended });
    if (lease.state === 'quarantined') this.#options.events.append(now, { kind: 'group-quarantined', ended });
    if (lease.state === 'released' || lease.state === 'superseded') {
      this.#options.events.append(now, { kind: 'group-released', ended });
    }
    if (lease.state === 'released') held.forget(lease);
    this.#options.signals.left(leaseId, lease.state !== 'handed_in');
  }

  #quarantined(held: HeldGroup): void {
    const { sequence, ordinal } = held.state;
    const lease = held.state.leases.at(-1);
    this.#options.books.groupQuarantined();
    this.#options.sampler.retire(ordinal);
    this.#noteIssued({ sequence, ordinal, observation: undefined, isRetired: true });
    held.ended = {
      group: held.state,
      leaseId: lease?.leaseId ?? NO_LEASE,
      batchId: lease?.batchId ?? NO_BATCH,
      completions: [],
      flags: [],
      batchOwed: lease && this.#options.batches.owed(lease.batchId),
      contentHashes: [],
    };
    this.#options.ledger.groupEnded(held);
    this.#tellEnded(held);
  }

  ended(held: HeldGroup): void {
    if (held.ended === undefined) return;
    this.#options.events.append(this.#options.clock.now(), {
      kind: 'group-scored',
      result: endedResult(held.ended, this.#options.results),
    });
    this.#tellEnded(held);
  }

  #tellEnded(held: HeldGroup): void {
    for (const ended of held.whenEnded) this.#options.ledger.afterCommit(ended);
    held.whenEnded.clear();
    this.#options.signals.changed();
  }

  #noteIssued(pair: IssuedPair): void {
    if (this.#options.sampler.needsHistory) this.#options.ledger.issued(pair);
  }
}
