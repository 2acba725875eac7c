// What each call of the service takes and returns, as core types. Both doors decode into these and encode from these;
// defaults are already filled in, limits already checked. No reply holds a ground truth.

import type { Agreement, Confusion } from './agreement.ts';
import type { EstimatorChoice, GroupFlag, RewardGroup, AdvantageGroup } from './advantages/estimator.ts';
import type { Completion } from './completion.ts';
import type { ErrorCode } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { BatchId, GroupId, LeaseId, PairId, RunId } from './ids.ts';
import type { Message } from './prompt.ts';
import type { GroundTruth } from './qa-pair.ts';
import type { Recipe } from './recipe.ts';
import type { Sampling } from './sampling.ts';
import type { CompletionOutcome } from './score.ts';

// ── Datasets ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface NamedCount {
  readonly name: string;
  readonly count: number;
}

export interface DatasetProvenance {
  readonly source: string;
  readonly license: string;
  readonly generator: string;
}

export interface DatasetInfo {
  readonly name: string;
  /** Hash of the content. */
  readonly version: string;
  readonly description: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly splits: readonly NamedCount[];
  readonly answerTypes: readonly NamedCount[];
  readonly domains: readonly NamedCount[];
  /** Reward recipe for rows that name none. */
  readonly reward: Recipe | undefined;
  readonly provenance: DatasetProvenance;
}

// ── Runs ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The arguments that make a run what it is: the same ones and the same dataset version give the same order. */
export interface RunSettings {
  readonly dataset: string;
  readonly split: string;
  readonly groupSize: number;
  readonly seed: number;
  readonly epochs: number;
  /** Undefined: what each row names. */
  readonly reward: Recipe | undefined;
  readonly estimator: EstimatorChoice;
  readonly sampling: Sampling;
  readonly leaseTtlMs: number;
  readonly maxAttempts: number;
  readonly maxDrift: number | undefined;
  readonly promptTemplate: string;
}

export interface OpenRunCall extends RunSettings {
  readonly runId: RunId | undefined;
}

export const RUN_STATES = ['open', 'exhausted', 'closed'] as const;
export type RunState = (typeof RUN_STATES)[number];

export interface RunInfo extends RunSettings {
  readonly runId: RunId;
  readonly state: RunState;
  readonly datasetVersion: string;
  readonly createdAt: number;
  readonly groupsTotal: number;
  readonly groupsCompleted: number;
  readonly policyVersion: number | undefined;
}

// ── Leases ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface LeaseGroupsCall {
  readonly runId: RunId;
  readonly groups: number;
  readonly batchId: BatchId | undefined;
  readonly policyVersion: number | undefined;
}

export interface LeasedGroup {
  readonly groupId: GroupId;
  readonly leaseId: LeaseId;
  readonly batchId: BatchId;
  readonly pairId: PairId;
  readonly prompt: readonly Message[];
  readonly groupSize: number;
  readonly attempt: number;
  readonly expiresAt: number;
  readonly epoch: number;
}

export const EMPTY_REASONS = ['exhausted', 'all_leased', 'backpressure'] as const;
export type EmptyReason = (typeof EMPTY_REASONS)[number];

export interface LeaseGroupsReply {
  readonly batchId: BatchId;
  readonly groups: readonly LeasedGroup[];
  /** Only when `groups` is empty. */
  readonly emptyReason?: EmptyReason | undefined;
  /** Only with `emptyReason`, and not when exhausted. */
  readonly retryAfterMs?: number | undefined;
}

export interface LeasesCall {
  readonly runId: RunId;
  readonly leaseIds: readonly LeaseId[];
}

export interface HeartbeatReply {
  readonly leases: readonly { readonly leaseId: LeaseId; readonly expiresAt: number }[];
  readonly lost: readonly LeaseId[];
}

// ── Completions ─────────────────────────────────────────────────────────────────────────────────────────────────────

export interface MemberCompletion extends Completion {
  readonly memberIndex: number;
}

export interface GroupCompletions {
  readonly leaseId: LeaseId;
  readonly completions: readonly MemberCompletion[];
}

export interface SubmitCompletionsCall {
  readonly runId: RunId;
  readonly groups: readonly GroupCompletions[];
  /** Answer when all is scored, or as soon as it is on disk. */
  readonly wait: boolean;
}

export const GROUP_STATES = [
  'pending',
  'partial',
  'scoring',
  'awaiting_batch',
  'completed',
  'quarantined',
] as const;
export type GroupState = (typeof GROUP_STATES)[number];

export interface CompletionResult {
  readonly memberIndex: number;
  readonly outcome: CompletionOutcome;
  /** Undefined until all that the estimator needs is known. */
  readonly advantage: number | undefined;
  readonly drift: number | undefined;
}

export interface GroupResult {
  readonly groupId: GroupId;
  readonly leaseId: LeaseId;
  readonly batchId: BatchId;
  readonly state: GroupState;
  /** Scored members, by member index. */
  readonly completions: readonly CompletionResult[];
  readonly missing: readonly number[];
  readonly flags: readonly GroupFlag[];
  /** With its constants. */
  readonly estimator: EstimatorChoice;
  /** Groups that the batch is owed for zero-variance ones; only under `refill`. */
  readonly batchOwed: number | undefined;
}

// ── Books, events, training steps ───────────────────────────────────────────────────────────────────────────────────

/** completed + expired + released + quarantined + open = leased; issued = completed + quarantined + inProgress. */
export interface Accounting {
  readonly leases: {
    readonly leased: number;
    readonly completed: number;
    readonly expired: number;
    readonly released: number;
    readonly quarantined: number;
    readonly open: number;
  };
  readonly groups: {
    readonly total: number;
    readonly issued: number;
    readonly completed: number;
    readonly quarantined: number;
    readonly inProgress: number;
  };
  readonly completions: {
    readonly submitted: number;
    readonly scored: number;
    readonly unscorable: number;
    readonly inFlight: number;
    readonly unscorableByCause: readonly NamedCount[];
    readonly truncated: number;
    readonly repeats: number;
  };
  readonly meanReward: number | undefined;
  readonly passRate: number | undefined;
  readonly passThreshold: number;
  readonly zeroVarianceGroups: number;
  readonly zeroVarianceShare: number | undefined;
  readonly insufficientValidGroups: number;
  /** Verdicts of judges: known, and asked for. */
  readonly cache: { readonly hits: number; readonly misses: number };
  /** Undefined when a price was unknown. */
  readonly costUsd: number | undefined;
  /** What judges read and wrote for this run, audits included, as far as their servers say. */
  readonly judgePromptTokens: number;
  readonly judgeCompletionTokens: number;
  readonly audits: readonly AuditAccount[];
  readonly drift: readonly { readonly drift: number; readonly completions: number }[];
}

/** How the verdicts of one cheap scorer on answers of one kind stood up to a judge's. */
export interface AuditAccount extends Confusion, Agreement {
  readonly scorer: string;
  /** Empty where rows name none. */
  readonly domain: string;
  readonly answerType: string;
  /** Verdicts that the judge was to look at and could not. */
  readonly unjudged: number;
}

export interface TrainingStep {
  readonly number: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly policyVersion: number | undefined;
}

export interface LeaseEnded {
  readonly groupId: GroupId;
  readonly leaseId: LeaseId;
  readonly attempt: number;
}

export type RunEvent = { readonly sequence: number; readonly at: number } & (
  | { readonly kind: 'group-leased'; readonly group: LeasedGroup }
  | { readonly kind: 'group-scored'; readonly result: GroupResult }
  | { readonly kind: 'lease-expired' | 'group-released' | 'group-quarantined'; readonly ended: LeaseEnded }
  | { readonly kind: 'training-step-reported'; readonly trainingStep: TrainingStep }
  | { readonly kind: 'run-closed' }
  | { readonly kind: 'events-lost'; readonly count: number }
);

// ── The rollout stream ──────────────────────────────────────────────────────────────────────────────────────────────

export type RolloutRequest =
  | {
      readonly kind: 'open';
      readonly runId: RunId;
      readonly window: number;
      readonly policyVersion: number | undefined;
      readonly batchGroups: number;
    }
  | { readonly kind: 'submit'; readonly groups: readonly GroupCompletions[] }
  | { readonly kind: 'heartbeat' | 'release'; readonly leaseIds: readonly LeaseId[] }
  | {
      readonly kind: 'update';
      readonly window: number | undefined;
      readonly policyVersion: number | undefined;
    };

/** A refusal inside a stream that goes on. */
export interface Problem {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly field?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

export type RolloutResponse =
  | { readonly kind: 'group'; readonly group: LeasedGroup }
  | { readonly kind: 'result'; readonly result: GroupResult }
  | { readonly kind: 'idle'; readonly reason: EmptyReason; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'heartbeat'; readonly reply: HeartbeatReply }
  | { readonly kind: 'problem'; readonly problem: Problem; readonly leaseIds: readonly LeaseId[] };

// ── Stateless scoring ───────────────────────────────────────────────────────────────────────────────────────────────

export interface ScoreGroup {
  readonly prompt: readonly Message[];
  /** An inline answer, or a row of a dataset. */
  readonly reference:
    | {
        readonly kind: 'inline';
        readonly groundTruth: GroundTruth;
        readonly choices: readonly string[];
        /** What else a file says of the row; the wire has no such field. */
        readonly columns?: JsonObject | undefined;
      }
    | { readonly kind: 'row'; readonly dataset: string; readonly pairId: PairId };
  readonly completions: readonly MemberCompletion[];
}

export interface ScoreCall {
  readonly reward: Recipe | undefined;
  readonly estimator: EstimatorChoice;
  readonly groups: readonly ScoreGroup[];
}

export interface ScoreReply {
  readonly estimator: EstimatorChoice;
  readonly groups: readonly {
    readonly flags: readonly GroupFlag[];
    readonly completions: readonly CompletionResult[];
  }[];
}

export interface ComputeAdvantagesCall {
  readonly estimator: EstimatorChoice;
  readonly groups: readonly RewardGroup[];
}

export interface ComputeAdvantagesReply {
  readonly estimator: EstimatorChoice;
  readonly groups: readonly AdvantageGroup[];
}
