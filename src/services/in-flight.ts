// How many completions the server holds that are not yet scored and on disk, all runs together. Beyond the limit it takes
// no more: memory is bounded by refusing, never by growing a queue.

import { EnvError } from '../core/errors.ts';

/** Clients that were refused are told to come back after this long. */
export const RETRY_AFTER_MS = 250;

export class InFlight {
  readonly #max: number;
  #count = 0;
  readonly #waiting = new Set<() => void>();

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= this.#max;
  }

  /** Whether `completions` more may come in. A call that is larger than the limit may come in alone. */
  hasRoom(completions: number): boolean {
    return this.#count === 0 || this.#count + completions <= this.#max;
  }

  /** Throws `resource_exhausted` when there is no room for them. */
  take(completions: number): void {
    if (completions > 0 && !this.hasRoom(completions)) {
      throw new EnvError(
        'resource_exhausted',
        `Cannot take in ${completions} completions: ${this.#count} of at most ${this.#max} are being scored or written`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    this.#count += completions;
  }

  /** Counts completions of an earlier life, which cannot be refused. */
  add(completions: number): void {
    this.#count += completions;
  }

  /** They are scored and on disk. */
  done(completions: number): void {
    if (completions === 0) return;
    this.#count -= completions;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Calls `wake` once, when some have gone. The returned function cancels it. */
  whenLess(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => void this.#waiting.delete(wake);
  }
}
