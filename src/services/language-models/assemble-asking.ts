// Puts together what it takes to ask one model within limits, from settings that judges and generators share: endpoints, limits,
// books. What is contradictory is refused here, at start, and not in the middle of a run.

import { invalidArgument } from '../../core/errors.ts';
import type { ModelLimits } from '../../core/model-access.ts';
import { priceOf } from '../../core/price-table.ts';
import { createRandom } from '../../core/random.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { AskOptions } from './ask-model.ts';
import { Books } from './books.ts';
import type { BreakerOptions } from './breaker.ts';
import { Budget } from './budget.ts';
import { Endpoint } from './endpoint.ts';
import { RateBucket } from './rate-bucket.ts';

export interface AskingSettings extends ModelLimits {
  /** For errors: `judge "strict"`. */
  readonly asker: string;
  readonly model: string;
  readonly deadlineMs: number;
  readonly concurrencyMax: number;
  /** Calls that may wait for a place at each endpoint. */
  readonly queueMax: number;
  /** Whether an endpoint gets fewer calls at once when it becomes slow; true when absent. */
  readonly watchesLatency?: boolean | undefined;
  readonly attemptsMax: number;
  /** Longest wait for one reply; a third of the deadline when absent. */
  readonly attemptTimeoutMs?: number | undefined;
  /** Of the waits between attempts. */
  readonly seed: number;
  readonly breaker?: Omit<BreakerOptions, 'clock'> | undefined;
}

export interface AskingParts {
  readonly endpoints: readonly ServingEndpoint[];
  readonly clock: Clock;
  /** Shared with other models; then `budgetUsd` must not be set as well. */
  readonly budget?: Budget | undefined;
}

/** Where a model is served. */
export interface ServingEndpoint {
  readonly name: string;
  readonly model: LanguageModel;
  readonly weight: number;
}

/** Throws `invalid_argument` with the name of the setting as its field. */
export function assembleAsking(settings: AskingSettings, parts: AskingParts): AskOptions {
  const { asker, model, budgetUsd, concurrencyMax, queueMax, watchesLatency, breaker } = settings;
  const { clock } = parts;
  const budget = parts.budget ?? (budgetUsd === undefined ? undefined : new Budget(budgetUsd));
  const price = settings.price ?? priceOf(model);
  if (budget !== undefined && price === null) {
    throw invalidArgument(
      'price',
      `Cannot keep to a budget for ${asker}: the price of "${model}" is not known`,
    );
  }
  if (parts.endpoints.length === 0) {
    throw invalidArgument('endpoints', `The ${asker} needs at least one endpoint`);
  }
  return {
    attemptsMax: settings.attemptsMax,
    endpoints: parts.endpoints.map(
      (endpoint) => new Endpoint({ ...endpoint, clock, concurrencyMax, queueMax, watchesLatency, breaker }),
    ),
    gates: {
      clock,
      books: new Books(price, budget),
      requests: new RateBucket(clock, settings.requestsPerMinute),
      tokens: new RateBucket(clock, settings.tokensPerMinute),
      attemptTimeoutMs: settings.attemptTimeoutMs ?? Math.ceil(settings.deadlineMs / 3),
    },
    random: createRandom(settings.seed),
  };
}
