// Advantages that verl whitens over all tokens of the batch, so that long completions count more in mean and variance.

import { isConstant, mean } from '../statistics.ts';
import { batchwise, type BatchMember, type Compute } from './edges.ts';
import type { Scaling } from './grpo.ts';

/** ε that verl's `masked_whiten` adds to the variance. */
export const WHITENING_EPSILON = 1e-8;

/**
 * (a − m) / √(v + ε), with one copy of a_i for each of the l_i tokens of member i:
 * m = Σ l a / L, v = Σ l (a − m)² / (L − ddof), L = Σ l. Without lengths each member counts as one token.
 *
 * Groups without a baseline (fewer than two scored members) have nothing to whiten and are left out of m and v; verl lets
 * them in with their raw rewards. A zero-variance group counts with its zeros, as in the source.
 *
 * @param values a: one list for each group, [n]
 */
export function whitened(
  values: readonly (readonly number[])[],
  groups: readonly BatchMember[],
  { ddof, epsilon }: Scaling,
): number[][] {
  let tokens = 0;
  const overTokens = (term: (a: number) => number): number => {
    let sum = 0;
    tokens = 0;
    groups.forEach(({ flag, lengths }, g) => {
      if (flag === 'insufficient_valid') return;
      values[g]?.forEach((a, i) => {
        const length = lengths?.[i] ?? 1;
        sum += length * term(a);
        tokens += length;
      });
    });
    return sum;
  };
  const m = overTokens((a) => a) / tokens;
  const v = overTokens((a) => (a - m) ** 2) / (tokens - ddof);
  return values.map((list) => list.map((a) => (a - m) / Math.sqrt(v + epsilon)));
}

/**
 * REINFORCE++-baseline, "REINFORCE++", arXiv 2501.03262: a_i = r_i − μ_g, then whitened over the tokens of the batch.
 * verl `reinforce_plus_plus_baseline`. rewards, lengths: [n] a group.
 */
export function reinforcePpBaseline(scaling: Scaling): Compute {
  return batchwise({ lengths: 'optional', components: false }, (groups) => {
    const centred = groups.map(({ rewards: r }) => {
      const mu = mean(r);
      return isConstant(r) ? r.map(() => 0) : r.map((r_i) => r_i - mu);
    });
    return whitened(centred, groups, scaling);
  });
}
