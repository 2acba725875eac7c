// The journal of replies and the spool of items, in SQLite and in the memory of tests.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase, REPLIES_FILE } from '../../src/adapters/sqlite.ts';
import { SqliteItemSpool } from '../../src/adapters/sqlite-item-spool.ts';
import { SqliteReplyJournal } from '../../src/adapters/sqlite-reply-journal.ts';
import { MemoryItemSpool, MemoryReplyJournal } from '../support/memory-generation.ts';
import { itemSpoolSuite } from './item-spool.ts';
import { keyOf, replyJournalSuite, replyWith } from './reply-journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'groupwise-generation-'));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;
const newFolder = (): string => join(folder, String(made++));

replyJournalSuite('MemoryReplyJournal', () => new MemoryReplyJournal());
replyJournalSuite('SqliteReplyJournal', () => new SqliteReplyJournal(newFolder()));
itemSpoolSuite('MemoryItemSpool', () => new MemoryItemSpool());
itemSpoolSuite('SqliteItemSpool', () => new SqliteItemSpool(join(newFolder(), 'scratch.sqlite')));

describe('SqliteReplyJournal', () => {
  it('SqliteReplyJournal keeps replies over its closing, and shows them to another process at once', async () => {
    const dataDir = newFolder();
    const journal = new SqliteReplyJournal(dataDir);
    await journal.add(keyOf(7), replyWith());
    const other = new SqliteReplyJournal(dataDir);
    expect(await other.find(keyOf(7))).toEqual(replyWith());
    await journal.close();
    await other.close();
    const again = new SqliteReplyJournal(dataDir);
    expect(await again.find(keyOf(7))).toEqual(replyWith());
    await again.close();
  });

  it('SqliteReplyJournal.close() writes what is not yet written', async () => {
    const dataDir = newFolder();
    const journal = new SqliteReplyJournal(dataDir);
    const adding = journal.add(keyOf(1), replyWith());
    await journal.close();
    await adding;
    await expect(journal.add(keyOf(2), replyWith())).rejects.toThrow(/closed/u);
    const again = new SqliteReplyJournal(dataDir);
    expect(await again.find(keyOf(1))).toEqual(replyWith());
    await again.close();
  });

  it('SqliteReplyJournal.add() rejects all that one failed commit held', async () => {
    const dataDir = newFolder();
    const journal = new SqliteReplyJournal(dataDir);
    using database = openDatabase(dataDir, REPLIES_FILE);
    database.exec('DROP TABLE reply');
    const adding = [1, 2].map((index) => journal.add(keyOf(index), replyWith()));
    const settled = await Promise.allSettled(adding);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(String((settled[0] as PromiseRejectedResult).reason)).toContain('Cannot keep a paid reply');
    await journal.close();
  });
});

describe('SqliteItemSpool', () => {
  it('SqliteItemSpool removes what an earlier run left, and its own file at the end', async () => {
    const path = join(newFolder(), 'scratch.sqlite');
    const first = new SqliteItemSpool(path);
    await first.clear('some');
    await first.close();
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, 'left behind');
    const second = new SqliteItemSpool(path);
    await second.clear('some');
    expect(await second.count('some')).toBe(0);
    await second.close();
  });
});
