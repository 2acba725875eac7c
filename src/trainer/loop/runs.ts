// The runs of one training on the server. A run walks a split a fixed number of times; a training that needs more goes on in a
// run of its own with another order. All that decides a run is kept, so that opening it again finds it.

import type { CallsClient } from '../../client/calls-client.ts';
import { LIMITS } from '../../contract/limits.ts';
import type { RunInfo } from '../../core/calls.ts';
import type { RunId } from '../../core/ids.ts';
import { hash32 } from '../../core/random.ts';
import { DEFAULT_POOLS } from '../../core/sampling.ts';
import type { TrainingSettings } from './settings.ts';

export interface RunPlace {
  readonly runId: RunId;
  readonly seed: number;
  readonly epochs: number;
}

/** The run at `index` of a training. `pairs`: rows of the split; `groups`: those that the training still needs. */
export function runPlace(
  first: RunId,
  index: number,
  settings: Pick<TrainingSettings, 'seed' | 'epochs'>,
  { pairs, groups }: { readonly pairs: number; readonly groups: number },
): RunPlace {
  const needed = Math.ceil(groups / Math.max(1, pairs));
  return {
    runId: index === 0 ? first : (`${first}-${index + 1}` as RunId),
    seed: index === 0 ? settings.seed : hash32(settings.seed, index),
    epochs: settings.epochs ?? Math.min(LIMITS.epochsMax, Math.max(1, needed)),
  };
}

/** Safe to repeat: the same place is the same run. */
export function openRunOf(
  client: CallsClient,
  settings: TrainingSettings,
  place: RunPlace,
): Promise<RunInfo> {
  const { dataset, split, groupSize, estimator, reward, sampling, promptTemplate, driftMax } = settings;
  return client.openRun({
    ...place,
    dataset,
    split,
    groupSize,
    estimator,
    reward,
    promptTemplate,
    // Without asynchronous rollouts nothing is ever behind.
    maxDrift: driftMax > 0 ? driftMax : undefined,
    sampling: { kind: sampling, refill: false, pools: DEFAULT_POOLS, unseenWeight: 1 },
  });
}
