// What the service counts for operators. Counters only rise; a gauge is read when it is asked for.

import type { AuditAccount } from '../core/calls.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { UnscorableCause } from '../core/score.ts';

/** One call as a door saw it end. Streams are counted when they end. */
export interface FinishedCall {
  readonly door: 'grpc' | 'rest';
  /** The call's name in the proto, for example `Score`; `unknown` for paths that no call has. */
  readonly call: string;
  readonly code: ErrorCode | 'ok';
  readonly milliseconds: number;
}

export type CallObserver = (call: FinishedCall) => void;

/** What the batches of one reward model did since the process started. */
export interface BatcherCounts {
  readonly sequences: number;
  readonly batches: number;
  readonly tokens: number;
  /** Tokens with the padding: what the network worked on. */
  readonly paddedTokens: number;
  /** Sequences that lost tokens because the network takes no more. */
  readonly truncated: number;
  /** Asked for while the same text was on its way, and answered by it. */
  readonly shared: number;
  /** Texts that the network could not take. */
  readonly failed: number;
}

/** Since the process started. */
export interface ServiceCounts {
  readonly leasesOpen: number;
  readonly completionsInFlight: number;
  readonly groupsLeased: number;
  readonly groupsCompleted: number;
  readonly groupsQuarantined: number;
  readonly leasesExpired: number;
  readonly zeroVarianceGroups: number;
  readonly completionsScored: number;
  readonly completionsUnscorable: Readonly<Partial<Record<UnscorableCause, number>>>;
  readonly submitsRepeated: number;
  /** Verdicts of judges in runs: known, and asked for. */
  readonly verdictsKnown: number;
  readonly verdictsAsked: number;
  /** Of verdicts whose price is known, audits included. */
  readonly judgeCostUsd: number;
  /** Verdicts whose price is not. */
  readonly verdictsUnpriced: number;
  readonly judgePromptTokens: number;
  readonly judgeCompletionTokens: number;
  readonly audits: readonly AuditAccount[];
}
