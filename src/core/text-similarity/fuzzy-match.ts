// How alike two texts are, character by character: `fuzz.ratio` of rapidfuzz, divided by 100. It compares whole texts: one that
// merely contains the other is as different as it is longer.

import { longestCommonSubsequence } from '../similarity/rouge-l.ts';

/**
 * 2·LCS / (|a| + |b|) over code points, in [0, 1]: one less the Indel distance (insertions and deletions) as a share of both
 * lengths. 1 of two empty texts.
 */
export function fuzzyMatch(a: string, b: string): number {
  const [first, second] = [Array.from(a), Array.from(b)];
  const total = first.length + second.length;
  if (total === 0) return 1;
  const common = commonEnds(first, second);
  const rest = longestCommonSubsequence(
    first.slice(common.start, first.length - common.end),
    second.slice(common.start, second.length - common.end),
  );
  return (2 * (common.start + common.end + rest)) / total;
}

/** What the texts begin and end with alike is in every longest subsequence. */
function commonEnds(
  a: readonly string[],
  b: readonly string[],
): { readonly start: number; readonly end: number } {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  return { start, end };
}
