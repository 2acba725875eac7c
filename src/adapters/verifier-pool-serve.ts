// The worker's side of the verifier pool: takes one task at a time, writes when it started and that it is done where the
// pool can see it even while this thread is busy.

import { parentPort, workerData } from 'node:worker_threads';

import type { Verdict, Verifier, VerifierInput } from '../core/verifiers/verifier.ts';

/** Places in the array shared with the pool. */
export const STARTED_AT = 0;
export const DONE_AT = 1;

export interface WorkerTask {
  readonly verifier: string;
  readonly input: VerifierInput;
}

export type WorkerReply =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'threw'; readonly error: unknown };

/** Serves this worker's tasks until the thread is ended. Call it once, in a worker that the pool started. */
export function serveVerifications(find: (name: string) => Verifier | undefined): void {
  const times: unknown = workerData?.times;
  if (!(times instanceof BigInt64Array)) throw new TypeError('Not started by a verifier pool');
  parentPort?.on('message', ({ verifier, input }: WorkerTask) => {
    Atomics.store(times, STARTED_AT, process.hrtime.bigint());
    const reply = run(find(verifier), input);
    Atomics.store(times, DONE_AT, 1n);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    parentPort?.postMessage(reply);
  });
}

function run(verifier: Verifier | undefined, input: VerifierInput): WorkerReply {
  try {
    if (verifier === undefined) throw new TypeError('Unknown verifier');
    return { kind: 'verdict', verdict: verifier.verify(input) };
  } catch (error) {
    return { kind: 'threw', error };
  }
}
