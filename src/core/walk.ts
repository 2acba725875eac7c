// Walks that draw every pair once an epoch, in an order that the position alone decides: nothing to keep, nothing to
// restore.

import { keyedPermutation } from './random.ts';
import type { Sampler } from './sampling.ts';

function nothing(): void {}

function walk(count: number, epochs: number, ordinalAt: (index: number, epoch: number) => number): Sampler {
  const groupsTotal = count * epochs;
  return {
    groupsTotal,
    needsHistory: false,
    next(position) {
      if (position >= groupsTotal) return 'exhausted';
      const epoch = Math.floor(position / count);
      return { ordinal: ordinalAt(position - epoch * count, epoch), epoch };
    },
    observe: nothing,
    retire: nothing,
    restore: nothing,
  };
}

/** In the order of import, again in each epoch. */
export function sequentialWalk(size: { readonly count: number; readonly epochs: number }): Sampler {
  return walk(size.count, size.epochs, (index) => index);
}

/** In an order that `seed` and the epoch choose, in O(1) memory for any count. */
export function shuffledWalk(size: {
  readonly count: number;
  readonly epochs: number;
  readonly seed: number;
}): Sampler {
  const { count, epochs, seed } = size;
  let permuted = 0;
  let permutation = count === 0 ? undefined : keyedPermutation({ count, words: [seed, permuted] });
  return walk(count, epochs, (index, epoch) => {
    if (permutation === undefined || epoch !== permuted) {
      permutation = keyedPermutation({ count, words: [seed, epoch] });
      permuted = epoch;
    }
    return permutation(index);
  });
}
