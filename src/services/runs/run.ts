// One run while it is loaded: the calls of its clients, its state as others see it, and its changes as they are written. All
// changes are made in memory without waiting; a call is answered when they are on disk.

import type {
  Accounting,
  GroupCompletions,
  GroupResult,
  HeartbeatReply,
  LeaseGroupsReply,
  RunInfo,
  TrainingStep,
} from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import type { BatchId, GroupId, LeaseId, RunId } from '../../core/ids.ts';
import type { RunChanges, StoredRun } from '../../ports/run-store.ts';
import type { Batches, Filling } from './batches.ts';
import type { Committable } from './commit-queue.ts';
import type { WantedGroups } from './lease-desk.ts';
import { PolicyVersion } from './policy-version.ts';
import { assembleRun, type AssembledRun, type StoredState } from './run-assembly.ts';
import type { RunEvents } from './run-events.ts';
import type { RunParts, RunSurroundings } from './run-parts.ts';
import { runInfo } from './run-info.ts';
import type { RunSignals } from './run-signals.ts';
import type { Submitted } from './submit-desk.ts';

export class Run implements Committable {
  readonly #stored: StoredRun;
  readonly #around: RunSurroundings;
  readonly #parts: AssembledRun;
  readonly #policyVersion: PolicyVersion;
  #isClosed: boolean;
  #collectedEvents: number;
  /** Calls and streams that work with this object. */
  #users = 0;

  /** Goes on from what is stored; `resume` must be called before anything else. */
  constructor(state: StoredState, parts: RunParts, around: RunSurroundings) {
    const { progress } = state.stored;
    this.#stored = state.stored;
    this.#around = around;
    this.#parts = assembleRun(state, parts, around, () => around.commits.mark(this));
    this.#policyVersion = new PolicyVersion(progress.policyVersion, () => this.#parts.ledger.touch());
    this.#isClosed = progress.isClosed;
    this.#collectedEvents = progress.eventSequence;
  }

  get events(): RunEvents {
    return this.#parts.events;
  }

  get batches(): Batches {
    return this.#parts.batches;
  }

  get runId(): RunId {
    return this.#stored.runId;
  }

  get info(): RunInfo {
    return runInfo(this.#stored, {
      isClosed: this.#isClosed,
      isDrawn: this.#parts.board.isDrawn,
      groups: this.#parts.books.groups,
      policyVersion: this.#policyVersion.newest,
    });
  }

  get accounting(): Accounting {
    return this.#parts.books.accounting({ groupsTotal: this.#stored.groupsTotal });
  }

  /** Whether nothing is open or unwritten and no call uses it: it may be put away and loaded again when it is asked for. */
  get isIdle(): boolean {
    const { issued, completed, quarantined } = this.#parts.books.groups;
    const hasEnded = issued === completed + quarantined && !this.#parts.audits.areOpen;
    return hasEnded && this.#users === 0 && this.#parts.ledger.isEmpty;
  }

  /** Stops waiting for expiries. */
  stop(): void {
    this.#parts.leases.stop();
  }

  /** Holds the run in memory while `work` is done with it. */
  async use<Result>(work: (run: Run) => Promise<Result>): Promise<Result> {
    this.#users += 1;
    try {
      return await work(this);
    } finally {
      this.#users -= 1;
    }
  }

  /** The same for work that lasts: until the returned function is called. */
  keep(): () => void {
    this.#users += 1;
    return () => {
      this.#users -= 1;
    };
  }

  /** Scores what the last life left unscored, and lets expire what expired meanwhile. */
  async resume(): Promise<void> {
    const groups = [...this.#parts.board.groups];
    const unscored = groups.filter((held) => held.unscored().length > 0);
    await this.#parts.reader.readPairs(unscored);
    const count = unscored.reduce((sum, held) => sum + held.unscored().length, 0);
    this.#around.inFlight.add(count);
    // Completions of leases that lost their group were perhaps being scored when the process died; nobody will know.
    this.#parts.books.writeOff(this.#parts.books.completionsInFlight - count);
    for (const held of groups) this.#parts.scoring.resume(held);
    this.#parts.leases.expireDue();
    this.#parts.leases.setTimer();
  }

  // ── Leases ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Leases groups for these batches, one batch after the other. Throws `failed_precondition` when the run is closed. */
  async lease(wanted: readonly WantedGroups[]): Promise<Omit<LeaseGroupsReply, 'batchId'>> {
    if (!this.#isClosed) return this.#parts.leases.lease(wanted);
    throw new EnvError('failed_precondition', 'Cannot lease groups: the run is closed', { field: 'run_id' });
  }

  heartbeat(leaseIds: readonly LeaseId[]): Promise<HeartbeatReply> {
    return this.#parts.leases.heartbeat(leaseIds);
  }

  /** Returns how many were open. */
  release(leaseIds: readonly LeaseId[]): Promise<number> {
    return this.#parts.leases.release(leaseIds);
  }

  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#parts.leases.releaseAll();
      for (const held of this.#parts.board.groups) this.#parts.scoring.waiting.giveUpAll(held);
      this.#parts.events.append(this.#around.clock.now(), { kind: 'run-closed' });
      this.#parts.ledger.touch();
      this.#parts.signals.changed();
    }
    await this.#around.commits.committed();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether it is closed and nothing that was handed in still waits for its rewards. */
  get hasEnded(): boolean {
    if (!this.#isClosed) return false;
    for (const { state } of this.#parts.board.groups) if (state.stage === 'handed_in') return false;
    return true;
  }

  /** Calls `left` once, when the lease is no longer open: lost, or all handed in. */
  whenLeft(leaseId: LeaseId, left: (isLost: boolean) => void): void {
    const lease = this.#parts.board.findLease(leaseId)?.lease;
    if (lease?.state === 'open') this.#parts.signals.whenLeft(leaseId, left);
    else left(lease?.state !== 'handed_in');
  }

  get signals(): Pick<RunSignals, 'forgetWhenLeft' | 'whenChanged'> {
    return this.#parts.signals;
  }

  setFilling(batchId: BatchId, filling: Filling): void {
    this.#parts.batches.setFilling(batchId, filling);
    this.#parts.scoring.completeRound(batchId);
  }

  hearPolicyVersion(version: number | undefined): void {
    this.#policyVersion.hear(version);
  }

  // ── Completions ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Checks and takes in; resolves when it is decided, not yet on disk. In the order of `groups`. */
  takeIn(groups: readonly GroupCompletions[]): Promise<readonly Submitted[]> {
    return this.#parts.submits.takeIn(groups, {
      isClosed: this.#isClosed,
      policyVersion: this.#policyVersion,
    });
  }

  /** Resolves when all members that were handed in under these leases are scored. */
  scored(submitted: readonly Submitted[]): Promise<void> {
    return this.#parts.submits.scored(submitted);
  }

  resultOf(submitted: Submitted): GroupResult {
    return this.#parts.submits.resultOf(submitted);
  }

  /** Throws `not_found` for a group that the run does not have. */
  getGroup(groupId: GroupId): Promise<GroupResult> {
    return this.#parts.submits.getGroup(groupId);
  }

  /** Calls `callback` when all that has changed so far is on disk. */
  afterCommit(callback: () => void): void {
    this.#parts.ledger.afterCommit(callback);
  }

  // ── Training steps ────────────────────────────────────────────────────────────────────────────────────────────────

  async reportTrainingStep(step: TrainingStep): Promise<void> {
    this.hearPolicyVersion(step.policyVersion);
    this.#parts.ledger.trainingStep(step);
    this.#parts.events.append(this.#around.clock.now(), {
      kind: 'training-step-reported',
      trainingStep: step,
    });
    await this.#around.commits.committed();
  }

  // ── Told by the commit queue ──────────────────────────────────────────────────────────────────────────────────────

  collect(): RunChanges {
    this.#collectedEvents = this.#parts.events.newestSequence;
    return this.#parts.ledger.collect({
      runId: this.runId,
      progress: {
        isClosed: this.#isClosed,
        position: this.#parts.board.position,
        isDrawn: this.#parts.board.isDrawn,
        policyVersion: this.#policyVersion.newest,
        eventSequence: this.#collectedEvents,
        books: this.#parts.books.snapshot(),
      },
    });
  }

  onCommitted(): void {
    this.#around.inFlight.done(this.#parts.ledger.committed());
    this.#parts.events.publish(this.#collectedEvents);
  }

  onFailed(): void {
    this.#parts.ledger.failed();
  }
}
