// Writes one version of a dataset into its own file, in constant memory, and hashes the content on the way. The version is
// a hash of the rows and of how each is scored: the same on every machine, whatever the file was called and whenever it
// was read. Does not decide when the version becomes visible: `publish` does, once, after all rows are on disk.

import { createHash, type Hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { DatasetInfo } from '../core/calls.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import { EnvError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { pairToJson } from '../core/pair-json.ts';
import type { QaPair } from '../core/qa-pair.ts';
import { recipeToJson } from '../core/recipe-json.ts';
import type { AddResult, DatasetWriter, NewDataset, SharedDocuments } from '../ports/dataset-store.ts';
import { DatasetTally } from './dataset-tally.ts';
import { diskError } from './disk.ts';
import { finishDatasetFile, type PairBody, pairIdBytes } from './sqlite-dataset-file.ts';

/** Splits of one dataset: a row names its split, and a column of other text mapped to it would make one a row. */
const SPLITS_MAX = 1_000;

const SHARED_DOCUMENTS = `
  SELECT json_extract(body, '$.provenance.document_id') AS document, json_group_array(DISTINCT split) AS splits
  FROM pair WHERE document IS NOT NULL GROUP BY document HAVING count(DISTINCT split) > 1 ORDER BY document`;

interface OpenSplit {
  readonly index: number;
  count: number;
  readonly hash: Hash;
}

export interface WriterTarget {
  readonly dataset: NewDataset;
  /** As `createDatasetFile` made it. The writer closes it. */
  readonly file: DatabaseSync;
  /** Called once, with the file complete on disk: closes it and makes the version visible. */
  readonly publish: (info: Omit<DatasetInfo, 'createdAt'>, record: JsonObject | undefined) => DatasetInfo;
  /** Called instead: closes the file and forgets it. */
  readonly discard: () => void;
}

export class SqliteDatasetWriter implements DatasetWriter {
  readonly #target: WriterTarget;
  readonly #insert: StatementSync;
  readonly #groundTruthOf: StatementSync;
  readonly #defaultReward: string;
  readonly #tally = new DatasetTally();
  readonly #splits = new Map<string, OpenSplit>();
  #ordinal = 0;
  #isOpen = true;

  constructor(target: WriterTarget) {
    this.#target = target;
    this.#insert = target.file.prepare('INSERT OR IGNORE INTO pair VALUES (?, ?, ?, ?, ?)');
    this.#groundTruthOf = target.file.prepare(
      "SELECT json_extract(body, '$.ground_truth') AS answer FROM pair WHERE pair_id = ?",
    );
    const { reward } = target.dataset;
    this.#defaultReward = reward === undefined ? '' : canonicalJson(recipeToJson(reward));
  }

  async add(pairs: readonly QaPair[]): Promise<AddResult> {
    this.#mustBeOpen();
    const duplicates: number[] = [];
    const conflicts: number[] = [];
    try {
      for (const [index, pair] of pairs.entries()) {
        if (this.#addOne(pair)) continue;
        duplicates.push(index);
        const kept = this.#groundTruthOf.get(idBytes(pair))?.['answer'];
        if (kept !== pair.groundTruth.answer) conflicts.push(index);
      }
    } catch (error) {
      throw diskError(`Cannot write the dataset "${this.#target.dataset.name}"`, error);
    }
    return { duplicates, conflicts };
  }

  async sharedDocuments(examplesMax: number): Promise<SharedDocuments> {
    this.#mustBeOpen();
    if (this.#splits.size < 2) return { count: 0, examples: [] };
    const names = [...this.#splits.keys()];
    const examples: { documentId: string; splits: string[] }[] = [];
    let count = 0;
    // Sorted by SQLite, on disk where it must: the number of documents has no limit.
    const shared = this.#target.file.prepare(SHARED_DOCUMENTS);
    for (const { document, splits } of shared.iterate()) {
      count += 1;
      if (examples.length === examplesMax) continue;
      const indexes: number[] = JSON.parse(String(splits));
      const inOrder = indexes.toSorted((one, other) => one - other);
      examples.push({ documentId: String(document), splits: inOrder.map((index) => names[index] ?? '') });
    }
    return { count, examples };
  }

  async commit(record?: JsonObject): Promise<DatasetInfo> {
    this.#mustBeOpen();
    const { dataset, file } = this.#target;
    if (this.#ordinal === 0) {
      throw new EnvError('failed_precondition', `Cannot make the dataset "${dataset.name}": it has no rows`);
    }
    try {
      finishDatasetFile(file);
    } catch (error) {
      throw diskError(`Cannot write the dataset "${dataset.name}"`, error);
    }
    this.#isOpen = false;
    return this.#target.publish(
      {
        name: dataset.name,
        version: this.#version(),
        description: dataset.description,
        splits: [...this.#splits].map(([name, { count }]) => ({ name, count })),
        answerTypes: this.#tally.answerTypes(),
        domains: this.#tally.domains(),
        reward: dataset.reward,
        provenance: dataset.provenance,
      },
      record,
    );
  }

  async abort(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#target.discard();
  }

  /** Returns false when the prompt is there already. */
  #addOne(pair: QaPair): boolean {
    const { pair_id: pairId, split: splitName, ...body } = pairToJson(pair);
    const split = this.#splitOf(splitName);
    const text = canonicalJson(bodyOf(body));
    const added = this.#insert.run(this.#ordinal, split.index, split.count, idBytes(pair), text).changes;
    if (added === 0) return false;
    split.count += 1;
    this.#ordinal += 1;
    this.#tally.count(pair);
    // A row that names its recipe and a row that inherits the same one are scored alike, so they hash alike.
    const { reward, ...rest } = body;
    const scored = reward === undefined ? this.#defaultReward : canonicalJson(reward);
    const content = reward === undefined ? text : canonicalJson(bodyOf(rest));
    split.hash.update(`${JSON.stringify([pairId, scored])}${content}\n`);
    return true;
  }

  #splitOf(name: string): OpenSplit {
    const known = this.#splits.get(name);
    if (known !== undefined) return known;
    if (this.#splits.size === SPLITS_MAX) {
      throw new EnvError(
        'resource_exhausted',
        `Cannot add a row: the dataset has ${SPLITS_MAX} splits already`,
      );
    }
    const split = { index: this.#splits.size, count: 0, hash: createHash('sha256') };
    this.#splits.set(name, split);
    return split;
  }

  /** The order of rows counts within a split; in which order the splits came does not, since no run sees it. */
  #version(): string {
    const splits = [...this.#splits].toSorted(([one], [other]) => (one < other ? -1 : 1));
    const parts = splits.map(([name, { count, hash }]) => [name, count, hash.digest('hex')]);
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  }

  #mustBeOpen(): void {
    if (!this.#isOpen) throw new Error('This dataset writer has committed or aborted already');
  }
}

function bodyOf(body: Omit<PairBody, 'reward'>): JsonObject {
  // Messages are an interface, which TypeScript does not take for a JSON object by itself.
  const { messages, ...rest } = body;
  return messages === undefined
    ? { ...rest }
    : { ...rest, messages: messages.map(({ role, content }) => ({ role, content })) };
}

function idBytes(pair: QaPair): Buffer {
  const bytes = pairIdBytes(pair.pairId);
  if (bytes === undefined) throw new Error('A pair id is 32 hexadecimal digits: pairIdOf makes it');
  return bytes;
}
