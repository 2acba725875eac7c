// FOBAR, "forward-backward reasoning" (arXiv 2308.07758), as MetaMath uses it: the question with one number hidden, its answer told, and the
// number asked for. No model writes anything: the pair is right by construction.

import { z } from 'zod';

import { asPair } from '../item.ts';
import { stageKind } from '../stage.ts';
import { askBackward, backwardShape } from './backward.ts';

const fobarOptions = () => z.strictObject(backwardShape());
type FobarOptions = z.output<ReturnType<typeof fobarOptions>>;

export const fobar = stageKind({
  name: 'fobar',
  summary: 'Hides each number of a question in turn, tells the answer, and asks for the number (MetaMath).',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: fobarOptions,
  estimate: ({ prove, keep_original: keeps }: FobarOptions) => ({
    calls: 3 * prove.samples,
    promptTokens: 250,
    showsPassage: false,
    completionTokens: 350,
    yield: (keeps ? 1 : 0) + 2,
    varies: { keepsOriginal: keeps },
  }),
  build: (options: FobarOptions) => ({
    kind: 'each',
    apply: async (item, tools) =>
      askBackward(asPair(item), {
        method: 'fobar',
        options,
        tools,
        textOf: async ({ draft }) => Promise.resolve({ text: draft.question.trim(), costUsd: 0 }),
      }),
  }),
});
