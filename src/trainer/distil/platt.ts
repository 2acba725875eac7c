// From logits to probabilities: Platt scaling, fitted on verdicts that were not learnt from. Pure.

export interface Sigmoid {
  readonly scale: number;
  readonly shift: number;
}

export interface Judged {
  readonly logit: number;
  readonly isEquivalent: boolean;
}

const ROUNDS = 100;

/**
 * p = σ(scale·z + shift) with the greatest likelihood under Platt's targets, (n₊ + 1)/(n₊ + 2) for a yes and 1/(n₋ + 2) for a
 * no, which keep it finite where the verdicts can be told apart without error. Newton's method with a line search, as in Lin,
 * Lin and Weng, "A note on Platt's probabilistic outputs" (Machine Learning 68, 2007).
 *
 * @throws RangeError without verdicts of both kinds
 */
export function fitSigmoid(judged: readonly Judged[]): Sigmoid {
  const yes = judged.filter(({ isEquivalent }) => isEquivalent).length;
  const no = judged.length - yes;
  if (yes === 0 || no === 0) throw new RangeError('A scale needs verdicts of both kinds');
  const rows = judged.map(({ logit, isEquivalent }) => ({
    z: logit,
    target: isEquivalent ? (yes + 1) / (yes + 2) : 1 / (no + 2),
  }));
  const cost = (scale: number, shift: number): number =>
    rows.reduce((sum, { z, target }) => sum + crossEntropy(scale * z + shift, target), 0);

  let [scale, shift] = [0, Math.log((yes + 1) / (no + 1))];
  let now = cost(scale, shift);
  for (let round = 0; round < ROUNDS; round += 1) {
    // A little on the diagonal keeps the matrix of second derivatives regular.
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-12, 0, 1e-12];
    for (const { z, target } of rows) {
      const p = sigmoid(scale * z + shift);
      const weight = p * (1 - p);
      g0 += (p - target) * z;
      g1 += p - target;
      h00 += weight * z * z;
      h01 += weight * z;
      h11 += weight;
    }
    if (Math.abs(g0) < 1e-7 && Math.abs(g1) < 1e-7) break;
    const determinant = h00 * h11 - h01 * h01;
    const [d0, d1] = [-(h11 * g0 - h01 * g1) / determinant, -(h00 * g1 - h01 * g0) / determinant];
    const slope = g0 * d0 + g1 * d1;
    let step = 1;
    for (; step > 1e-10; step /= 2) {
      const next = cost(scale + step * d0, shift + step * d1);
      if (next > now + 1e-4 * step * slope) continue;
      [scale, shift, now] = [scale + step * d0, shift + step * d1, next];
      break;
    }
    if (step <= 1e-10) break;
  }
  return { scale, shift };
}

export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** −t·ln σ(x) − (1 − t)·ln(1 − σ(x)), without overflow. */
export function crossEntropy(x: number, target: number): number {
  return Math.max(x, 0) - x * target + Math.log1p(Math.exp(-Math.abs(x)));
}
