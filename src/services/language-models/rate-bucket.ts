// A budget for each minute: requests or tokens. Who takes more than there is gets a turn later: the level goes below zero and
// the wait is how long it takes to come back, so that turns are in order and nothing needs a queue.

import type { Clock } from '../../ports/clock.ts';
import { pause } from './waiting.ts';

const MINUTE_MS = 60_000;
/** Share of a minute's amount that may go out at once. */
const BURST = 0.1;

export class RateBucket {
  readonly #clock: Clock;
  readonly #perMs: number;
  readonly #capacity: number;
  #level: number;
  #at: number;

  /**
   * No minute, wherever it begins, sees more than `perMinute`: what may go out at once after a quiet time is taken off what
   * comes back in a minute.
   *
   * @param perMinute from 1; undefined: no limit
   */
  constructor(clock: Clock, perMinute: number | undefined) {
    this.#clock = clock;
    const amount = perMinute ?? Infinity;
    this.#capacity = Math.max(1, amount * BURST);
    this.#perMs = (amount < 2 ? amount : amount - this.#capacity) / MINUTE_MS;
    this.#level = this.#capacity;
    this.#at = clock.now();
  }

  /** Takes `amount` and waits for its turn. Who gives up gives it back, and rejects with the signal's reason. */
  async take(amount: number, signal: AbortSignal): Promise<void> {
    if (this.#capacity === Infinity) return;
    this.#refill();
    this.#level -= amount;
    // What is larger than the bucket goes when the bucket is full, or it would never go.
    const lacking = Math.max(0, -this.#level) - Math.max(0, amount - this.#capacity);
    if (lacking <= 0) return;
    try {
      await pause(this.#clock, lacking / this.#perMs, signal);
    } catch (error) {
      this.#level += amount;
      throw error;
    }
  }

  /** Corrects a taking once the true amount is known. */
  settle(taken: number, used: number): void {
    if (this.#capacity === Infinity) return;
    this.#refill();
    this.#level = Math.min(this.#capacity, this.#level + taken - used);
  }

  #refill(): void {
    const now = this.#clock.now();
    // A clock that was set back gives nothing.
    const passed = Math.max(0, now - this.#at);
    this.#level = Math.min(this.#capacity, this.#level + passed * this.#perMs);
    this.#at = now;
  }
}
