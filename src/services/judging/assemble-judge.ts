// Puts one judge together from its settings: what it takes to ask its model, and how it votes.

import type { ModelLimits } from '../../core/model-access.ts';
import type { Clock } from '../../ports/clock.ts';
import type { JudgeTemplate } from '../../ports/judge-templates.ts';
import { assembleAsking, type ServingEndpoint } from '../language-models/assemble-asking.ts';
import type { BreakerOptions } from '../language-models/breaker.ts';
import { ApiJudge } from './api-judge.ts';
import type { Judge, JudgeSampling } from './judge.ts';

/** Its deadline is from a question to its verdict; its attempt time-out is a third of that when absent. */
export interface JudgeSettings extends ModelLimits {
  readonly name: string;
  readonly model: string;
  /** Samples of each question; two orders of each for a template that compares two. */
  readonly votes?: number | undefined;
  /** Least share of votes that decides; above one half in any case. */
  readonly agreement?: number | undefined;
  readonly temperature?: number | undefined;
  /** Of one reply; a model that thinks needs more. */
  readonly maxTokens?: number | undefined;
  readonly seed?: number | undefined;
  readonly topP?: number | undefined;
  readonly reasoningEffort?: string | undefined;
  /** Votes that may wait for a place at each endpoint. */
  readonly queueMax?: number | undefined;
  /** Longer answers score 0 unasked. Absent: more for a template that is shown whole completions. */
  readonly answerCharsMax?: number | undefined;
  readonly breaker?: Omit<BreakerOptions, 'clock'> | undefined;
}

export interface JudgeParts {
  readonly template: JudgeTemplate;
  readonly endpoints: readonly ServingEndpoint[];
  readonly clock: Clock;
}

export const JUDGE_DEFAULTS = {
  votes: 1,
  agreement: 0.5,
  temperature: 0,
  maxTokens: 1_024,
  seed: 0,
  deadlineMs: 60_000,
  attemptsMax: 8,
  concurrencyMax: 64,
  queueMax: 10_000,
} as const;

const ANSWER_CHARS_MAX = 4_000;
const COMPLETION_CHARS_MAX = 65_536;

/** Throws `invalid_argument` with the name of the setting as its field. */
export function assembleJudge(settings: JudgeSettings, { template, endpoints, clock }: JudgeParts): ApiJudge {
  const { name, model } = settings;
  const deadlineMs = settings.deadlineMs ?? JUDGE_DEFAULTS.deadlineMs;
  const seed = settings.seed ?? JUDGE_DEFAULTS.seed;
  const asking = assembleAsking(
    {
      ...settings,
      asker: `judge "${name}"`,
      deadlineMs,
      seed,
      attemptsMax: settings.attemptsMax ?? JUDGE_DEFAULTS.attemptsMax,
      concurrencyMax: settings.concurrencyMax ?? JUDGE_DEFAULTS.concurrencyMax,
      queueMax: settings.queueMax ?? JUDGE_DEFAULTS.queueMax,
    },
    { endpoints, clock },
  );
  return new ApiJudge({
    ...asking,
    name,
    model,
    template,
    sampling: samplingOf(settings),
    agreement: settings.agreement ?? JUDGE_DEFAULTS.agreement,
    deadlineMs,
    answerCharsMax: settings.answerCharsMax ?? answerCharsMaxOf(template),
  });
}

/** What its verdicts are remembered by, besides the question: also of a judge that is not to be asked. */
export function identityOf(
  settings: Pick<JudgeSettings, keyof JudgeSampling | 'name' | 'model'>,
  template: Pick<JudgeTemplate, 'id'>,
): Pick<Judge, 'name' | 'model' | 'template' | 'sampling'> {
  const { name, model } = settings;
  return { name, model, template: template.id, sampling: samplingOf(settings) };
}

function samplingOf(settings: Pick<JudgeSettings, keyof JudgeSampling>): JudgeSampling {
  return {
    temperature: settings.temperature ?? JUDGE_DEFAULTS.temperature,
    maxTokens: settings.maxTokens ?? JUDGE_DEFAULTS.maxTokens,
    votes: settings.votes ?? JUDGE_DEFAULTS.votes,
    seed: settings.seed ?? JUDGE_DEFAULTS.seed,
    ...(settings.topP !== undefined && { topP: settings.topP }),
    ...(settings.reasoningEffort !== undefined && { reasoningEffort: settings.reasoningEffort }),
  };
}

/** Longest text that a judge with this template is shown where its settings do not say. */
export function answerCharsMaxOf({
  usesGroundTruth,
  readsCompletion = false,
}: Pick<JudgeTemplate, 'usesGroundTruth' | 'readsCompletion'>): number {
  return usesGroundTruth && !readsCompletion ? ANSWER_CHARS_MAX : COMPLETION_CHARS_MAX;
}
