// Where a distilled verifier is sure enough to speak for its judge. Between `low` and `high` it is not, and the judge is asked.
// Pure.

export interface Scored {
  /** In [0, 1]. */
  readonly score: number;
  readonly isEquivalent: boolean;
}

/** For a recipe's `undecided_between`: scores strictly between the two decide nothing. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

/** Decides nothing but certainty. */
const WIDEST: Band = { low: 0, high: 1 };

/**
 * The narrowest band [1 − c, c] outside of which the verifier is expected to agree with the judge at least so often. Scores
 * are probabilities, so one bound serves both sides. Expected by Laplace's rule of succession, (right + 1)/(decided + 2): 100
 * verdicts without an error stand for 99.02 %, so a high demand needs many verdicts, and 0.995 at least 198. Where no bound
 * will do, the band is all of [0, 1].
 */
export function bandOf(scored: readonly Scored[], agreementMin: number): Band {
  const surest = scored
    .map(({ score, isEquivalent }) => ({
      sureness: Math.max(score, 1 - score),
      isRight: score >= 0.5 === isEquivalent,
    }))
    .toSorted((a, b) => b.sureness - a.sureness);
  let right = 0;
  let bound: number | undefined;
  surest.forEach(({ sureness, isRight }, index) => {
    right += Number(isRight);
    // Equal ones are decided together, and what is no surer than a coin is never decided.
    const isLast = surest[index + 1]?.sureness !== sureness && sureness > 0.5;
    if (isLast && (right + 1) / (index + 3) >= agreementMin) bound = sureness;
  });
  if (bound === undefined) return WIDEST;
  // 1 − (1 − x) may differ from x in the last digit: what was counted as decided is.
  const least = bound;
  const noes = scored.filter(({ score }) => score < 0.5 && 1 - score >= least).map(({ score }) => score);
  return { low: Math.max(1 - least, ...noes), high: least };
}

/** What the verifier says under a band; undefined where it leaves it to the judge. */
export function saidUnder({ low, high }: Band, score: number): boolean | undefined {
  if (score >= high) return true;
  return score <= low ? false : undefined;
}
