// Repeats a call that found nobody (`unavailable`; only calls that may be repeated) or no room (`resource_exhausted` with a
// time to come back: nothing was done, so any call), with jitter, under one deadline.

import { setTimeout as sleep } from 'node:timers/promises';
import { rowOf, type CallName } from '../contract/calls.ts';
import { EnvError } from '../core/errors.ts';
import type { CallOptions } from './calls-client.ts';

/** With the delays between them, some seconds: a server that restarts is back by then. */
const ATTEMPTS_MAX = 8;
const FIRST_DELAY_MS = 50;
const DELAY_MS_MAX = 1_000;

export const DEADLINE_MS = 60_000;

/** What is left of a call's time, and what ends it. */
export interface Attempt {
  readonly deadlineAt: number;
  readonly signal: AbortSignal | undefined;
}

export async function withRetries<Reply>(
  { name, input }: { readonly name: CallName; readonly input: unknown },
  { signal, deadlineMs = DEADLINE_MS }: CallOptions,
  attempt: (attempt: Attempt) => Promise<Reply>,
): Promise<Reply> {
  const { idempotent } = rowOf(name);
  const mayRepeat = typeof idempotent === 'function' ? idempotent(input) : idempotent;
  const deadlineAt = Date.now() + deadlineMs;
  for (let tried = 1; ; tried += 1) {
    throwIfAborted(signal);
    try {
      return await attempt({ deadlineAt, signal });
    } catch (error) {
      if (!(error instanceof EnvError)) throw error;
      if (!(error.code === 'unavailable' && mayRepeat) && !foundNoRoom(error)) throw error;
      const delayMs = spread(error.retryAfterMs ?? doubled(tried));
      if (tried === ATTEMPTS_MAX || Date.now() + delayMs >= deadlineAt) throw error;
      await pause(delayMs, signal);
    }
  }
}

/** The error of a call that its caller gave up. */
export function cancelled(signal: AbortSignal): EnvError {
  return new EnvError('cancelled', 'The call was cancelled by its caller', { cause: signal.reason });
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(signal);
}

async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal && { signal });
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  }
}

/** What is too large in itself comes without a time to come back. */
function foundNoRoom({ code, retryAfterMs }: EnvError): boolean {
  return code === 'resource_exhausted' && retryAfterMs !== undefined;
}

function doubled(tried: number): number {
  return Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 2 ** (tried - 1));
}

/** Between once and twice as long: clients that were sent away together do not come back together. */
function spread(delayMs: number): number {
  return delayMs * (1 + Math.random());
}
