// Descriptive statistics in doubles. Two passes each: sum-of-squares minus square-of-sum loses digits. Inputs are trusted to
// be finite.

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
