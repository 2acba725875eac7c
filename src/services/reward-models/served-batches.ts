// Texts on their way to a served reward model: those that wait while requests are under way go together in the next one.
// What may pass when it is tried again is tried again, so often and no more; a request that the server refuses is taken
// apart, so that one bad text costs nobody else a score.

import type { Random } from '../../core/random.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  ServedRewardModelError,
  type ServedRewardModel,
  type ServedText,
} from '../../ports/served-reward-model.ts';

export interface ServedBatchesOptions {
  readonly model: ServedRewardModel;
  readonly clock: Clock;
  readonly random: Random;
  /** Requests at a time. */
  readonly concurrencyMax: number;
  /** Requests for one text, the first included. */
  readonly attemptsMax: number;
}

interface Waiter {
  readonly text: ServedText;
  readonly signal: AbortSignal;
  readonly settled: PromiseWithResolvers<number>;
  attempts: number;
}

const BACKOFF_MS = 200;
const BACKOFF_MS_MAX = 10_000;

export class ServedBatches {
  readonly #options: ServedBatchesOptions;
  /** In order of arrival; those that were tried already go to the front again. */
  #waiting: Waiter[] = [];
  #running = 0;

  constructor(options: ServedBatchesOptions) {
    this.#options = options;
  }

  /**
   * The raw number of one text. Rejects with `ServedRewardModelError`, or the signal's reason; a request under way is given
   * up when nobody waits for it any more.
   */
  ask(text: ServedText, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const waiter: Waiter = { text, signal, settled: Promise.withResolvers(), attempts: 0 };
    const leave = (): void => {
      this.#waiting = this.#waiting.filter((each) => each !== waiter);
      waiter.settled.reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.push(waiter);
    // When the askings of this turn have come.
    queueMicrotask(() => this.#startAll());
    return waiter.settled.promise.finally(() => signal.removeEventListener('abort', leave));
  }

  #startAll(): void {
    while (this.#running < this.#options.concurrencyMax && this.#waiting.length > 0)
      this.#start(this.#take());
  }

  /** The first that waits, and those after it that may share its request. */
  #take(): readonly Waiter[] {
    const { model } = this.#options;
    const batch: Waiter[] = [];
    const passedOver: Waiter[] = [];
    let seen = 0;
    for (const waiter of this.#waiting) {
      if (batch.length === model.batchMax) break;
      seen += 1;
      const [first] = batch;
      if (first === undefined || model.canShare(first.text, waiter.text)) batch.push(waiter);
      else passedOver.push(waiter);
    }
    this.#waiting = [...passedOver, ...this.#waiting.slice(seen)];
    return batch;
  }

  #start(batch: readonly Waiter[]): void {
    this.#running += 1;
    void this.#send(batch).finally(() => {
      this.#running -= 1;
      this.#startAll();
    });
  }

  async #send(batch: readonly Waiter[]): Promise<void> {
    const abandoned = whenAllLeft(batch);
    for (const waiter of batch) waiter.attempts += 1;
    try {
      const numbers = await this.#options.model.rawNumbers(
        batch.map(({ text }) => text),
        abandoned.signal,
      );
      batch.forEach(({ settled }, index) => settled.resolve(numbers[index] ?? Number.NaN));
    } catch (error) {
      await this.#failed(batch, error);
    } finally {
      abandoned.end();
    }
  }

  async #failed(batch: readonly Waiter[], error: unknown): Promise<void> {
    const left = batch.filter(({ signal }) => !signal.aborted);
    const isServers = error instanceof ServedRewardModelError;
    if (isServers && error.fault === 'refused' && batch.length > 1) {
      for (const waiter of left) waiter.attempts -= 1;
      const half = Math.ceil(left.length / 2);
      for (const part of [left.slice(0, half), left.slice(half)]) if (part.length > 0) await this.#send(part);
      return;
    }
    const again = left.filter(
      ({ attempts }) => isServers && mayPass(error) && attempts < this.#options.attemptsMax,
    );
    for (const waiter of left) if (!again.includes(waiter)) waiter.settled.reject(error);
    const [first] = again;
    if (first === undefined || !isServers) return;
    await this.#pause(first.attempts, error.retryAfterMs);
    this.#waiting.unshift(...again.filter(({ signal }) => !signal.aborted));
  }

  /** Keeps the place of the request that failed: a server in trouble gets fewer, not more. */
  #pause(attempts: number, retryAfterMs = 0): Promise<void> {
    const { clock, random } = this.#options;
    const backoffMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (attempts - 1));
    return new Promise((resolve) => {
      clock.after(retryAfterMs + random.next() * backoffMs, resolve);
    });
  }
}

function mayPass({ fault }: ServedRewardModelError): boolean {
  return fault === 'rate_limited' || fault === 'overloaded' || fault === 'connection';
}

/** Aborted when all of the batch have left. */
function whenAllLeft(batch: readonly Waiter[]): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const check = (): void => {
    if (batch.every(({ signal }) => signal.aborted)) controller.abort(batch[0]?.signal.reason);
  };
  for (const { signal } of batch) signal.addEventListener('abort', check);
  return {
    signal: controller.signal,
    end: () => {
      for (const { signal } of batch) signal.removeEventListener('abort', check);
    },
  };
}
