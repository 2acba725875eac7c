// DEITA (arXiv 2312.15685): best first by complexity × quality, and each only when it is not too close to one that is chosen.

import { z } from 'zod';

import { cosine } from '../../core/similarity/vectors.ts';
import {
  type Decision,
  dropped,
  kept,
  type ItemTable,
  type Outcome,
  stageKind,
  type StageTools,
} from '../stage.ts';
import { embedderOf } from './embedder-of.ts';
import { collect, decideEach, embedQuestions, numberNoted, sizeOf } from './pairs.ts';
import { ONE_SIZE, selectionShape } from './selection-options.ts';

interface Options {
  readonly size: number | null;
  readonly share: number | null;
  readonly similarity_max: number;
}

export const deita = stageKind<Options>({
  name: 'deita',
  summary: 'Chooses by complexity × quality, best first, leaving out what is close to a chosen one (DEITA).',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  needs: ['embedder'],
  options: () =>
    z
      .strictObject({ ...selectionShape(), similarity_max: z.number().gt(-1).max(1).default(0.9) })
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
  const scores = await collect(
    items,
    ({ notes }) => numberNoted(notes, 'complexity') * numberNoted(notes, 'quality'),
  );
  const vectors = await embedQuestions(items, embedderOf(tools), tools.signal);
  const fates = choose(scores, vectors, { size: sizeOf(items.count, options), max: options.similarity_max });
  yield* decideEach(items, (item, index) => fates.get(index) ?? kept(item));
}

/** What becomes of those that are not chosen. Equal scores keep the order of the table. */
function choose(
  scores: readonly number[],
  vectors: readonly Float32Array[],
  { size, max }: { readonly size: number; readonly max: number },
): ReadonlyMap<number, Outcome> {
  const fates = new Map<number, Outcome>();
  const chosen: Float32Array[] = [];
  const best = scores.map((_, index) => index).toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  for (const index of best) {
    const vector = vectors[index] as Float32Array;
    if (chosen.length >= size) fates.set(index, dropped('not_selected', 'others have a higher score'));
    else if (chosen.some((other) => cosine(vector, other) > max))
      fates.set(index, dropped('similar_meaning', `closer than ${max} to one with a higher score`));
    else chosen.push(vector);
  }
  return fates;
}
