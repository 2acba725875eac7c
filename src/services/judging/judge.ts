// What a judge is to the rest of the house: one question in, one verdict or one fault out. How it asks (retries, limits,
// budgets, votes) and whether it remembers are behind this; a wrapper that remembers is a judge as well.

import type { UnscorableCause } from '../../core/score.ts';
import type { StoredVerdict } from '../../ports/verdict-cache.ts';

/** All that a judge is shown of one completion. */
export interface JudgeQuestion {
  /** Text of the prompt. */
  readonly question: string;
  /** Empty where the template compares with nothing. */
  readonly groundTruth: string;
  /** Answers that are as right. */
  readonly aliases: readonly string[];
  /** The extracted answer, or the whole completion for a judge that reads it all. */
  readonly answer: string;
  /** Only for templates that compare two: the other answer. A score of 1 says that `answer` is better. */
  readonly other?: string | undefined;
  /** Only for templates that show columns of the row, or parts of the completion, by name. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

/** What makes two askings of one question alike: part of a verdict's identity. */
export interface JudgeSampling {
  readonly temperature: number;
  readonly maxTokens: number;
  readonly votes: number;
  /** Votes take the seeds `seed`, `seed + 1`, … */
  readonly seed: number;
  /** What the model's own default stands for where it is absent. */
  readonly topP?: number | undefined;
  readonly reasoningEffort?: string | undefined;
}

export type JudgeCause =
  | 'judge_unavailable'
  | 'judge_unreadable'
  | 'judge_budget_exhausted'
  | 'deadline_exceeded';

export type JudgeOutcome =
  /** Paid for and worth remembering, also where the votes agree too little to decide. */
  | {
      readonly kind: 'verdict';
      readonly verdict: StoredVerdict;
      /** True when this asking bought nothing: the verdict was there, or another asking paid for it. */
      readonly isRemembered?: boolean | undefined;
    }
  /** The answer is none, by rule: score 0. Nobody was asked and nothing was paid. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No verdict. What was paid all the same is stated; `costUsd` is null when the model's price is unknown. */
  | {
      readonly kind: 'fault';
      readonly cause: JudgeCause & UnscorableCause;
      readonly detail: string;
      readonly costUsd: number | null;
      readonly promptTokens: number;
      readonly completionTokens: number;
    };

export interface Judge {
  readonly name: string;
  readonly model: string;
  /** Template, version and content of its wording: `equivalence@3-9f86d081`. */
  readonly template: string;
  readonly sampling: JudgeSampling;
  /** Rejects only with the signal's reason. */
  judge(question: JudgeQuestion, signal: AbortSignal): Promise<JudgeOutcome>;
}
