// Waiting on a clock that is handed in, and giving up: the only way that time passes in here.

import type { Clock } from '../../ports/clock.ts';

/** Resolves `ms` from now. Rejects with the signal's reason as soon as it is aborted. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const until = clock.now() + ms;
  // A clock may call early where a delay is longer than its timers.
  for (let left = ms; left > 0; left = until - clock.now()) await pauseOnce(clock, left, signal);
}

function pauseOnce(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const giveUp = (): void => {
    cancel();
    reject(signal.reason as Error);
  };
  const cancel = clock.after(ms, () => {
    signal.removeEventListener('abort', giveUp);
    resolve();
  });
  signal.addEventListener('abort', giveUp, { once: true });
  return promise;
}

/** The reason of a signal whose time is up, as opposed to one whose caller has left. */
export class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';
}

export interface TimeLimit {
  /** Aborted with `TimeIsUp` when the time is up, or with the outer signal's reason. */
  readonly signal: AbortSignal;
  /** Milliseconds of the clock. */
  readonly at: number;
  hasPassed(): boolean;
  /** To be called when the work is over: frees the timer and the outer signal. */
  end(): void;
}

/** A limit of `ms` inside of what `outer` allows. */
export function limitTime(clock: Clock, ms: number, outer: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const timeIsUp = new TimeIsUp(`No result within ${Math.ceil(ms)} ms`);
  const at = clock.now() + ms;
  const follow = (): void => controller.abort(outer.reason);
  let cancel: (() => void) | undefined;
  const arm = (): void => {
    cancel = clock.after(at - clock.now(), () => (clock.now() < at ? arm() : controller.abort(timeIsUp)));
  };
  arm();
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    at,
    hasPassed: () => controller.signal.reason === timeIsUp,
    end: () => {
      cancel?.();
      outer.removeEventListener('abort', follow);
    },
  };
}
