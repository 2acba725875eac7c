// Which waiting groups make the next batch of an Atropos trainer: the oldest first, whole groups only, and as many sequences as
// a batch has. Sizes that do not add up to it make a batch that is a little larger, never one that waits for ever. Pure.

export interface WaitingGroup {
  /** Sequences in it, 1 or more. */
  readonly size: number;
  /** The environment that it is from. */
  readonly envId: number | undefined;
}

/** Groups among which sizes are looked for that add up exactly. */
const LOOK_AHEAD = 256;

/**
 * Places in `queue` of the groups of the next batch, rising; undefined while there are too few.
 *
 * Exactly `batchSize` sequences where a batch with the oldest group in it can have that, else the oldest groups that reach it.
 *
 * @param queue oldest first
 * @param batchSize sequences, 1 or more
 * @param minimums sequences that environments are to have in each batch; waited for
 */
export function pickBatch(
  queue: readonly WaitingGroup[],
  batchSize: number,
  minimums: ReadonlyMap<number, number> = new Map(),
): readonly number[] | undefined {
  const owed = pickMinimums(queue, batchSize, minimums);
  if (owed === undefined) return undefined;
  const rest: number[] = [];
  queue.forEach((_, place) => {
    if (!owed.places.has(place)) rest.push(place);
  });
  const sizes = rest.map((place) => queue[place]?.size ?? 0);
  const picked = pickSizes(sizes, batchSize - owed.sequences);
  if (picked === undefined) return undefined;
  return [...owed.places, ...picked.map((index) => rest[index] ?? 0)].toSorted((a, b) => a - b);
}

/** The oldest groups of each environment that has a minimum; undefined while one of them has too few. */
function pickMinimums(
  queue: readonly WaitingGroup[],
  batchSize: number,
  minimums: ReadonlyMap<number, number>,
): { readonly places: ReadonlySet<number>; readonly sequences: number } | undefined {
  const places = new Set<number>();
  let sequences = 0;
  const sum = [...minimums.values()].reduce((total, each) => total + each, 0);
  // Minimums of more than a whole batch are cut down alike.
  const share = Math.min(1, batchSize / sum);
  for (const [envId, minimum] of minimums) {
    const wanted = Math.floor(minimum * share);
    let got = 0;
    for (const [place, group] of queue.entries()) {
      if (got >= wanted) break;
      if (group.envId !== envId) continue;
      places.add(place);
      got += group.size;
    }
    if (got < wanted) return undefined;
    sequences += got;
  }
  return { places, sequences };
}

/** Indices of sizes that add up to `target`, the first one among them; else of the first ones that reach it. */
function pickSizes(sizes: readonly number[], target: number): readonly number[] | undefined {
  if (target <= 0) return [];
  let sum = 0;
  let length = 0;
  while (sum < target && length < sizes.length) {
    sum += sizes[length] ?? 0;
    length += 1;
  }
  if (sum < target) return undefined;
  const exact = sum === target ? undefined : pickExactly(sizes.slice(0, LOOK_AHEAD), target);
  return exact ?? Array.from({ length }, (_, index) => index);
}

/** The earliest indices whose sizes add up to `target`, the first one among them. */
function pickExactly(sizes: readonly number[], target: number): readonly number[] | undefined {
  const width = target + 1;
  // reaches[i * width + sum]: sizes from i on can add up to `sum`.
  const reaches = new Uint8Array((sizes.length + 1) * width);
  reaches[sizes.length * width] = 1;
  for (let i = sizes.length - 1; i >= 0; i -= 1) {
    const size = sizes[i] ?? 0;
    for (let sum = 0; sum < width; sum += 1) {
      const without = reaches[(i + 1) * width + sum] ?? 0;
      const rest = sum >= size ? (reaches[(i + 1) * width + sum - size] ?? 0) : 0;
      reaches[i * width + sum] = without | rest;
    }
  }
  const picked: number[] = [];
  let left = target;
  for (const [i, size] of sizes.entries()) {
    const canBeTaken = left >= size && reaches[(i + 1) * width + left - size] === 1;
    if (canBeTaken) {
      picked.push(i);
      left -= size;
    } else if (i === 0) return undefined;
  }
  return picked;
}
