// DiverseEvol's selection (arXiv 2311.08182): from a few at random on, always the question that is farthest from all chosen ones.
// The original embeds anew with the model that it trains; here the embedder stays, and so one round is as good as ten.

import { z } from 'zod';

import { keyedPermutation, type Random } from '../../core/random.ts';
import { kCenterGreedy } from '../../core/similarity/k-center.ts';
import { cosine } from '../../core/similarity/vectors.ts';
import { type Decision, type ItemTable, stageKind, type StageTools } from '../stage.ts';
import { embedderOf } from './embedder-of.ts';
import { embedQuestions, keepChosen, sizeOf } from './pairs.ts';
import { ONE_SIZE, selectionShape } from './selection-options.ts';

interface Options {
  readonly size: number | null;
  readonly share: number | null;
  readonly first: number;
}

export const kCenter = stageKind<Options>({
  name: 'k_center',
  summary: 'Chooses questions that are far from each other: k-center greedy (DiverseEvol).',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  needs: ['embedder'],
  options: () =>
    z.strictObject({ ...selectionShape(), first: z.int().min(1).default(100) }).refine(...ONE_SIZE),
  build: (options) => ({ kind: 'whole', apply: (items, tools) => select(items, tools, options) }),
  estimate: ({ share }) => ({
    calls: 0,
    promptTokens: 0,
    showsPassage: false,
    completionTokens: 0,
    yield: share ?? 0.5,
  }),
});

async function* select(items: ItemTable, tools: StageTools, options: Options): AsyncIterable<Decision> {
  const vectors = await embedQuestions(items, embedderOf(tools), tools.signal);
  const distance = (a: number, b: number): number =>
    1 - cosine(vectors[a] as Float32Array, vectors[b] as Float32Array);
  const size = sizeOf(items.count, options);
  const first = drawn(vectors.length, Math.min(options.first, size), tools.random);
  const chosen = kCenterGreedy(vectors.length, distance, { size, first });
  yield* keepChosen(items, new Set(chosen), { reason: 'not_selected', detail: 'others are farther apart' });
}

/** `size` different numbers below `count`. */
function drawn(count: number, size: number, random: Random): readonly number[] {
  if (count === 0) return [];
  const at = keyedPermutation({ count, words: [random.uint32()] });
  return Array.from({ length: Math.min(size, count) }, (_, position) => at(position));
}
