// Verdicts in memory, bounded by number and by bytes: the least recently used go first. A cache of its own for tests and
// throw-away runs, and what stands in front of every other cache.

import { LRUCache } from 'lru-cache';

import type { StoredVerdict, VerdictArchive, VerdictEntry } from '../ports/verdict-cache.ts';
import type { Expiry } from './verdict-expiry.ts';

export interface MemoryBounds {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

/** Measured: what an entry adds to the process in a million of them (key, verdict, place in the order), without its reason. */
const ENTRY_BYTES = 440;

export class MemoryVerdictCache implements VerdictArchive {
  readonly kind = 'memory';
  readonly #entries: LRUCache<string, StoredVerdict>;
  readonly #expiry: Expiry;

  constructor(bounds: MemoryBounds, expiry: Expiry) {
    this.#entries = new LRUCache({
      max: bounds.entriesMax,
      maxSize: bounds.bytesMax,
      sizeCalculation: bytesOf,
    });
    this.#expiry = expiry;
  }

  /** Entries that are there, expired ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** One verdict, without a promise. */
  get(key: string): StoredVerdict | undefined {
    const verdict = this.#entries.get(key);
    if (verdict === undefined || !this.#expiry.hasExpired(verdict)) return verdict;
    this.#entries.delete(key);
    return undefined;
  }

  put(key: string, verdict: StoredVerdict): void {
    this.#entries.set(key, verdict);
  }

  getMany(keys: readonly string[]): Promise<readonly (StoredVerdict | undefined)[]> {
    return Promise.resolve(keys.map((key) => this.get(key)));
  }

  /** Nothing in memory outlives the process: this keeps the promise of the port only as far as memory can. */
  set(key: string, verdict: StoredVerdict): Promise<void> {
    this.put(key, verdict);
    return Promise.resolve();
  }

  setMany(entries: readonly VerdictEntry[]): Promise<void> {
    for (const { key, verdict } of entries) this.put(key, verdict);
    return Promise.resolve();
  }

  deleteMany(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#entries.delete(key);
    return Promise.resolve();
  }

  async *entries(): AsyncGenerator<VerdictEntry> {
    for (const [key, verdict] of this.#entries.entries()) {
      if (!this.#expiry.hasExpired(verdict)) yield { key, verdict };
    }
  }

  clear(): Promise<void> {
    this.#entries.clear();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.clear();
  }
}

/** Label, model and template are shared by many verdicts; a reason is not. */
function bytesOf(verdict: StoredVerdict): number {
  return ENTRY_BYTES + 2 * (verdict.reason?.length ?? 0);
}
