// Guesses what kind of answer a ground truth is, for rows that do not say. Decided by the ground truth's own text, so the
// same row always gets the same type; where the form says little, `text` is the guess that claims least.

import { readDates } from './dates.ts';
import type { AnswerType } from './qa-pair.ts';
import { readUnit } from './units.ts';

const BOOLEAN = /^(?:yes|no|true|false)[.!]?$/i;
/** A letter of an option whose text is part of the question. */
const OPTION_LETTER = /^(?:[A-J]|\([A-J]\))$/;
const DIGITS = String.raw`(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+`;
const NUMBER = new RegExp(String.raw`^[-+−]?(?:${DIGITS})(?:[eE][-+]?\d+)?$`, 'u');
const MEASURED = new RegExp(String.raw`^[-+−]?(?<currency>[$€£¥])?\s?(?:${DIGITS})\s?`, 'u');
const SCALE_WORD = /^(?:thousand|million|billion|trillion)(?![\p{L}])\s*/iu;
const LATEX = /\\(?:[a-zA-Z]+|[{}%$,;!])|^\$[^$]+\$$/u;
const RELATION = /[\^=<>≤≥√π∞∪∩]/u;
/** Numbers and single letters joined by signs and brackets: 3/4, (x+1)(x-2), (12, 102), 2x. */
const EXPRESSION = /^(?=.*[\d()[\]])(?:\d+(?:\.\d+)?|(?<!\p{L})\p{L}(?!\p{L})|[-+−*/×÷·,;()[\]{}!|\s])+$/u;
const WORDS = /\p{L}{3,}/gu;

const INFERRED_CHARS_MAX = 2_000;
const SHORT_CHARS_MAX = 80;
const LIST_ITEMS_MIN = 3;
const LIST_WORDS_MAX = 4;

/** The answer type of a ground truth. Never `pattern`: a pattern is declared, not guessed. */
export function inferAnswerType(groundTruth: string, choices: readonly string[] = []): AnswerType {
  if (choices.length > 0) return 'choice';
  const text = groundTruth.trim();
  if (text.length > INFERRED_CHARS_MAX) return 'text';
  if (BOOLEAN.test(text)) return 'boolean';
  if (OPTION_LETTER.test(text)) return 'choice';
  if (NUMBER.test(text)) return 'number';
  if (LATEX.test(text)) return 'math';
  if (text.length <= SHORT_CHARS_MAX) {
    if (isDate(text)) return 'date';
    if (isQuantity(text)) return 'quantity';
    if (isNumberList(text)) return 'list';
    if (EXPRESSION.test(text)) return 'math';
    if (RELATION.test(text) && wordCount(text) < 2) return 'math';
  }
  return isWordList(text) ? 'list' : 'text';
}

/** A day, a month of a year, a quarter: more than a bare year, which is as well a number. */
function isDate(text: string): boolean {
  if (!/\d/u.test(text)) return false;
  const { dates, rest } = readDates(text);
  const [readings] = dates;
  return dates.length === 1 && rest === '' && (readings ?? []).some((reading) => reading.month !== undefined);
}

function isQuantity(text: string): boolean {
  const match = MEASURED.exec(text);
  if (match === null) return false;
  const scale = SCALE_WORD.exec(text.slice(match[0].length))?.[0] ?? '';
  const from = match[0].length + scale.length;
  if (from === text.length) return match.groups?.['currency'] !== undefined;
  return readUnit(text, from)?.end === text.length;
}

function isNumberList(text: string): boolean {
  const items = text.split(/\s*[,;]\s+|\s+and\s+/u);
  return items.length > 1 && items.every((item) => NUMBER.test(item));
}

/** Items between semicolons, or at least three short ones between commas; a sentence with commas is no list. */
function isWordList(text: string): boolean {
  if (/[.!?:]/u.test(text)) return false;
  const bySemicolon = text.split(';');
  if (bySemicolon.length > 1) return bySemicolon.every(isShortItem);
  const byComma = text.replace(/,?\s+and\s+/u, ', ').split(',');
  return byComma.length >= LIST_ITEMS_MIN && byComma.every(isShortItem);
}

function isShortItem(item: string): boolean {
  const words = item.trim().split(/\s+/u);
  return words[0] !== '' && words.length <= LIST_WORDS_MAX;
}

function wordCount(text: string): number {
  return text.match(WORDS)?.length ?? 0;
}
