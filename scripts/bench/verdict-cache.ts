// What a verdict cache costs: fills one with verdicts of about 191 bytes, opens it again, and looks them up in random order,
// one by one and 64 at a time, from the database, from memory and through a judge that remembers.
//
// The cache is filled by a process of its own, so that opening and memory are those of a server that starts.
//
//   npx node scripts/bench/verdict-cache.ts [--verdicts 1000000] [--cache sqlite:|redis://…|postgres://…|memory:]

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { verdictToJson } from '../../src/adapters/verdict-cache-codec.ts';
import { openVerdictCache, parseVerdictCacheUrl } from '../../src/adapters/verdict-cache-url.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { VERDICTS_FILE } from '../../src/adapters/sqlite.ts';
import { createRandom } from '../../src/core/random.ts';
import type { StoredVerdict, VerdictArchive, VerdictEntry } from '../../src/ports/verdict-cache.ts';
import { CachedJudge } from '../../src/services/judging/cached-judge.ts';
import type { Judge, JudgeQuestion } from '../../src/services/judging/judge.ts';
import { verdictKey } from '../../src/services/judging/verdict-key.ts';
import { VerdictMemory } from '../../src/services/judging/verdict-memory.ts';

const BATCH = 10_000;
const TOGETHER = 64;
const LOOKUPS = 100_000;

const JUDGE: Judge = {
  name: 'judge',
  model: 'gpt-4.1-mini',
  template: 'equivalence@3-9f86d081',
  sampling: { temperature: 0, maxTokens: 64, votes: 1, seed: 0 },
  judge: () => Promise.reject(new Error('Every verdict is in the cache')),
};

function questionAt(index: number): JudgeQuestion {
  return {
    question: `What is ${index} + 1?`,
    groundTruth: `${index + 1}`,
    aliases: [],
    answer: `${index + 1}`,
  };
}

function verdictAt(index: number): StoredVerdict {
  const { model, template } = JUDGE;
  const usage = { costUsd: 0.000_13, promptTokens: 300 + (index % 100), completionTokens: 8 };
  return {
    score: index % 2,
    label: 'equivalent',
    agreement: 1,
    ...usage,
    model,
    template,
    at: 1_790_000_000_000 + index,
  };
}

function show(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(52)} ${value}\n`);
}

function rate(count: number, ms: number): string {
  return `${Math.round((count / ms) * 1000).toLocaleString('en-US')}/s (${((ms * 1000) / count).toFixed(2)} µs each)`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

setFlagsFromString('--expose-gc');
// V8 makes the collector a global of contexts that are new.
const collect: unknown = runInNewContext('gc');

function memoryBytes(): number {
  if (typeof collect === 'function') collect();
  return process.memoryUsage().rss;
}

async function measureLookups(name: string, cache: VerdictArchive, keys: readonly string[]): Promise<void> {
  let missed = 0;
  const start = performance.now();
  for (const key of keys) if ((await cache.getMany([key]))[0] === undefined) missed += 1;
  const middle = performance.now();
  for (let from = 0; from < keys.length; from += TOGETHER) {
    const found = await cache.getMany(keys.slice(from, from + TOGETHER));
    missed += found.filter((verdict) => verdict === undefined).length;
  }
  const end = performance.now();
  if (missed > 0) throw new Error(`${missed} verdicts are missing in ${name}`);
  show(`${name}, one by one`, rate(keys.length, middle - start));
  show(`${name}, ${TOGETHER} at a time`, rate(keys.length, end - middle));
}

async function measureJudge(cache: VerdictArchive, indexes: readonly number[]): Promise<void> {
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const judge = new CachedJudge(JUDGE, new VerdictMemory({ cache, clock: new SystemClock(), log: silent }));
  const { signal } = new AbortController();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  for (let from = 0; from < indexes.length; from += TOGETHER) {
    const asked = indexes.slice(from, from + TOGETHER);
    await Promise.all(asked.map((index) => judge.judge(questionAt(index), signal)));
  }
  const ms = performance.now() - start;
  delay.disable();
  if (judge.counters.misses > 0) throw new Error('The judge was asked');
  show(`CachedJudge.judge(), ${TOGETHER} at a time, key and all`, rate(indexes.length, ms));
  show('event loop delay while it runs, p99', `${(delay.percentile(99) / 1e6).toFixed(1)} ms`);
}

async function fill(cache: VerdictArchive, count: number): Promise<void> {
  const start = performance.now();
  for (let from = 0; from < count; from += BATCH) {
    const entries = Array.from({ length: Math.min(BATCH, count - from) }, (_, offset): VerdictEntry => {
      const index = from + offset;
      return { key: verdictKey(JUDGE, questionAt(index)), verdict: verdictAt(index) };
    });
    await cache.setMany(entries);
  }
  show('filled, many at a time', rate(count, performance.now() - start));
}

/** As a judge does it: each verdict waits for its own write, 64 of them under way. */
async function measureWrites(cache: VerdictArchive): Promise<void> {
  const start = performance.now();
  const writes = 20_000;
  for (let from = 0; from < writes; from += TOGETHER) {
    const keys = Array.from({ length: TOGETHER }, (_, offset) =>
      createHash('sha256')
        .update(`w${from + offset}`)
        .digest('base64url'),
    );
    await Promise.all(keys.map((key, offset) => cache.set(key, verdictAt(offset))));
  }
  show(`written, ${TOGETHER} under way`, rate(writes, performance.now() - start));
}

async function run(options: {
  readonly count: number;
  readonly url: string;
  readonly dataDir: string;
}): Promise<void> {
  const { count, url, dataDir } = options;
  const { kind } = parseVerdictCacheUrl(url);
  const open = (parameters: string): Promise<VerdictArchive> =>
    openVerdictCache({ url: url + parameters, dataDir, now: () => Date.now() });
  const random = createRandom(1);
  const indexes = Array.from({ length: LOOKUPS }, () => random.below(count));
  const keys = indexes.map((index) => verdictKey(JUDGE, questionAt(index)));
  const before = memoryBytes();
  const start = performance.now();
  let cache = await open(kind === 'memory' ? '' : '?entries=1');
  show('opened, first look-up included', `${(performance.now() - start).toFixed(1)} ms`);
  if (kind === 'sqlite') show('file', megabytes(statSync(join(dataDir, VERDICTS_FILE)).size));
  if (kind === 'memory') await fill(cache, count);
  await measureLookups(kind, cache, keys);
  await measureJudge(cache, indexes);
  show('memory that the process gained', megabytes(memoryBytes() - before));
  if (kind !== 'memory') {
    await measureWrites(cache);
    await cache.close();
    cache = await open('');
    for (let from = 0; from < keys.length; from += TOGETHER)
      await cache.getMany(keys.slice(from, from + TOGETHER));
    await measureLookups(`memory in front of ${kind}`, cache, keys);
    await measureJudge(cache, indexes);
  }
  if (kind === 'redis' || kind === 'postgres') await cache.clear();
  await cache.close();
}

const { values } = parseArgs({
  options: { verdicts: { type: 'string' }, cache: { type: 'string' }, fill: { type: 'string' } },
});
const count = Number(values.verdicts ?? 1_000_000);
const url = values.cache ?? 'sqlite:';
if (values.fill !== undefined) {
  const cache = await openVerdictCache({ url, dataDir: values.fill, now: () => Date.now() });
  await fill(cache, count);
  await cache.close();
} else {
  const dataDir = mkdtempSync(join(tmpdir(), 'groupwise-bench-verdicts-'));
  const bytes = JSON.stringify(verdictToJson(verdictAt(123_456))).length;
  show('verdicts', `${count.toLocaleString('en-US')} of ${bytes} bytes`);
  try {
    if (parseVerdictCacheUrl(url).kind !== 'memory') {
      const args = ['--verdicts', String(count), '--cache', url, '--fill', dataDir];
      execFileSync(process.execPath, [import.meta.filename, ...args], { stdio: 'inherit' });
    }
    await run({ count, url, dataDir });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
