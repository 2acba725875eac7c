// Decides when requests leave. A closed loop keeps a fixed number in flight, so a slow server is asked less; an open loop
// sends when the schedule says so, whatever the server does, so slow replies cannot hide themselves (coordinated omission).

import type { Outcome } from './transport.ts';

export interface Timers {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Runs `run` as soon as other events have had their turn. */
  soon(run: () => void): void;
  /** The returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** Sends the next request; `intendedMs` is when it was due. */
export type Send = (intendedMs: number, done: (outcome: Outcome) => void) => void;

/** Failed requests are held up this long before the slot is used again, so that a refusing server is not spun on. */
const PAUSE_AFTER_FAILURE_MS = 1;
/** Timers are a millisecond coarse; what is due sooner is waited for on the event loop. */
const TIMER_GRAIN_MS = 2;

/** Keeps `concurrency` requests in flight until `untilMs`, then calls `over` once: nothing is sent after that. */
export function startClosedLoop(
  send: Send,
  options: {
    readonly concurrency: number;
    readonly untilMs: number;
    readonly over: () => void;
    readonly timers: Timers;
  },
): void {
  const { timers, untilMs, over } = options;
  let slotsOver = 0;
  const next = (): void => {
    const now = timers.now();
    if (now >= untilMs) {
      slotsOver += 1;
      if (slotsOver === options.concurrency) over();
      return;
    }
    send(now, (outcome) => {
      if (outcome.kind === 'failed') timers.after(PAUSE_AFTER_FAILURE_MS, next);
      else next();
    });
  };
  for (let slot = 0; slot < options.concurrency; slot += 1) next();
}

/**
 * Sends at the times that `gapMs` lays out, until `untilMs`, then calls `over` once. With `inFlightMax` unanswered, a due
 * request is not sent but handed to `overrun`, so that an overloaded server cannot make the client run out of memory.
 */
export function startOpenLoop(
  send: Send,
  options: {
    readonly gapMs: () => number;
    readonly untilMs: number;
    readonly inFlightMax: number;
    readonly overrun: (intendedMs: number) => void;
    readonly over: () => void;
    readonly timers: Timers;
  },
): void {
  const { timers, untilMs, gapMs } = options;
  let inFlight = 0;
  let due = timers.now() + gapMs();
  const sendDue = (): void => {
    const now = timers.now();
    for (; due <= now && due < untilMs; due += gapMs()) {
      if (inFlight >= options.inFlightMax) {
        options.overrun(due);
        continue;
      }
      inFlight += 1;
      send(due, () => {
        inFlight -= 1;
      });
    }
    if (due >= untilMs) options.over();
    else if (due - now >= TIMER_GRAIN_MS) timers.after(due - now - 1, sendDue);
    else timers.soon(sendDue);
  };
  sendDue();
}
