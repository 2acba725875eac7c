// One way to write an answer of each type, so that datasets state equal answers alike: 5895 metres, 1867-11-07, yes. What a type
// does not fully read stays as it was written: a normal form may forget how something was written, never what.

import { readDates, type DateParts } from './dates.ts';
import type { Exact } from './exact.ts';
import { collapseSpace } from './normalize.ts';
import { plainText } from './plain-text.ts';
import type { AnswerType } from './qa-pair.ts';
import { readQuantities } from './quantities.ts';
import { findVerifier } from './verifiers/table.ts';

/** Longer numbers are written as they came: nobody reads 24 digits better than 6.02e23. */
const DIGITS_MAX = 15;
const MONEY = /^([A-Z]{3})1$/u;

/** `answer` in the normal form of its type. The same text again for what is in it already. */
export function normalForm(type: AnswerType, answer: string): string {
  const written = collapseSpace(answer);
  switch (type) {
    case 'number':
    case 'quantity':
      return amountForm(written) ?? plainText(written);
    case 'date':
      return dateForm(written) ?? plainText(written);
    case 'boolean':
      return booleanForm(written) ?? written;
    case 'math':
      return /^\$([^$]+)\$$/u.exec(written)?.[1]?.trim() ?? written;
    case 'text':
      return plainText(written);
    case 'choice':
    case 'list':
    case 'pattern':
      return written;
  }
}

/** One amount with nothing around it, without separators. Undefined for anything else. */
function amountForm(written: string): string | undefined {
  const text = plainText(written);
  const { quantities, words, marks, isOutOfRange } = readQuantities(text);
  const [quantity] = quantities;
  if (quantity === undefined || quantities.length > 1 || words.length > 0) return undefined;
  if (marks !== '' || isOutOfRange) return undefined;
  const number = exactForm(quantity.value);
  if (number === undefined) return undefined;
  const { unit } = quantity;
  if (unit === undefined) return number;
  const money = MONEY.exec(unit.dimension)?.[1];
  if (money !== undefined) return `${number} ${money}`;
  return unit.text === '%' ? `${number}%` : `${number} ${unit.text}`;
}

/** As a decimal where it ends, as a fraction in lowest terms where it does not. */
function exactForm({ numerator, denominator }: Exact): string | undefined {
  const common = gcd(numerator < 0n ? -numerator : numerator, denominator);
  const [over, under] = [numerator / common, denominator / common];
  const places = decimalPlaces(under);
  const text =
    places === undefined ? `${over}/${under}` : decimal(over * (10n ** BigInt(places) / under), places);
  return text.length > DIGITS_MAX + 2 ? undefined : text;
}

/** Least number of decimals that write 1 / `under` without rest; undefined when none does. */
function decimalPlaces(under: bigint): number | undefined {
  let [rest, twos, fives] = [under, 0, 0];
  while (rest % 2n === 0n && twos <= DIGITS_MAX) [rest, twos] = [rest / 2n, twos + 1];
  while (rest % 5n === 0n && fives <= DIGITS_MAX) [rest, fives] = [rest / 5n, fives + 1];
  return rest === 1n ? Math.max(twos, fives) : undefined;
}

/** `scaled` / 10^places. */
function decimal(scaled: bigint, places: number): string {
  const sign = scaled < 0n ? '-' : '';
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, '0');
  const at = digits.length - places;
  return places === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, at)}.${digits.slice(at)}`;
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

/** ISO 8601 for a day, a month of a year, a year; undefined for what ISO has no short form for, and for two readings. */
function dateForm(written: string): string | undefined {
  const { dates, rest } = readDates(written);
  const [readings] = dates;
  if (dates.length !== 1 || rest.trim() !== '' || readings?.length !== 1) return undefined;
  const { year, month, day, ...others }: DateParts = readings[0] ?? {};
  if (year === undefined || year < 1 || Object.keys(others).length > 0) return undefined;
  if (day !== undefined && month === undefined) return undefined;
  const [yearText, monthText, dayText] = [String(year), twoDigits(month), twoDigits(day)];
  // A year of less than four digits alone is how people write it; in a full date, ISO wants four.
  if (monthText === undefined) return yearText;
  return [yearText.padStart(4, '0'), monthText, ...(dayText === undefined ? [] : [dayText])].join('-');
}

function twoDigits(part: number | undefined): string | undefined {
  return part === undefined ? undefined : String(part).padStart(2, '0');
}

function booleanForm(written: string): string | undefined {
  const verifier = findVerifier('boolean');
  return ['yes', 'no'].find(
    (answer) =>
      verifier?.verify({
        answer: written,
        groundTruth: { answer, aliases: [] },
        choices: [],
        promptText: '',
        options: {},
      }).kind === 'correct',
  );
}
