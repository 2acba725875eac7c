// The scratch of one generation run in a SQLite file that is made at the start and removed at the end. Nothing in it has to survive
// a crash, so nothing is synced. After each page that is read the event loop has a turn, since readers may wait for nothing else.

import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { JsonObject } from '../core/json.ts';
import type { ItemSpool, SpooledItem } from '../ports/item-spool.ts';
import { diskError } from './disk.ts';
import { inTransaction } from './sqlite.ts';

const PAGE_ROWS = 200;

interface Table {
  readonly add: StatementSync;
  readonly count: StatementSync;
  readonly find: StatementSync;
  readonly first: StatementSync;
  readonly next: StatementSync;
}

export class SqliteItemSpool implements ItemSpool {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #tables = new Map<string, Table>();

  /** A file that is left of an earlier run is removed. Throws `EnvError` when the disk refuses. */
  constructor(path: string) {
    this.#path = path;
    try {
      mkdirSync(dirname(path), { recursive: true });
      rmSync(path, { force: true });
      this.#database = new DatabaseSync(path);
      this.#database.exec(
        'PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE',
      );
    } catch (error) {
      throw diskError(`Cannot make the scratch file "${path}"`, error);
    }
  }

  async clear(table: string): Promise<void> {
    const quoted = quotedName(table);
    this.#tables.delete(table);
    this.#try(() =>
      this.#database.exec(`
        DROP TABLE IF EXISTS ${quoted};
        CREATE TABLE ${quoted} (key TEXT PRIMARY KEY, item TEXT NOT NULL) WITHOUT ROWID, STRICT;
      `),
    );
    const page = `SELECT key, item FROM ${quoted}`;
    this.#tables.set(table, {
      add: this.#database.prepare(`INSERT INTO ${quoted} VALUES (?, ?)`),
      count: this.#database.prepare(`SELECT count(*) AS count FROM ${quoted}`),
      find: this.#database.prepare(`SELECT item FROM ${quoted} WHERE key = ?`),
      first: this.#database.prepare(`${page} ORDER BY key LIMIT ${PAGE_ROWS}`),
      next: this.#database.prepare(`${page} WHERE key > ? ORDER BY key LIMIT ${PAGE_ROWS}`),
    });
  }

  async add(table: string, items: readonly SpooledItem[]): Promise<void> {
    const { add } = this.#table(table);
    this.#try(() =>
      inTransaction(this.#database, () => {
        for (const { key, item } of items) add.run(key, JSON.stringify(item));
      }),
    );
  }

  async count(table: string): Promise<number> {
    return Number(this.#table(table).count.get()?.['count']);
  }

  async find(table: string, key: string): Promise<JsonObject | undefined> {
    const row = this.#table(table).find.get(key);
    return row === undefined ? undefined : itemOf(row);
  }

  async *read(table: string): AsyncGenerator<SpooledItem> {
    const { first, next } = this.#table(table);
    let rows = first.all();
    while (rows.length > 0) {
      let key = '';
      for (const row of rows) {
        key = String(row['key']);
        yield { key, item: itemOf(row) };
      }
      if (rows.length < PAGE_ROWS) return;
      await nextTurn();
      rows = next.all(key);
    }
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return;
    this.#database.close();
    rmSync(this.#path, { force: true });
  }

  #table(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw new Error(`The spool has no table "${name}"`);
    return table;
  }

  #try<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw diskError(`Cannot write the scratch file "${this.#path}"`, error);
    }
  }
}

function itemOf(row: Readonly<Record<string, unknown>>): JsonObject {
  // What `add` wrote.
  return JSON.parse(String(row['item'])) as JsonObject;
}

function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
