// From drawn completions to rewards and advantages: handed in under their leases, as often as it takes, since a repeat gets the
// first result. A group that is not ours any more is left out; a batch that came out different from what was handed in before a
// crash is not a repeat, and that is told.

import type { CallsClient } from '../../client/calls-client.ts';
import { LIMITS } from '../../contract/limits.ts';
import type { GroupResult } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import type { LeaseId, RunId } from '../../core/ids.ts';
import type { DrawnBatch, DrawnGroup, ScoredBatch, ScoredGroup } from './batch.ts';
import { type Patience, patiently, pause } from './patience.ts';

export interface ScoreOptions {
  readonly client: CallsClient;
  readonly patience: Patience;
  /** How long one attempt to have a batch scored may take. */
  readonly scoreMsMax: number;
}

/** The completions differ from those that were handed in under the same leases before. */
export class DrawingDiffers extends Error {
  override readonly name = 'DrawingDiffers';
}

/** @throws DrawingDiffers */
export async function scoreBatch(batch: DrawnBatch, options: ScoreOptions): Promise<ScoredBatch> {
  const startedAt = performance.now();
  const results = new Map<LeaseId, GroupResult>();
  for (const part of partsOf(batch.groups)) {
    for (const result of await handIn(part, batch.version, options)) results.set(result.leaseId, result);
  }
  const groups: ScoredGroup[] = [];
  for (const group of batch.groups) {
    const result = results.get(group.leaseId);
    if (result !== undefined)
      groups.push(scoredGroup(group, await whenCompleted(group.runId, result, options)));
  }
  const { number, version, sampleSeconds } = batch;
  return { number, version, sampleSeconds, groups, scoreSeconds: (performance.now() - startedAt) / 1000 };
}

/** Requests of one run each, none larger than the server takes. */
function partsOf(groups: readonly DrawnGroup[]): readonly (readonly DrawnGroup[])[] {
  const parts: DrawnGroup[][] = [];
  let completions = 0;
  for (const group of groups) {
    const part = parts.at(-1);
    completions += group.completions.length;
    const fits =
      part !== undefined &&
      part[0]?.runId === group.runId &&
      part.length < LIMITS.groupsPerRequestMax &&
      completions <= LIMITS.completionsPerRequestMax;
    if (fits) {
      part.push(group);
    } else {
      parts.push([group]);
      completions = group.completions.length;
    }
  }
  return parts;
}

/** Results of the groups that the server takes completions for. */
async function handIn(
  groups: readonly DrawnGroup[],
  version: number,
  { client, patience, scoreMsMax }: ScoreOptions,
): Promise<readonly GroupResult[]> {
  const ours = [...groups];
  while (ours[0] !== undefined) {
    const { runId } = ours[0];
    const submitted = ours.map(({ leaseId, completions }) => ({
      leaseId,
      completions: completions.map(({ text, tokens, finishReason }, memberIndex) => ({
        memberIndex,
        text,
        finishReason,
        tokenCount: tokens.length,
        policyVersion: version,
      })),
    }));
    try {
      return await patiently(
        'hand completions in',
        () => client.submitCompletions({ runId, groups: submitted }, { deadlineMs: scoreMsMax }),
        patience,
      );
    } catch (error) {
      const refused = refusedGroup(error);
      const [lost] = refused === undefined ? [] : ours.splice(refused, 1);
      if (lost === undefined) throw error;
      patience.say(
        `Left out group ${lost.groupId}: ${String(error instanceof Error ? error.message : error)}`,
      );
    }
  }
  return [];
}

const OF_LEASE = /^groups\[(\d+)\]\.lease_id$/;
const OF_CONTENT = /^groups\[\d+\]\.completions\[\d+\]$/;

/** Index of the group that a submit was refused for, where its lease is at fault. @throws DrawingDiffers */
function refusedGroup(error: unknown): number | undefined {
  if (!(error instanceof EnvError)) return undefined;
  if (error.code === 'already_exists' && OF_CONTENT.test(error.field ?? '')) {
    throw new DrawingDiffers(error.message, { cause: error });
  }
  const index = OF_LEASE.exec(error.field ?? '')?.[1];
  return index === undefined ? undefined : Number(index);
}

/** Estimators of whole batches answer when the last group of the batch is in, which may be in a later request. */
async function whenCompleted(
  runId: RunId,
  first: GroupResult,
  { client, patience }: ScoreOptions,
): Promise<GroupResult> {
  let result = first;
  while (result.state === 'scoring' || result.state === 'awaiting_batch') {
    await pause(100, patience.signal);
    if (patience.signal?.aborted === true)
      throw new EnvError('cancelled', `Stopped while group ${first.groupId} was ${result.state}`);
    const { groupId } = result;
    result = await patiently('read a result', () => client.getGroup({ runId, groupId }), patience);
  }
  return result;
}

function scoredGroup(
  { prompt, tokens, completions }: DrawnGroup,
  { completions: results, flags }: GroupResult,
): ScoredGroup {
  const members = results.flatMap(({ memberIndex, outcome, advantage = 0 }) => {
    const completion = completions[memberIndex];
    return completion === undefined ? [] : [{ completion, outcome, advantage }];
  });
  return { prompt, tokens, members, flags };
}
