// A reward model that somebody else serves over HTTP. One call is one request on the wire: batches, retries and deadlines
// are the caller's.

/** What one raw number is asked for. How it is laid out on the wire is the dialect's affair. */
export interface ServedText {
  /** The model's own texts, as for any reward model: one, or two that it tells apart. */
  readonly first: string;
  readonly second?: string | undefined;
  /** For dialects with a place of their own for these. */
  readonly question: string;
  readonly groundTruth: string;
}

/** Why a request failed, by what a caller can do about it. */
export const SERVED_FAULTS = [
  'rate_limited',
  'overloaded',
  'connection',
  'refused',
  'malformed_reply',
] as const;
export type ServedFault = (typeof SERVED_FAULTS)[number];

export class ServedRewardModelError extends Error {
  override readonly name = 'ServedRewardModelError';
  readonly fault: ServedFault;
  /** As the server asked. */
  readonly retryAfterMs: number | undefined;

  constructor(
    fault: ServedFault,
    message: string,
    details: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.fault = fault;
    this.retryAfterMs = details.retryAfterMs;
  }
}

export interface ServedRewardModel {
  /** Most texts of one request. */
  readonly batchMax: number;
  /** Whether two texts may be in one request. */
  canShare(a: ServedText, b: ServedText): boolean;
  /**
   * One raw number for each text, in their order.
   *
   * Rejects with `ServedRewardModelError`, or the signal's reason.
   */
  rawNumbers(texts: readonly ServedText[], signal: AbortSignal): Promise<readonly number[]>;
}
