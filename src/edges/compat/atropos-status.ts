// What an Atropos environment is told about the queue: by this it decides how many workers it runs, which is how this protocol
// slows producers down. Counted as its own server counts.

import { EnvError } from '../../core/errors.ts';
import type { AtroposBoard, Environment } from './atropos-board.ts';

/** No environment is told to stop altogether. */
const WEIGHT_MIN = 0.01;

/** @throws EnvError `not_found` for an environment that this server does not know (any more) */
export function statusOf(board: AtroposBoard, id: number) {
  const own = board.environment(id);
  if (own === undefined) {
    throw new EnvError('not_found', `Cannot find environment ${id}: it must register again`, {
      field: 'env_id',
    });
  }
  const { queue } = board;
  const connected = board.connected();
  const largest = queue.reduce((most, { size }) => Math.max(most, size), 1);
  const ownSizes = queue.filter(({ envId }) => envId === id).map(({ size }) => size);
  const ownSequences = ownSizes.reduce((sum, size) => sum + size, 0);
  const groupSize = ownSizes.reduce((most, size) => Math.max(most, size), own.groupSize);
  const claimed = connected.reduce((sum, { minimumShare = 0 }) => sum + minimumShare, 0);
  return {
    current_step: board.step,
    queue_size: Math.floor((ownSequences + sequencesOfOthers(board, id, largest)) / groupSize),
    unallocated_fraction: 1 - Math.min(claimed, 1),
    self_queue_size: Math.floor(ownSequences / groupSize),
    max_group_size: largest,
    env_weight: weightOf(own, connected),
  };
}

/** What waits of other environments beyond their minimums, each rounded up to whole groups of the largest size. */
function sequencesOfOthers(board: AtroposBoard, id: number, largest: number): number {
  if (largest === 1) return 0;
  const sequences = new Map<number | undefined, number>();
  for (const { envId, size } of board.queue) {
    if (envId !== id) sequences.set(envId, (sequences.get(envId) ?? 0) + size);
  }
  const minimums = new Map(board.connected().map((each) => [each.id, board.minimumOf(each)]));
  return [...sequences].reduce((sum, [envId, count]) => {
    const minimum = envId === undefined ? 0 : (minimums.get(envId) ?? 0);
    return sum + Math.max(0, Math.ceil(count / largest) * largest - minimum);
  }, 0);
}

function weightOf(own: Environment, connected: readonly Environment[]): number {
  const total = connected.reduce((sum, each) => sum + pull(each), 0);
  return total > 0 ? Math.max(WEIGHT_MIN, pull(own) / total) : WEIGHT_MIN;
}

function pull({ maxTokenLength, weight }: Environment): number {
  return maxTokenLength * Math.max(0, weight);
}
