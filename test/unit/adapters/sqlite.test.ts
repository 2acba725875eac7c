import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { inTransaction, migrate, openDatabase } from '../../../src/adapters/sqlite.ts';

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'groupwise-sqlite-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

describe('openDatabase()', () => {
  it('openDatabase() makes the data directory and opens in WAL mode with full syncing', () => {
    using database = openDatabase(join(dataDir, 'deep', 'er'));
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  });

  it('openDatabase() says which file it could not open', () => {
    writeFileSync(join(dataDir, 'groupwise.db'), 'this is not a database, it is a text that is long enough');
    expect(() => openDatabase(dataDir)).toThrow(
      /Cannot open the database ".*groupwise\.db": .*not a database/,
    );
  });

  it('openDatabase() refuses a data directory that is a file', () => {
    const file = join(dataDir, 'file');
    writeFileSync(file, '');
    expect(() => openDatabase(file)).toThrow(/Cannot open the database/);
  });
});

describe('migrate()', () => {
  const first = 'CREATE TABLE fruit (name TEXT) STRICT';
  const second = 'ALTER TABLE fruit ADD COLUMN colour TEXT';

  it('migrate() runs each migration once, across openings, and each store on its own', () => {
    {
      using database = openDatabase(dataDir);
      migrate(database, 'fruit', [first]);
      migrate(database, 'nuts', ['CREATE TABLE nut (name TEXT) STRICT']);
    }
    using database = openDatabase(dataDir);
    migrate(database, 'fruit', [first, second]);
    migrate(database, 'fruit', [first, second]);
    database.prepare('INSERT INTO fruit VALUES (?, ?)').run('plum', 'blue');
    expect(database.prepare('SELECT * FROM fruit').all()).toEqual([{ name: 'plum', colour: 'blue' }]);
  });

  it('migrate() refuses tables of a later version of the program', () => {
    using database = openDatabase(dataDir);
    migrate(database, 'fruit', [first, second]);
    expect(() => migrate(database, 'fruit', [first])).toThrow(
      'Cannot use the database: its "fruit" tables are of version 2, this program knows 1',
    );
  });

  it('migrate() leaves nothing of a migration that fails', () => {
    using database = openDatabase(dataDir);
    expect(() => migrate(database, 'fruit', [first, 'CREATE NONSENSE'])).toThrow(/syntax error/);
    migrate(database, 'fruit', [first]);
    expect(database.prepare('SELECT count(*) AS n FROM fruit').get()).toEqual({ n: 0 });
  });
});

describe('inTransaction()', () => {
  it('inTransaction() keeps all when the work returns and nothing when it throws', () => {
    using database = openDatabase(dataDir);
    migrate(database, 'fruit', ['CREATE TABLE fruit (name TEXT) STRICT']);
    const insert = database.prepare('INSERT INTO fruit VALUES (?)');
    expect(inTransaction(database, () => Number(insert.run('fig').changes))).toBe(1);
    expect(() =>
      inTransaction(database, () => {
        insert.run('pear');
        throw new Error('no pears');
      }),
    ).toThrow('no pears');
    expect(database.prepare('SELECT name FROM fruit').all()).toEqual([{ name: 'fig' }]);
  });
});
