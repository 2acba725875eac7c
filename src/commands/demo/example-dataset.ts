// The demonstration's dataset: generated from the documents that come along, by the recipe that needs no model, as `groupwise
// generate` would; and what a policy that has read the documents knows of it.

import { SqliteDatasetStore } from '../../adapters/sqlite-dataset-store.ts';
import type { PairId } from '../../core/ids.ts';
import { generateFromExamples } from '../generate/from-examples.ts';
import type { GenerationResult } from '../generate/run-generation.ts';
import type { KnownAnswer } from './simulated-policy.ts';

const RECIPE = 'extractive';

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
  const { report, made } = await generateFromExamples(dataDir, { name, recipe: RECIPE });
  const store = new SqliteDatasetStore({ dataDir, now: Date.now });
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
