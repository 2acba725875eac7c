// BLEU of one sentence (Papineni et al., ACL 2002), as sacrebleu computes it with `effective_order=True`: exponential
// smoothing (Chen and Cherry, WMT 2014, method 3), and no orders that the text is too short for.

import { commonGrams, gramCounts, tokensOf } from './tokens.ts';

const ORDER_MAX = 4;

/**
 * BP · exp(1/N · Σₙ log pₙ) in [0, 1]: pₙ is the share of the text's n-grams that the reference has, the k-th of them that is 0
 * counts as 1 / (2ᵏ · number of n-grams); BP = exp(1 − |reference| / |text|) where the text is shorter.
 */
export function bleu(text: string, reference: string): number {
  const [tokens, wanted] = [tokensOf(text), tokensOf(reference)];
  const orders = Math.min(ORDER_MAX, tokens.length);
  let logs = 0;
  let zeros = 1;
  let common = 0;
  for (let n = 1; n <= orders; n += 1) {
    const total = tokens.length - n + 1;
    const matched = commonGrams(gramCounts(tokens, n), gramCounts(wanted, n));
    common += matched;
    if (matched === 0) zeros *= 2;
    logs += Math.log((matched === 0 ? 1 / zeros : matched) / total);
  }
  if (common === 0) return 0;
  const brevity = tokens.length < wanted.length ? Math.exp(1 - wanted.length / tokens.length) : 1;
  // exp(log(1)) of a perfect match may be a hair above 1.
  return Math.min(1, brevity * Math.exp(logs / orders));
}
