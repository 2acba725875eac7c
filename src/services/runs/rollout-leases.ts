// The groups that a rollout stream hands its client: as many as its window has room for, in batches of the size that it
// asked for, and replacements of zero-variance groups within their own batch.

import type { GroupResult, LeasedGroup, LeaseGroupsReply, RolloutResponse } from '../../core/calls.ts';
import { batchIdFrom, type BatchId, type LeaseId } from '../../core/ids.ts';
import type { RunSurroundings } from './run-parts.ts';
import type { WantedGroups } from './lease-desk.ts';
import type { Run } from './run.ts';

export interface RolloutLeasesOptions {
  readonly run: Run;
  readonly around: RunSurroundings;
  readonly window: number;
  readonly batchGroups: number;
  readonly push: (frame: RolloutResponse) => void;
  readonly fail: (error: unknown) => void;
  /** Frames that may be pushed before the client must read. */
  readonly room: () => number;
  readonly whenOver: () => void;
}

export class RolloutLeases {
  readonly #options: RolloutLeasesOptions;
  /** Leased by this stream and still open. */
  readonly #open = new Set<LeaseId>();
  /** Batches of this stream that may still be owed something, with their groups that have not ended. */
  readonly #batches = new Map<BatchId, number>();
  readonly #forget: () => void;
  #forgetInFlight = (): void => {};
  #window: number;
  #batch: { readonly batchId: BatchId; readonly left: number } | undefined;
  #idle: LeaseGroupsReply['emptyReason'];
  #isLeasing = false;
  #mustLookAgain = false;
  #hasEnded = false;

  constructor(options: RolloutLeasesOptions) {
    this.#options = options;
    this.#window = options.window;
    this.#forget = options.run.signals.whenChanged(() => {
      if (this.#idle !== undefined || this.#batches.size > 0) this.more();
    });
  }

  /** Whether the run has nothing for this client any more, now or later. */
  get isOver(): boolean {
    return this.#idle === 'exhausted' && this.#open.size === 0;
  }

  setWindow(window: number | undefined): void {
    this.#window = window ?? this.#window;
    this.more();
  }

  /** Leases what there is room for, if there may be anything. */
  more(): void {
    this.#mustLookAgain = true;
    if (this.#isLeasing || this.#hasEnded) return;
    this.#isLeasing = true;
    void this.#leaseAndTell();
  }

  /** A result was sent: its batch may be owed a group, or be done. */
  resultCame({ batchId }: GroupResult): void {
    this.#batchShrank(batchId);
  }

  /** Hands out nothing more. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#forget();
    this.#forgetInFlight();
    for (const leaseId of this.#open) this.#options.run.signals.forgetWhenLeft(leaseId);
    this.#fillNoMore();
  }

  async #leaseAndTell(): Promise<void> {
    try {
      await this.#leaseWhileRoom();
    } catch (error) {
      this.#isLeasing = false;
      this.#options.fail(error);
    }
  }

  async #leaseWhileRoom(): Promise<void> {
    const { run } = this.#options;
    while (this.#mustLookAgain && !this.#hasEnded) {
      this.#mustLookAgain = false;
      const room = Math.min(this.#window - this.#open.size, this.#options.room());
      if (room <= 0) continue;
      if (run.isClosed) {
        this.#becomeIdle({ emptyReason: 'exhausted' });
        continue;
      }
      const wanted = this.#plan(room);
      const reply = await run.lease(wanted);
      this.#book(wanted, reply.groups);
      for (const group of reply.groups) this.#hand(group);
      if (reply.groups.length === 0) this.#becomeIdle(reply);
      else this.#mustLookAgain = true;
    }
    // In the same breath as the last look: who asks from now on starts anew.
    this.#isLeasing = false;
  }

  /** What to ask for: first what batches are owed, then the rest of the batch begun, then new batches. */
  #plan(room: number): readonly WantedGroups[] {
    const { run, around, batchGroups } = this.#options;
    const wanted: WantedGroups[] = [];
    let left = room;
    const want = (batchId: BatchId, most: number, isTopUp: boolean): void => {
      const groups = Math.min(left, most);
      left -= groups;
      if (groups > 0) wanted.push({ batchId, groups, isTopUp });
    };
    for (const batchId of this.#batches.keys()) want(batchId, run.batches.owed(batchId) ?? 0, true);
    if (this.#batch !== undefined) want(this.#batch.batchId, this.#batch.left, false);
    for (let full = Math.ceil(left / batchGroups); full > 0; full--) {
      const batchId = batchIdFrom(around.nonces.next());
      if (run.batches.areKept) run.setFilling(batchId, 'all');
      want(batchId, batchGroups, false);
    }
    return wanted;
  }

  /** Notes how far each batch came. */
  #book(wanted: readonly WantedGroups[], leased: readonly LeasedGroup[]): void {
    const { run, batchGroups } = this.#options;
    const counts = new Map<BatchId, number>();
    for (const { batchId } of leased) counts.set(batchId, (counts.get(batchId) ?? 0) + 1);
    for (const { batchId, isTopUp } of wanted) {
      const count = counts.get(batchId) ?? 0;
      const isBegun = this.#batch?.batchId === batchId;
      if (run.batches.areKept && count > 0) {
        this.#batches.set(batchId, (this.#batches.get(batchId) ?? 0) + count);
      }
      if (isTopUp) continue;
      if (count === 0 && !isBegun) {
        if (run.batches.areKept) run.setFilling(batchId, 'none');
        continue;
      }
      const left = (isBegun ? (this.#batch?.left ?? 0) : batchGroups) - count;
      this.#batch = left > 0 ? { batchId, left } : undefined;
      if (left === 0 && run.batches.areKept) run.setFilling(batchId, 'owed');
    }
  }

  #hand(group: LeasedGroup): void {
    const { leaseId, batchId } = group;
    this.#idle = undefined;
    this.#open.add(leaseId);
    this.#options.push({ kind: 'group', group });
    this.#options.run.whenLeft(leaseId, (isLost) => {
      this.#open.delete(leaseId);
      if (isLost) this.#batchShrank(batchId);
      this.more();
    });
  }

  /** Said once for each change of reason. */
  #becomeIdle({ emptyReason, retryAfterMs }: Pick<LeaseGroupsReply, 'emptyReason' | 'retryAfterMs'>): void {
    if (emptyReason === 'backpressure') {
      this.#forgetInFlight();
      this.#forgetInFlight = this.#options.around.inFlight.whenLess(() => this.more());
    }
    if (emptyReason === undefined || emptyReason === this.#idle) return;
    this.#idle = emptyReason;
    this.#options.push({ kind: 'idle', reason: emptyReason, retryAfterMs });
    if (emptyReason !== 'exhausted') return;
    this.#fillNoMore();
    this.#options.whenOver();
  }

  #batchShrank(batchId: BatchId): void {
    const count = this.#batches.get(batchId);
    if (count === undefined) return;
    const owed = this.#options.run.batches.owed(batchId) ?? 0;
    if (count <= 1 && owed === 0 && this.#batch?.batchId !== batchId) this.#batches.delete(batchId);
    else this.#batches.set(batchId, count - 1);
    if (owed > 0) this.more();
  }

  /** The batches of this stream wait for nothing more. */
  #fillNoMore(): void {
    const { run } = this.#options;
    if (!run.batches.areKept) return;
    const mine = new Set(this.#batches.keys());
    if (this.#batch !== undefined) mine.add(this.#batch.batchId);
    for (const batchId of mine) run.setFilling(batchId, 'none');
    this.#batch = undefined;
  }
}
