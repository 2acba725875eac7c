// What stands between judges and the verdict cache: looks up what was asked in one turn of the event loop at once, and
// keeps the run going when the cache fails. A cache that is broken, hung or gone costs money (judges are asked again for what
// cannot be looked up) and never a reward: it is no verdict and no fault. What could not be written waits here, answers
// askings in the meantime, and is written when the cache is back.

import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { StoredVerdict, VerdictCache } from '../../ports/verdict-cache.ts';

/** Look-ups that go to the cache together: more would hold up the event loop where the cache works on it. */
const LOOKUPS_AT_ONCE = 256;
/** How long the cache may take for an answer; after that it counts as broken. */
const ANSWER_MS = 2_000;
/** How long a broken cache is left alone. */
const PAUSE_MS = 2_000;
/** Verdicts that may wait for a broken cache, all judges together: some 30 MB. */
const UNWRITTEN_MAX = 65_536;

/** Since the start, but for `unwritten`. */
export interface VerdictMemoryCounters {
  /** Failed, late, or not tried because the cache was known to be broken: those judges were asked. */
  readonly lookupFaults: number;
  readonly writeFaults: number;
  /** Verdicts that wait for the cache now: in memory only. */
  readonly unwritten: number;
  /** Verdicts that the cache will never get: too many waited, or it was still broken at the end. */
  readonly lost: number;
}

type Lookup = PromiseWithResolvers<StoredVerdict | undefined>;

export class VerdictMemory {
  readonly #cache: VerdictCache;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #defer: (run: () => void) => void;
  #lookups = new Map<string, Lookup>();
  readonly #unwritten = new Map<string, StoredVerdict>();
  readonly #counters = { lookupFaults: 0, writeFaults: 0, lost: 0 };
  /** Set while the cache is broken: when to try it again. */
  #brokenUntil: number | undefined;
  #cancelRetry: (() => void) | undefined;

  /** @param options.defer runs a look-up a little later, when the askings of this turn have come. */
  constructor(options: {
    readonly cache: VerdictCache;
    readonly clock: Clock;
    readonly log: Log;
    readonly defer?: (run: () => void) => void;
  }) {
    this.#cache = options.cache;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#defer = options.defer ?? setImmediate;
  }

  get counters(): VerdictMemoryCounters {
    return { ...this.#counters, unwritten: this.#unwritten.size };
  }

  /** Undefined also where the cache could not say. Never rejects. */
  find(key: string): Promise<StoredVerdict | undefined> {
    const unwritten = this.#unwritten.get(key);
    if (unwritten !== undefined) return Promise.resolve(unwritten);
    const running = this.#lookups.get(key);
    if (running !== undefined) return running.promise;
    const lookup: Lookup = Promise.withResolvers();
    this.#lookups.set(key, lookup);
    if (this.#lookups.size === 1) this.#defer(() => this.#lookUp());
    return lookup.promise;
  }

  /** Resolves when a crash cannot lose the verdict, or when the cache is broken and it waits here. Never rejects. */
  async keep(key: string, verdict: StoredVerdict): Promise<void> {
    if (this.#isResting()) return this.#wait(key, verdict);
    try {
      await this.#inTime(this.#cache.set(key, verdict));
      this.#works();
    } catch (error) {
      this.#counters.writeFaults += 1;
      this.#wait(key, verdict);
      this.#breaks(error);
    }
  }

  /** Writes what waits, and closes the cache. What cannot be written even now is lost, and said. */
  async close(): Promise<void> {
    this.#cancelRetry?.();
    this.#endRest();
    await this.#writeWaiting();
    this.#cancelRetry?.();
    const count = this.#unwritten.size;
    this.#counters.lost += count;
    if (count > 0) this.#log.error('Verdicts are lost: the verdict cache cannot be written', { count });
    await this.#cache.close();
  }

  #lookUp(): void {
    const taken = [...this.#lookups].slice(0, LOOKUPS_AT_ONCE);
    for (const [key] of taken) this.#lookups.delete(key);
    if (this.#lookups.size > 0) this.#defer(() => this.#lookUp());
    void this.#answer(new Map(taken));
  }

  async #answer(lookups: ReadonlyMap<string, Lookup>): Promise<void> {
    let found: readonly (StoredVerdict | undefined)[] = [];
    if (this.#isResting()) {
      this.#counters.lookupFaults += lookups.size;
    } else {
      try {
        found = await this.#inTime(this.#cache.getMany([...lookups.keys()]));
        this.#works();
      } catch (error) {
        this.#counters.lookupFaults += lookups.size;
        this.#breaks(error);
      }
    }
    let index = 0;
    for (const lookup of lookups.values()) lookup.resolve(found[index++]);
  }

  async #inTime<Result>(work: Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const cancel = this.#clock.after(ANSWER_MS, () => {
      late.reject(new Error(`The verdict cache did not answer within ${ANSWER_MS} ms`));
    });
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      cancel();
    }
  }

  #isResting(): boolean {
    return this.#brokenUntil !== undefined && this.#clock.now() < this.#brokenUntil;
  }

  /** Broken still, as far as is known, but worth a try. */
  #endRest(): void {
    if (this.#brokenUntil !== undefined) this.#brokenUntil = this.#clock.now();
  }

  #breaks(error: unknown): void {
    // Once an outage, however many askings meet it.
    if (this.#brokenUntil === undefined) {
      this.#log.warn('The verdict cache is broken: judges are asked without it', { error });
    }
    this.#brokenUntil = this.#clock.now() + PAUSE_MS;
    this.#retryLater();
  }

  #works(): void {
    if (this.#brokenUntil === undefined) return;
    this.#brokenUntil = undefined;
    this.#log.info('The verdict cache works again', { ...this.counters });
  }

  #wait(key: string, verdict: StoredVerdict): void {
    if (this.#unwritten.size < UNWRITTEN_MAX || this.#unwritten.has(key)) this.#unwritten.set(key, verdict);
    else this.#counters.lost += 1;
    this.#retryLater();
  }

  /** What waits must get there even when nobody asks any more. */
  #retryLater(): void {
    if (this.#cancelRetry !== undefined) return;
    this.#cancelRetry = this.#clock.after(PAUSE_MS, () => {
      this.#cancelRetry = undefined;
      this.#endRest();
      void this.#writeWaiting();
    });
  }

  async #writeWaiting(): Promise<void> {
    while (this.#unwritten.size > 0 && !this.#isResting()) {
      const some = [...this.#unwritten].slice(0, LOOKUPS_AT_ONCE);
      try {
        await this.#inTime(Promise.all(some.map(([key, verdict]) => this.#cache.set(key, verdict))));
        for (const [key] of some) this.#unwritten.delete(key);
        this.#works();
      } catch (error) {
        this.#counters.writeFaults += some.length;
        this.#breaks(error);
      }
    }
  }
}
