// A clock that a test owns: time passes only when the test says so, and timers fire in order while it does.

import type { Clock } from '../../src/ports/clock.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export class FakeClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, delayMs), run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Lets `ms` pass; fires what falls due, in order of time and then of setting. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#timers]
        .filter((timer) => timer.at <= until)
        .toSorted((a, b) => a.at - b.at)
        .at(0);
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = until;
  }

  /** Whoever set timers is dead. */
  forgetTimers(): void {
    this.#timers.clear();
  }

  /** How many timers are set. */
  get waiting(): number {
    return this.#timers.size;
  }
}
