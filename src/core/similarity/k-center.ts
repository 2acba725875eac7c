// k-center greedy (Gonzalez 1985), which DiverseEvol (arXiv 2311.08182) selects with: the next item is the one that is farthest
// from all that are chosen.

/**
 * Indexes of the chosen items in the order of choice, the first ones included; ties go to the earlier item. Time n·size, memory n.
 *
 * @param count of all items
 * @param distance of two items, from their indexes
 * @param first items that are chosen already; the first of all when there are none
 */
export function kCenterGreedy(
  count: number,
  distance: (a: number, b: number) => number,
  { size, first }: { readonly size: number; readonly first: readonly number[] },
): readonly number[] {
  if (count === 0 || size <= 0) return [];
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const chosen: number[] = [];
  const choose = (item: number): void => {
    chosen.push(item);
    for (let other = 0; other < count; other += 1) {
      nearest[other] = Math.min(nearest[other] as number, distance(item, other));
    }
    // A chosen item is never the farthest, whatever its distance to itself is said to be.
    nearest[item] = Number.NEGATIVE_INFINITY;
  };
  for (const item of (first.length === 0 ? [0] : first).slice(0, size)) choose(item);
  while (chosen.length < Math.min(size, count)) {
    let farthest = -1;
    for (let item = 0; item < count; item += 1) {
      const isFree = nearest[item] !== Number.NEGATIVE_INFINITY;
      if (isFree && (farthest < 0 || (nearest[item] as number) > (nearest[farthest] as number)))
        farthest = item;
    }
    choose(farthest);
  }
  return chosen;
}
