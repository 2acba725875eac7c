// When a verdict is too old to stand for a new asking. The age counts from the asking itself, so a verdict that was copied from
// one cache to another, or kept in memory in front of one, does not grow young again.

import type { StoredVerdict } from '../ports/verdict-cache.ts';

export interface Expiry {
  hasExpired(verdict: StoredVerdict): boolean;
  /** Milliseconds that are left to a verdict; undefined: it stays for good. */
  remainingMs(verdict: StoredVerdict): number | undefined;
}

/** @param ttlMs undefined: verdicts stay for good. */
export function expiryAfter(ttlMs: number | undefined, now: () => number): Expiry {
  if (ttlMs === undefined) return { hasExpired: () => false, remainingMs: () => undefined };
  return {
    hasExpired: ({ at }) => now() >= at + ttlMs,
    remainingMs: ({ at }) => at + ttlMs - now(),
  };
}
