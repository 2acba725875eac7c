// Leases are held as long as completions are being drawn for them, however slow the policy is.

import type { CallsClient } from '../../client/calls-client.ts';
import { EnvError } from '../../core/errors.ts';
import type { LeaseId, RunId } from '../../core/ids.ts';
import type { PromptGroup } from './batch.ts';

/** Heartbeats in the life of a lease: one may get lost. */
const BEATS = 3;

/** Does `work` with a heartbeat for these groups every third of their time. */
export async function holdingLeases<Result>(
  {
    client,
    groups,
    ttlMs,
  }: { readonly client: CallsClient; readonly groups: readonly PromptGroup[]; readonly ttlMs: number },
  work: () => Promise<Result>,
): Promise<Result> {
  const byRun = new Map<RunId, LeaseId[]>();
  for (const { runId, leaseId } of groups) byRun.set(runId, [...(byRun.get(runId) ?? []), leaseId]);
  const beat = (): void => {
    for (const [runId, leaseIds] of byRun) {
      client.heartbeat({ runId, leaseIds }).catch((error: unknown) => {
        // The server is away, or it has given the lease up: handing in will tell.
        if (!(error instanceof EnvError)) throw error;
      });
    }
  };
  const timer = setInterval(beat, ttlMs / BEATS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
