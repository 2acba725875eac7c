// The one place that turns a run's sampling settings into the object that answers "which pair is next".

import { Curriculum } from './curriculum.ts';
import type { Sampler, Sampling } from './sampling.ts';
import { sequentialWalk, shuffledWalk } from './walk.ts';

/**
 * @param run.count pairs in the split, at least 1
 * @param run.seed whole number in [0, 2⁵³)
 */
export function createSampler(run: {
  readonly sampling: Sampling;
  readonly count: number;
  readonly epochs: number;
  readonly seed: number;
}): Sampler {
  const { sampling, count, epochs, seed } = run;
  if (sampling.kind === 'sequential') return sequentialWalk({ count, epochs });
  if (sampling.kind === 'shuffled') return shuffledWalk({ count, epochs, seed });
  return new Curriculum({ count, epochs, seed, pools: sampling.pools, unseenWeight: sampling.unseenWeight });
}
