// The whole numbers that a text states, each once. What is part of a decimal, of a number with separators, or of a word is none: the
// 42 of 42.195, the 195 of 42,195, the B12 of a vitamin.

import type { TextSpan } from '../../core/quote-search.ts';

/** With its first place in the text, in UTF-16 units. */
export interface StatedNumber extends TextSpan {
  readonly value: number;
}

const WHOLE = /(?<![\p{L}\p{N}_]|\d[.,])[0-9]+(?![\p{L}\p{N}_]|[.,]\d)/gu;
const YEAR_DIGITS = 4;

/** Those from 1 to `largest`, in the order of the text. `split_years`: a number of four digits is two of two digits. */
export function wholeNumbersIn(
  text: string,
  { largest, split_years }: { readonly largest: number; readonly split_years: boolean },
): readonly StatedNumber[] {
  const found = new Map<number, StatedNumber>();
  for (const match of text.matchAll(WHOLE)) {
    const [digits] = match;
    const spans = split_years && digits.length === YEAR_DIGITS ? [0, YEAR_DIGITS / 2] : [0];
    const size = digits.length / spans.length;
    for (const from of spans) {
      const value = Number(digits.slice(from, from + size));
      const start = match.index + from;
      if (value >= 1 && value <= largest && !found.has(value)) {
        found.set(value, { value, start, end: start + size });
      }
    }
  }
  return [...found.values()];
}
