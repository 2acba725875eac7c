// Which datasets there are, in the shared database: names, versions, facts, and the file that holds each version's rows.
// A version that is still being written has an entry too, so that what a killed import leaves behind can be found.

import type { DatabaseSync } from 'node:sqlite';

import type { DatasetInfo } from '../core/calls.ts';
import type { JsonObject } from '../core/json.ts';
import { migrate } from './sqlite.ts';

const MIGRATIONS = [
  `CREATE TABLE dataset_version (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    version TEXT,          -- NULL while it is being written
    published INTEGER,     -- rises with each import: the newest version of a name has the highest
    info TEXT,
    record TEXT,
    UNIQUE (name, version)
  ) STRICT;`,
];

export interface CatalogEntry {
  readonly id: number;
  readonly info: DatasetInfo;
}

/** Prepared questions to the catalog. Callers put those that belong together into one transaction. */
export class DatasetCatalog {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    migrate(database, 'datasets', MIGRATIONS);
    this.#database = database;
  }

  /** The newest version of each dataset, by name. */
  list(): readonly CatalogEntry[] {
    const rows = this.#database
      .prepare(
        `SELECT id, info, max(published) FROM dataset_version WHERE version IS NOT NULL
         GROUP BY name ORDER BY name`,
      )
      .all();
    return rows.map(entryOf);
  }

  find(name: string, version?: string): CatalogEntry | undefined {
    const row =
      version === undefined
        ? this.#database
            .prepare(
              `SELECT id, info FROM dataset_version WHERE name = ? AND version IS NOT NULL
               ORDER BY published DESC LIMIT 1`,
            )
            .get(name)
        : this.#database
            .prepare('SELECT id, info FROM dataset_version WHERE name = ? AND version = ?')
            .get(name, version);
    return row === undefined ? undefined : entryOf(row);
  }

  record(name: string, version: string): JsonObject | undefined {
    const row = this.#database
      .prepare('SELECT record FROM dataset_version WHERE name = ? AND version = ?')
      .get(name, version);
    const text = row?.['record'];
    if (typeof text !== 'string') return undefined;
    const record: JsonObject = JSON.parse(text);
    return record;
  }

  /** Books a version that is about to be written and returns its id. */
  begin(name: string): number {
    return Number(
      this.#database.prepare('INSERT INTO dataset_version (name) VALUES (?)').run(name).lastInsertRowid,
    );
  }

  /** Makes a written version, or a known one again, the newest of its name. */
  publish(id: number, info: DatasetInfo, record: JsonObject | undefined): void {
    this.#database
      .prepare(
        `UPDATE dataset_version SET version = ?, info = ?, record = ?,
         published = (SELECT 1 + coalesce(max(published), 0) FROM dataset_version) WHERE id = ?`,
      )
      .run(info.version, JSON.stringify(info), record === undefined ? null : JSON.stringify(record), id);
  }

  /** Versions whose writer has neither published nor given up. */
  unfinished(): readonly number[] {
    return this.#database
      .prepare('SELECT id FROM dataset_version WHERE version IS NULL')
      .all()
      .map((row) => Number(row['id']));
  }

  ids(name?: string): readonly number[] {
    const rows =
      name === undefined
        ? this.#database.prepare('SELECT id FROM dataset_version').all()
        : this.#database
            .prepare('SELECT id FROM dataset_version WHERE name = ? AND version IS NOT NULL')
            .all(name);
    return rows.map((row) => Number(row['id']));
  }

  forget(id: number): void {
    this.#database.prepare('DELETE FROM dataset_version WHERE id = ?').run(id);
  }
}

function entryOf(row: Record<string, unknown>): CatalogEntry {
  const stored: DatasetInfo = JSON.parse(String(row['info']));
  // JSON has no undefined: an absent recipe comes back as an absent key.
  return { id: Number(row['id']), info: { ...stored, reward: stored.reward ?? undefined } };
}
