// QDIT (arXiv 2311.14736): chooses pairs that are good and together cover the whole, by facility location over their embeddings.
// Time n² for the first round, and less for each that follows.

import { z } from 'zod';

import { facilityLocation } from '../../core/similarity/facility-location.ts';
import { cosine } from '../../core/similarity/vectors.ts';
import { type Decision, type ItemTable, stageKind, type StageTools } from '../stage.ts';
import { embedderOf } from './embedder-of.ts';
import { collect, embedQuestions, keepChosen, numberNoted, sizeOf } from './pairs.ts';
import { ONE_SIZE, selectionShape } from './selection-options.ts';

interface Options {
  readonly size: number | null;
  readonly share: number | null;
  readonly quality_share: number;
  readonly quality: string;
}

export const qdit = stageKind<Options>({
  name: 'qdit',
  summary: 'Chooses good pairs that cover the whole: (1 − α)·coverage + α·quality, greedily (QDIT).',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  needs: ['embedder'],
  options: () =>
    z
      .strictObject({
        ...selectionShape(),
        quality_share: z.number().min(0).max(1).default(0.5),
        quality: z.string().min(1).default('quality'),
      })
      .refine(...ONE_SIZE),
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
  const { quality, quality_share: qualityShare } = options;
  const qualities =
    qualityShare === 0
      ? await collect(items, () => 0)
      : await collect(items, ({ notes }) => numberNoted(notes, quality));
  const vectors = await embedQuestions(items, embedderOf(tools), tools.signal);
  const similarity = (a: number, b: number): number =>
    // Below 0 two questions have nothing to do with each other, and cover nothing of each other.
    Math.max(0, cosine(vectors[a] as Float32Array, vectors[b] as Float32Array));
  const chosen = facilityLocation(qualities, similarity, {
    size: sizeOf(items.count, options),
    qualityShare,
  });
  yield* keepChosen(items, new Set(chosen), {
    reason: 'not_selected',
    detail: 'others are better or cover more',
  });
}
