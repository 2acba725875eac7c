// Strengths from a few comparisons: how likely one text is to win against another that it was never compared with.
//
// Bradley and Terry, "Rank analysis of incomplete block designs: I", Biometrika 39 (1952): P(i beats j) = πᵢ / (πᵢ + πⱼ).
// A tie is half a win for each. The fit is Hunter's, "MM algorithms for generalized Bradley-Terry models", Annals of
// Statistics 32 (2004), equation 3:
//
//   πᵢ ← Wᵢ / Σⱼ nᵢⱼ / (πᵢ + πⱼ)
//
// Without losses a strength would be infinite, so each text has also tied once with a text of strength 1, which is as if half
// a win and half a loss had been seen before. With that the fit exists, is the only one, and has its scale.

/** What a comparison of places `one` and `other` found: 1 `one` won, 0.5 a tie, 0 `other` won. */
export interface Match {
  readonly one: number;
  readonly other: number;
  readonly result: number;
}

const ROUNDS_MAX = 2_000;
/** Of a strength, from round to round. */
const RELATIVE_CHANGE = 1e-12;

/** Strengths π: [count], all above 0. `matches` name places in [0, count). */
export function strengthsOf(count: number, matches: readonly Match[]): readonly number[] {
  const wins = Array.from({ length: count }, () => 0.5);
  for (const { one, other, result } of matches) {
    wins[one] = (wins[one] ?? 0) + result;
    wins[other] = (wins[other] ?? 0) + (1 - result);
  }
  let strengths: readonly number[] = wins.map(() => 1);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const next = nextStrengths(strengths, wins, matches);
    const isSettled = next.every((strength, place) => {
      const before = strengths[place] ?? 0;
      return Math.abs(strength - before) <= RELATIVE_CHANGE * before;
    });
    strengths = next;
    if (isSettled) break;
  }
  return strengths;
}

/** P(the first beats the second). */
export function chanceOf(first: number, second: number): number {
  return first / (first + second);
}

function nextStrengths(
  strengths: readonly number[],
  wins: readonly number[],
  matches: readonly Match[],
): readonly number[] {
  const weights = strengths.map((strength) => 1 / (strength + 1));
  for (const { one, other } of matches) {
    const weight = 1 / ((strengths[one] ?? 1) + (strengths[other] ?? 1));
    weights[one] = (weights[one] ?? 0) + weight;
    weights[other] = (weights[other] ?? 0) + weight;
  }
  return wins.map((won, place) => won / (weights[place] ?? 1));
}
