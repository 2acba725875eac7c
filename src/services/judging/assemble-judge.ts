// Puts one judge together from its settings: endpoints, limits, books. What is contradictory is refused here, at start, and
// not in the middle of a run.

import { invalidArgument } from '../../core/errors.ts';
import { priceOf, type TokenPrice } from '../../core/price-table.ts';
import { createRandom } from '../../core/random.ts';
import type { Clock } from '../../ports/clock.ts';
import type { JudgeTemplate } from '../../ports/judge-templates.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import { ApiJudge } from './api-judge.ts';
import { Books } from '../language-models/books.ts';
import type { BreakerOptions } from '../language-models/breaker.ts';
import { Endpoint } from '../language-models/endpoint.ts';
import { RateBucket } from '../language-models/rate-bucket.ts';

export interface JudgeSettings {
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
  /** From a question to its verdict. */
  readonly deadlineMs?: number | undefined;
  /** Longest wait for one reply; a third of the deadline when absent. */
  readonly attemptTimeoutMs?: number | undefined;
  readonly attemptsMax?: number | undefined;
  /** Of all endpoints together; absent: no limit. */
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  /** Calls at once of each endpoint. */
  readonly concurrencyMax?: number | undefined;
  /** Votes that may wait for a place at each endpoint. */
  readonly queueMax?: number | undefined;
  /** Absent: no limit. Needs a price. */
  readonly budgetUsd?: number | undefined;
  /** Instead of the price table's. */
  readonly price?: TokenPrice | undefined;
  /** Longer answers score 0 unasked. Absent: more for a template that is shown whole completions. */
  readonly answerCharsMax?: number | undefined;
  readonly breaker?: Omit<BreakerOptions, 'clock'> | undefined;
}

export interface JudgeParts {
  readonly template: JudgeTemplate;
  readonly endpoints: readonly {
    readonly name: string;
    readonly model: LanguageModel;
    readonly weight: number;
  }[];
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
  const { name, model, budgetUsd, breaker } = settings;
  const price = settings.price ?? priceOf(model);
  if (budgetUsd !== undefined && price === null) {
    throw invalidArgument(
      'price',
      `Cannot keep to a budget for judge "${name}": the price of "${model}" is not known`,
    );
  }
  if (endpoints.length === 0) {
    throw invalidArgument('endpoints', `The judge "${name}" needs at least one endpoint`);
  }
  const {
    concurrencyMax = JUDGE_DEFAULTS.concurrencyMax,
    queueMax = JUDGE_DEFAULTS.queueMax,
    deadlineMs = JUDGE_DEFAULTS.deadlineMs,
    seed = JUDGE_DEFAULTS.seed,
  } = settings;
  return new ApiJudge({
    name,
    model,
    template,
    sampling: {
      temperature: settings.temperature ?? JUDGE_DEFAULTS.temperature,
      maxTokens: settings.maxTokens ?? JUDGE_DEFAULTS.maxTokens,
      votes: settings.votes ?? JUDGE_DEFAULTS.votes,
      seed,
    },
    agreement: settings.agreement ?? JUDGE_DEFAULTS.agreement,
    deadlineMs,
    answerCharsMax:
      settings.answerCharsMax ?? (template.usesGroundTruth ? ANSWER_CHARS_MAX : COMPLETION_CHARS_MAX),
    attemptsMax: settings.attemptsMax ?? JUDGE_DEFAULTS.attemptsMax,
    endpoints: endpoints.map(
      (endpoint) => new Endpoint({ ...endpoint, clock, concurrencyMax, queueMax, breaker }),
    ),
    gates: {
      clock,
      books: new Books(price, budgetUsd),
      requests: new RateBucket(clock, settings.requestsPerMinute),
      tokens: new RateBucket(clock, settings.tokensPerMinute),
      attemptTimeoutMs: settings.attemptTimeoutMs ?? Math.ceil(deadlineMs / 3),
    },
    random: createRandom(seed),
  });
}
