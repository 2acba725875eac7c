// Which failed calls the client repeats, and when it gives up.

import { describe, expect, it } from 'vitest';
import { withRetries } from '../../../src/client/retry.ts';
import type { CallName } from '../../../src/contract/calls.ts';
import { EnvError, type ErrorCode } from '../../../src/core/errors.ts';

/** Fails `failures` times as told, then answers how often it was tried. */
function failing(failures: number, code: ErrorCode, retryAfterMs: number | undefined) {
  let tried = 0;
  return async (): Promise<number> => {
    tried += 1;
    if (tried <= failures) throw new EnvError(code, 'Not now', { retryAfterMs });
    return tried;
  };
}

const CASES: readonly [string, CallName, ErrorCode, number | undefined, 3 | 'given up'][] = [
  ['an idempotent call that found nobody', 'GetGroup', 'unavailable', 1, 3],
  ['a lease that found nobody: it may have been made', 'LeaseGroups', 'unavailable', 1, 'given up'],
  ['an idempotent call that found no room', 'Score', 'resource_exhausted', 1, 3],
  ['a lease that found no room: nothing was done', 'LeaseGroups', 'resource_exhausted', 1, 3],
  ['a message that is too large in itself', 'Score', 'resource_exhausted', undefined, 'given up'],
  ['any other refusal', 'GetGroup', 'not_found', undefined, 'given up'],
];

describe('withRetries', () => {
  it.each(CASES)('withRetries(): %s', async (_, name, code, retryAfterMs, expected) => {
    const call = withRetries({ name, input: {} }, {}, failing(2, code, retryAfterMs));
    expect(await call.catch(() => 'given up')).toBe(expected);
  });

  it('withRetries() gives up after eight attempts', async () => {
    const call = withRetries({ name: 'Score', input: {} }, {}, failing(8, 'resource_exhausted', 1));
    await expect(call).rejects.toMatchObject({ code: 'resource_exhausted' });
  });

  it('withRetries() gives up at once when the call would end before it may come back', async () => {
    const call = withRetries(
      { name: 'Score', input: {} },
      { deadlineMs: 1_000 },
      failing(1, 'resource_exhausted', 60_000),
    );
    await expect(call).rejects.toMatchObject({ code: 'resource_exhausted' });
  });
});
