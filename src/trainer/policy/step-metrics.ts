// What a training step tells of itself, worked out in doubles from the log-probabilities that its gradients were taken at.

import type { LossPlan, StepMetrics, TrainedCompletion } from '../policy.ts';

export type TokenMetrics = Pick<StepMetrics, 'tokens' | 'clippedShare' | 'ratioMean' | 'kl'>;

/** @param logProbabilities ℓ of each token of each completion, before the step */
export function tokenMetrics(
  completions: readonly TrainedCompletion[],
  logProbabilities: readonly (readonly number[])[],
  plan: LossPlan,
): TokenMetrics {
  const totals = { tokens: 0, clipped: 0, ratio: 0, kl: 0 };
  const hasReference = completions.every(({ reference }) => reference !== undefined);
  completions.forEach((completion, index) => {
    const { old, reference = [], advantage } = completion;
    const changes = (logProbabilities[index] ?? []).map((now, token) => now - (old[token] ?? NaN));
    const changeMean = changes.reduce((sum, change) => sum + change, 0) / changes.length;
    changes.forEach((change, token) => {
      const ratio = Math.exp(change);
      const clippable = plan.loss === 'gspo' ? Math.exp(changeMean) : ratio;
      totals.tokens += 1;
      totals.clipped += Number(isClipped(clippable, advantage, plan));
      totals.ratio += ratio;
      if (!hasReference) return;
      // k3, as in the loss: d = ℓ_ref − ℓ
      const d = (reference[token] ?? NaN) - (logProbabilities[index]?.[token] ?? NaN);
      totals.kl += Math.expm1(d) - d;
    });
  });
  return {
    tokens: totals.tokens,
    clippedShare: totals.clipped / totals.tokens,
    ratioMean: totals.ratio / totals.tokens,
    ...(hasReference ? { kl: totals.kl / totals.tokens } : {}),
  };
}

/** A ratio out of its range: of CISPO both ways, of the others where the token earns no more for going further. */
function isClipped(ratio: number, advantage: number, { loss, clip }: LossPlan): boolean {
  const [isLow, isHigh] = [ratio < 1 - clip.low, ratio > 1 + clip.high];
  if (loss === 'cispo') return isLow || isHigh;
  return (advantage > 0 && isHigh) || (advantage < 0 && isLow);
}
