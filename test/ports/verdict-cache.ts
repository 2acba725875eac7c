// What every verdict cache must do. `reopen` is what a new process would do: the same storage, no memory.

import { afterEach, describe, expect, it } from 'vitest';
import type { VerdictArchive, VerdictEntry } from '../../src/ports/verdict-cache.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { verdictWith } from '../support/verdicts.ts';

export interface VerdictCacheWorld {
  open(options: { readonly parameters: string; readonly clock: FakeClock }): Promise<VerdictArchive>;
  /** False: nothing outlives the cache. */
  readonly lasts: boolean;
}

const HOUR_MS = 3_600_000;
/** Keys as `verdictKey` makes them: 43 characters of base64url. */
const keyAt = (index: number): string => `k-_${String(index).padStart(40, '0')}`;

export function describeVerdictCache(name: string, world: VerdictCacheWorld): void {
  const opened: VerdictArchive[] = [];
  const clock = new FakeClock();

  async function open(parameters = ''): Promise<VerdictArchive> {
    const cache = await world.open({ parameters, clock });
    opened.push(cache);
    return cache;
  }

  async function reopen(cache: VerdictArchive, parameters = ''): Promise<VerdictArchive> {
    await cache.close();
    opened.splice(opened.indexOf(cache), 1);
    return open(parameters);
  }

  afterEach(async () => {
    for (const cache of opened.splice(0)) {
      await cache.clear();
      await cache.close();
    }
  });

  describe(`${name} as a verdict cache`, () => {
    it('getMany() answers in the order of the keys, undefined for what is not there', async () => {
      const cache = await open();
      const [first, second] = [verdictWith({ score: 0 }), verdictWith({ score: 0.5, reason: undefined })];
      await cache.set(keyAt(1), first);
      await cache.set(keyAt(2), second);
      const keys = [keyAt(2), keyAt(9), keyAt(1), keyAt(2)];
      expect(await cache.getMany(keys)).toStrictEqual([second, undefined, first, second]);
      expect(await cache.getMany([])).toEqual([]);
    });

    it('set() keeps every field to the last digit, odd texts and unknown costs included', async () => {
      const cache = await open();
      const odd = verdictWith({
        score: 0.1 + 0.2,
        agreement: 2 / 3,
        costUsd: null,
        label: ':base64:not',
        reason: 'quotes " \\ \u0000 \n, 漢字, 😀, and :colons',
        at: Date.UTC(2026, 0, 1) + 1,
      });
      await cache.set(keyAt(1), odd);
      expect(await cache.getMany([keyAt(1)])).toStrictEqual([odd]);
    });

    it('set() of a known key replaces its verdict', async () => {
      const cache = await open();
      await cache.set(keyAt(1), verdictWith({ score: 0 }));
      await cache.set(keyAt(1), verdictWith({ score: 1 }));
      expect((await cache.getMany([keyAt(1)]))[0]?.score).toBe(1);
    });

    it('setMany() writes many at once; of two with one key the later stays', async () => {
      const cache = await open();
      await cache.setMany([]);
      const entries = Array.from({ length: 600 }, (_, index) => ({
        key: keyAt(index),
        verdict: verdictWith({ promptTokens: index }),
      }));
      await cache.setMany([...entries, { key: keyAt(3), verdict: verdictWith({ promptTokens: 9_999 }) }]);
      const found = await cache.getMany(entries.map(({ key }) => key));
      expect(found.map((verdict) => verdict?.promptTokens)).toEqual(
        entries.map((_, index) => (index === 3 ? 9_999 : index)),
      );
    });

    it('entries() gives each entry, many pages of them', async () => {
      const cache = await open();
      const entries = Array.from({ length: 2_345 }, (_, index) => ({
        key: keyAt(index),
        verdict: verdictWith({ promptTokens: index }),
      }));
      await cache.setMany(entries);
      const found = new Map((await all(cache)).map(({ key, verdict }) => [key, verdict.promptTokens]));
      expect(found).toEqual(new Map(entries.map(({ key, verdict }) => [key, verdict.promptTokens])));
    });

    it('deleteMany() removes what it names and nothing else; clear() removes all', async () => {
      const cache = await open();
      for (const index of [1, 2, 3]) await cache.set(keyAt(index), verdictWith());
      await cache.deleteMany([keyAt(1), keyAt(8)]);
      await cache.deleteMany([]);
      expect((await all(cache)).map(({ key }) => key).toSorted()).toEqual([keyAt(2), keyAt(3)]);
      await cache.clear();
      expect(await all(cache)).toEqual([]);
      expect(await cache.getMany([keyAt(2)])).toEqual([undefined]);
    });

    it('a verdict older than its time to live is gone, whenever it was written', async () => {
      const cache = await open('?ttl=1h');
      const at = clock.now();
      await cache.set(keyAt(1), verdictWith({ at }));
      await cache.set(keyAt(2), verdictWith({ at: at - HOUR_MS / 2 }));
      await cache.setMany([{ key: keyAt(3), verdict: verdictWith({ at: at - HOUR_MS }) }]);
      const there = async (): Promise<readonly boolean[]> =>
        (await cache.getMany([keyAt(1), keyAt(2), keyAt(3)])).map((verdict) => verdict !== undefined);
      expect(await there()).toEqual([true, true, false]);
      clock.pass(HOUR_MS / 2);
      expect(await there()).toEqual([true, false, false]);
      clock.pass(HOUR_MS / 2 - 1);
      expect(await there()).toEqual([true, false, false]);
      clock.pass(1);
      expect(await there()).toEqual([false, false, false]);
      expect(await all(cache)).toEqual([]);
    });

    it.runIf(world.lasts)('what set() resolved for is there after a new start', async () => {
      const cache = await open();
      const verdict = verdictWith({ score: 0.25 });
      await cache.set(keyAt(1), verdict);
      const again = await reopen(cache);
      expect(await again.getMany([keyAt(1)])).toStrictEqual([verdict]);
      const entries: readonly VerdictEntry[] = await all(again);
      expect(entries).toEqual([{ key: keyAt(1), verdict }]);
    });

    it.runIf(world.lasts)('an expired verdict stays gone after a new start', async () => {
      const cache = await open('?ttl=1h');
      await cache.set(keyAt(1), verdictWith({ at: clock.now() }));
      clock.pass(HOUR_MS);
      expect(await (await reopen(cache, '?ttl=1h')).getMany([keyAt(1)])).toEqual([undefined]);
    });
  });
}

async function all(cache: VerdictArchive): Promise<readonly VerdictEntry[]> {
  const found: VerdictEntry[] = [];
  for await (const entry of cache.entries()) found.push(entry);
  return found;
}
