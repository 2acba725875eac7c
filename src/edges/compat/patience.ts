// Waiting that ends: with the work, at a time, or when the client leaves. Nobody waits for one who is gone.

import type { EnvError } from '../../core/errors.ts';

export interface PatienceClock {
  now(): number;
  /** Calls `run` once, `delayMs` from now. The returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/**
 * What the work comes to, or undefined when `until` comes first. What comes too late goes on: a verdict is then there for who
 * asks again.
 *
 * @throws the reason of `signal` when that is aborted
 */
export async function inTime<Value>(
  clock: PatienceClock,
  work: Promise<Value>,
  signal: AbortSignal,
  until: number | undefined,
): Promise<Value | undefined> {
  const ended: (() => void)[] = [];
  const left = new Promise<never>((_, reject) => {
    const leave = (): void => reject(signal.reason as EnvError);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    ended.push(() => signal.removeEventListener('abort', leave));
  });
  const late = new Promise<undefined>((resolve) => {
    if (until !== undefined) ended.push(clock.after(until - clock.now(), () => resolve(undefined)));
  });
  try {
    return await Promise.race([work, left, late]);
  } finally {
    for (const end of ended) end();
  }
}

/** @throws the reason of `signal` when that is aborted */
export async function pause(clock: PatienceClock, ms: number, signal: AbortSignal): Promise<void> {
  const slept = new Promise<true>((resolve) => {
    clock.after(ms, () => resolve(true));
  });
  await inTime(clock, slept, signal, undefined);
}
