// Self-Instruct's diversity rule (arXiv 2212.10560): a question stays only when its ROUGE-L with every one that stays is at most 0.7.

import { z } from 'zod';

import { RougeIndex } from '../../core/similarity/rouge-index.ts';
import { asPair } from '../item.ts';
import { type Decision, dropped, kept, type ItemTable, stageKind } from '../stage.ts';
import { decideEach } from './pairs.ts';

interface Options {
  readonly max: number;
}

export const rougeL = stageKind<Options>({
  name: 'rouge_l',
  summary: 'Drops questions whose ROUGE-L with an earlier one is above a limit (Self-Instruct: 0.7).',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  options: () => z.strictObject({ max: z.number().gt(0).max(1).default(0.7) }),
  build: ({ max }) => ({ kind: 'whole', apply: (items) => keepDifferent(items, max) }),
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.8 }),
});

function keepDifferent(items: ItemTable, max: number): AsyncIterable<Decision> {
  const index = new RougeIndex(max);
  const questions: string[] = [];
  return decideEach(items, (item) => {
    const { question } = asPair(item).draft;
    const found = index.findSimilar(question);
    if (found !== undefined) {
      const similarity = found.similarity.toFixed(2);
      return dropped(
        'similar_question',
        `"${question}" is like "${questions[found.index] ?? ''}" (${similarity})`,
      );
    }
    index.add(question);
    questions.push(question);
    return kept(item);
  });
}
