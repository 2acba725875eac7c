// Where datasets live. A stored dataset never changes: importing again under its name makes a new version, and runs keep
// reading the one that they were opened with.

import type { DatasetInfo, DatasetProvenance } from '../core/calls.ts';
import type { PairId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
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

/** Indexes into the pairs that were handed in. */
export interface AddResult {
  /** Not added: the same prompt is there already. */
  readonly duplicates: readonly number[];
  /** Those of them whose ground truth differs from that of the pair that was kept. */
  readonly conflicts: readonly number[];
}

/** Documents whose rows lie in more than one split. */
export interface SharedDocuments {
  readonly count: number;
  /** The first few by id, each with its splits in the order in which these came. */
  readonly examples: readonly { readonly documentId: string; readonly splits: readonly string[] }[];
}

/** Writes one dataset. Nothing is visible before `commit`. */
export interface DatasetWriter {
  /** Adds pairs in order. A pair whose id is already there is not added, and reported. */
  add(pairs: readonly QaPair[]): Promise<AddResult>;
  /** What the splits share of what was added. Rows that name no document are of none. */
  sharedDocuments(examplesMax: number): Promise<SharedDocuments>;
  /**
   * Makes the dataset visible under its name, with the record of its making. Throws `failed_precondition` when it has no
   * rows, and `already_exists` when another import took the name meanwhile.
   */
  commit(record?: JsonObject): Promise<DatasetInfo>;
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
  /** How a version was made: what its writer left at `commit`. */
  record(name: string, version: string): Promise<JsonObject | undefined>;
  /**
   * Removes all versions, or all but the newest. Throws `not_found` when there is no such dataset. Splits of removed
   * versions that are open throw it from then on. Returns how many versions were removed.
   */
  remove(name: string, options?: { readonly keepNewest: boolean }): Promise<number>;
}
