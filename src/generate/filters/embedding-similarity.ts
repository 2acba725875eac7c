// Drops questions that mean what an earlier one means: cosine of their embeddings. Compares each with all that stay, n²·d
// products: some minutes for 50,000 questions.

import { z } from 'zod';

import { cosine } from '../../core/similarity/vectors.ts';
import { asPair } from '../item.ts';
import { type Decision, dropped, kept, type ItemTable, stageKind, type StageTools } from '../stage.ts';
import { decideEach, embedQuestions } from './pairs.ts';
import { embedderOf } from './embedder-of.ts';

interface Options {
  readonly max: number;
}

export const embeddingSimilarity = stageKind<Options>({
  name: 'embedding_similarity',
  summary: 'Drops questions whose embedding is closer to that of an earlier one than a limit.',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  needs: ['embedder'],
  options: () => z.strictObject({ max: z.number().gt(-1).max(1).default(0.9) }),
  build: ({ max }) => ({ kind: 'whole', apply: (items, tools) => keepDistant(items, tools, max) }),
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.9 }),
});

async function* keepDistant(items: ItemTable, tools: StageTools, max: number): AsyncIterable<Decision> {
  const vectors = await embedQuestions(items, embedderOf(tools), tools.signal);
  const stays: { readonly vector: Float32Array; readonly question: string }[] = [];
  yield* decideEach(items, (item, index) => {
    const { question } = asPair(item).draft;
    // One vector for each item of the table.
    const vector = vectors[index] as Float32Array;
    for (const other of stays) {
      const similarity = cosine(vector, other.vector);
      if (similarity > max)
        return dropped(
          'similar_meaning',
          `"${question}" is near "${other.question}" (${similarity.toFixed(3)})`,
        );
    }
    stays.push({ vector, question });
    return kept(item);
  });
}
