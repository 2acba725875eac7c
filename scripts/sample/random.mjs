// Seeded chance for the sample dataset: the same seed makes the same file on every machine.

/** A generator of whole numbers after mulberry32 (public domain, Tommy Ettinger). */
export function seededRandom(seed) {
  let state = seed >>> 0;
  function next() {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  /** A whole number from `low` to `high`, both included. */
  const whole = (low, high) => low + Math.floor(next() * (high - low + 1));
  const pick = (list) => list[whole(0, list.length - 1)];
  /** A new list in another order (Fisher and Yates). */
  const shuffled = (list) => {
    const order = [...list];
    for (let last = order.length - 1; last > 0; last -= 1) {
      const other = whole(0, last);
      [order[last], order[other]] = [order[other], order[last]];
    }
    return order;
  };
  return { whole, pick, shuffled };
}
