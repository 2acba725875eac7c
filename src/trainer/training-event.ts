// What a training tells whoever watches it: terminal, log file, report page, server. Plain data, in the order it happens.

import type { CompletionOutcome } from '../core/score.ts';

/** The metrics of one training step, under the names that the server keeps them by. */
export interface TrainingMetrics {
  /** Mean reward of the scored completions. */
  readonly mean_reward: number;
  /** Share of scored completions whose reward is at least the pass threshold. */
  readonly pass_rate: number;
  readonly zero_variance_share: number;
  readonly unscorable: number;
  readonly truncated_share: number;
  /** Mean tokens of a completion. */
  readonly completion_tokens: number;
  /** −mean log-probability of the drawn tokens: a one-sample estimate of the policy's entropy per token. */
  readonly entropy: number;
  /** Mean over the updates of the step. Absent, like the two below, where the step took none. */
  readonly loss?: number | undefined;
  readonly grad_norm?: number | undefined;
  readonly clipped_share?: number | undefined;
  readonly kl?: number | undefined;
  readonly learning_rate: number;
  /** Policy version at training minus that of the completions, mean. */
  readonly drift: number;
  /** Drawn in this step. */
  readonly tokens: number;
  readonly tokens_per_s: number;
  readonly sample_s: number;
  readonly score_s: number;
  readonly train_s: number;
}

export interface ShownCompletion {
  readonly prompt: string;
  readonly completion: string;
  readonly outcome: CompletionOutcome;
  readonly advantage: number;
}

export interface TrainingStart {
  readonly kind: 'start';
  readonly policy: string;
  readonly device: string;
  readonly dataset: string;
  readonly run_id: string;
  readonly estimator: string;
  readonly seed: number;
  readonly steps: number;
  /** The step that it goes on from; 0 at first. */
  readonly resumed_at: number;
  /** All settings by name, for the log and the report. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

export interface WarmUpStep {
  readonly kind: 'warm-up';
  readonly step: number;
  readonly loss: number;
  /** Sampled accuracy, where it was just measured. */
  readonly accuracy?: number | undefined;
  /** The accuracy at which the warm-up stops. */
  readonly target: number;
}

export interface TrainingStepDone {
  readonly kind: 'step';
  /** 1 for the first. */
  readonly step: number;
  readonly wall_s: number;
  readonly metrics: TrainingMetrics;
  /** Why the step took no update, in a few words. */
  readonly skipped?: string | undefined;
  /** A few completions of the step with what they earned. */
  readonly shown: readonly ShownCompletion[];
}

/** A policy measured on a split. */
export interface EvaluationDone {
  readonly kind: 'evaluation';
  readonly step: number;
  /** `before`: the baseline, before any reinforcement. */
  readonly when: 'before' | 'during' | 'after';
  readonly split: string;
  readonly questions: number;
  readonly pass_at_1: number;
  /** 95 % interval. */
  readonly low: number;
  readonly high: number;
  readonly greedy: boolean;
}

export interface TrainingEnd {
  readonly kind: 'end';
  /** Mean reward of the first step, and of the last tenth of the steps (at least one). */
  readonly first_reward: number;
  readonly final_reward: number;
  readonly steps: number;
  readonly wall_s: number;
  readonly tokens_per_s: number;
  readonly device: string;
  /** Why it ended before its last step. */
  readonly stopped?: string | undefined;
}

export type TrainingEvent = TrainingStart | WarmUpStep | TrainingStepDone | EvaluationDone | TrainingEnd;

export type TrainingWatcher = (event: TrainingEvent) => void;
