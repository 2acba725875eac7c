// A map from stretches of words to small numbers for millions of them: hashes of 64 bits in flat arrays, an eighth of what a
// `Map` of texts needs. Two texts of one hash are taken for the same: at 10⁸ entries that is once in 2,000 tables.

import { hash32 } from './words.ts';

const FIRST_SLOTS = 1024;
/** Share of the slots that may be taken before the table grows. */
const LOAD_MAX = 0.6;

export class GramTable {
  #high = new Uint32Array(FIRST_SLOTS);
  #low = new Uint32Array(FIRST_SLOTS);
  /** 0: free; else the value and 1. */
  #values = new Uint32Array(FIRST_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Keeps the first value of a text. @param value from 0 to 2³² − 2 */
  add(gram: string, value: number): void {
    if (this.#size >= this.#values.length * LOAD_MAX) this.#grow();
    this.#put(hash32(gram, 1), hash32(gram, 2), value + 1);
  }

  find(gram: string): number | undefined {
    const high = hash32(gram, 1);
    const slot = this.#slotOf(high, hash32(gram, 2));
    const value = this.#values[slot] as number;
    return value === 0 ? undefined : value - 1;
  }

  #put(high: number, low: number, value: number): void {
    const slot = this.#slotOf(high, low);
    if (this.#values[slot] !== 0) return;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#values[slot] = value;
    this.#size += 1;
  }

  /** Where this hash is, or the free slot where it would be. */
  #slotOf(high: number, low: number): number {
    const mask = this.#values.length - 1;
    let slot = (low ^ high) & mask;
    while (this.#values[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [high, low, values] = [this.#high, this.#low, this.#values];
    const slots = values.length * 2;
    this.#high = new Uint32Array(slots);
    this.#low = new Uint32Array(slots);
    this.#values = new Uint32Array(slots);
    this.#size = 0;
    values.forEach((value, slot) => {
      if (value !== 0) this.#put(high[slot] as number, low[slot] as number, value);
    });
  }
}
