// The database file of the keyv store: its table, its statements, and one connection that is opened when it is needed. After a
// fault the connection is dropped, and the next use opens the file anew.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { migrate, openDatabase, VERDICTS_FILE } from './sqlite.ts';

/** Keys are random: in a table that is ordered by them each new row would touch a page of its own, at half the rate. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE entry (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    expires_at INTEGER
  ) STRICT;
  CREATE INDEX entry_expires_at ON entry (expires_at) WHERE expires_at IS NOT NULL;
  `,
];

const SQL = {
  get: 'SELECT value FROM entry WHERE key = ?1 AND (expires_at IS NULL OR expires_at > ?2)',
  put: 'INSERT INTO entry VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET value = ?2, expires_at = ?3',
  drop: 'DELETE FROM entry WHERE key = ?',
  clear: 'DELETE FROM entry WHERE key >= ?1 AND key < ?2',
  page: `SELECT key, value FROM entry WHERE key > ?1 AND key < ?2 AND (expires_at IS NULL OR expires_at > ?3)
    ORDER BY key LIMIT ?4`,
  sweep: `DELETE FROM entry WHERE key IN
    (SELECT key FROM entry WHERE expires_at IS NOT NULL AND expires_at <= ?1 LIMIT ?2)`,
} as const;

const PAGE_CACHE_KIB = 32 * 1024;
/** The part of the file that is read through the memory of the operating system: look-ups are some twice as fast. */
const MMAP_BYTES = 2 ** 30;
/** Pages of the write-ahead log between two checkpoints. */
const CHECKPOINT_PAGES = 4_000;

export interface KeyvConnection {
  readonly database: DatabaseSync;
  readonly sql: Readonly<Record<keyof typeof SQL, StatementSync>>;
  readonly inode: number;
}

export class SqliteKeyvFile {
  readonly #dataDir: string;
  #connection: KeyvConnection | undefined;
  #isClosed = false;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** For good: later uses throw. */
  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  /** Throws what `work` throws, `EnvError` when the file cannot be opened, and once when it was removed or replaced. */
  use<Result>(work: (connection: KeyvConnection) => Result): Result {
    try {
      return work(this.#open());
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  #open(): KeyvConnection {
    if (this.#isClosed) throw new Error('The verdict store is closed');
    const path = join(this.#dataDir, VERDICTS_FILE);
    if (this.#connection !== undefined) {
      // SQLite would go on writing to a file that nobody can find any more.
      const inode = statSync(path, { throwIfNoEntry: false })?.ino;
      if (inode === this.#connection.inode) return this.#connection;
      throw new Error(`The database "${path}" was removed or replaced`);
    }
    const database = openDatabase(this.#dataDir, VERDICTS_FILE);
    try {
      database.exec(`
        PRAGMA synchronous = NORMAL;
        PRAGMA cache_size = -${PAGE_CACHE_KIB};
        PRAGMA mmap_size = ${MMAP_BYTES};
        PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      `);
      migrate(database, 'verdicts', MIGRATIONS);
      const entries = Object.entries(SQL).map(([name, text]) => [name, database.prepare(text)]);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of SQL, each with its statement
      const sql = Object.fromEntries(entries) as KeyvConnection['sql'];
      this.#connection = { database, sql, inode: statSync(path).ino };
      return this.#connection;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  #drop(): void {
    const database = this.#connection?.database;
    this.#connection = undefined;
    if (database?.isOpen === true) database.close();
  }
}
