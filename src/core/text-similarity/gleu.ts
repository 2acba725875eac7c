// GLEU of one sentence (Wu et al., arXiv 1609.08144, section 4.3): the smaller of precision and recall over all n-grams of 1 to 4
// tokens, as `nltk.translate.gleu_score.sentence_gleu` computes it.

import { commonGrams, gramCounts, tokensOf } from './tokens.ts';

const ORDER_MAX = 4;

/** In [0, 1]; 0 of two texts without tokens. */
export function gleu(text: string, reference: string): number {
  const [tokens, wanted] = [tokensOf(text), tokensOf(reference)];
  let [matched, given, asked] = [0, 0, 0];
  for (let n = 1; n <= ORDER_MAX; n += 1) {
    matched += commonGrams(gramCounts(tokens, n), gramCounts(wanted, n));
    given += Math.max(0, tokens.length - n + 1);
    asked += Math.max(0, wanted.length - n + 1);
  }
  const all = Math.max(given, asked);
  return all === 0 ? 0 : matched / all;
}
