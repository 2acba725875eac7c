// The documents of a seed and the questions about them: records are written as a file of rows, and `groupwise generate`'s own run makes
// a dataset of each use, into the data directory that the experiment's server is started on.

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { SqliteDatasetStore } from '../../adapters/sqlite-dataset-store.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { readSettings } from '../../config.ts';
import { EnvError } from '../../core/errors.ts';
import type { PairId } from '../../core/ids.ts';
import { createRandom, hash32 } from '../../core/random.ts';
import { type Exam, type ExperimentPlan, type SeedData, streamWords } from '../../trainer/experiment/plan.ts';
import { type SumRecord, writeRecords } from '../../trainer/experiment/records.ts';
import { prepareGeneration } from '../generate/prepare.ts';
import { runGeneration } from '../generate/run-generation.ts';
import { warmUpRowsOf } from '../train/warm-up-rows.ts';

const RECIPE = fileURLToPath(new URL('../../../examples/experiments/data-efficiency.yaml', import.meta.url));
const NEVER = new AbortController().signal;

const USES = ['warm-up', 'source', 'held-out'] as const;
type Use = (typeof USES)[number];
type Documents = Readonly<Record<Use, readonly SumRecord[]>>;
type DocumentCounts = Pick<ExperimentPlan, 'warmUpDocuments' | 'sourceDocuments' | 'heldOutDocuments'>;

/** No two documents of a seed state the same sum, whatever their use. */
export function documentsOf(seed: number, counts: DocumentCounts): Documents {
  const { warmUpDocuments, sourceDocuments, heldOutDocuments } = counts;
  const all = writeRecords(
    warmUpDocuments + sourceDocuments + heldOutDocuments,
    createRandom(hash32(...streamWords(seed, 'documents'))),
  );
  const sourceEnd = warmUpDocuments + sourceDocuments;
  return {
    'warm-up': all.slice(0, warmUpDocuments),
    source: all.slice(warmUpDocuments, sourceEnd),
    'held-out': all.slice(sourceEnd),
  };
}

/** Writes the documents of a seed and generates the questions about them, unless they are there. */
export async function makeDatasets(dataDir: string, seed: number, counts: DocumentCounts): Promise<void> {
  const folder = join(dataDir, 'documents');
  await mkdir(folder, { recursive: true });
  const documents = documentsOf(seed, counts);
  for (const use of USES) {
    const name = datasetName(seed, use);
    const path = join(folder, `${name}.jsonl`);
    if (existsSync(path) && (await hasDataset(dataDir, name))) continue;
    const rows = documents[use].map(({ id, text }) => `${JSON.stringify({ id: `${name}-${id}`, text })}\n`);
    await writeFile(path, rows.join(''));
    await generate(dataDir, path, name);
  }
}

/** What the datasets and documents of a seed are to its arms. The ground truths of `source` stay where they are. */
export async function readSeedData(dataDir: string, seed: number, counts: DocumentCounts): Promise<SeedData> {
  const documents = documentsOf(seed, counts);
  const examOf = async (use: Use): Promise<Exam> => ({
    rows: await warmUpRowsOf(dataDir, datasetName(seed, use), {
      promptTemplate: 'plain',
      reward: undefined,
      split: 'train',
      settings: readSettings({ data: dataDir }),
    }),
    records: documents[use],
  });
  const dataset = datasetName(seed, 'source');
  return {
    dataset,
    source: new Map(documents.source.map((record) => [`${dataset}-${record.id}`, record])),
    documentOf: await documentsByPair(dataDir, dataset),
    warmUp: await examOf('warm-up'),
    heldOut: await examOf('held-out'),
  };
}

function datasetName(seed: number, use: Use): string {
  return `seed-${seed}-${use}`;
}

async function generate(dataDir: string, path: string, name: string): Promise<void> {
  const settings = readSettings({ data: dataDir });
  const { made } = await runGeneration(prepareGeneration([path], { recipe: RECIPE }, settings), {
    name,
    description: undefined,
    mayReplace: true,
    makesControl: false,
    settings,
    clock: new SystemClock(),
    interrupt: { interrupt: NEVER, giveUp: NEVER, stop: () => {} },
    say: () => {},
    onStart: () => {},
  });
  if (made === undefined) throw new EnvError('internal', `Cannot make the dataset "${name}"`);
}

async function documentsByPair(dataDir: string, name: string): Promise<ReadonlyMap<PairId, string>> {
  const store = openStore(dataDir);
  try {
    const info = await store.get(name);
    if (info === undefined) throw new EnvError('not_found', `There is no dataset "${name}"`);
    const found = new Map<PairId, string>();
    for await (const { pairId, provenance } of store.rows(name, info.version)) {
      if (provenance.documentId === undefined)
        throw new EnvError('internal', `Question ${pairId} of "${name}" names no document`);
      found.set(pairId, provenance.documentId);
    }
    return found;
  } finally {
    store.close();
  }
}

async function hasDataset(dataDir: string, name: string): Promise<boolean> {
  const store = openStore(dataDir);
  try {
    return (await store.get(name)) !== undefined;
  } finally {
    store.close();
  }
}

function openStore(dataDir: string): SqliteDatasetStore {
  const clock = new SystemClock();
  return new SqliteDatasetStore({ dataDir, now: () => clock.now() });
}
