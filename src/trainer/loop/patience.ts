// Waiting for a server that restarts or has no room. The client repeats a call for some seconds by itself; a training of hours
// waits longer, says so, and gives up when it is told to stop.

import { setTimeout as sleep } from 'node:timers/promises';

import { EnvError, type ErrorCode } from '../../core/errors.ts';

export interface Patience {
  /** How long a server may be away. */
  readonly patienceMs: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Told to people. */
  readonly say: (text: string) => void;
}

const WORTH_WAITING: ReadonlySet<ErrorCode> = new Set([
  'unavailable',
  'deadline_exceeded',
  'resource_exhausted',
]);
const PAUSE_MS = 500;

/** Calls `attempt` until it succeeds; only for what may be repeated. Rejects as the last attempt did. */
export async function patiently<Result>(
  what: string,
  attempt: () => Promise<Result>,
  { patienceMs, signal, say }: Patience,
): Promise<Result> {
  const until = Date.now() + patienceMs;
  let hasSaid = false;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EnvError) || !WORTH_WAITING.has(error.code)) throw error;
      if (Date.now() >= until || signal?.aborted === true) throw error;
      if (!hasSaid) say(`Cannot ${what} yet, trying again: ${error.message}`);
      hasSaid = true;
      await pause(error.retryAfterMs ?? PAUSE_MS, signal);
    }
  }
}

/** Resolves after a while, or as soon as the signal is aborted. */
export async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal && { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
