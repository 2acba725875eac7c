// Descriptive statistics in doubles, without sum-of-squares minus square-of-sum, which loses digits. Inputs are trusted to be
// finite.

/** Arithmetic mean of `values: [n]`, n ≥ 1; the second pass takes back what rounding lost in the first. */
export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  const first = sum / values.length;
  let rest = 0;
  for (const value of values) rest += value - first;
  return first + rest / values.length;
}

/**
 * Σ (x − μ)² / (n − ddof) of `values: [n]`: the population's variance with ddof 0, the sample's with ddof 1. Zero when
 * n ≤ ddof, where it is not defined.
 */
export function variance(values: readonly number[], ddof: number): number {
  if (values.length <= ddof) return 0;
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  return squares / (values.length - ddof);
}

export function standardDeviation(values: readonly number[], ddof: number): number {
  return Math.sqrt(variance(values, ddof));
}

/** Mean and sum of squared differences from it, of `count` values. */
interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

const NO_VALUES: Moments = { count: 0, mean: 0, squares: 0 };

/** Of the values of both (Chan, Golub and LeVeque, 1979): it only adds squares, so nothing cancels out. */
function merge(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  if (count === 0) return NO_VALUES;
  const shift = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (shift * b.count) / count,
    squares: a.squares + b.squares + (shift ** 2 * a.count * b.count) / count,
  };
}

/**
 * Mean and standard deviation of the n − 1 others, for each of `values: [n]`, n ≥ 2; a deviation is 0 where n − 1 ≤ ddof,
 * and exactly 0 where the others are equal. Values before it and values after it are merged, in n steps: taking one value
 * out of running sums would lose the very digits that tell 0 from small.
 */
export function leaveOneOut(
  values: readonly number[],
  ddof: number,
): { readonly mean: number; readonly deviation: number }[] {
  const after: Moments[] = [NO_VALUES];
  for (const value of values.slice(1).toReversed()) {
    after.push(merge({ count: 1, mean: value, squares: 0 }, after.at(-1) ?? NO_VALUES));
  }
  let before = NO_VALUES;
  return values.map((value) => {
    const { count, mean: centre, squares } = merge(before, after.pop() ?? NO_VALUES);
    before = merge(before, { count: 1, mean: value, squares: 0 });
    return { mean: centre, deviation: count > ddof ? Math.sqrt(squares / (count - ddof)) : 0 };
  });
}

/** Whether all values are one and the same number. True of none and of one. */
export function isConstant(values: readonly number[]): boolean {
  const [first] = values;
  for (const value of values) if (value !== first) return false;
  return true;
}

/**
 * The value below which a share `q` of `values: [n]` lies, n ≥ 1, q in [0, 1]: linear between the closest ranks (type 7 of
 * Hyndman and Fan, the default of NumPy and R).
 */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = q * (sorted.length - 1);
  const below = Math.floor(rank);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  return low + (rank - below) * (high - low);
}
