// Where runs live: their settings, progress, open groups and the results of ended ones. All changes come in through
// `commit`, which is all or nothing. Opening a run reads its open groups only, however many have ended.

import type { BooksRecord } from '../core/accounting.ts';
import type { GroupFlag } from '../core/advantages/estimator.ts';
import type { CompletionResult, MemberCompletion, RunSettings, TrainingStep } from '../core/calls.ts';
import type { Group } from '../core/group.ts';
import type { BatchId, LeaseId, RunId } from '../core/ids.ts';
import type { IssuedGroup } from '../core/sampling.ts';
import type { CompletionOutcome } from '../core/score.ts';

/** What of a run changes with every commit. */
export interface RunProgress {
  readonly isClosed: boolean;
  /** Sequence of the next group that was never leased. */
  readonly position: number;
  /** Whether the sampler said that nothing is left to draw. */
  readonly isDrawn: boolean;
  readonly policyVersion: number | undefined;
  /** Sequence of the newest event. */
  readonly eventSequence: number;
  readonly books: BooksRecord;
}

export interface StoredRun {
  readonly runId: RunId;
  /** With all defaults and the estimator's constants. */
  readonly settings: RunSettings;
  readonly datasetVersion: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly groupsTotal: number;
  readonly progress: RunProgress;
}

/** One completion as it was taken in. */
export interface TakenMember {
  readonly completion: MemberCompletion;
  /** Of all fields of the completion: what makes a repeat a repeat. */
  readonly contentHash: string;
  readonly drift: number | undefined;
}

/** Members that came in together under one lease. Written once, never changed. */
export interface TakenCompletions {
  readonly sequence: number;
  readonly leaseNumber: number;
  readonly members: readonly TakenMember[];
}

/** Outcomes of members of a group that has not ended; they move into its result when it does. */
export interface MemberOutcome {
  readonly sequence: number;
  readonly leaseNumber: number;
  readonly memberIndex: number;
  readonly outcome: CompletionOutcome;
}

/** A completed or quarantined group: never changes again. */
export interface EndedGroup {
  readonly group: Group;
  readonly leaseId: LeaseId;
  readonly batchId: BatchId;
  /** By member index; empty for a quarantined group. */
  readonly completions: readonly CompletionResult[];
  readonly flags: readonly GroupFlag[];
  readonly batchOwed: number | undefined;
  /** Content hashes of the members, by member index. */
  readonly contentHashes: readonly string[];
}

export interface BatchOwed {
  readonly batchId: BatchId;
  /** 0: the batch is owed nothing any more and may be forgotten. */
  readonly owed: number;
}

/** What the sampler must learn again after a restart, for runs whose sampler needs it. */
export interface IssuedPair extends IssuedGroup {
  readonly sequence: number;
}

/** All that changed in one run since its last commit. */
export interface RunChanges {
  readonly runId: RunId;
  readonly progress: RunProgress;
  /** Replace what is stored of these groups. */
  readonly open: readonly Group[];
  readonly taken: readonly TakenCompletions[];
  readonly outcomes: readonly MemberOutcome[];
  /** These stop to be open; their members' outcomes are in the result. */
  readonly ended: readonly EndedGroup[];
  readonly batches: readonly BatchOwed[];
  readonly issued: readonly IssuedPair[];
  readonly trainingSteps: readonly TrainingStep[];
}

/** What a run needs to go on after a restart. */
export interface OpenState {
  readonly groups: readonly Group[];
  readonly taken: readonly TakenCompletions[];
  readonly outcomes: readonly MemberOutcome[];
  readonly batches: readonly BatchOwed[];
}

export interface RunStore {
  /** False, and nothing is written, when the run id is taken. */
  create(run: StoredRun): Promise<boolean>;
  find(runId: RunId): Promise<StoredRun | undefined>;
  /** All runs, oldest first. */
  list(): Promise<readonly StoredRun[]>;
  /** Runs that have open groups: their leases must be able to expire without anybody asking. */
  withOpenGroups(): Promise<readonly RunId[]>;
  openState(runId: RunId): Promise<OpenState>;
  /** In rising order of sequence. */
  issuedPairs(runId: RunId): Promise<readonly IssuedPair[]>;
  endedGroup(runId: RunId, sequence: number): Promise<EndedGroup | undefined>;
  /** What was handed in for one group, under all of its leases, in order of lease and member. */
  takenCompletions(runId: RunId, sequence: number): Promise<readonly TakenCompletions[]>;
  /** In rising order of number. The same number reported again replaces. */
  trainingSteps(
    runId: RunId,
    page: { readonly afterNumber: number | undefined; readonly limit: number },
  ): Promise<readonly TrainingStep[]>;
  /**
   * Writes all changes of all these runs in one transaction. When it resolves, they survive the death of the process;
   * when it rejects, none of them is there and the same ones may be tried again.
   */
  commit(changes: readonly RunChanges[]): Promise<void>;
}
