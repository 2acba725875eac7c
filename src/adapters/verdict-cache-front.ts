// Memory in front of a cache that lasts: what was looked up or bought lately costs no trip to the database. It never answers
// a write: a verdict is here only when it is there.

import type { StoredVerdict, VerdictArchive, VerdictEntry } from '../ports/verdict-cache.ts';
import type { MemoryVerdictCache } from './verdict-cache-memory.ts';

export class FrontedVerdictCache implements VerdictArchive {
  readonly #front: MemoryVerdictCache;
  readonly #back: VerdictArchive;

  constructor(front: MemoryVerdictCache, back: VerdictArchive) {
    this.#front = front;
    this.#back = back;
  }

  get kind(): string {
    return this.#back.kind;
  }

  async getMany(keys: readonly string[]): Promise<readonly (StoredVerdict | undefined)[]> {
    const found = keys.map((key) => this.#front.get(key));
    const missing = keys.filter((_, index) => found[index] === undefined);
    if (missing.length === 0) return found;
    const fetched = await this.#back.getMany(missing);
    let next = 0;
    return found.map((verdict, index) => {
      if (verdict !== undefined) return verdict;
      const [key, late] = [keys[index], fetched[next++]];
      if (key !== undefined && late !== undefined) this.#front.put(key, late);
      return late;
    });
  }

  async set(key: string, verdict: StoredVerdict): Promise<void> {
    await this.#back.set(key, verdict);
    this.#front.put(key, verdict);
  }

  async setMany(entries: readonly VerdictEntry[]): Promise<void> {
    await this.#front.deleteMany(entries.map(({ key }) => key));
    await this.#back.setMany(entries);
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    await this.#front.deleteMany(keys);
    await this.#back.deleteMany(keys);
  }

  entries(): AsyncIterable<VerdictEntry> {
    return this.#back.entries();
  }

  async clear(): Promise<void> {
    await this.#front.clear();
    await this.#back.clear();
  }

  async close(): Promise<void> {
    await this.#front.close();
    await this.#back.close();
  }
}
