// The completed groups of a run as lines that `groupwise score` reads: what was asked, what is right, what was handed in,
// and what it earned then.

import { encodeEstimator, encodeGroupResult } from '../../contract/encode-replies.ts';
import type { GroupResult } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import { claimingLease } from '../../core/group.ts';
import { groupIdAt } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import { pairToJson } from '../../core/pair-json.ts';
import type { DatasetStore } from '../../ports/dataset-store.ts';
import type { EndedGroup, RunStore, StoredRun, TakenMember } from '../../ports/run-store.ts';

/** @throws EnvError `not_found` when the dataset version of the run is no longer there */
export async function* storedRollouts(
  { runId, settings, datasetVersion, progress }: StoredRun,
  store: RunStore,
  datasets: DatasetStore,
): AsyncGenerator<JsonObject> {
  const split = await datasets.openSplit(settings.dataset, datasetVersion, settings.split);
  if (split === undefined) {
    throw new EnvError(
      'not_found',
      `Cannot export run "${runId}": version ${datasetVersion} of its dataset is gone`,
    );
  }
  for (let sequence = 0; sequence < progress.position; sequence++) {
    const ended = await store.endedGroup(runId, sequence);
    if (ended === undefined || ended.group.stage !== 'completed') continue;
    const [pair] = await split.pairsAt([ended.group.ordinal]);
    if (pair === undefined) continue;
    const taken = await store.takenCompletions(runId, sequence);
    const lease = claimingLease(ended.group);
    const members = taken
      .filter(({ leaseNumber }) => leaseNumber === lease?.number)
      .flatMap((each) => each.members);
    yield line(ended, { ...settings, members, pair: pairToJson(pair) as unknown as JsonObject });
  }
}

interface Surroundings {
  readonly estimator: GroupResult['estimator'];
  readonly members: readonly TakenMember[];
  readonly pair: JsonObject;
}

function line(ended: EndedGroup, { estimator, members, pair }: Surroundings): JsonObject {
  const {
    question,
    messages,
    ground_truth: groundTruth,
    aliases,
    choices,
    pair_id: pairId,
    answer_type: answerType,
  } = pair;
  const texts = new Map(members.map(({ completion }) => [completion.memberIndex, completion]));
  const result = encodeGroupResult({
    groupId: groupIdAt(ended.group.sequence),
    leaseId: ended.leaseId,
    batchId: ended.batchId,
    state: 'completed',
    completions: ended.completions,
    missing: [],
    flags: ended.flags,
    estimator,
    batchOwed: undefined,
  });
  const completions = result.completions.map((completion) => {
    const { text, finishReason, tokenCount, policyVersion } = texts.get(completion.member_index) ?? {
      text: '',
    };
    return withoutAbsent({
      text,
      finish_reason: finishReason,
      token_count: tokenCount,
      policy_version: policyVersion,
      ...completion,
    });
  });
  return withoutAbsent({
    group_id: result.group_id,
    batch_id: result.batch_id,
    pair_id: pairId,
    epoch: ended.group.epoch,
    prompt: question ?? messages,
    ground_truth: groundTruth,
    aliases,
    choices,
    answer_type: answerType,
    estimator: encodeEstimator(estimator),
    flags: result.flags,
    completions,
  });
}

/** JSON has no undefined; a field that is absent is left out. */
function withoutAbsent(object: Readonly<Record<string, unknown>>): JsonObject {
  return JSON.parse(JSON.stringify(object)) as JsonObject;
}
