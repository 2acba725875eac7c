// The mean of one value for each question, with how far it can be trusted: questions are what was drawn by chance from all that could
// have been asked, so they are what an interval is over, however many completions each had.

import { proportionOf, type Proportion } from './proportion.ts';
import type { Random } from './random.ts';
import { isConstant, mean, quantile } from './statistics.ts';

const RESAMPLES = 2_000;

/**
 * Mean and 95 % interval of `values: [questions]`, each in [0, 1]; undefined where there are none.
 *
 * Values that are all 0 or 1 are counts, and have Wilson's interval. Others have the percentile interval of the bootstrap over questions
 * (Efron, "Bootstrap methods: another look at the jackknife", 1979), which says nothing where all values are equal: there it is
 * Wilson's again, as if every question had been answered once.
 *
 * @param random of the resampling: the same state gives the same interval
 */
export function meanInterval(values: readonly number[], random: Random): Proportion | undefined {
  if (values.length === 0) return undefined;
  const share = mean(values);
  if (isConstant(values) || values.every((value) => value === 0 || value === 1)) {
    return proportionOf(share * values.length, values.length);
  }
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw += 1) sum += values[random.below(values.length)] ?? 0;
    return sum / values.length;
  });
  return { share, low: quantile(means, 0.025), high: quantile(means, 0.975) };
}
