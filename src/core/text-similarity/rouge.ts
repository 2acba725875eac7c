// ROUGE-N and ROUGE-L (Lin 2004) as the `rouge_score` package computes them without stemming: F1 of precision and recall. Only
// ASCII letters and digits count; a text in another script has no words here.

import { longestCommonSubsequence } from '../similarity/rouge-l.ts';
import { commonGrams, gramCounts } from './tokens.ts';

/** F1 over stretches of `n` words, in [0, 1]; 0 where either text is too short for one. */
export function rougeN(text: string, reference: string, n: number): number {
  const [given, wanted] = [gramCounts(wordsOf(text), n), gramCounts(wordsOf(reference), n)];
  const [givenTotal, wantedTotal] = [totalOf(given), totalOf(wanted)];
  return f1(commonGrams(given, wanted), givenTotal, wantedTotal);
}

/** F1 over the longest common subsequence of words, in [0, 1]. */
export function rougeL(text: string, reference: string): number {
  const [given, wanted] = [wordsOf(text), wordsOf(reference)];
  return f1(longestCommonSubsequence(given, wanted), given.length, wanted.length);
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z0-9]+/gu) ?? [];
}

function totalOf(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

function f1(common: number, given: number, wanted: number): number {
  return common === 0 ? 0 : (2 * common) / (given + wanted);
}
