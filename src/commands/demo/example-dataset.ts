// The demonstration's dataset: generated from the documents that come along, by the recipe that needs no model, as `groupwise
// generate` would; and what a policy that has read the documents knows of it.

import { fileURLToPath } from 'node:url';
import { SqliteDatasetStore } from '../../adapters/sqlite-dataset-store.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { readSettings } from '../../config.ts';
import { EnvError } from '../../core/errors.ts';
import type { PairId } from '../../core/ids.ts';
import { prepareGeneration } from '../generate/prepare.ts';
import { type GenerationResult, runGeneration } from '../generate/run-generation.ts';
import type { KnownAnswer } from './simulated-policy.ts';

const DOCUMENTS = fileURLToPath(new URL('../../../examples/documents', import.meta.url));
const RECIPE = 'extractive';
const NEVER = new AbortController().signal;

/** One question with its answer and the document that states it. */
export interface ExampleQuestion {
  readonly question: string;
  readonly answer: string;
  readonly source: string;
}

export interface ExampleDataset {
  readonly report: GenerationResult['report'];
  /** By pair; not something that a rollout client can get from a server. */
  readonly answerSheet: ReadonlyMap<PairId, KnownAnswer>;
  readonly questions: readonly ExampleQuestion[];
}

/** Makes it in this data directory. */
export async function generateExample(dataDir: string, name: string): Promise<ExampleDataset> {
  const settings = readSettings({ data: dataDir });
  const clock = new SystemClock();
  const { report, made } = await runGeneration(prepareGeneration([DOCUMENTS], { recipe: RECIPE }, settings), {
    name,
    description: undefined,
    mayReplace: false,
    makesControl: false,
    settings,
    clock,
    interrupt: { interrupt: NEVER, giveUp: NEVER, stop: () => {} },
    say: () => {},
    onStart: () => {},
  });
  if (made === undefined) throw new EnvError('internal', 'Cannot make the example dataset');
  const store = new SqliteDatasetStore({ dataDir, now: () => clock.now() });
  try {
    const answerSheet = new Map<PairId, KnownAnswer>();
    const questions: ExampleQuestion[] = [];
    for await (const pair of store.rows(made.info.name, made.info.version)) {
      const { question, groundTruth, answerType, choices = [], provenance } = pair;
      answerSheet.set(pair.pairId, { answer: groundTruth.answer, answerType, choices });
      if (typeof question !== 'string') continue;
      const source = provenance.extra?.['source'];
      questions.push({
        question,
        answer: groundTruth.answer,
        source: typeof source === 'string' ? source : '',
      });
    }
    return { report, answerSheet, questions };
  } finally {
    store.close();
  }
}
