// Complexity-first diverse sampling of InsTag (arXiv 2308.07074): items with many tags first, and in each pass only those that
// bring a tag which the pass has not seen.

/**
 * Indexes of the chosen items in the order of choice. Items with equally many tags keep their order.
 *
 * @param tags of each item [n]
 * @param size items to choose; fewer only where there are fewer
 */
export function complexityFirst(tags: readonly (readonly string[])[], size: number): readonly number[] {
  let waiting = tags
    .map((_, item) => item)
    .toSorted((a, b) => (tags[b]?.length ?? 0) - (tags[a]?.length ?? 0));
  const chosen: number[] = [];
  while (chosen.length < size && waiting.length > 0) {
    const seen = new Set<string>();
    const later: number[] = [];
    for (const item of waiting) {
      const own = tags[item] ?? [];
      const isNew = own.some((tag) => !seen.has(tag));
      if (chosen.length < size && isNew) {
        chosen.push(item);
        for (const tag of own) seen.add(tag);
      } else {
        later.push(item);
      }
    }
    // Items without tags never bring a new one: they fill what is left.
    if (later.length === waiting.length) return [...chosen, ...later.slice(0, size - chosen.length)];
    waiting = later;
  }
  return chosen;
}
