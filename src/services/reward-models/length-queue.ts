// What waits for a reward model, in order of length. Padding is what makes a batch dear: it is formed around the one that
// has waited longest, out of those whose length is next to its own, so nobody waits for ever and little is padded.

/** Something with a length in tokens. */
export interface Sized {
  readonly length: number;
}

export interface BatchLimits {
  /** Sequences times the longest of them. One sequence may be longer than this alone. */
  readonly paddedTokensMax: number;
  readonly sequencesMax: number;
  /** The shortest of a batch has at least this share of the longest's tokens, in [0, 1]. */
  readonly fillMin: number;
}

export interface NextBatch<Item> {
  readonly items: readonly Item[];
  /** Whether another sequence of the same length would not fit. */
  readonly isFull: boolean;
}

export class LengthQueue<Item extends Sized> {
  /** By length; equal lengths in order of arrival. */
  readonly #sorted: Item[] = [];
  /** In order of arrival. */
  readonly #arrived = new Set<Item>();

  get size(): number {
    return this.#sorted.length;
  }

  /** The one that has waited longest. */
  get oldest(): Item | undefined {
    return this.#arrived.values().next().value;
  }

  add(item: Item): void {
    this.#sorted.splice(this.#firstLongerThan(item.length), 0, item);
    this.#arrived.add(item);
  }

  /** Whether it was still waiting. */
  remove(item: Item): boolean {
    if (!this.#arrived.delete(item)) return false;
    this.#sorted.splice(this.#indexOf(item), 1);
    return true;
  }

  /** The batch that is due; it stays in the queue until it is taken. */
  peek(limits: BatchLimits): NextBatch<Item> {
    const { oldest } = this;
    if (oldest === undefined) return { items: [], isFull: false };
    let from = this.#indexOf(oldest);
    let to = from + 1;
    for (;;) {
      const shorter = this.#sorted[from - 1];
      const longer = this.#sorted[to];
      const longest = this.#sorted[to - 1]?.length ?? 0;
      const canShorter = shorter !== undefined && fits(shorter.length, longest, to - from + 1, limits);
      const canLonger =
        longer !== undefined && fits(this.#sorted[from]?.length ?? 0, longer.length, to - from + 1, limits);
      if (!canShorter && !canLonger) break;
      const prefersShorter =
        canShorter && (!canLonger || oldest.length - shorter.length <= longer.length - oldest.length);
      if (prefersShorter) from -= 1;
      else to += 1;
    }
    const items = this.#sorted.slice(from, to);
    const longest = items.at(-1)?.length ?? 0;
    return { items, isFull: !fits(longest, longest, items.length + 1, limits) };
  }

  /** Takes out what `peek` gave. */
  take(items: readonly Item[]): void {
    for (const item of items) this.remove(item);
  }

  clear(): readonly Item[] {
    const items = [...this.#arrived];
    this.#arrived.clear();
    this.#sorted.length = 0;
    return items;
  }

  #indexOf(item: Item): number {
    let index = this.#firstLongerThan(item.length) - 1;
    while (this.#sorted[index] !== item) index -= 1;
    return index;
  }

  /** Binary search. */
  #firstLongerThan(length: number): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle]?.length ?? 0) <= length) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function fits(shortest: number, longest: number, count: number, limits: BatchLimits): boolean {
  return (
    count <= limits.sequencesMax &&
    count * longest <= limits.paddedTokensMax &&
    shortest >= limits.fillMin * longest
  );
}
