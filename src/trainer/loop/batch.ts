// A batch on its way through one training step: leased, drawn, scored. Plain data, so that a batch can wait in a checkpoint.

import type { CompletionResult } from '../../core/calls.ts';
import type { GroupFlag } from '../../core/advantages/estimator.ts';
import type { BatchId, GroupId, LeaseId, RunId } from '../../core/ids.ts';
import type { Message } from '../../core/prompt.ts';
import type { SampledCompletion } from '../policy.ts';

/** A leased group: what the trainer must know of it to draw its completions and to hand them in. */
export interface PromptGroup {
  readonly runId: RunId;
  readonly groupId: GroupId;
  readonly leaseId: LeaseId;
  readonly batchId: BatchId;
  readonly prompt: readonly Message[];
}

export interface DrawnGroup extends PromptGroup {
  readonly tokens: readonly number[];
  /** By member index. */
  readonly completions: readonly SampledCompletion[];
}

export interface DrawnBatch {
  /** Counted from 0. The randomness of its drawing is a function of seed and number. */
  readonly number: number;
  /** Policy version that drew it: training steps that its weights had seen. */
  readonly version: number;
  readonly groups: readonly DrawnGroup[];
  readonly sampleSeconds: number;
}

export interface ScoredMember {
  readonly completion: SampledCompletion;
  readonly outcome: CompletionResult['outcome'];
  /** 0 for a member that is unscorable. */
  readonly advantage: number;
}

export interface ScoredGroup extends Pick<DrawnGroup, 'prompt' | 'tokens'> {
  readonly members: readonly ScoredMember[];
  readonly flags: readonly GroupFlag[];
}

export interface ScoredBatch extends Pick<DrawnBatch, 'number' | 'version' | 'sampleSeconds'> {
  readonly groups: readonly ScoredGroup[];
  readonly scoreSeconds: number;
}
