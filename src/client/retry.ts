// Repeats a call that found nobody: only `unavailable`, only calls that may be repeated, with jitter, under one deadline.

import { setTimeout as sleep } from 'node:timers/promises';
import { rowOf, type CallName } from '../contract/calls.ts';
import { EnvError } from '../core/errors.ts';
import type { CallOptions } from './calls-client.ts';

/** With the delays between them, some seconds: a server that restarts is back by then. */
const ATTEMPTS_MAX = 8;
const FIRST_DELAY_MS = 50;
const DELAY_MS_MAX = 2_000;

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
      if (!(error instanceof EnvError) || error.code !== 'unavailable' || !mayRepeat) throw error;
      const delayMs = error.retryAfterMs ?? jittered(tried);
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

/** Between half and all of a doubling delay: clients that lost one server together do not come back together. */
function jittered(tried: number): number {
  const delayMs = Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 2 ** tried);
  return (delayMs * (1 + Math.random())) / 2;
}
