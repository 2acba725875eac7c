// What a run is made of: the ports it works with, and the two things that others give it, scorer and limits.

import type { Books } from '../../core/accounting.ts';
import type { Estimator } from '../../core/advantages/estimator.ts';
import type { MemberCompletion } from '../../core/calls.ts';
import type { Message } from '../../core/prompt.ts';
import type { QaPair } from '../../core/qa-pair.ts';
import type { Sampler } from '../../core/sampling.ts';
import type { CompletionOutcome } from '../../core/score.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DatasetSplit } from '../../ports/dataset-store.ts';
import type { Log } from '../../ports/log.ts';
import type { Nonces } from '../../ports/nonces.ts';
import type { RunStore } from '../../ports/run-store.ts';
import type { OnAudit } from '../scoring/audit.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { InFlight } from '../in-flight.ts';

/** What completions are completions of. `onAudit` is told when a judge looks at cheap verdicts as well. */
export interface ScoredRow {
  readonly pair: QaPair;
  readonly prompt: readonly Message[];
  readonly onAudit: OnAudit;
}

/** Scores completions under the run's recipe. */
export interface RowScorer {
  /** Returns without a promise when the verdict is quick. */
  score(
    member: ScoredRow & { readonly completion: MemberCompletion },
  ): CompletionOutcome | Promise<CompletionOutcome>;
  /** Whether completions of the row are compared with each other, so that `scoreGroup` must score them, all at once. */
  isGroupWise(row: Pick<ScoredRow, 'pair' | 'prompt'>): boolean;
  /** Outcomes in the order of `completions`. */
  scoreGroup(
    group: ScoredRow & { readonly completions: readonly MemberCompletion[] },
  ): Promise<readonly PromiseSettledResult<CompletionOutcome>[]>;
}

/** The limits that the service itself enforces; those on messages are the doors'. */
export interface ServiceLimits {
  readonly openGroupsPerRunMax: number;
  readonly eventsKeptMax: number;
  readonly streamFramesBufferedMax: number;
}

/** Shared by all runs of a server. */
export interface RunSurroundings {
  readonly store: RunStore;
  readonly commits: CommitQueue;
  readonly inFlight: InFlight;
  readonly clock: Clock;
  readonly log: Log;
  readonly nonces: Nonces;
  readonly limits: ServiceLimits;
  /** Of all runs since the server started. */
  readonly totals: Books;
}

/** A run's own. */
export interface RunParts {
  readonly split: DatasetSplit;
  readonly sampler: Sampler;
  readonly estimator: Estimator;
  readonly scorer: RowScorer;
  render(pair: QaPair): readonly Message[];
}
