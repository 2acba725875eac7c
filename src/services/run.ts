// One run while it is loaded: leases, submits, closing, and the books, events and streams that learn of every change. All
// changes are made in memory without waiting; a call is answered when they are on disk.

import { statedChoice } from '../core/advantages/table.ts';
import { Books } from '../core/accounting.ts';
import type {
  Accounting,
  GroupCompletions,
  GroupResult,
  HeartbeatReply,
  LeaseGroupsReply,
  RunInfo,
  TrainingStep,
} from '../core/calls.ts';
import { EnvError } from '../core/errors.ts';
import { findLease } from '../core/group.ts';
import { sequenceOfGroup, type BatchId, type GroupId, type LeaseId, type RunId } from '../core/ids.ts';
import type { IssuedPair, OpenState, RunChanges, StoredRun } from '../ports/run-store.ts';
import { Bookkeeper } from './bookkeeper.ts';
import { Batches, type Filling } from './batches.ts';
import type { Committable } from './commit-queue.ts';
import { GroupBoard } from './group-board.ts';
import {
  endedResult,
  groupResult,
  leaseResult,
  unleasedResult,
  type ResultContext,
} from './group-results.ts';
import { GroupReader } from './group-reader.ts';
import { GroupScoring } from './group-scoring.ts';
import { RunEvents } from './run-events.ts';
import { heldGroupsOf } from './run-restore.ts';
import { RunSignals } from './run-signals.ts';
import { RunLedger } from './run-ledger.ts';
import type { RunParts, RunSurroundings } from './run-parts.ts';
import { LeaseDesk, type WantedGroups } from './lease-desk.ts';
import { planSubmission, type PlannedGroup } from './submission.ts';

/** A lease and its group as a submit found them. */
export type Submitted = Pick<PlannedGroup, 'found' | 'lease'>;

export class Run implements Committable {
  readonly events: RunEvents;
  readonly batches: Batches;
  readonly #stored: StoredRun;
  readonly #around: RunSurroundings;
  readonly #parts: RunParts;
  readonly #books: Books;
  readonly #board: GroupBoard;
  readonly #ledger: RunLedger;
  readonly #scoring: GroupScoring;
  readonly #reader: GroupReader;
  readonly #desk: LeaseDesk;
  readonly #results: ResultContext;
  readonly #signals = new RunSignals();
  #isClosed: boolean;
  #policyVersion: number | undefined;
  #collectedEvents: number;
  /** Calls and streams that work with this object. */
  #users = 0;

  /** Goes on from what is stored; `resume` must be called before anything else. */
  constructor(
    stored: StoredRun,
    open: OpenState,
    issued: readonly IssuedPair[],
    parts: RunParts,
    around: RunSurroundings,
  ) {
    const { settings, progress } = stored;
    const { estimator, sampler } = parts;
    const { clock, log, nonces, limits, store } = around;
    this.#stored = stored;
    this.#parts = parts;
    this.#around = around;
    this.#isClosed = progress.isClosed;
    this.#policyVersion = progress.policyVersion;
    this.#collectedEvents = progress.eventSequence;
    this.#books = new Books(progress.books, around.totals);
    this.events = new RunEvents({
      sequence: progress.eventSequence,
      keptMax: limits.eventsKeptMax,
      startedAt: clock.now(),
    });
    this.#ledger = new RunLedger(() => around.commits.mark(this));
    this.batches = new Batches({
      isJoint: estimator.scope === 'batch',
      isRefilled: settings.sampling.refill,
      owed: open.batches,
    });
    this.#results = {
      groupSize: settings.groupSize,
      estimator: statedChoice(estimator),
      batchOwed: (batchId) => this.batches.owed(batchId),
    };
    const bookkeeper = new Bookkeeper({
      books: this.#books,
      batches: this.batches,
      ledger: this.#ledger,
      events: this.events,
      sampler,
      signals: this.#signals,
      results: this.#results,
      clock,
      completeRound: (batchId) => this.#scoring.completeRound(batchId),
    });
    sampler.restore(issued);
    this.#board = new GroupBoard({
      rules: { ...settings, openGroupsMax: limits.openGroupsPerRunMax },
      sampler,
      nonces,
      position: progress.position,
      isDrawn: progress.isDrawn,
      onChange: (held, moves, now) => bookkeeper.changed(held, moves, now),
    });
    this.#scoring = new GroupScoring({
      estimator,
      score: parts.score,
      maxDrift: settings.maxDrift,
      books: this.#books,
      ledger: this.#ledger,
      batches: this.batches,
      board: this.#board,
      sampler,
      clock,
      log,
      onCompleted: (held) => bookkeeper.ended(held),
      onOwed: () => this.#signals.changed(),
    });
    const { runId } = stored;
    this.#reader = new GroupReader({ runId, board: this.#board, ledger: this.#ledger, store, parts });
    this.#desk = new LeaseDesk({
      board: this.#board,
      reader: this.#reader,
      batches: this.batches,
      ledger: this.#ledger,
      events: this.events,
      around,
      groupSize: settings.groupSize,
    });
    const restored = heldGroupsOf(open, settings.groupSize);
    this.#board.restore(restored);
    for (const { state } of restored) {
      for (const lease of state.leases) this.batches.leaseMoved({ lease, from: undefined });
    }
  }

  get runId(): RunId {
    return this.#stored.runId;
  }

  get info(): RunInfo {
    const { runId, settings, datasetVersion, createdAt, groupsTotal } = this.#stored;
    const { issued, completed, quarantined } = this.#books.groups;
    const isExhausted = this.#board.isDrawn && issued === completed + quarantined;
    return {
      ...settings,
      runId,
      state: this.#isClosed ? 'closed' : isExhausted ? 'exhausted' : 'open',
      datasetVersion,
      createdAt,
      groupsTotal,
      groupsCompleted: completed,
      policyVersion: this.#policyVersion,
    };
  }

  get accounting(): Accounting {
    return this.#books.accounting({
      groupsTotal: this.#stored.groupsTotal,
      cache: { hits: 0, misses: 0 },
      costUsd: 0,
    });
  }

  /** Whether nothing is open or unwritten and no call uses it: it may be put away and loaded again when it is asked for. */
  get isIdle(): boolean {
    const { issued, completed, quarantined } = this.#books.groups;
    return issued === completed + quarantined && this.#users === 0 && this.#ledger.isEmpty;
  }

  /** Stops waiting for expiries. */
  stop(): void {
    this.#desk.stop();
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
    const groups = [...this.#board.groups];
    const unscored = groups.filter((held) => held.unscored().length > 0);
    await this.#reader.readPairs(unscored);
    const count = unscored.reduce((sum, held) => sum + held.unscored().length, 0);
    this.#around.inFlight.add(count);
    // Completions of leases that lost their group were perhaps being scored when the process died; nobody will know.
    this.#books.writeOff(this.#books.completionsInFlight - count);
    for (const held of groups) this.#scoring.resume(held);
    this.#desk.expireDue();
    this.#desk.setTimer();
  }

  // ── Leases ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Leases groups for these batches, one batch after the other. Throws `failed_precondition` when the run is closed. */
  async lease(wanted: readonly WantedGroups[]): Promise<Omit<LeaseGroupsReply, 'batchId'>> {
    if (!this.#isClosed) return this.#desk.lease(wanted);
    throw new EnvError('failed_precondition', 'Cannot lease groups: the run is closed', { field: 'run_id' });
  }

  heartbeat(leaseIds: readonly LeaseId[]): Promise<HeartbeatReply> {
    return this.#desk.heartbeat(leaseIds);
  }

  /** Returns how many were open. */
  release(leaseIds: readonly LeaseId[]): Promise<number> {
    return this.#desk.release(leaseIds);
  }

  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#desk.releaseAll();
      this.events.append(this.#around.clock.now(), { kind: 'run-closed' });
      this.#ledger.touch();
      this.#signals.changed();
    }
    await this.#around.commits.committed();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Calls `left` once, when the lease is no longer open: lost, or all handed in. */
  whenLeft(leaseId: LeaseId, left: (isLost: boolean) => void): void {
    const lease = this.#board.findLease(leaseId)?.lease;
    if (lease?.state === 'open') this.#signals.whenLeft(leaseId, left);
    else left(lease?.state !== 'handed_in');
  }

  get signals(): Pick<RunSignals, 'forgetWhenLeft' | 'whenChanged'> {
    return this.#signals;
  }

  setFilling(batchId: BatchId, filling: Filling): void {
    this.batches.setFilling(batchId, filling);
    this.#scoring.completeRound(batchId);
  }

  hearPolicyVersion(version: number | undefined): void {
    if (version === undefined || version <= (this.#policyVersion ?? -1)) return;
    this.#policyVersion = version;
    this.#ledger.touch();
  }

  // ── Completions ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Checks and takes in; resolves when it is decided, not yet on disk. In the order of `groups`. */
  async takeIn(groups: readonly GroupCompletions[]): Promise<readonly Submitted[]> {
    this.#desk.expireDue();
    const found = this.#reader.findNow(groups) ?? (await this.#reader.findLater(groups));
    const planned = planSubmission(groups, (index) => found[index], {
      groupSize: this.#stored.settings.groupSize,
      needsLengths: this.#parts.estimator.needsLengths,
      isClosed: this.#isClosed,
    });
    this.#around.inFlight.take(planned.reduce((sum, { newMembers }) => sum + newMembers.length, 0));
    for (const { newMembers } of planned) {
      for (const { completion } of newMembers) this.hearPolicyVersion(completion.policyVersion);
    }
    for (const { found: at, lease, newMembers, repeated } of planned) {
      this.#repeated(repeated.length);
      if (at.kind === 'held' && newMembers.length > 0) {
        this.#scoring.takeIn({ held: at.held, lease }, newMembers, this.#policyVersion);
      }
    }
    return planned;
  }

  /** Resolves when all members that were handed in under these leases are scored. */
  async scored(submitted: readonly Submitted[]): Promise<void> {
    const scoring = submitted.flatMap(({ found, lease }) =>
      found.kind === 'held'
        ? found.held
            .membersOf(lease)
            .present()
            .flatMap((member) => member.scoring ?? [])
        : [],
    );
    if (scoring.length > 0) await Promise.all(scoring);
  }

  resultOf({ found, lease }: Submitted): GroupResult {
    if (found.kind === 'stored') return endedResult(found.ended, this.#results);
    const current = findLease(found.held.state, lease.leaseId) ?? lease;
    return leaseResult(found.held, current, this.#results);
  }

  async getGroup(groupId: GroupId): Promise<GroupResult> {
    const sequence = sequenceOfGroup(groupId);
    if (sequence === undefined || sequence >= this.#stored.groupsTotal) {
      throw new EnvError('not_found', `There is no group "${groupId}" in run "${this.runId}"`, {
        field: 'group_id',
      });
    }
    if (sequence >= this.#board.position) return unleasedResult(sequence, this.#results);
    const found = await this.#reader.find(sequence);
    if (found === undefined) throw new Error(`Group ${sequence} of run ${this.runId} is not in the store`);
    const result =
      found.kind === 'held'
        ? groupResult(found.held, this.#results)
        : endedResult(found.ended, this.#results);
    await this.#around.commits.committed();
    return result;
  }

  /** Calls `callback` when all that has changed so far is on disk. */
  afterCommit(callback: () => void): void {
    this.#ledger.afterCommit(callback);
  }

  // ── Training steps ────────────────────────────────────────────────────────────────────────────────────────────────

  async reportTrainingStep(step: TrainingStep): Promise<void> {
    this.hearPolicyVersion(step.policyVersion);
    this.#ledger.trainingStep(step);
    this.events.append(this.#around.clock.now(), { kind: 'training-step-reported', trainingStep: step });
    await this.#around.commits.committed();
  }

  // ── Told by the commit queue ──────────────────────────────────────────────────────────────────────────────────────

  collect(): RunChanges {
    this.#collectedEvents = this.events.newestSequence;
    return this.#ledger.collect({
      runId: this.runId,
      progress: {
        isClosed: this.#isClosed,
        position: this.#board.position,
        isDrawn: this.#board.isDrawn,
        policyVersion: this.#policyVersion,
        eventSequence: this.#collectedEvents,
        books: this.#books.snapshot(),
      },
    });
  }

  onCommitted(): void {
    this.#around.inFlight.done(this.#ledger.committed());
    this.events.publish(this.#collectedEvents);
  }

  onFailed(): void {
    this.#ledger.failed();
  }

  // ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #repeated(count: number): void {
    for (let i = 0; i < count; i++) this.#books.completionRepeated();
    if (count > 0) this.#ledger.touch();
  }
}
