// Datasets on SQLite: a catalog in the shared database and one immutable file of rows per version, `datasets/<id>.db`. A
// version exists once its catalog entry says so; the entry is written after the rows are synced, so a writer that is killed
// leaves an unnamed file, which the next opening or import removes.

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import type { DatasetInfo } from '../core/calls.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import type { PairId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { QaPair } from '../core/qa-pair.ts';
import type { DatasetSplit, DatasetStore, DatasetWriter, NewDataset } from '../ports/dataset-store.ts';
import { DatasetCatalog } from './sqlite-dataset-catalog.ts';
import { createDatasetFile, DatasetFile, isBeingWritten } from './sqlite-dataset-file.ts';
import { SqliteDatasetWriter } from './sqlite-dataset-writer.ts';
import { inTransaction, openDatabase } from './sqlite.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
/** Rows that `rows` holds in memory at a time. */
const PAGE_ROWS = 500;
/** Files that are kept open for reading; the one that was not read for longest is closed first. */
const OPEN_FILES_MAX = 64;

export interface DatasetStoreOptions {
  readonly dataDir: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class SqliteDatasetStore implements DatasetStore {
  readonly #database: DatabaseSync;
  readonly #catalog: DatasetCatalog;
  readonly #folder: string;
  readonly #now: () => number;
  /** In order of last use. */
  readonly #files = new Map<number, DatasetFile>();

  /** Opens the data directory's datasets. Throws `failed_precondition` when the directory cannot be used. */
  constructor(options: DatasetStoreOptions) {
    this.#now = options.now;
    this.#folder = join(options.dataDir, 'datasets');
    this.#database = openDatabase(options.dataDir);
    this.#catalog = new DatasetCatalog(this.#database);
    if (this.#catalog.unfinished().length > 0) inTransaction(this.#database, () => this.#collectGarbage());
  }

  async list(): Promise<readonly DatasetInfo[]> {
    return this.#catalog.list().map((entry) => entry.info);
  }

  async get(name: string, version?: string): Promise<DatasetInfo | undefined> {
    return this.#catalog.find(name, version)?.info;
  }

  async record(name: string, version: string): Promise<JsonObject | undefined> {
    return this.#catalog.record(name, version);
  }

  async openSplit(name: string, version: string, split: string): Promise<DatasetSplit | undefined> {
    const entry = this.#catalog.find(name, version);
    const splits = entry?.info.splits.map((each) => each.name) ?? [];
    const index = splits.indexOf(split);
    if (entry === undefined || index < 0) return undefined;
    return {
      count: entry.info.splits[index]?.count ?? 0,
      pairsAt: async (ordinals) => {
        const file = this.#file(entry.id);
        return ordinals.map((ordinal) => {
          const pair = file.at(index, ordinal, splits);
          if (pair !== undefined) return pair;
          throw new RangeError(`There is no row ${ordinal} in split "${split}" of dataset "${name}"`);
        });
      },
    };
  }

  async findPair(name: string, pairId: PairId): Promise<QaPair | undefined> {
    const entry = this.#catalog.find(name);
    if (entry === undefined) return undefined;
    return this.#file(entry.id).withId(
      pairId,
      entry.info.splits.map((split) => split.name),
    );
  }

  async *rows(name: string, version: string, split?: string): AsyncGenerator<QaPair> {
    const entry = this.#catalog.find(name, version);
    if (entry === undefined) return;
    const splits = entry.info.splits.map((each) => each.name);
    const index = split === undefined ? undefined : splits.indexOf(split);
    for (let from = 0; ; from += PAGE_ROWS) {
      const file = this.#file(entry.id);
      const page =
        index === undefined
          ? file.page(from, PAGE_ROWS, splits)
          : file.splitPage(index, from, PAGE_ROWS, splits);
      yield* page;
      if (page.length < PAGE_ROWS) return;
    }
  }

  async create(dataset: NewDataset, options: { readonly replace: boolean }): Promise<DatasetWriter> {
    const { name } = dataset;
    if (!NAME.test(name)) {
      throw invalidArgument(
        'name',
        `Cannot name a dataset "${name}": a name is up to 128 letters, digits, ".", "_" and "-", and starts with a letter or digit`,
      );
    }
    mkdirSync(this.#folder, { recursive: true });
    // The entry, the file and the file's lock appear together, so that no one takes the file of a living writer for garbage.
    const { id, file } = inTransaction(this.#database, () => {
      this.#mustBeFree(name, options.replace);
      this.#collectGarbage();
      const entryId = this.#catalog.begin(name);
      return { id: entryId, file: createDatasetFile(this.#path(entryId)) };
    });
    return new SqliteDatasetWriter({
      dataset,
      file,
      publish: (info, record) => {
        try {
          return inTransaction(this.#database, () => {
            this.#mustBeFree(name, options.replace);
            file.close();
            return this.#publish(id, { ...info, createdAt: this.#now() }, record);
          });
        } catch (error) {
          if (file.isOpen) this.#discard(id, file);
          throw error;
        }
      },
      discard: () => this.#discard(id, file),
    });
  }

  async remove(name: string, options?: { readonly keepNewest: boolean }): Promise<number> {
    const ids = inTransaction(this.#database, () => {
      const newest = this.#catalog.find(name)?.id;
      if (newest === undefined) {
        throw new EnvError('not_found', `Cannot remove the dataset "${name}": there is none`);
      }
      const found = this.#catalog.ids(name).filter((id) => !(options?.keepNewest === true && id === newest));
      for (const id of found) this.#catalog.forget(id);
      return found;
    });
    for (const id of ids) {
      this.#files.get(id)?.close();
      this.#files.delete(id);
      rmSync(this.#path(id), { force: true });
    }
    return ids.length;
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
    this.#database.close();
  }

  /** A version that is there already is kept, rows and recipe; what is said about it is renewed. */
  #publish(id: number, info: DatasetInfo, record: JsonObject | undefined): DatasetInfo {
    const known = this.#catalog.find(info.name, info.version);
    if (known === undefined) {
      this.#catalog.publish(id, info, record);
      return info;
    }
    const renewed = { ...known.info, description: info.description, provenance: info.provenance };
    this.#catalog.forget(id);
    rmSync(this.#path(id), { force: true });
    this.#catalog.publish(known.id, renewed, record);
    return renewed;
  }

  #discard(id: number, file: DatabaseSync): void {
    file.close();
    inTransaction(this.#database, () => this.#catalog.forget(id));
    rmSync(this.#path(id), { force: true });
  }

  #mustBeFree(name: string, replace: boolean): void {
    if (!replace && this.#catalog.find(name) !== undefined) {
      throw new EnvError(
        'already_exists',
        `Cannot make the dataset "${name}": there is one already (--replace makes a new version of it)`,
      );
    }
  }

  /** Removes what dead writers and interrupted removals left. Runs inside a transaction: no writer can start meanwhile. */
  #collectGarbage(): void {
    for (const id of this.#catalog.unfinished()) {
      if (existsSync(this.#path(id)) && isBeingWritten(this.#path(id))) continue;
      this.#catalog.forget(id);
      rmSync(this.#path(id), { force: true });
    }
    const known = new Set(this.#catalog.ids().map((id) => `${id}.db`));
    for (const name of existsSync(this.#folder) ? readdirSync(this.#folder) : []) {
      if (/^\d+\.db$/.test(name) && !known.has(name)) rmSync(join(this.#folder, name), { force: true });
    }
  }

  #path(id: number): string {
    return join(this.#folder, `${id}.db`);
  }

  #file(id: number): DatasetFile {
    const open = this.#files.get(id) ?? new DatasetFile(this.#path(id));
    this.#files.delete(id);
    this.#files.set(id, open);
    if (this.#files.size > OPEN_FILES_MAX) {
      const [oldest, file] = this.#files.entries().next().value ?? [];
      if (oldest !== undefined) this.#files.delete(oldest);
      file?.close();
    }
    return open;
  }
}
