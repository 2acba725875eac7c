// Random numbers for a stage and an item: the same on any machine, whatever else runs and in whatever order.

import { createHash } from 'node:crypto';

import { Random } from '../../core/random.ts';

/** @param key of the item; empty for a stage that sees all */
export function stageRandom(seed: number, stage: string, key: string): Random {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, stage, key]))
    .digest();
  const words = [0, 4, 8, 12].map((offset) => digest.readUInt32LE(offset));
  const [a = 0, b = 0, c = 0, d = 0] = words;
  // A state of four zeros would stay there; no digest is known to begin so.
  return new Random([a, b, c, d || 1]);
}
