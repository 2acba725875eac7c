import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyv } from 'keyv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, VERDICTS_FILE } from '../../../src/adapters/sqlite.ts';
import { SqliteKeyvStore } from '../../../src/adapters/sqlite-keyv-store.ts';
import { openVerdictCache } from '../../../src/adapters/verdict-cache-url.ts';
import { verdictWith } from '../../support/verdicts.ts';

/** A verdict as the database has it. */
const STORED = {
  score: 1,
  label: 'equivalent',
  agreement: 1,
  cost_usd: null,
  prompt_tokens: 1,
  completion_tokens: 1,
  model: 'm',
  template: 't@1',
  at: 0,
};

let dataDir = '';
let now = 0;
const stores: SqliteKeyvStore[] = [];

beforeEach(() => {
  now = 1_000;
  dataDir = mkdtempSync(join(tmpdir(), 'groupwise-keyv-'));
});

afterEach(async () => {
  for (const store of stores.splice(0)) await store.disconnect();
  rmSync(dataDir, { recursive: true, force: true });
});

function storeHere(): SqliteKeyvStore {
  const store = new SqliteKeyvStore({ dataDir, now: () => now });
  stores.push(store);
  return store;
}

function countRows(): unknown {
  const database = openDatabase(dataDir, VERDICTS_FILE);
  try {
    return database.prepare('SELECT count(*) AS count FROM entry').get()?.['count'];
  } finally {
    database.close();
  }
}

describe('SqliteKeyvStore', () => {
  it('keeps the namespaces of two keyv instances apart', async () => {
    const [one, two] = ['one', 'two'].map((namespace) => new Keyv({ store: storeHere(), namespace }));
    await one?.set('key', 1);
    await two?.setMany([
      { key: 'key', value: 2 },
      { key: 'other', value: 3 },
    ]);
    expect(await one?.get('key')).toBe(1);
    expect(await two?.getMany(['key', 'other', 'none'])).toEqual([2, 3, undefined]);
    const entries: unknown[] = [];
    for await (const entry of two?.iterator?.(undefined) ?? []) entries.push(entry);
    expect(entries).toEqual([
      ['key', 2],
      ['other', 3],
    ]);
    await two?.clear();
    expect([await one?.has('key'), await two?.has('key')]).toEqual([true, false]);
    expect(await one?.delete('key')).toBe(true);
    expect(await one?.delete('key')).toBe(false);
  });

  it('commits what was set in one turn together, and only then resolves', async () => {
    const store = storeHere();
    const sets = Array.from({ length: 1_000 }, (_, index) => store.set(`k${index}`, 'value'));
    expect(await store.get('k0')).toBeUndefined();
    await sets[0];
    expect(countRows()).toBe(256);
    await Promise.all(sets);
    expect(countRows()).toBe(1_000);
  });

  it('deletes and clears what was set just before', async () => {
    const store = storeHere();
    const sets = [store.set('a', '1'), store.set('b', '2')];
    expect(await store.deleteMany(['a', 'none'])).toBe(true);
    await Promise.all(sets);
    expect(await store.hasMany(['a', 'b'])).toEqual([false, true]);
    const late = store.set('c', '3');
    await store.clear();
    await late;
    expect(countRows()).toBe(0);
  });

  it('gives nothing that has expired, and removes it with later commits', async () => {
    const store = storeHere();
    await store.setMany([
      { key: 'short', value: 's', ttl: 10 },
      { key: 'long', value: 'l', ttl: 1_000 },
    ]);
    await store.set('good', 'g');
    now += 10;
    expect(await store.getMany(['short', 'long', 'good'])).toEqual([undefined, 'l', 'g']);
    expect(countRows()).toBe(3);
    await store.set('next', 'n');
    expect(countRows()).toBe(3);
  });

  it('commits on disconnect what waits, and then refuses', async () => {
    const store = storeHere();
    const set = store.set('key', 'value');
    await store.disconnect();
    await set;
    await expect(store.get('key')).rejects.toThrow('closed');
    expect(await storeHere().get('key')).toBe('value');
  });

  it('says that its file was removed, and begins anew at the next call', async () => {
    const store = storeHere();
    await store.set('old', '1');
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(dataDir, VERDICTS_FILE + suffix));
    await expect(store.set('new', '2')).rejects.toThrow('removed or replaced');
    await store.set('new', '2');
    expect(await storeHere().getMany(['old', 'new'])).toEqual([undefined, '2']);
  });

  it('refuses a file that is no database, and rejects all that waits for it', async () => {
    writeFileSync(join(dataDir, VERDICTS_FILE), 'not a database, but long enough to be one'.repeat(100));
    const store = storeHere();
    const sets = await Promise.allSettled([store.set('a', '1'), store.set('b', '2')]);
    expect(sets.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const opening = openVerdictCache({ url: 'sqlite:', dataDir, now: () => now });
    await expect(opening).rejects.toMatchObject({ code: 'failed_precondition' });
  });
});

describe('KeyvVerdictCache', () => {
  it.each([
    'not JSON',
    'null',
    '7',
    '"text"',
    '[]',
    '{"value":1}',
    '{"value":null}',
    ...[
      { score: 2 },
      { score: -0.1 },
      { score: '1' },
      { score: null },
      { agreement: 0 },
      { cost_usd: -1 },
    ].map((wrong) => JSON.stringify({ value: { ...STORED, ...wrong } })),
    JSON.stringify({ value: { ...STORED, label: undefined } }),
  ])('getMany() makes a miss, and no number, of the stored text %s', async (text) => {
    const cache = await openVerdictCache({ url: 'sqlite:', dataDir, now: () => now });
    try {
      await cache.set('right', verdictWith());
      await storeHere().set('groupwise:wrong', text);
      expect(await cache.getMany(['wrong', 'right'])).toStrictEqual([undefined, verdictWith()]);
      const keys: string[] = [];
      for await (const { key } of cache.entries()) keys.push(key);
      expect(keys).toEqual(['right']);
    } finally {
      await cache.close();
    }
  });
});
