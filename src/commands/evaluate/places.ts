// What kind of question each row is, read from a data directory before a server takes it. No server tells that of a group, and no
// ground truth is taken along.

import { SqliteDatasetStore } from '../../adapters/sqlite-dataset-store.ts';
import { EnvError } from '../../core/errors.ts';
import type { PairId } from '../../core/ids.ts';
import type { Place } from '../../trainer/evaluation/figures.ts';

export interface KnownDataset {
  readonly name: string;
  readonly places: ReadonlyMap<PairId, Place>;
}

/**
 * The dataset of this name, or the only one there is.
 *
 * @throws EnvError `not_found`, `invalid_argument` where there are several and none is named
 */
export async function readPlaces(dataDir: string, name: string | undefined): Promise<KnownDataset> {
  const store = new SqliteDatasetStore({ dataDir, now: () => 0 });
  try {
    const chosen = name ?? (await onlyDataset(store, dataDir));
    const info = await store.get(chosen);
    if (info === undefined)
      throw new EnvError('not_found', `There is no dataset "${chosen}" in "${dataDir}"`);
    const places = new Map<PairId, Place>();
    for await (const { pairId, domain = '', answerType } of store.rows(chosen, info.version)) {
      places.set(pairId, { domain, answerType });
    }
    return { name: chosen, places };
  } finally {
    store.close();
  }
}

async function onlyDataset(store: SqliteDatasetStore, dataDir: string): Promise<string> {
  const [only, ...others] = await store.list();
  if (only === undefined) throw new EnvError('not_found', `There is no dataset in "${dataDir}"`);
  if (others.length === 0) return only.name;
  const names = [only, ...others].map(({ name }) => name).join(', ');
  throw new EnvError('invalid_argument', `Name one of the datasets with --dataset: ${names}`, {
    field: '--dataset',
  });
}
