// The losses of GRPO and its relatives, as terms for each token, in the symbols of their papers: ℓ is the log-probability of
// the token under the policy, ℓ_old under the one that drew it, A its advantage. Each is to be made small. How terms are
// summed up is in `aggregation`.

import type { Value } from '../engine/graph.ts';
import { clip, div, exp, max, min, mul, neg, sub } from '../engine/ops/arithmetic.ts';
import { stopGradient } from '../engine/ops/functions.ts';
import { expand, sum, sumAll } from '../engine/ops/shapes.ts';

export interface PolicyTokens {
  /** ℓ: [batch, length] */
  readonly logProbabilities: Value;
  /** ℓ_old: [batch, length] */
  readonly old: Value;
  /** A: [batch, 1], or one for each token. */
  readonly advantages: Value;
  /** 1 for tokens of a completion, 0 for all others: [batch, length] */
  readonly mask: Value;
}

/** The ratio may move from 1 − low to 1 + high before it stops to pay: DAPO's "clip-higher" where they differ. */
export interface ClipRange {
  readonly low: number;
  readonly high: number;
}

export const POLICY_LOSSES = ['clipped-ratio', 'gspo', 'cispo'] as const;
export type PolicyLoss = (typeof POLICY_LOSSES)[number];

export function policyTerms(loss: PolicyLoss, tokens: PolicyTokens, range: ClipRange): Value {
  switch (loss) {
    case 'clipped-ratio':
      return clippedRatio(tokens, range);
    case 'gspo':
      return gspo(tokens, range);
    case 'cispo':
      return cispo(tokens, range);
  }
}

/**
 * −min(r·A, clip(r, 1 − ε_low, 1 + ε_high)·A) with r = e^(ℓ − ℓ_old): PPO (arXiv 1707.06347) as in GRPO (arXiv 2402.03300),
 * asymmetric as in DAPO (arXiv 2503.14476). [batch, length]
 */
export function clippedRatio(tokens: PolicyTokens, range: ClipRange): Value {
  return clippedGain(exp(change(tokens.logProbabilities, tokens.old, tokens.mask)), tokens.advantages, range);
}

/**
 * GSPO (arXiv 2507.18071): the ratio is that of the whole completion, s = e^(mean of ℓ − ℓ_old over its tokens), and so is
 * what is clipped. Each token has the term of its completion, so `sequence-mean` gives the paper's loss. [batch, length]
 */
export function gspo({ logProbabilities, old, advantages, mask }: PolicyTokens, range: ClipRange): Value {
  const over = { axes: [1], keepDims: true };
  const counts = max(sum(mask, over), 1);
  const total = sum(change(logProbabilities, old, mask), over);
  const terms = clippedGain(exp(div(total, counts)), advantages, range);
  return expand(terms, logProbabilities.dims);
}

/**
 * CISPO (MiniMax-M1, arXiv 2506.13585): −sg(clip(r, 1 − ε_low, 1 + ε_high))·A·ℓ. The clipped ratio is a weight without a
 * gradient, so no token is left out. [batch, length]
 */
export function cispo(tokens: PolicyTokens, { low, high }: ClipRange): Value {
  const { logProbabilities, old, advantages, mask } = tokens;
  const ratio = exp(change(stopGradient(logProbabilities), old, mask));
  return neg(mul(mul(clip(ratio, 1 - low, 1 + high), advantages), logProbabilities));
}

/**
 * Divergence from a reference policy, k3 of Schulman ("Approximating KL divergence", 2020): e^d − d − 1 with d = ℓ_ref − ℓ.
 * Never below 0, and unbiased for tokens drawn from the policy. [batch, length]
 */
export function k3({ logProbabilities, mask }: PolicyTokens, reference: Value): Value {
  const d = change(reference, logProbabilities, mask);
  return sub(sub(exp(d), d), 1);
}

/** Σ weight·term, a scalar; see `tokenWeights`. Weights are 0 where there is no token. */
export function aggregate(terms: Value, weights: Value): Value {
  return sumAll(mul(terms, weights));
}

/** a − b where there is a token, 0 elsewhere: a token that only fills up must not overflow where its weight is 0. */
function change(a: Value, b: Value, mask: Value): Value {
  return mul(sub(a, b), mask);
}

function clippedGain(ratio: Value, advantages: Value, { low, high }: ClipRange): Value {
  const clipped = clip(ratio, 1 - low, 1 + high);
  return neg(min(mul(ratio, advantages), mul(clipped, advantages)));
}
