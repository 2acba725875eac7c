// The one place where the data directory's databases are opened: file names, pragmas and migrations are the same for every
// store. It knows no table but its own; each store brings its migrations and keeps to its own tables.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { EnvError } from '../core/errors.ts';

export const DATABASE_FILE = 'groupwise.db';
/** Paid verdicts are apart from what the server serves: they can be copied, shared or deleted on their own. */
export const VERDICTS_FILE = 'verdicts.db';
/** Paid replies of the dataset engine, apart for the same reason. */
export const REPLIES_FILE = 'replies.sqlite';

/** How long one connection waits for another process's write transaction before it gives up. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Opens (and makes, when absent) a database of a data directory: WAL, every commit synced to disk before it returns,
 * foreign keys enforced. Each caller gets a connection of its own and closes it.
 *
 * @throws EnvError `failed_precondition` when the directory or the file cannot be used.
 */
export function openDatabase(
  dataDir: string,
  file: typeof DATABASE_FILE | typeof VERDICTS_FILE | typeof REPLIES_FILE = DATABASE_FILE,
): DatabaseSync {
  const path = join(dataDir, file);
  try {
    mkdirSync(dataDir, { recursive: true });
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA trusted_schema = OFF;
    `);
    return database;
  } catch (error) {
    throw new EnvError('failed_precondition', `Cannot open the database "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Brings the tables of one store up to date: runs the migrations that this file has not seen, in order, each once, all
 * in one transaction. The stores of a file migrate independently, so their versions are kept by name (SQLite's own
 * `user_version` is a single number for the whole file). Migrations are append-only: a published one never changes.
 *
 * @throws EnvError `failed_precondition` when the file was written by a later version of the program.
 */
export function migrate(database: DatabaseSync, store: string, migrations: readonly string[]): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS schema_version (store TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT',
  );
  // Most openings find nothing to do, and must not wait for another process's write transaction to learn it.
  if (versionOf(database, store) === migrations.length) return;
  inTransaction(database, () => {
    const version = versionOf(database, store);
    if (version > migrations.length) {
      throw new EnvError(
        'failed_precondition',
        `Cannot use the database: its "${store}" tables are of version ${version}, this program knows ${migrations.length}`,
      );
    }
    for (const migration of migrations.slice(version)) database.exec(migration);
    database
      .prepare('INSERT INTO schema_version VALUES (?1, ?2) ON CONFLICT (store) DO UPDATE SET version = ?2')
      .run(store, migrations.length);
  });
}

function versionOf(database: DatabaseSync, store: string): number {
  const row = database.prepare('SELECT version FROM schema_version WHERE store = ?').get(store);
  return Number(row?.['version'] ?? 0);
}

/**
 * Runs `work` in one write transaction: committed when it returns, rolled back when it throws. `work` is synchronous,
 * so nothing else on this connection can slip in between.
 */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has already rolled back after some errors (a full disk, for one); a second ROLLBACK would hide the first.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
