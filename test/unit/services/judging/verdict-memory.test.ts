import { describe, expect, it } from 'vitest';
import type { StoredVerdict, VerdictCache } from '../../../../src/ports/verdict-cache.ts';
import { CachedJudge } from '../../../../src/services/judging/cached-judge.ts';
import { VerdictMemory } from '../../../../src/services/judging/verdict-memory.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { CountingJudge, questionWith, verdictWith } from '../../../support/verdicts.ts';

const NEVER = new AbortController().signal;

/** A cache that works, refuses or hangs, as the test says. */
class UnreliableCache implements VerdictCache {
  state: 'works' | 'refuses' | 'hangs' = 'works';
  calls = 0;
  isClosed = false;
  readonly stored = new Map<string, StoredVerdict>();

  getMany(keys: readonly string[]): Promise<readonly (StoredVerdict | undefined)[]> {
    return this.#as(() => keys.map((key) => this.stored.get(key)));
  }

  set(key: string, verdict: StoredVerdict): Promise<void> {
    return this.#as(() => void this.stored.set(key, verdict));
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  #as<Result>(work: () => Result): Promise<Result> {
    this.calls += 1;
    if (this.state === 'hangs') return Promise.withResolvers<Result>().promise;
    return this.state === 'works' ? Promise.resolve(work()) : Promise.reject(new Error('Connection refused'));
  }
}

interface World {
  readonly cache: UnreliableCache;
  readonly clock: FakeClock;
  readonly memory: VerdictMemory;
  readonly judge: CountingJudge;
  readonly cached: CachedJudge;
  readonly logged: string[];
}

function world(): World {
  const [cache, clock, logged] = [new UnreliableCache(), new FakeClock(), new Array<string>()];
  const write = (message: string): void => void logged.push(message);
  const memory = new VerdictMemory({ cache, clock, log: { info: write, warn: write, error: write } });
  const judge = new CountingJudge(() => ({ kind: 'verdict', verdict: verdictWith() }));
  return { cache, clock, memory, judge, cached: new CachedJudge(judge, memory), logged };
}

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(() => setImmediate(resolve)));
  });
}

describe('VerdictMemory', () => {
  it('find() resolves a thousand keys, the same one asked twice among them, in few look-ups', async () => {
    const { cache, memory } = world();
    cache.stored.set('k7', verdictWith({ score: 0.5 }));
    const keys = [...Array.from({ length: 1_000 }, (_, index) => `k${index}`), 'k7'];
    const found = await Promise.all(keys.map((key) => memory.find(key)));
    expect(found.filter((verdict) => verdict !== undefined)).toHaveLength(2);
    expect([found[7]?.score, found[1_000]?.score]).toEqual([0.5, 0.5]);
    expect(cache.calls).toBe(4);
  });

  it('a cache that refuses costs a call to the judge and never a reward; its verdict is not paid for again', async () => {
    const { cache, cached, judge, memory, logged } = world();
    cache.state = 'refuses';
    const first = await cached.judge(questionWith(), NEVER);
    expect(first).toMatchObject({ kind: 'verdict', verdict: { score: 1 } });
    const second = await cached.judge(questionWith(), NEVER);
    expect(second).toMatchObject({ kind: 'verdict', isRemembered: true });
    expect(judge.asked).toHaveLength(1);
    expect(memory.counters).toEqual({ lookupFaults: 1, writeFaults: 0, unwritten: 1, lost: 0 });
    expect(logged).toEqual(['The verdict cache is broken: judges are asked without it']);
  });

  it('a broken cache is left alone for a while, and what waited is written when it is back', async () => {
    const { cache, cached, clock, judge, memory, logged } = world();
    cache.state = 'refuses';
    for (const answer of ['a', 'b', 'c']) await cached.judge(questionWith({ answer }), NEVER);
    expect(cache.calls).toBe(1);
    clock.pass(2_000);
    await settled();
    expect(memory.counters.unwritten).toBe(3);
    cache.state = 'works';
    clock.pass(2_000);
    await settled();
    expect(memory.counters.unwritten).toBe(0);
    expect(cache.stored.size).toBe(3);
    expect(logged.at(-1)).toBe('The verdict cache works again');
    await cached.judge(questionWith({ answer: 'b' }), NEVER);
    expect(judge.asked).toHaveLength(3);
  });

  it('a cache that hangs holds nobody up for longer than its answer time', async () => {
    const { cache, cached, clock, judge, memory } = world();
    cache.state = 'hangs';
    const asking = cached.judge(questionWith(), NEVER);
    await settled();
    expect(judge.asked).toHaveLength(0);
    clock.pass(2_000);
    expect((await asking).kind).toBe('verdict');
    expect(memory.counters).toMatchObject({ lookupFaults: 1, unwritten: 1 });
  });

  it('a write that fails still answers, and is tried again', async () => {
    const { cache, clock, memory } = world();
    const judge = new CountingJudge(() => {
      cache.state = 'refuses';
      return { kind: 'verdict', verdict: verdictWith() };
    });
    expect((await new CachedJudge(judge, memory).judge(questionWith(), NEVER)).kind).toBe('verdict');
    expect(memory.counters).toEqual({ lookupFaults: 0, writeFaults: 1, unwritten: 1, lost: 0 });
    cache.state = 'works';
    clock.pass(2_000);
    await settled();
    expect(cache.stored.size).toBe(1);
  });

  it('close() writes what waits, or says what is lost, and closes the cache', async () => {
    for (const state of ['works', 'refuses'] as const) {
      const { cache, cached, memory, logged } = world();
      cache.state = 'refuses';
      await cached.judge(questionWith(), NEVER);
      cache.state = state;
      await memory.close();
      expect(cache.isClosed).toBe(true);
      expect(cache.stored.size).toBe(state === 'works' ? 1 : 0);
      expect(memory.counters.lost).toBe(state === 'works' ? 0 : 1);
      expect(logged.at(-1)).toMatch(state === 'works' ? /works again/ : /are lost/);
    }
  });
});
