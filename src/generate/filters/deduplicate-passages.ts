// Near-duplicate passages, by MinHash over stretches of five words: a page that was copied is paid for once.

import { z } from 'zod';

import { FOR_DOCUMENTS, NearDuplicateIndex } from '../../core/similarity/minhash.ts';
import { type Decision, dropped, kept, type ItemTable, stageKind } from '../stage.ts';
import { decideEach } from './pairs.ts';

interface Options {
  readonly similarity: number;
}

export const deduplicatePassages = stageKind<Options>({
  name: 'deduplicate_passages',
  summary: 'Drops passages that nearly repeat an earlier one, before anything is asked about them.',
  takes: 'passage',
  gives: 'passage',
  model: undefined,
  options: () => z.strictObject({ similarity: z.number().gt(0).max(1).default(FOR_DOCUMENTS.similarityMin) }),
  build: ({ similarity }) => ({ kind: 'whole', apply: (items) => deduplicate(items, similarity) }),
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.95 }),
});

function deduplicate(items: ItemTable, similarityMin: number): AsyncIterable<Decision> {
  const index = new NearDuplicateIndex({ ...FOR_DOCUMENTS, similarityMin });
  const sources: string[] = [];
  return decideEach(items, (item) => {
    if (item.kind !== 'passage') throw new TypeError(`A filter of passages was handed a ${item.kind}`);
    const { text, source } = item.passage;
    const found = index.findSimilar(text);
    if (found !== undefined) {
      const similarity = found.similarity.toFixed(2);
      return dropped('near_duplicate', `repeats ${sources[found.index] ?? ''} (similarity ${similarity})`);
    }
    index.add(text);
    sources.push(source);
    return kept(item);
  });
}
