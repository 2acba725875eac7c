// Where datasets live. A stored dataset never changes: importing again under its name makes a new version, and runs keep
// reading the one that they were opened with.

import type { DatasetInfo, DatasetProvenance } from '../core/calls.ts';
import type { PairId } from '../core/ids.ts';
import type { QaPair } from '../core/qa-pair.ts';
import type { Recipe } from '../core/recipe.ts';

/** One split of one version of a dataset: `count` pairs, addressed by ordinal 0 … count-1 in their order of import. */
export interface DatasetSplit {
  readonly count: number;
  /** The pairs at these ordinals, in the order asked for. Cost does not depend on `count`. */
  pairsAt(ordinals: readonly number[]): Promise<readonly QaPair[]>;
}

export interface NewDataset {
  readonly name: string;
  readonly description: string;
  readonly reward: Recipe | undefined;
  readonly provenance: DatasetProvenance;
}

/** Writes one dataset. Nothing is visible before `commit`. */
export interface DatasetWriter {
  /** Adds pairs in order. A pair whose id is already there is not added: its index in `pairs` is returned. */
  add(pairs: readonly QaPair[]): Promise<{ readonly duplicates: readonly number[] }>;
  /** Makes the dataset visible under its name. Throws `failed_precondition` when it has no rows. */
  commit(): Promise<DatasetInfo>;
  /** Forgets what was added. */
  abort(): Promise<void>;
}

export interface DatasetStore {
  list(): Promise<readonly DatasetInfo[]>;
  /** The newest version, or the one asked for. */
  get(name: string, version?: string): Promise<DatasetInfo | undefined>;
  openSplit(name: string, version: string, split: string): Promise<DatasetSplit | undefined>;
  findPair(name: string, pairId: PairId): Promise<QaPair | undefined>;
  /** All rows of a version in order, streamed in constant memory. */
  rows(name: string, version: string, split?: string): AsyncIterable<QaPair>;
  /** Throws `already_exists` when the name is taken and `replace` is not set. */
  create(dataset: NewDataset, options: { readonly replace: boolean }): Promise<DatasetWriter>;
  remove(name: string): Promise<void>;
}
