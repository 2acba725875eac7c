// The last resort for numbers: the last one of a completion, with what belongs to it. "5 km" keeps its unit, "$5 million" its
// scale, and "7 or 8" stays together, so that a verifier can see that it is no answer.

import type { ExtractedAnswer } from './answer.ts';
import { isOfferBesideWords, lastNumber } from './answer-number.ts';
import { readQuantity } from './quantities.ts';

/** How far around the number is looked. */
const BEFORE_CHARS = 48;
const AFTER_CHARS = 64;

/** Another number before it that it is an alternative to, a range with, or in one row with. */
const ALTERNATIVE =
  /(?:(?<![\p{L}\d])[-+$€£]{0,2}\d[\d.,]*[^\d\n.!?=]{0,16}?(?<!\p{L})(?:or|versus|vs\.?)(?!\p{L})[^\d\n.!?=]{0,16}|(?<![\p{L}\d.])[-+$€£]{0,2}\d(?:[\d.]*\d)?(?:\s*[,;|~–]\s*|\s+|-)[$€£]?)$/iu;
const MONEY_BEFORE = /(?:US\$|[CA]\$|[$€£¥₹])\s?$/u;

/** The last number of `text` as a quantity. Undefined when there is no number. */
export function lastQuantity(text: string): ExtractedAnswer | undefined {
  const number = lastNumber(text);
  if (number === undefined) return undefined;
  // A percent mark may stand apart from its number.
  const digits = number.answer.endsWith('%') ? number.answer.slice(0, -1) : number.answer;
  const at = text.lastIndexOf(digits);
  if (at < 0) return number;
  const before = text.slice(Math.max(0, at - BEFORE_CHARS), at);
  const alternative = ALTERNATIVE.exec(before)?.[0];
  const end = Math.max(at + digits.length, endOfQuantity(text, at));
  if (alternative === undefined && isOfferBesideWords(text, { start: at, end })) return undefined;
  const start = at - (alternative ?? MONEY_BEFORE.exec(before)?.[0] ?? '').length;
  return { answer: text.slice(start, end), source: 'last_number' };
}

/** Where the number's scale and unit end: "5 million dollars", "72 km/h". */
function endOfQuantity(text: string, at: number): number {
  const window = /^[^\n;!?]*/u.exec(text.slice(at, at + AFTER_CHARS))?.[0] ?? '';
  const read = readQuantity(window, 0);
  return at + (read?.end ?? 0);
}
