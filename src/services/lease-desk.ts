// Leases, heartbeats and releases as clients ask for them, and expiry, which nobody asks for: the board under a clock. Answers
// wait until what they tell is on disk.

import type { HeartbeatReply, LeasedGroup, LeaseGroupsReply } from '../core/calls.ts';
import type { BatchId, LeaseId } from '../core/ids.ts';
import type { Lease } from '../core/lease.ts';
import type { Batches } from './batches.ts';
import type { BoardPlace, GroupBoard } from './group-board.ts';
import type { GroupReader } from './group-reader.ts';
import { leasedGroup } from './group-results.ts';
import type { RunEvents } from './run-events.ts';
import type { RunLedger } from './run-ledger.ts';
import type { RunSurroundings } from './run-parts.ts';

/** Bounds of "ask again in": a group may be released long before the next lease expires. */
const RETRY_AFTER_MS = { least: 50, most: 5_000 };

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
    const { inFlight, clock, commits } = this.#options.around;
    const places = wanted.flatMap(({ batchId, groups, isTopUp }) => {
      const leased = inFlight.isFull ? [] : this.#options.board.lease(groups, batchId, clock.now());
      if (isTopUp) this.#options.ledger.batchesOwed(this.#options.batches.owe(batchId, -leased.length));
      return leased;
    });
    this.setTimer();
    const groups = await this.#describe(places);
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

  /** The leased groups as clients see them. Gives them back when their pairs cannot be read. */
  async #describe(places: readonly BoardPlace[]): Promise<readonly LeasedGroup[]> {
    const { clock } = this.#options.around;
    try {
      await this.#options.reader.readPairs(places.map(({ held }) => held));
    } catch (error) {
      for (const { lease } of places) this.#options.board.release(lease.leaseId, clock.now());
      throw error;
    }
    return places.map(({ held, lease }) => {
      const group = leasedGroup(held, lease, this.#options.groupSize);
      this.#options.events.append(clock.now(), { kind: 'group-leased', group });
      return group;
    });
  }
}
