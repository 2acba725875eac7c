// Waiting that a caller can give up. What is waited for goes on all the same.

import { EnvError } from '../../core/errors.ts';

/** `promise`, or `cancelled` as soon as the signal is aborted. */
export async function untilAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return promise;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(new EnvError('cancelled', 'The caller has stopped to wait'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    aborted.promise.catch(() => {
      // Only the race's outcome matters.
    });
  }
}
