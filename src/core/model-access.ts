// How a language model is reached and how much of it may be used, as data: the same words for judges and generators. Keys are
// named by their environment variable and are never in here.

import type { TokenPrice } from './price-table.ts';

export interface ModelEndpoint {
  readonly baseUrl: string;
  /** Environment variable that holds the key; absent where the server wants none. */
  readonly apiKeyEnv?: string | undefined;
  /** Share of the calls, against the sum of all weights. */
  readonly weight: number;
}

/** What is absent is left to the defaults of whoever asks the model. */
export interface ModelLimits {
  /** From a question to what can be used of its replies. */
  readonly deadlineMs?: number | undefined;
  /** Longest wait for one reply. */
  readonly attemptTimeoutMs?: number | undefined;
  readonly attemptsMax?: number | undefined;
  /** Of all endpoints together. */
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  /** Calls at once of each endpoint. */
  readonly concurrencyMax?: number | undefined;
  /** Absent: no limit. Needs a price. */
  readonly budgetUsd?: number | undefined;
  /** Instead of the price table's. */
  readonly price?: TokenPrice | undefined;
}
