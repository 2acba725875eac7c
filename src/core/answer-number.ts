// The last number of a text, with what belongs to it: sign, fraction, percent mark, a unit without a space. The last resort where
// no answer is marked.

import type { ExtractedAnswer } from './answer.ts';
import { unitNamed } from './math/units.ts';

/** Where a number stands in a text, without its sign. */
export interface NumberPlace {
  readonly start: number;
  readonly end: number;
}

/** The place of the last number that is not part of a word. */
export function lastNumberPlace(text: string): NumberPlace | undefined {
  let end = text.length;
  while (end > 0) {
    while (end > 0 && !isDigit(text.charCodeAt(end - 1))) end -= 1;
    if (end === 0) return undefined;
    const start = numberStart(text, end);
    // The 2 of "20 units^2" belongs to the unit.
    const isExponent = /[A-Za-z]{2}\^\{?$/.test(text.slice(Math.max(0, start - 4), start));
    if (!isExponent && (start === 0 || !isLetter(text.charCodeAt(start - 1)))) return { start, end };
    end = start;
  }
  return undefined;
}

/** "Paris or 4", "4 or Paris": an offer among others that are no numbers, which is no claim. */
export function isOfferBesideWords(text: string, { start, end }: NumberPlace): boolean {
  const before = text.slice(Math.max(0, start - 24), start);
  if (/(?<!\p{L})or(?: maybe| perhaps| possibly| even)?\s+[-+$€£]{0,2}$/iu.test(before)) return true;
  return /^\s?(?:[\p{L}°%]{1,12}\s)?or(?!\p{L})/iu.test(text.slice(end, end + 18));
}

/** A unit in words behind a number: " minutes" of "300 minutes". */
export function unitBehind(text: string, end: number): string {
  const [behind = '', word = ''] = /^ ?([A-Za-z]{3,12})\b/.exec(text.slice(end, end + 14)) ?? [];
  return word !== '' && unitNamed(word, false) !== undefined ? behind : '';
}

/** The number at `place` with its sign, percent mark and unit. */
export function numberAt(text: string, { start, end }: NumberPlace): ExtractedAnswer {
  const digits = text.slice(withAlternative(text, withSign(text, start)), end);
  return { answer: withPercent(`${digits}${gluedUnit(text, end)}`, text, end), source: 'last_number' };
}

/** The last number that is not part of a word, with its sign, fraction, percent mark and unit. */
export function lastNumber(text: string): ExtractedAnswer | undefined {
  const place = lastNumberPlace(text);
  return place === undefined ? undefined : numberAt(text, place);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}

/** Left over digits, and over `.`, `,`, `/`, `:` and `^` between digits. */
function numberStart(text: string, end: number): number {
  let start = end;
  while (start > 0) {
    const code = text.charCodeAt(start - 1);
    if (isDigit(code)) start -= 1;
    else if (isJoint(code) && isDigit(text.charCodeAt(start - 2)) && isDigit(text.charCodeAt(start)))
      start -= 1;
    else if (code === 46 && isDigit(text.charCodeAt(start))) start -= 1;
    else break;
  }
  return start;
}

/** `.`, `,`, `/`, `:`, `^`. */
function isJoint(code: number): boolean {
  return code === 46 || code === 44 || code === 47 || code === 58 || code === 94;
}

function withSign(text: string, start: number): number {
  const code = text.charCodeAt(start - 1);
  const isSign = code === 45 || code === 0x2212;
  if (!isSign) return start;
  const before = text.charCodeAt(start - 2);
  // "10-3" is a difference or a range; "= -3" is negative.
  return isDigit(before) || isLetter(before) || before === 41 ? start : start - 1;
}

/** Where "7 or maybe" begins before an 8 that starts at `start`: two offers are taken as two, for the verifier to refuse. */
function withAlternative(text: string, start: number): number {
  const head = text.slice(Math.max(0, start - 40), start);
  const offer = /[-\d][\d.,/%]{0,12} (?:or|or maybe|or perhaps|or possibly|or even) $/.exec(head);
  return offer === null ? start : start - offer[0].length;
}

/** `m²` in "1,000m²"; nothing for an ordinal or a longer word. */
function gluedUnit(text: string, end: number): string {
  const unit = /^[A-Za-z]{1,3}[²³]?(?![A-Za-z\d])/.exec(text.slice(end, end + 6))?.[0] ?? '';
  return /^(?:st|nd|rd|th)$/.test(unit) ? '' : unit;
}

/** The answer with a percent mark that stands behind it, outside the formula: `$\boxed{28}$ pct`. */
export function withPercent(answer: string, text: string, end: number): string {
  if (end >= text.length || answer.includes('%')) return answer;
  const behind = /^[\s$]*(?:\\\)|\\\])?\s*(?:\\?%|per\s?cent\b|pct\b|percentage\b(?! points))/.exec(
    text.slice(end, end + 24),
  );
  return behind === null ? answer : `${answer}%`;
}
