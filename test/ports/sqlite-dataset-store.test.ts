import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { SqliteDatasetStore } from '../../src/adapters/sqlite-dataset-store.ts';
import { collect } from '../support/collect.ts';
import { numberedPairs } from '../support/pairs.ts';
import { testDatasetStore } from './dataset-store.ts';

const FRUIT = {
  name: 'fruit',
  description: '',
  reward: undefined,
  provenance: { source: '', license: '', generator: '' },
};

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'groupwise-datasets-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

function open(): SqliteDatasetStore {
  return new SqliteDatasetStore({ dataDir, now: () => 1_700_000_000_000 });
}

function files(): string[] {
  return readdirSync(join(dataDir, 'datasets')).toSorted();
}

testDatasetStore('SqliteDatasetStore', () => {
  const store = open();
  return { store, close: () => store.close() };
});

describe('SqliteDatasetStore on disk', () => {
  it('SqliteDatasetStore reads after reopening what was committed before', async () => {
    const first = open();
    const writer = await first.create(FRUIT, { replace: false });
    await writer.add(numberedPairs(10));
    const info = await writer.commit();
    first.close();
    const second = open();
    expect(await second.get('fruit')).toEqual(info);
    expect(await collect(second.rows('fruit', info.version))).toEqual(numberedPairs(10));
    second.close();
  });

  it('SqliteDatasetStore refuses a damaged row as data_loss, without repeating a word of it', async () => {
    const store = open();
    const writer = await store.create(FRUIT, { replace: false });
    await writer.add(numberedPairs(2, { groundTruth: { answer: 'the-secret', aliases: [] } }));
    const { version } = await writer.commit();
    const file = new DatabaseSync(join(dataDir, 'datasets', files()[0] ?? ''));
    file.exec(`UPDATE pair SET body = '{"ground_truth": the-secret' WHERE ordinal = 1`);
    file.close();
    const split = await store.openSplit('fruit', version, 'train');
    const refusal = await split?.pairsAt([1]).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'data_loss' });
    expect(inspect(refusal)).not.toContain('the-secret');
    expect(await split?.pairsAt([0])).toHaveLength(1);
    store.close();
  });

  it('SqliteDatasetStore never takes the file of a living writer for garbage', async () => {
    const store = open();
    const writer = await store.create(FRUIT, { replace: false });
    await writer.add(numberedPairs(10));
    const other = open();
    const nuts = await other.create({ ...FRUIT, name: 'nuts' }, { replace: false });
    await nuts.add(numberedPairs(1));
    await nuts.commit();
    other.close();
    await writer.add(numberedPairs(10, {}, 10));
    expect((await writer.commit()).splits).toEqual([{ name: 'train', count: 20 }]);
    store.close();
  });

  it('SqliteDatasetStore removes files that no entry names when the next import starts', async () => {
    const store = open();
    const first = await store.create(FRUIT, { replace: false });
    await first.add(numberedPairs(1));
    await first.commit();
    writeFileSync(join(dataDir, 'datasets', '77.db'), 'an interrupted removal');
    const second = await store.create({ ...FRUIT, name: 'nuts' }, { replace: false });
    expect(files()).toEqual(['1.db', '2.db']);
    await second.abort();
    expect(files()).toEqual(['1.db']);
    store.close();
  });

  it('SqliteDatasetStore keeps nothing of an import that was killed, and cleans up at the next opening', async () => {
    const importer = fileURLToPath(new URL('../support/unfinished-import.ts', import.meta.url));
    const child = spawn(process.execPath, [importer, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve));
    } finally {
      child.kill('SIGKILL');
    }
    expect(await ended).toBe('SIGKILL');
    expect(files()).toEqual(['1.db']);
    expect(statSync(join(dataDir, 'datasets', '1.db')).size).toBeGreaterThan(10_000_000);

    const store = open();
    expect(files()).toEqual([]);
    expect(await store.list()).toEqual([]);
    const writer = await store.create(FRUIT, { replace: false });
    await writer.add(numberedPairs(5));
    expect((await writer.commit()).splits).toEqual([{ name: 'train', count: 5 }]);
    store.close();
  });
});
