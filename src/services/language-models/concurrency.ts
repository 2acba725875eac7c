// How many calls one endpoint gets at once: additive increase while it keeps up, multiplicative decrease when it says that it
// is overloaded, or shows it by latency, since many model servers queue without ever refusing. The queue in front is bounded.

import type { Clock } from '../../ports/clock.ts';

export interface ConcurrencyOptions {
  readonly clock: Clock;
  /** Most calls at once. */
  readonly max: number;
  /** Most waiters; the next one is refused. */
  readonly queueMax: number;
  /**
   * Whether long latencies lower the limit; true when absent. Not for work that nobody waits for: a server that queues is busy,
   * which is all that it needs.
   */
  readonly watchesLatency?: boolean | undefined;
}

export type CallEnd = 'answered' | 'overloaded' | 'failed';

interface Waiter {
  readonly go: () => void;
}

const START = 8;
const DECREASE_ON_REFUSAL = 0.5;
const DECREASE_ON_LATENCY = 0.8;
/** An average latency above so many times the best one is a queue at the server. */
const INFLATION = 2.5;
/** Differences below say nothing, whatever their ratio. */
const INFLATION_MS_MIN = 50;
/** Weight of the newest latency in the average. */
const SMOOTHING = 0.1;
/** An average of fewer calls is none: replies differ in length. */
const CALLS_MIN = 8;
/** The best average is measured anew after so long, few calls at once, or a queue of ours would pass for the best. */
const MEASURE_AGAIN_MS = 120_000;

export class Concurrency {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #queueMax: number;
  readonly #watchesLatency: boolean;
  readonly #waiting = new Set<Waiter>();
  #limit: number;
  #running = 0;
  #decreasedAt = -Infinity;
  #hasMetLimit = false;
  #latency: Latency;

  constructor({ clock, max, queueMax, watchesLatency = true }: ConcurrencyOptions) {
    this.#clock = clock;
    this.#max = max;
    this.#queueMax = queueMax;
    this.#watchesLatency = watchesLatency;
    this.#limit = Math.min(max, START);
    this.#latency = new Latency(clock.now());
  }

  /** Calls at once, as of now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Waits for a place. False when too many wait. Rejects with the signal's reason; then no place is held. */
  async enter(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (this.#running < this.limit && this.#waiting.size === 0) {
      this.#running += 1;
      return true;
    }
    if (this.#waiting.size >= this.#queueMax) return false;
    const { promise, resolve, reject } = Promise.withResolvers<true>();
    const waiter = { go: () => resolve(true) };
    const giveUp = (): void => {
      // Not in the set: it was let in at the same moment, and the place is its own.
      if (this.#waiting.delete(waiter)) reject(signal.reason as Error);
    };
    this.#waiting.add(waiter);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /**
   * Gives the place back and learns from how the call ended. `startedAt` and the time of an answer are of the clock; a place
   * that was not used for a call ends as `failed`.
   */
  leave(end: CallEnd, startedAt: number): void {
    const wasFull = this.#running >= this.limit;
    this.#running -= 1;
    if (end === 'overloaded') this.#decrease(DECREASE_ON_REFUSAL, startedAt);
    if (end === 'answered') this.#learn(startedAt, wasFull);
    this.#letIn();
  }

  #learn(startedAt: number, wasFull: boolean): void {
    const now = this.#clock.now();
    const isInflated = this.#watchesLatency && this.#latency.isInflatedBy(Math.max(1, now - startedAt));
    if (isInflated && now - this.#latency.since > MEASURE_AGAIN_MS) {
      this.#latency = new Latency(now);
      this.#limit = Math.min(this.#limit, START);
      this.#hasMetLimit = false;
    } else if (isInflated && wasFull) this.#decrease(DECREASE_ON_LATENCY, startedAt);
    // Doubles in each round of calls at first, as TCP does; one more a round once a limit was met.
    else if (!isInflated && wasFull) {
      this.#limit = Math.min(this.#max, this.#limit + (this.#hasMetLimit ? 1 / this.#limit : 1));
    }
  }

  /** Once for all calls that were under way together: they tell of the same overload. */
  #decrease(factor: number, startedAt: number): void {
    if (startedAt <= this.#decreasedAt) return;
    this.#decreasedAt = this.#clock.now();
    this.#hasMetLimit = true;
    this.#limit = Math.max(1, this.#limit * factor);
  }

  #letIn(): void {
    for (const waiter of this.#waiting) {
      if (this.#running >= this.limit) return;
      this.#waiting.delete(waiter);
      this.#running += 1;
      waiter.go();
    }
  }
}

/** How long calls take, against the best that was seen since a moment. */
class Latency {
  /** Milliseconds of the clock. */
  readonly since: number;
  #calls = 0;
  #average = 0;
  #best = Infinity;

  constructor(since: number) {
    this.since = since;
  }

  /** Takes in one latency, in milliseconds; says whether calls now take far longer than they did at their best. */
  isInflatedBy(latency: number): boolean {
    this.#calls += 1;
    this.#average += (latency - this.#average) * Math.max(SMOOTHING, 1 / this.#calls);
    if (this.#calls < CALLS_MIN) return false;
    this.#best = Math.min(this.#best, this.#average);
    return this.#average > this.#best * INFLATION && this.#average - this.#best > INFLATION_MS_MIN;
  }
}
