// QDIT (Bukharin and Zhao, arXiv 2311.14736): a subset that is good and covers the whole. Greedy on
// (1 − α)·[d(A ∪ a) − d(A)] + α·q(a) with d(A) = Σ over all v of max over a in A of cos(a, v). d is submodular and the quality of an item
// does not change, so that a gain only ever falls: lazy greedy (Minoux 1978) picks exactly what greedy picks.

export interface FacilityOptions {
  /** Items to choose. */
  readonly size: number;
  /** α in [0, 1]: 0 is diversity alone, 1 quality alone. */
  readonly qualityShare: number;
}

/**
 * Indexes of the chosen items in the order of choice; ties go to the earlier item.
 *
 * @param similarity of two items, from their indexes; at least 0
 * @param qualities [n]
 */
export function facilityLocation(
  qualities: readonly number[],
  similarity: (a: number, b: number) => number,
  { size, qualityShare }: FacilityOptions,
): readonly number[] {
  const n = qualities.length;
  const covered = new Float64Array(n);
  const gainOf = (item: number): number => {
    let coverage = 0;
    for (let v = 0; v < n; v += 1) {
      const more = similarity(item, v) - (covered[v] as number);
      if (more > 0) coverage += more;
    }
    return (1 - qualityShare) * coverage + qualityShare * (qualities[item] ?? 0);
  };
  const heap = new GainHeap(Array.from({ length: n }, (_, item) => ({ item, gain: gainOf(item) })));
  const chosen: number[] = [];
  while (chosen.length < Math.min(size, n)) {
    const best = heap.pop();
    if (best === undefined) break;
    const fresh = { item: best.item, gain: gainOf(best.item) };
    const next = heap.peek();
    if (next !== undefined && isBefore(next, fresh)) {
      heap.push(fresh);
      continue;
    }
    chosen.push(best.item);
    for (let v = 0; v < n; v += 1) covered[v] = Math.max(covered[v] as number, similarity(best.item, v));
  }
  return chosen;
}

interface Gain {
  readonly item: number;
  readonly gain: number;
}

function isBefore(a: Gain, b: Gain): boolean {
  return a.gain > b.gain || (a.gain === b.gain && a.item < b.item);
}

/** A binary heap with the largest gain on top. */
class GainHeap {
  readonly #heap: Gain[];

  constructor(gains: readonly Gain[]) {
    // A sorted array is a heap.
    this.#heap = gains.toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  peek(): Gain | undefined {
    return this.#heap[0];
  }

  push(gain: Gain): void {
    const heap = this.#heap;
    heap.push(gain);
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at] as Gain, heap[parent] as Gain)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): Gain | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    heap[0] = last;
    for (let at = 0; ;) {
      const children = [2 * at + 1, 2 * at + 2].filter((child) => child < heap.length);
      const best = children.reduce(
        (one, other) => (isBefore(heap[other] as Gain, heap[one] as Gain) ? other : one),
        at,
      );
      if (best === at) return top;
      this.#swap(at, best);
      at = best;
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    [heap[a], heap[b]] = [heap[b] as Gain, heap[a] as Gain];
  }
}
