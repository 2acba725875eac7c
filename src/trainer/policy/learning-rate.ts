// How far a step goes, as a function of which step it is: nothing of how many are still to come, so a training that is taken up again with
// more steps goes on as if it had been told so at first.

/** Steps on which the rate rises: the first gradients meet moments that are still 0. */
const RISING = 5;
/** Steps at the whole rate; behind them it falls with the square root, as noise near the goal asks for. */
const WHOLE = 60;

/**
 * The rate of training step 1, 2, …: peak · min(step/5, 1, √(60/step)), as in "Attention is all you need" (arXiv 1706.03762), section 5.3,
 * with a plateau between.
 */
export function learningRateAt(step: number, peak: number): number {
  return peak * Math.min(step / RISING, 1, Math.sqrt(WHOLE / step));
}
