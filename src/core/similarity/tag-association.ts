// Clears up open tags as InsTag does (arXiv 2308.07074): rare tags are dropped, and a tag that hardly ever comes without another one is
// taken for that one. Rules of one tag on each side: those are the ones that merge tags.

export interface AssociationOptions {
  /** Tags on fewer items are dropped. */
  readonly frequencyMin: number;
  /** Items that two tags must share to be merged. */
  readonly supportMin: number;
  /** Least share of a tag's items that have the other one too. */
  readonly confidenceMin: number;
}

/** The tags of each item after clearing, each once and in their order. */
export function mergeByAssociation(
  tags: readonly (readonly string[])[],
  { frequencyMin, supportMin, confidenceMin }: AssociationOptions,
): readonly (readonly string[])[] {
  const counts = countsOf(tags);
  const frequent = tags.map((own) =>
    [...new Set(own)].filter((tag) => (counts.get(tag) ?? 0) >= frequencyMin),
  );
  const into = new Map<string, string>();
  for (const [pair, support] of pairCountsOf(frequent)) {
    if (support < supportMin) continue;
    const [a = '', b = ''] = pair.split('\n');
    // The rarer of two goes into the more frequent; the later in the alphabet where they are equally frequent.
    const [rare, common] = (counts.get(a) ?? 0) < (counts.get(b) ?? 0) ? [a, b] : [b, a];
    if (support / (counts.get(rare) ?? 1) < confidenceMin) continue;
    const taken = into.get(rare);
    if (taken === undefined || (counts.get(common) ?? 0) > (counts.get(taken) ?? 0)) into.set(rare, common);
  }
  const rootOf = (tag: string): string => {
    let root = tag;
    // Each step leads to a more frequent tag, or an earlier one of the same frequency: there is no way round.
    for (let next = into.get(root); next !== undefined; next = into.get(root)) root = next;
    return root;
  };
  return frequent.map((own) => [...new Set(own.map(rootOf))]);
}

function countsOf(tags: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const own of tags) for (const tag of new Set(own)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return counts;
}

/** How many items have both tags of a pair; the pair in alphabetical order, joined by a line feed, which no tag holds. */
function pairCountsOf(tags: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const own of tags) {
    const sorted = own.toSorted();
    sorted.forEach((a, at) => {
      for (const b of sorted.slice(at + 1)) counts.set(`${a}\n${b}`, (counts.get(`${a}\n${b}`) ?? 0) + 1);
    });
  }
  return counts;
}
