// Keeps questions away from an endpoint that is down. After some failures in a row it is closed to all for a while; then one
// call at a time may try it, each try buying the next wait, until one succeeds.

import type { Clock } from '../../ports/clock.ts';

export interface BreakerOptions {
  readonly clock: Clock;
  /** Failures in a row that open it. */
  readonly failuresMax?: number | undefined;
  readonly firstWaitMs?: number | undefined;
  readonly waitMsMax?: number | undefined;
}

export class Breaker {
  readonly #clock: Clock;
  readonly #failuresMax: number;
  readonly #firstWaitMs: number;
  readonly #waitMsMax: number;
  #failures = 0;
  #waitMs: number;
  #readyAt = -Infinity;
  /** Until when the server itself asked to be left alone. */
  #pausedUntil = -Infinity;

  constructor({ clock, failuresMax = 5, firstWaitMs = 1_000, waitMsMax = 30_000 }: BreakerOptions) {
    this.#clock = clock;
    this.#failuresMax = failuresMax;
    this.#firstWaitMs = firstWaitMs;
    this.#waitMsMax = waitMsMax;
    this.#waitMs = firstWaitMs;
  }

  get isOpen(): boolean {
    return this.#failures >= this.#failuresMax;
  }

  /** When a call may start, in milliseconds of the clock; not later than now when one may start at once. */
  get readyAt(): number {
    return Math.max(this.#pausedUntil, this.isOpen ? this.#readyAt : -Infinity);
  }

  /** Whether this call may start. While open, the one that may is the try. */
  tryStart(): boolean {
    const now = this.#clock.now();
    if (this.readyAt > now) return false;
    if (this.isOpen) this.#readyAt = now + this.#waitMs;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#waitMs = this.#firstWaitMs;
  }

  failed(): void {
    const wasOpen = this.isOpen;
    this.#failures += 1;
    if (!this.isOpen) return;
    if (wasOpen) this.#waitMs = Math.min(this.#waitMsMax, this.#waitMs * 2);
    this.#readyAt = Math.max(this.#readyAt, this.#clock.now() + this.#waitMs);
  }

  /** For failures that no repetition cures, such as a key that is refused. */
  trip(): void {
    this.#failures = Math.max(this.#failures, this.#failuresMax - 1);
    this.failed();
  }

  pauseFor(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + ms);
  }
}
