// Begins a run with questions that are there already: a dataset that the methods of this folder vary and extend.

import { z } from 'zod';

import { childKey, rootKey, type PairItem } from '../item.ts';
import { dropped, kept, stageKind, type Decision, type StageTools } from '../stage.ts';
import { readRows } from './rows.ts';

const readPairsOptions = () =>
  z.strictObject({
    files: z.array(z.string().min(1)).min(1),
    /** Columns, as `question=q,ground_truth=a`; null: as the first rows look. */
    map: z.string().min(1).nullable().default(null),
    /** Rows to read; null: all. */
    limit: z.int().min(1).nullable().default(null),
  });
type ReadPairsOptions = z.output<ReturnType<typeof readPairsOptions>>;

/** For an estimate before anyone has looked into the files. */
const ROWS_GUESSED = 1_000;

export const readPairs = stageKind({
  name: 'read_pairs',
  summary: 'Begins with the questions of files, in any layout that an import knows, with answers or without.',
  takes: 'task',
  gives: 'pair',
  model: undefined,
  options: readPairsOptions,
  reads: ({ files }: ReadPairsOptions) => files,
  estimate: ({ limit }: ReadPairsOptions) => ({
    calls: 0,
    promptTokens: 0,
    showsPassage: false,
    completionTokens: 0,
    yield: limit ?? ROWS_GUESSED,
    rowsMax: limit ?? Infinity,
  }),
  build: (options: ReadPairsOptions) => ({ kind: 'whole', apply: (_, tools) => pairsOf(tools, options) }),
});

async function* pairsOf(tools: StageTools, options: ReadPairsOptions): AsyncIterable<Decision> {
  let count = 0;
  for await (const row of readRows(tools.files, { paths: options.files, map: options.map })) {
    if (options.limit !== null && count >= options.limit) return;
    if (row.kind === 'rejected') {
      yield { key: undefined, outcome: dropped(row.reason, row.detail) };
      continue;
    }
    const item: PairItem = {
      kind: 'pair',
      key: childKey(rootKey(count), 0),
      draft: { ...row.draft, generator: 'read_pairs' },
      family: row.draft.question,
      costUsd: 0,
      notes: { read_pairs: row.at },
    };
    count += 1;
    yield { key: undefined, outcome: kept(item) };
  }
}
