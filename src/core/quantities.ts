// Reads a short answer as quantities: numbers with their units, and the words around them. It finds *all* numbers, because
// an answer that holds two different ones is not an answer.

import { add, compareExact, equalExact, fromDecimal, multiply, negate } from './exact.ts';
import type { Exact } from './exact.ts';
import { readDigits, readWords } from './numbers.ts';
import { isSameUnit, readUnit, toBase } from './units.ts';
import type { Unit } from './units.ts';

export interface Quantity {
  readonly value: Exact;
  readonly unit: Unit | undefined;
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
}

export interface QuantitiesRead {
  readonly quantities: readonly Quantity[];
  /** All that is neither number nor unit, in lower case. */
  readonly words: readonly string[];
  /** Marks that make the text a formula, a range or a choice rather than a plain quantity; '' when there are none. */
  readonly marks: string;
  /** A numeral was there that is too large or too small to compute with. */
  readonly isOutOfRange: boolean;
}

const QUANTITIES_MAX = 8;
const MONEY = /^(?:US\$|[CA]\$|[$€£¥₹₽₩]|(?:USD|EUR|GBP|JPY|INR|CHF|CNY|CAD|AUD)\s)\s*(?=[-+.\d]|\p{L})/u;
const MONEY_SCALE = /^\s?([MB])(?![\p{L}\d])/u;
const QUIET_MARKS = /^[\s,.;:()'"!~≈?[\]]$/u;

/** Everything that a text (cleaned, and short: a thousand characters or so) holds. */
export function readQuantities(written: string): QuantitiesRead {
  const text = written
    .replace(/\bper cent\b/giu, 'percent')
    .replace(/(?<=\d)'\s?(\d+(?:\.\d+)?)(?:"|'')/gu, ' ft $1 inches');
  const quantities: Quantity[] = [];
  const words: string[] = [];
  let marks = '';
  let isOutOfRange = false;
  let at = 0;
  while (at < text.length && quantities.length < QUANTITIES_MAX) {
    const read = readQuantity(text, at);
    if (read !== undefined) {
      quantities.push(read);
      at = read.end;
      // In brackets every comma separates: "(0,9)" is a pair or an interval, "(1,234)" too.
      if (/[([]/u.test(text[read.start - 1] ?? '') && text.slice(read.start, read.end).includes(','))
        marks += ',';
      // Digits, or a power or index, right behind a number make it part of something else.
      const behind = text.slice(at, at + 3);
      if (/^(?:\d|[\^_!]|:\d)/u.test(behind)) marks += behind.charAt(0);
      // "5x" and "2π" are products; "5th" is not.
      else if (/^(?!st|nd|rd|th)\p{L}(?!\p{L}{2})/u.test(behind)) marks += '×';
      continue;
    }
    const digits = /^[\d.,]*\d[\d.,eE^+-]*/u.exec(text.slice(at, at + 2_000))?.[0];
    if (digits !== undefined) {
      if (/e/iu.test(digits) || digits.length > 1_000) isOutOfRange = true;
      else marks += ','; // "1,2,3": numerals in a row that are no one number.
      at += digits.length;
      continue;
    }
    const word = /^\p{L}[\p{L}\p{M}'-]*/u.exec(text.slice(at, at + 200))?.[0];
    if (word !== undefined) {
      words.push(word.toLowerCase());
      at += word.length;
      continue;
    }
    const mark = text[at] ?? '';
    if (!QUIET_MARKS.test(mark)) marks += mark;
    at += 1;
  }
  if (at < text.length) marks += '…';
  return { quantities: joinCompounds(text, quantities), words, marks, isOutOfRange };
}

/** Whether both are the same amount: by dimension where both have units, by value where neither has. */
export function isSameQuantity(a: Quantity, b: Quantity): boolean {
  if (a.unit === undefined || b.unit === undefined) {
    return a.unit === b.unit && equalExact(a.value, b.value);
  }
  return (
    a.unit.dimension === b.unit.dimension && equalExact(toBase(a.value, a.unit), toBase(b.value, b.unit))
  );
}

/** Reads one quantity at `from`: sign, money, number, scale, unit. */
export function readQuantity(text: string, from: number): Quantity | undefined {
  const sign = readSign(text, from);
  let at = from + sign.length;
  const money = MONEY.exec(text.slice(at, at + 16));
  // The sign alone: "$2" is no power of dollars.
  const moneyUnit = money === null ? undefined : readUnit(money[0].trim(), 0)?.unit;
  if (money !== null && moneyUnit !== undefined) at += money[0].length;
  const inner = money === null ? '' : readSign(text, at);
  at += inner.length;
  const isWordStart = at === 0 || !/[\p{L}\d]/u.test(text[at - 1] ?? '');
  const number = isWordStart ? (readDigits(text, at) ?? readWords(text, at)) : undefined;
  if (number === undefined) return undefined;
  const isNegative =
    sign.trim() === '-' || inner.trim() === '-' || /^(?:minus|negative)/u.test(sign.toLowerCase());
  let value = isNegative ? negate(number.value) : number.value;
  let end = number.end;
  if (moneyUnit !== undefined) {
    const scale = MONEY_SCALE.exec(text.slice(end, end + 3));
    if (scale !== null) {
      value = multiply(value, fromDecimal(scale[1] === 'M' ? '1e6' : '1e9') ?? value);
      end += scale[0].length;
    }
  }
  const gap = /^[\s-]?\s*(?:of\s+)?(?:a\s+|an\s+)?/iu.exec(text.slice(end, end + 12))?.[0].length ?? 0;
  // "$18 per day" is an amount of money, and what it is for.
  const isRate = moneyUnit !== undefined && /^\s*(?:\/|per\s)/iu.test(text.slice(end, end + 8));
  const unit = isRate ? undefined : (readUnit(text, end + gap) ?? readUnit(text, end));
  return { value, unit: unit?.unit ?? moneyUnit, start: from, end: unit?.end ?? end };
}

/** A sign belongs to the number only when nothing stands before it: "5-3" is two numbers, "x = -3" is one. */
function readSign(text: string, from: number): string {
  const match = /^(?:[-+]\s?(?=[\d.$€£¥₹])|(?:minus|negative)\s+(?=[\p{L}\d.$€£]))/iu.exec(
    text.slice(from, from + 12),
  );
  if (match === null) return '';
  return /[\p{L}\d)%]\s*$/u.test(text.slice(Math.max(0, from - 4), from)) && match[0].length < 5
    ? ''
    : match[0];
}

/** "5 ft 3 in", "1 hour and 20 minutes": like units, each part smaller than one of the part before, are one quantity. */
function joinCompounds(text: string, quantities: readonly Quantity[]): readonly Quantity[] {
  const joined: Quantity[] = [];
  for (const next of quantities) {
    const last = joined.at(-1);
    const gap = last === undefined ? '' : text.slice(last.end, next.start);
    const sum = last !== undefined && /^,?\s*(?:and\s+)?$/u.test(gap) ? joinTwo(last, next) : undefined;
    if (sum === undefined) joined.push(next);
    else joined[joined.length - 1] = sum;
  }
  return joined;
}

function joinTwo(large: Quantity, small: Quantity): Quantity | undefined {
  if (large.unit === undefined || small.unit === undefined || isSameUnit(large.unit, small.unit))
    return undefined;
  if (large.unit.dimension !== small.unit.dimension || large.unit.dimension === '') return undefined;
  if (large.unit.offset !== undefined || small.unit.offset !== undefined) return undefined;
  const part = toBase(small.value, small.unit);
  if (part.numerator < 0n || large.value.numerator < 0n || compareExact(part, large.unit.factor) >= 0)
    return undefined;
  const sum = add(toBase(large.value, large.unit), part);
  const value = {
    numerator: sum.numerator * large.unit.factor.denominator,
    denominator: sum.denominator * large.unit.factor.numerator,
  };
  return { value, unit: large.unit, start: large.start, end: small.end };
}
