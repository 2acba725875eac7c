// Rows for the warm-up, worded as the server words questions: from a file that the user exported, or from a dataset that this
// command has made itself. They have ground truths in them, and nothing of them goes to a watcher or a log.

import { openRowFile } from '../../adapters/row-files.ts';
import { loadPromptFiles } from '../../adapters/prompt-files.ts';
import { SqliteDatasetStore } from '../../adapters/sqlite-dataset-store.ts';
import type { Settings } from '../../config.ts';
import { LIMITS } from '../../contract/limits.ts';
import { isJsonObject } from '../../core/canonical-json.ts';
import { detectLayout } from '../../core/dataset-layouts.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { Layout } from '../../core/layouts/layout.ts';
import { renderPrompt } from '../../core/prompt.ts';
import type { QaPair } from '../../core/qa-pair.ts';
import { defaultVerifier, findVerifier, VERIFIERS } from '../../core/verifiers/table.ts';
import { type PairOptions, pairOf } from '../../services/datasets/import-pair.ts';
import type { WarmUpRow } from '../../trainer/loop/warm-up.ts';
import { scorerNamesOf } from '../scorer-config.ts';

export interface Wording {
  readonly promptTemplate: string;
  /** Scorer of all rows. Undefined: what each row names. */
  readonly reward: string | undefined;
  readonly split: string;
  readonly settings: Settings;
}

/** @throws EnvError `invalid_argument` for a file without usable rows of the split, or as the file cannot be read */
export async function warmUpRowsFrom(path: string, wording: Wording): Promise<readonly WarmUpRow[]> {
  const source = openRowFile(path);
  const options = pairOptions(wording.settings);
  const pairs: QaPair[] = [];
  let layout: Layout | undefined;
  for await (const batch of source.batches()) {
    layout ??= detectLayout(
      batch.flatMap((row) => (row.kind === 'row' && isJsonObject(row.row) ? [row.row] : [])),
    );
    for (const row of batch) {
      const result = pairOf(row, layout, path, options);
      if (result.kind === 'rejected') {
        throw new EnvError(
          'invalid_argument',
          `Cannot use ${path}:${row.at} for the warm-up: ${result.detail}`,
        );
      }
      pairs.push(result.pair);
    }
  }
  return wordedRows(pairs, wording, `"${path}"`);
}

/** Rows of a dataset in a data directory that no server holds yet. */
export async function warmUpRowsOf(
  dataDir: string,
  dataset: string,
  wording: Wording,
): Promise<readonly WarmUpRow[]> {
  const store = new SqliteDatasetStore({ dataDir, now: () => 0 });
  try {
    const info = await store.get(dataset);
    if (info === undefined)
      throw new EnvError('not_found', `There is no dataset "${dataset}" in "${dataDir}"`);
    const pairs: QaPair[] = [];
    for await (const pair of store.rows(dataset, info.version)) pairs.push(pair);
    return wordedRows(pairs, wording, `dataset "${dataset}"`);
  } finally {
    store.close();
  }
}

function wordedRows(
  pairs: readonly QaPair[],
  { promptTemplate, reward, split, settings }: Wording,
  where: string,
): readonly WarmUpRow[] {
  const templates = loadPromptFiles({ user: settings.prompts });
  const rows = pairs
    .filter((pair) => pair.split === split)
    .map((pair): WarmUpRow => ({
      prompt: renderPrompt(pair, (values) => templates.render(promptTemplate, values)),
      groundTruth: pair.groundTruth,
      choices: pair.choices ?? [],
      reward: reward ?? pair.reward ?? defaultVerifier(pair.answerType),
    }));
  if (rows.length >= 2) return rows;
  throw invalidArgument('--warm-up', `Cannot warm up: ${where} has ${rows.length} rows of split "${split}"`);
}

function pairOptions(settings: Settings): PairOptions {
  const verifiers = { find: findVerifier, names: () => VERIFIERS.map(({ name }) => name) };
  return {
    answerType: undefined,
    split: undefined,
    testShare: undefined,
    reward: undefined,
    mapping: undefined,
    scorers: scorerNamesOf(settings, verifiers),
    charsMax: { question: LIMITS.promptCharsMax, answer: LIMITS.answerCharsMax, choices: LIMITS.choicesMax },
  };
}
