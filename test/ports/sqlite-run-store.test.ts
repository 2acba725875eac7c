import { mkdtempSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { SqliteRunStore } from '../../src/adapters/sqlite-run-store.ts';
import { openDatabase } from '../../src/adapters/sqlite.ts';
import { describeRunStore } from './run-store.ts';

const opened: { readonly database: DatabaseSync; readonly dataDir: string }[] = [];

afterEach(() => {
  for (const { database, dataDir } of opened.splice(0)) {
    database.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

function openAt(dataDir: string): SqliteRunStore {
  const database = openDatabase(dataDir);
  opened.push({ database, dataDir });
  return new SqliteRunStore(database);
}

describeRunStore('SqliteRunStore', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'groupwise-runs-'));
  return { store: openAt(dataDir), reopen: () => openAt(dataDir) };
});
