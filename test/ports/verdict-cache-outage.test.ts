// Databases that go away while verdicts are bought: askings go on, nothing that was bought is bought again, and what was
// bought meanwhile is in the database when it is back.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { VERDICTS_FILE } from '../../src/adapters/sqlite.ts';
import { openVerdictCache } from '../../src/adapters/verdict-cache-url.ts';
import { CachedJudge } from '../../src/services/judging/cached-judge.ts';
import { VerdictMemory } from '../../src/services/judging/verdict-memory.ts';
import {
  cutConnections,
  type DatabaseServer,
  hasPostgres,
  hasRedis,
  startPostgres,
  startRedis,
} from '../support/database-servers.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { CountingJudge, questionWith, verdictWith } from '../support/verdicts.ts';

const NEVER = new AbortController().signal;
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };
/** No verdict stays in front: each look-up goes to the database. */
const NO_FRONT = '?entries=1';
const PAUSE_MS = 2_000;
const TRIES_MAX = 500;

interface Database {
  readonly name: string;
  readonly isThere: boolean;
  open(): Promise<{
    readonly url: string;
    break(): Promise<void>;
    mend(): Promise<void>;
    end(): Promise<void>;
  }>;
  /** Whether what was written before the fault is there after it. */
  readonly keeps: boolean;
}

const dataDir = mkdtempSync(join(tmpdir(), 'groupwise-outage-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

async function serverDatabase(start: () => Promise<DatabaseServer>): ReturnType<Database['open']> {
  const server = await start();
  return {
    url: server.url,
    break: () => server.kill(),
    mend: () => server.restart(),
    end: () => server.remove(),
  };
}

const DATABASES: readonly Database[] = [
  { name: 'redis', isThere: hasRedis(), keeps: true, open: () => serverDatabase(startRedis) },
  { name: 'postgres', isThere: hasPostgres(), keeps: true, open: () => serverDatabase(startPostgres) },
  {
    name: 'sqlite',
    isThere: true,
    keeps: false,
    open: () =>
      Promise.resolve({
        url: 'sqlite:',
        break: () => {
          for (const suffix of ['', '-wal', '-shm']) rmSync(join(dataDir, VERDICTS_FILE + suffix));
          return Promise.resolve();
        },
        mend: () => Promise.resolve(),
        end: () => Promise.resolve(),
      }),
  },
];

describe('VerdictMemory', () => {
  it.for(DATABASES)(
    'VerdictMemory goes on without $name when it is gone, and with it when it is back',
    async ({ isThere, keeps, ...engine }, { skip }) => {
      if (!isThere) skip('its server is not installed');
      const database = await engine.open();
      const clock = new FakeClock();
      const cache = await openVerdictCache({
        url: database.url + NO_FRONT,
        dataDir,
        now: () => clock.now(),
      });
      const memory = new VerdictMemory({ cache, clock, log: SILENT });
      const judge = new CountingJudge(({ answer }) => ({
        kind: 'verdict',
        verdict: verdictWith({ score: Number(answer) / 10, at: clock.now() }),
      }));
      const cached = new CachedJudge(judge, memory);
      const ask = async (answer: number): Promise<void> => {
        const outcome = await cached.judge(questionWith({ answer: String(answer) }), NEVER);
        expect(outcome).toMatchObject({ kind: 'verdict', verdict: { score: answer / 10 } });
      };
      try {
        for (const answer of [1, 2, 3]) await ask(answer);
        await database.break();
        for (const answer of [4, 5, 4, 5]) await ask(answer);
        expect(judge.asked).toHaveLength(5);
        expect(memory.counters).toMatchObject({ unwritten: 2, lost: 0 });

        await database.mend();
        await until(() => {
          clock.pass(PAUSE_MS);
          return memory.counters.unwritten === 0;
        });
        for (const answer of [1, 2, 3, 4, 5]) await ask(answer);
        expect(judge.asked).toHaveLength(keeps ? 5 : 8);
        for (const answer of [1, 2, 3, 4, 5]) await ask(answer);
        expect(judge.asked).toHaveLength(keeps ? 5 : 8);
      } finally {
        await memory.close();
        await database.end();
      }
    },
  );
});

describe.skipIf(!hasPostgres())('PostgreSQL, where it is installed', () => {
  it('openVerdictCache() outlives idle connections that PostgreSQL ends', async () => {
    const server = await startPostgres();
    const cache = await openVerdictCache({ url: server.url + NO_FRONT, dataDir, now: () => 0 });
    try {
      await cache.set('key', verdictWith());
      cutConnections(server.url);
      await turns(10);
      expect(await cache.getMany(['key'])).toStrictEqual([verdictWith()]);
    } finally {
      await cache.close();
      await server.remove();
    }
  });
});

async function turns(count: number): Promise<void> {
  let left = count;
  await until(() => left-- === 0);
}

/** Waits for real sockets and processes: lets the event loop turn between two looks. */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries === TRIES_MAX) throw new Error('It does not come');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
