import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { openVerdictCache } from '../../src/adapters/verdict-cache-url.ts';
import { CachedJudge } from '../../src/services/judging/cached-judge.ts';
import { VerdictMemory } from '../../src/services/judging/verdict-memory.ts';
import { type Ended, runCommandLine } from '../support/command-line.ts';
import { hasRedis, startRedis } from '../support/database-servers.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { CountingJudge, questionWith, verdictWith } from '../support/verdicts.ts';

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };
const ANSWERS = Array.from({ length: 1_234 }, (_, index) => String(index));

const DECOMPRESS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  '.jsonl.gz': gunzipSync,
  '.jsonl.zst': zstdDecompressSync,
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-cache-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function cache(...args: string[]): Promise<Ended> {
  return runCommandLine('cache', ...args);
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await cache(...args, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Asks all questions of the judge of `template`, over the cache at `url`; how many calls that took. */
async function callsOf(url: string, dataDir: string, template = 'equivalence@3-9f86d081'): Promise<number> {
  const clock = new FakeClock();
  const judge = new CountingJudge(
    ({ answer }) => ({ kind: 'verdict', verdict: verdictWith({ template, promptTokens: Number(answer) }) }),
    template,
  );
  const opened = await openVerdictCache({ url, dataDir, now: () => clock.now() });
  const memory = new VerdictMemory({ cache: opened, clock, log: SILENT });
  const cached = new CachedJudge(judge, memory);
  const { signal } = new AbortController();
  const outcomes = await Promise.all(ANSWERS.map((answer) => cached.judge(questionWith({ answer }), signal)));
  for (const [index, outcome] of outcomes.entries())
    expect(outcome).toMatchObject({ kind: 'verdict', verdict: { promptTokens: index } });
  await memory.close();
  return judge.asked.length;
}

describe('groupwise cache', () => {
  it.each(['.jsonl', '.jsonl.gz', '.jsonl.zst'])(
    'export and import carry all verdicts over (%s)',
    async (name) => {
      const [one, two, file] = [join(folder, 'one'), join(folder, 'two'), join(folder, `verdicts${name}`)];
      expect(await callsOf('sqlite:', one)).toBe(ANSWERS.length);
      expect(await json('export', file, '--data', one)).toMatchObject({ verdicts: ANSWERS.length });
      expect(await json('import', file, '--data', two)).toEqual({ file, verdicts: ANSWERS.length });
      expect(await callsOf('sqlite:', two)).toBe(0);
      expect(await callsOf('sqlite:', two, 'equivalence@4-9f86d081')).toBe(ANSWERS.length);
      const decompress = DECOMPRESS[name] ?? ((bytes: Buffer): Buffer => bytes);
      const lines = decompress(readFileSync(file)).toString().trimEnd().split('\n');
      expect(lines).toHaveLength(ANSWERS.length);
    },
  );

  it('stats looks into the cache that the file of scorers names, unless another one is named', async () => {
    const [data, scorers] = [join(folder, 'data'), join(folder, 'scorers.yaml')];
    await callsOf('sqlite:', data);
    writeFileSync(scorers, 'cache: "sqlite:?ttl=1s"\n');
    expect(await json('stats', '--data', data)).toMatchObject({ verdicts: ANSWERS.length });
    expect(await json('stats', '--data', data, '--scorers', scorers)).toMatchObject({ verdicts: 0 });
    const both = ['--scorers', scorers, '--cache', 'sqlite:'];
    expect(await json('stats', '--data', data, ...both)).toMatchObject({ verdicts: ANSWERS.length });
    vi.stubEnv('GROUPWISE_SCORERS', scorers);
    try {
      expect(await json('stats', '--data', data)).toMatchObject({ verdicts: 0 });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it.runIf(hasRedis())('verdicts move from a file to Redis, where it is installed', async () => {
    const [data, file] = [join(folder, 'data'), join(folder, 'verdicts.jsonl.zst')];
    await callsOf('sqlite:', data);
    await json('export', file, '--data', data);
    const server = await startRedis();
    try {
      await json('import', file, '--cache', server.url);
      expect(await callsOf(server.url, data)).toBe(0);
      expect(await json('stats', '--cache', server.url)).toMatchObject({ kind: 'redis', verdicts: 1_234 });
      expect(await json('clear', '--all', '--cache', server.url)).toEqual({ verdicts_removed: 1_234 });
      expect(await callsOf(server.url, data)).toBe(1_234);
    } finally {
      await server.remove();
    }
  });

  it('stats counts by template and adds up what was paid', async () => {
    await callsOf('sqlite:', folder);
    await callsOf('sqlite:', folder, 'equivalence@4-00000000');
    const stats = await json('stats', '--data', folder);
    expect(stats).toMatchObject({
      kind: 'sqlite',
      verdicts: 2_468,
      cost_unknown: 0,
      oldest: '2026-01-01T00:00:00.000Z',
      by_template: [
        { template: 'equivalence@3-9f86d081', model: 'gpt-4.1-mini', verdicts: 1_234 },
        { template: 'equivalence@4-00000000', model: 'gpt-4.1-mini', verdicts: 1_234 },
      ],
    });
    expect(stats['cost_usd']).toBeCloseTo(2_468 * 0.000_132, 9);
    expect((await cache('stats', '--data', folder)).stdout).toMatch(
      /^2,468 verdicts in sqlite, [\d,]+ KiB\n/,
    );
  });

  it('clear removes what it names and nothing else', async () => {
    for (const template of ['equivalence@3-9f86d081', 'equivalence@30-9f86d081', 'rubric@1-0']) {
      await callsOf('sqlite:', folder, template);
    }
    const removed = async (...args: string[]): Promise<unknown> =>
      (await json('clear', ...args, '--data', folder))['verdicts_removed'];
    expect(await removed('--template', 'equivalence@3', '--model', 'other')).toBe(0);
    expect(await removed('--template', 'equivalence@3')).toBe(1_234);
    expect(await removed('--template', 'rubric')).toBe(1_234);
    expect(await callsOf('sqlite:', folder, 'equivalence@30-9f86d081')).toBe(0);
    expect(await removed('--all')).toBe(1_234);
    expect(await callsOf('sqlite:', folder, 'equivalence@30-9f86d081')).toBe(1_234);
  });

  it.each([
    [['clear'], 2, 'say --all, or --template or --model'],
    [['clear', '--all', '--model', 'm'], 2, 'say --all, or --template or --model'],
    [['stats', '--cache', 'memory:'], 2, 'gone with the process'],
    [['stats', '--cache', 'mysql://db'], 2, 'none of the kinds'],
    [['stats'], 1, 'There are no verdicts in'],
    [['stats', '--cache', 'redis://127.0.0.1:1'], 1, 'ECONNREFUSED'],
    [['export', 'verdicts.csv'], 1, 'There are no verdicts in'],
    [['import', 'nowhere.jsonl'], 1, 'no such file'],
  ])('groupwise cache %j ends with a word', async (args, status, why) => {
    const ended = await cache(...args, '--data', join(folder, 'data'));
    expect(ended.stderr).toContain(why);
    expect(ended.status).toBe(status);
  });

  it.each([['stats'], ['export', 'verdicts.jsonl'], ['clear', '--all']])(
    'groupwise cache %j makes no cache where there is none',
    async (...args) => {
      await cache(...args, '--data', join(folder, 'data'));
      expect(existsSync(join(folder, 'data'))).toBe(false);
    },
  );

  it('import names the first line that is no verdict, and export never overwrites unasked', async () => {
    const [data, file] = [join(folder, 'data'), join(folder, 'verdicts.jsonl')];
    await callsOf('sqlite:', data);
    await cache('export', file, '--data', data);
    expect(await cache('export', file, '--data', data)).toMatchObject({ status: 1 });
    expect(await cache('export', file, '--overwrite', '--data', data)).toMatchObject({ status: 0 });
    const lines = readFileSync(file, 'utf8').split('\n');
    for (const wrong of [
      lines[2]?.replace('"score":1', '"score":1.5'),
      lines[2]?.replace(/"key":"/, '$&!'),
      '{"score"',
    ]) {
      writeFileSync(file, [...lines.slice(0, 2), wrong, ...lines.slice(3)].join('\n'));
      const ended = await cache('import', file, '--data', data);
      expect(ended.stderr).toContain('line 3 ');
      expect(ended.status).toBe(1);
    }
  });
});
