// The machine's own clock.

import type { Clock } from '../ports/clock.ts';

/** Longest delay that setTimeout takes; a longer one would fire at once. */
const DELAY_MS_MAX = 2 ** 31 - 1;

export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  /** A delay that is too long for one timer fires early: who waits for an instant asks `now` again. */
  after(delayMs: number, run: () => void): () => void {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), DELAY_MS_MAX));
    timer.unref();
    return () => clearTimeout(timer);
  }
}
