// Reads numbers as people write them: separators of several conventions, fractions, powers of ten, words, "million". Reads
// from a place in a text that `plainText` has cleaned; what surrounds the number is the caller's business.

import { add, divide, fromDecimal, integer, multiply, powerOfTen } from './exact.ts';
import type { Exact } from './exact.ts';
import { readNumberWords, scaleOf } from './number-words.ts';

export interface NumberRead {
  readonly value: Exact;
  readonly end: number;
}

/** Longest numeral that is read; longer ones are refused by the caller, which bounds its text. */
const WINDOW = 24_000;

/** 1,234,567.8 · 12,34,567 (lakh) · 1.234.567 · 1.234,5 · 1 234.5 / 1'234 / 1_234 */
const GROUPED: readonly (readonly [pattern: RegExp, group: RegExp, point: '.' | ','])[] = [
  [/^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?![\d]|,\d)/u, /,/gu, '.'],
  [/^[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d+)?(?![\d]|,\d)/u, /,/gu, '.'],
  [/^[1-9]\d{0,2}(?:\.\d{3})+,\d+(?![\d]|[.,]\d)/u, /\./gu, ','],
  [/^[1-9]\d{0,2}(?:\.\d{3}){2,}(?![\d]|[.,]\d)/u, /\./gu, ','],
  [/^[1-9]\d{0,2}(?:[ '_]\d{3})+(?:[.,]\d+)?(?![\d]|[ '_.,]\d|\/\d)/u, /[ '_]/gu, '.'],
];
/** "3,5" and "0,125", but not "1,234" and not the list "1,2,3". */
const DECIMAL_COMMA = /^(?:\d+,(?:\d{1,2}|\d{4,})|0,\d+)(?![\d]|[.,]\d)/u;
const PLAIN = /^(?:\d+(?:\.\d+)?|\.\d+)/u;
const EXPONENT =
  /^(?:[eE]([-+]?\d+)(?![\d\p{L}])|\s*[×x*·⋅]\s*10\s*(?:\^|\*\*)\s*[({]?\s*([-+]?\d+)\s*[)}]?)/u;
const UNDER = /^\s*\/\s*(\d+(?:\.\d+)?)(?![\d\p{L}^]|[.,]\d)/u;
const MIXED = /^(?:\s+|\s+and\s+|-)(\d+)\s*\/\s*(\d+)(?![\d\p{L}^]|[.,]\d)/u;
const SCALE =
  /^(?:\s+|-)?(hundreds?|thousands?|millions?|billions?|trillions?|quadrillions?|quintillions?|dozens?|mn|bn|tn|k|mil)(?![\p{L}\d/^])/u;

/** Reads an unsigned number in digits at `from`. Undefined: none there, or one too large to compute with. */
export function readDigits(text: string, from: number): NumberRead | undefined {
  const window = text.slice(from, from + WINDOW);
  const base = readNumeral(window);
  if (base === undefined) return undefined;
  let value = base.value;
  let at = base.end;
  const power = /^10$/u.test(window.slice(0, at))
    ? /^\s*\^\s*[({]?\s*([-+]?\d+)\s*[)}]?/u.exec(window.slice(at))
    : null;
  if (power !== null) {
    const scaled = powerOfTen(Number(power[1]));
    return scaled === undefined ? undefined : { value: scaled, end: from + at + power[0].length };
  }
  const exponent = EXPONENT.exec(window.slice(at, at + 40));
  if (exponent !== null) {
    const scaled = powerOfTen(Number(exponent[1] ?? exponent[2]));
    if (scaled === undefined) return undefined;
    return { value: multiply(value, scaled), end: from + at + exponent[0].length };
  }
  const fraction = readFraction(window, at, value);
  if (fraction !== undefined) {
    value = fraction.value;
    at = fraction.end;
  }
  const scale = SCALE.exec(window.slice(at, at + 20));
  if (scale !== null) {
    const factor = scaleOfShort(scale[1] ?? '');
    if (factor !== undefined)
      return { value: multiply(value, integer(factor)), end: from + at + scale[0].length };
  }
  return { value, end: from + at };
}

/** Reads a number in words at `from`, where a word begins. */
export function readWords(text: string, from: number): NumberRead | undefined {
  const words: string[] = [];
  const ends: number[] = [];
  const window = text.slice(from, from + 300).toLowerCase();
  const next = /([a-z]+)(?:[\s-]+|$|(?=[^a-z]))/uy;
  for (let match = next.exec(window); match !== null && words.length < 40; match = next.exec(window)) {
    words.push(match[1] ?? '');
    ends.push(match.index + (match[1] ?? '').length);
  }
  const read = readNumberWords(words);
  return read === undefined ? undefined : { value: read.value, end: from + (ends[read.count - 1] ?? 0) };
}

function readNumeral(window: string): NumberRead | undefined {
  for (const [pattern, group, point] of GROUPED) {
    const match = pattern.exec(window)?.[0];
    if (match === undefined) continue;
    // A space separates groups only when no other mark could be the decimal one twice: "1 234,5" has a decimal comma.
    const digits = match.replace(group, '').replace(point === ',' ? ',' : /,(?=\d+$)/u, '.');
    const value = fromDecimal(digits);
    return value === undefined ? undefined : { value, end: match.length };
  }
  const match = DECIMAL_COMMA.exec(window)?.[0] ?? PLAIN.exec(window)?.[0];
  const value = match === undefined ? undefined : fromDecimal(match.replace(',', '.'));
  return match === undefined || value === undefined ? undefined : { value, end: match.length };
}

function readFraction(window: string, at: number, whole: Exact): NumberRead | undefined {
  const rest = window.slice(at);
  const under = UNDER.exec(rest);
  if (under !== null) {
    const denominator = fromDecimal(under[1] ?? '');
    const value = denominator === undefined ? undefined : divide(whole, denominator);
    return value === undefined ? undefined : { value, end: at + under[0].length };
  }
  const mixed = whole.denominator === 1n ? MIXED.exec(rest) : null;
  const numerator = mixed === null ? undefined : fromDecimal(mixed[1] ?? '');
  const denominator = mixed === null ? undefined : fromDecimal(mixed[2] ?? '');
  if (mixed === null || numerator === undefined || denominator === undefined) return undefined;
  const part = divide(numerator, denominator);
  // "5 13/4" is not how a mixed number is written: its fraction is below one.
  if (part === undefined || part.numerator >= part.denominator) return undefined;
  return { value: add(whole, part), end: at + mixed[0].length };
}

function scaleOfShort(word: string): bigint | undefined {
  switch (word) {
    case 'k':
      return 1_000n;
    case 'mn':
    case 'mil':
      return 1_000_000n;
    case 'bn':
      return 1_000_000_000n;
    case 'tn':
      return 1_000_000_000_000n;
    default:
      return scaleOf(word);
  }
}
