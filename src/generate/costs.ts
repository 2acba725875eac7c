// Adds up what replies cost. A price that is not known stays not known: it never becomes 0.

/** The sum, or null where any part is null. */
export function costSum(...costs: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const cost of costs) {
    if (cost === null) return null;
    sum += cost;
  }
  return sum;
}

/** What each of `shares` items bears of a cost that made them all. */
export function costShare(cost: number | null, shares: number): number | null {
  return cost === null ? null : cost / Math.max(1, shares);
}
