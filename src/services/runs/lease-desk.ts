// Leases, heartbeats and releases as clients ask for them, and expiry, which nobody asks for: the board under a clock. Answers
// wait until what they tell is on disk.

import type { HeartbeatReply, LeasedGroup, LeaseGroupsReply } from '../../core/calls.ts';
import { groupIdAt, type BatchId, type LeaseId } from '../../core/ids.ts';
import type { Lease } from '../../core/lease.ts';
import type { Batches } from './batches.ts';
import type { BoardPlace, GroupBoard } from './group-board.ts';
import type { GroupReader } from './group-reader.ts';
import { leasedGroup } from './group-results.ts';
import type { HeldGroup } from './held-group.ts';
import type { RunEvents } from './run-events.ts';
import type { RunLedger } from './run-ledger.ts';
import type { RunSurroundings } from './run-parts.ts';

/** Bounds of "ask again in": a group may be released long before the next lease expires. */
const RETRY_AFTER_MS = { least: 50, most: 5_000 };

/** Times that one call looks for other groups in place of those that cannot be read; then it answers with what it has. */
const READ_ROUNDS_MAX = 8;

/** Groups that are to be leased under one batch. */
export interface WantedGroups {
  readonly batchId: BatchId;
  readonly groups: number;
  /** The batch is one of before: what it gets pays what it is owed. */
  readonly isTopUp: boolean;
}

export interface LeaseDeskOptions {
  readonly board: GroupBoard;
  readonly reader: GroupReader;
  readonly batches: Batches;
  readonly ledger: RunLedger;
  readonly events: RunEvents;
  readonly around: RunSurroundings;
  readonly groupSize: number;
}

export class LeaseDesk {
  readonly #options: LeaseDeskOptions;
  #cancelTimer: (() => void) | undefined;

  constructor(options: LeaseDeskOptions) {
    this.#options = options;
  }

  /** Leases groups for these batches, one batch after the other; together, so that they are one commit. */
  async lease(wanted: readonly WantedGroups[]): Promise<Omit<LeaseGroupsReply, 'batchId'>> {
    this.expireDue();
    const { clock, commits } = this.#options.around;
    const good: BoardPlace[] = [];
    const spoilt: BoardPlace[] = [];
    let missing = wanted;
    // Groups whose pair cannot be read hold up nobody: others are leased in their place while they keep their leases.
    for (let round = 0; round < READ_ROUNDS_MAX && missing.length > 0; round++) {
      const taken = missing.map((each) => ({ each, places: this.#take(each) }));
      const places = taken.flatMap((batch) => batch.places);
      const unreadable = await this.#readOrGiveBack(places, [...good, ...spoilt]);
      good.push(...places.filter(({ held }) => !unreadable.has(held)));
      spoilt.push(...places.filter(({ held }) => unreadable.has(held)));
      missing = taken.flatMap(({ each, places: its }) => {
        const groups = its.filter(({ held }) => unreadable.has(held)).length;
        if (each.isTopUp) this.#owe(each.batchId, groups);
        return groups > 0 ? [{ ...each, groups }] : [];
      });
    }
    for (const { lease } of spoilt) this.#options.board.spoil(lease.leaseId, clock.now());
    const groups = good.map((place) => this.#describe(place));
    const empty = groups.length === 0 ? this.#whyEmpty() : {};
    await commits.committed();
    return { groups, ...empty };
  }

  async heartbeat(leaseIds: readonly LeaseId[]): Promise<HeartbeatReply> {
    this.expireDue();
    const leases: { leaseId: LeaseId; expiresAt: number }[] = [];
    const lost: LeaseId[] = [];
    for (const leaseId of leaseIds) {
      const lease =
        this.#options.board.extend(leaseId, this.#options.around.clock.now()) ?? this.#handedIn(leaseId);
      if (lease === undefined) lost.push(leaseId);
      else leases.push({ leaseId, expiresAt: lease.expiresAt });
    }
    await this.#options.around.commits.committed();
    return { leases, lost };
  }

  async release(leaseIds: readonly LeaseId[]): Promise<number> {
    this.expireDue();
    const now = this.#options.around.clock.now();
    const released = leaseIds.filter((leaseId) => this.#options.board.release(leaseId, now)).length;
    await this.#options.around.commits.committed();
    return released;
  }

  /** Releases all that is open. */
  releaseAll(): void {
    this.#options.board.releaseAll(this.#options.around.clock.now());
  }

  /** Lets expire what is due. Each call does this first, so that what it sees does not depend on a timer's delay. */
  expireDue(): void {
    this.#options.board.expireDue(this.#options.around.clock.now());
  }

  /** One timer for the whole run. It may fire for a lease that has ended since; then it is set again for the next. */
  setTimer(): void {
    if (this.#cancelTimer !== undefined) return;
    const next = this.#options.board.nextExpiry();
    if (next === undefined) return;
    const { clock } = this.#options.around;
    this.#cancelTimer = clock.after(next - clock.now(), () => {
      this.#cancelTimer = undefined;
      this.expireDue();
      this.setTimer();
    });
  }

  /** Stops waiting for expiries. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #handedIn(leaseId: LeaseId): Lease | undefined {
    const lease = this.#options.board.findLease(leaseId)?.lease;
    return lease?.state === 'handed_in' ? lease : undefined;
  }

  #whyEmpty(): Pick<LeaseGroupsReply, 'emptyReason' | 'retryAfterMs'> {
    const emptyReason = this.#options.around.inFlight.isFull
      ? 'backpressure'
      : this.#options.board.whyEmpty();
    if (emptyReason === 'exhausted') return { emptyReason };
    const untilExpiry = (this.#options.board.nextExpiry() ?? 0) - this.#options.around.clock.now();
    const wait = emptyReason === 'backpressure' ? RETRY_AFTER_MS.least : untilExpiry;
    return { emptyReason, retryAfterMs: Math.min(RETRY_AFTER_MS.most, Math.max(RETRY_AFTER_MS.least, wait)) };
  }

  #take({ batchId, groups, isTopUp }: WantedGroups): readonly BoardPlace[] {
    const { inFlight, clock } = this.#options.around;
    const places = inFlight.isFull ? [] : this.#options.board.lease(groups, batchId, clock.now());
    if (isTopUp) this.#owe(batchId, -places.length);
    this.setTimer();
    return places;
  }

  #owe(batchId: BatchId, groups: number): void {
    this.#options.ledger.batchesOwed(this.#options.batches.owe(batchId, groups));
  }

  /** The groups whose own pair cannot be read. When none can, for no fault of theirs, all are released, `others` too. */
  async #readOrGiveBack(
    places: readonly BoardPlace[],
    others: readonly BoardPlace[],
  ): Promise<ReadonlySet<HeldGroup>> {
    const { reader, board, around } = this.#options;
    try {
      const unreadable = await reader.readPairs(places.map(({ held }) => held));
      for (const { held, why } of unreadable) {
        const { sequence, ordinal, expirations } = held.state;
        const group = { run_id: reader.runId, group_id: groupIdAt(sequence), row: ordinal };
        around.log.error('Cannot read a row', { ...group, attempt: expirations + 1, why });
      }
      return new Set(unreadable.map(({ held }) => held));
    } catch (error) {
      for (const { lease } of [...others, ...places]) board.release(lease.leaseId, around.clock.now());
      throw error;
    }
  }

  /** The leased group as its client sees it. */
  #describe({ held, lease }: BoardPlace): LeasedGroup {
    const group = leasedGroup(held, lease, this.#options.groupSize);
    this.#options.events.append(this.#options.around.clock.now(), { kind: 'group-leased', group });
    return group;
  }
}
