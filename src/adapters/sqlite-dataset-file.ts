// One version of a dataset in one SQLite file of its own: written once, then read only, by any number of processes and
// without locks. Kept apart from the shared database so that an import of millions of rows never makes a serving process
// wait, and removing a dataset gives its disk space back. Knows nothing of names and versions; the catalog does.

import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

import { EnvError } from '../core/errors.ts';
import type { PairId } from '../core/ids.ts';
import { type PairJson, pairFromJson } from '../core/pair-json.ts';
import type { QaPair } from '../core/qa-pair.ts';

/** Page cache of the one connection that writes a file: bounds the memory of an import of any size. */
const WRITE_CACHE_KIB = 64 * 1024;

/** What is in a row's `body`: the pair without what has a column of its own. */
export type PairBody = Omit<PairJson, 'pair_id' | 'split'>;

/**
 * Makes a new file and takes its exclusive lock until the connection closes; all rows are one transaction. The
 * journal has nothing to keep, since no page is older than the transaction, so it is not written to disk: a file whose
 * writer died is garbage as a whole and never repaired.
 */
export function createDatasetFile(path: string): DatabaseSync {
  const file = new DatabaseSync(path, { timeout: 0 });
  file.exec(`
    PRAGMA page_size = 8192;
    PRAGMA journal_mode = MEMORY;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -${WRITE_CACHE_KIB};
    BEGIN EXCLUSIVE;
    CREATE TABLE pair (
      ordinal INTEGER PRIMARY KEY, -- over all splits, in order of import
      split INTEGER NOT NULL,      -- index into the version's splits
      position INTEGER NOT NULL,   -- ordinal within the split
      pair_id BLOB NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX pair_by_id ON pair (pair_id);
  `);
  return file;
}

/** Syncs all rows to disk and gives the lock back. From here on the file never changes. */
export function finishDatasetFile(file: DatabaseSync): void {
  file.exec('CREATE UNIQUE INDEX pair_by_position ON pair (split, position); COMMIT;');
}

/** Whether some process, this one included, is writing the file now. */
export function isBeingWritten(path: string): boolean {
  let probe: DatabaseSync | undefined;
  try {
    probe = new DatabaseSync(path, { timeout: 0 });
    probe.exec('BEGIN EXCLUSIVE; ROLLBACK;');
    return false;
  } catch (error) {
    // Anything but a lock (torn pages, say) is what a dead writer leaves behind.
    return error instanceof Error && /locked|busy/i.test(error.message);
  } finally {
    probe?.close();
  }
}

/** A pair id as the 16 bytes that are stored; undefined for text that is no id of ours. */
export function pairIdBytes(pairId: string): Buffer | undefined {
  return /^[0-9a-f]{32}$/.test(pairId) ? Buffer.from(pairId, 'hex') : undefined;
}

/** Reads one finished file. Each call costs O(log rows); nothing is read ahead, nothing is kept. */
export class DatasetFile {
  readonly #file: DatabaseSync;
  readonly #atPosition: StatementSync;
  readonly #withId: StatementSync;
  readonly #fromOrdinal: StatementSync;
  readonly #fromPosition: StatementSync;

  /** @throws EnvError `not_found` when the file is gone, because its dataset was removed. */
  constructor(path: string) {
    if (!existsSync(path)) throw new EnvError('not_found', 'Cannot read the dataset: it was removed');
    // Immutable: no locks are taken and no side files are made, so a read-only disk will do.
    const url = pathToFileURL(path);
    url.searchParams.set('immutable', '1');
    this.#file = new DatabaseSync(url, { readOnly: true });
    const columns = 'SELECT ordinal, split, position, lower(hex(pair_id)) AS pair_id, body FROM pair';
    this.#atPosition = this.#file.prepare(`${columns} WHERE split = ? AND position = ?`);
    this.#withId = this.#file.prepare(`${columns} WHERE pair_id = ?`);
    this.#fromOrdinal = this.#file.prepare(`${columns} WHERE ordinal >= ? ORDER BY ordinal LIMIT ?`);
    this.#fromPosition = this.#file.prepare(
      `${columns} WHERE split = ? AND position >= ? ORDER BY position LIMIT ?`,
    );
  }

  /** The pair at a position of a split, or undefined past the end. `splits`: the version's split names. */
  at(split: number, position: number, splits: readonly string[]): QaPair | undefined {
    const row = this.#atPosition.get(split, position);
    return row === undefined ? undefined : pairOf(row, splits);
  }

  withId(pairId: PairId, splits: readonly string[]): QaPair | undefined {
    const bytes = pairIdBytes(pairId);
    const row = bytes === undefined ? undefined : this.#withId.get(bytes);
    return row === undefined ? undefined : pairOf(row, splits);
  }

  /** Up to `limit` pairs in order of import, from an ordinal on. */
  page(from: number, limit: number, splits: readonly string[]): readonly QaPair[] {
    return this.#fromOrdinal.all(from, limit).map((row) => pairOf(row, splits));
  }

  /** Up to `limit` pairs of one split, from a position on. */
  splitPage(split: number, from: number, limit: number, splits: readonly string[]): readonly QaPair[] {
    return this.#fromPosition.all(split, from, limit).map((row) => pairOf(row, splits));
  }

  close(): void {
    this.#file.close();
  }
}

/** @throws EnvError `data_loss` for a damaged row; the parser's words would repeat its ground truth. */
function pairOf(row: Record<string, unknown>, splits: readonly string[]): QaPair {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the bytes of an id that pairIdOf made
  const pairId = String(row['pair_id']) as PairId;
  try {
    const body: PairBody = JSON.parse(String(row['body']));
    return pairFromJson({ ...body, pair_id: pairId, split: splits[Number(row['split'])] ?? '' });
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof EnvError)) throw error;
    throw new EnvError('data_loss', `Cannot read the row ${pairId}: what is stored of it is damaged`);
  }
}
