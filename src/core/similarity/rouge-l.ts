// ROUGE-L between two texts (Lin 2004): how long a common subsequence of words they have. Self-Instruct (arXiv 2212.10560)
// keeps an instruction only when its ROUGE-L with every other is at most 0.7.

import { wordsOf } from './words.ts';

const BITS = 32;
const BASE = 0x1_0000_0000;

/**
 * F1 of precision and recall of the longest common subsequence, in [0, 1]: 2·LCS / (|a| + |b|), without stemming. 0 where
 * both have no words: they have nothing in common.
 */
export function rougeL(a: string, b: string): number {
  return rougeLOfWords(wordsOf(a), wordsOf(b));
}

/** The same of texts that were cut into words before. */
export function rougeLOfWords(a: readonly string[], b: readonly string[]): number {
  const total = a.length + b.length;
  return total === 0 ? 0 : (2 * longestCommonSubsequence(a, b)) / total;
}

/**
 * Length of the longest common subsequence, 32 words of `a` at a time (Hyyrö 2004: V′ = (V + (V ∧ M)) ∨ (V ∧ ¬M), where M has a bit
 * for each place of the word in `a`; each zero of the last V is one word of the subsequence).
 */
export function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  const cells = Math.ceil(a.length / BITS);
  const masks = placesOf(a, cells);
  const row = new Uint32Array(cells).fill(0xffff_ffff);
  for (const word of b) {
    const mask = masks.get(word);
    if (mask === undefined) continue;
    let carry = 0;
    for (let cell = 0; cell < cells; cell += 1) {
      // Both arrays have `cells` entries.
      const value = row[cell] as number;
      const matched = (value & (mask[cell] as number)) >>> 0;
      const sum = value + matched + carry;
      carry = sum >= BASE ? 1 : 0;
      row[cell] = ((sum % BASE) | (value & ~matched)) >>> 0;
    }
  }
  let zeros = 0;
  for (let at = 0; at < a.length; at += 1) {
    if ((((row[at >>> 5] as number) >>> (at & 31)) & 1) === 0) zeros += 1;
  }
  return zeros;
}

function placesOf(words: readonly string[], cells: number): ReadonlyMap<string, Uint32Array> {
  const masks = new Map<string, Uint32Array>();
  words.forEach((word, at) => {
    let mask = masks.get(word);
    if (mask === undefined) masks.set(word, (mask = new Uint32Array(cells)));
    mask[at >>> 5] = ((mask[at >>> 5] as number) | (1 << (at & 31))) >>> 0;
  });
  return masks;
}
