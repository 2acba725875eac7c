// Says the answers of a labelled file another way: words for digits, currencies, decimals, units, hedges, sentences. The
// value stays, so the label does. Seeded: one seed, one file, to the byte.

import type { Random } from '../../src/core/random.ts';
import { numberInWords } from './number-in-words.ts';

/** What a way of saying needs to know of a question and of the answer that a completion gave to it. */
interface Said {
  /** Digits, a sign and a point: no commas. */
  readonly digits: string;
  readonly words: string | undefined;
  /** What is counted: "dollars", "eggs"; undefined where the question does not say. */
  readonly unit: string | undefined;
}

/** One way of saying it; undefined where the way does not fit. */
type Way = (said: Said) => string | undefined;

export const WAYS: Readonly<Record<string, Way>> = {
  decimal: ({ digits }) => (digits.includes('.') ? `A: ${digits}0` : `A: ${digits}.00`),
  currency: ({ digits, unit }) => (isMoney(unit) && !digits.startsWith('-') ? `A: $${digits}` : undefined),
  commas: ({ digits }) => (Math.abs(Number(digits)) >= 1_000 ? `A: ${withCommas(digits)}` : undefined),
  words: ({ words }) => words && `A: ${words}`,
  'words, capital and full stop': ({ words }) => words && `A: ${capital(words)}.`,
  'words and unit': ({ words, unit }) => words && unit && `A: ${words} ${unit}`,
  unit: ({ digits, unit }) => unit && `A: ${digits} ${unit}`,
  'cents for dollars': ({ digits, unit }) => cents(digits, unit),
  'a dozen': ({ digits, unit }) => dozens(digits, unit),
  approximately: ({ digits }) => `A: approximately ${digits}`,
  'about, with unit': ({ digits, unit }) => unit && `A: about ${digits} ${unit}`,
  'roughly, in words': ({ words }) => words && `A: roughly ${words}`,
  sentence: ({ digits }) => `So the final answer is ${digits}.`,
  'sentence with unit': ({ digits, unit }) => unit && `Therefore, the answer is ${digits} ${unit}.`,
  'sentence in words': ({ words }) => words && `That means the answer is ${words}.`,
  'sentence in words with unit': ({ words, unit }) =>
    words && unit && `The final answer is ${words} ${unit}.`,
  boxed: ({ digits }) => String.raw`So it is \boxed{${digits}}.`,
  'boxed with unit': ({ digits, unit }) => unit && String.raw`So it is \boxed{${digits}\text{ ${unit}}}.`,
  markdown: ({ digits }) => `**Answer:** **${digits}**`,
  equation: ({ digits }) => `A: x = ${digits}`,
  // The rule does not compute it: one for the judge.
  integral: ({ digits }) => String.raw`A: \int_0^{${digits}} 1\,dx`,
  'number beside words': ({ digits, words }) => words && `A: ${words} (${digits})`,
};

const ENDING = /(?:^|\n)A: (?<digits>-?[\d,]+(?:\.\d+)?)\s*$/u;

/** The completion with its last line said another way; undefined where it does not end in an answer (it was cut off). */
export function paraphrase(
  { text, question }: { readonly text: string; readonly question: string },
  random: Random,
): { readonly text: string; readonly way: string } | undefined {
  const match = ENDING.exec(text);
  const digits = match?.groups?.['digits']?.replaceAll(',', '');
  if (match === null || digits === undefined) return undefined;
  const said = { digits, words: numberInWords(digits), unit: unitOf(question) };
  const fitting = Object.entries(WAYS).flatMap(([way, say]) => {
    const ending = say(said);
    return ending === undefined || ending === '' ? [] : [{ way, ending }];
  });
  const chosen = fitting[random.below(fitting.length)];
  if (chosen === undefined) return undefined;
  const before = text.slice(0, match.index);
  return { text: before === '' ? chosen.ending : `${before}\n${chosen.ending}`, way: chosen.way };
}

/** What the last sentence asks to count, or dollars where it asks how much money. */
function unitOf(question: string): string | undefined {
  const asked = question.split(/(?<=[.?!])\s+/u).findLast((sentence) => sentence.includes('?')) ?? question;
  if (/percent|%|\bcents?\b|fraction|ratio/iu.test(asked)) return undefined;
  if (/dollars?\b|\$/iu.test(asked)) return 'dollars';
  const counted = /how many (?:\w+ )?(?<unit>[a-z]{3,}s)\b/iu.exec(asked)?.groups?.['unit'];
  if (counted !== undefined) return NO_UNIT.has(counted) ? undefined : counted;
  const isPaid = /how much\b.*\b(?:cost|costs|pay|paid|money|earn|make|makes|spend|spent|owe|save)\b/iu.test(
    asked,
  );
  return isPaid && question.includes('$') ? 'dollars' : undefined;
}

const NO_UNIT: ReadonlySet<string> = new Set(['does', 'was', 'has', 'this', 'times', 'less']);

function isMoney(unit: string | undefined): boolean {
  return unit === 'dollars';
}

function cents(digits: string, unit: string | undefined): string | undefined {
  if (!isMoney(unit) || !/^\d{1,4}$/u.test(digits)) return undefined;
  return `A: ${Number(digits) * 100} cents`;
}

function dozens(digits: string, unit: string | undefined): string | undefined {
  const value = Number(digits);
  if (unit === undefined || isMoney(unit) || value <= 0 || value % 12 !== 0 || value > 240) return undefined;
  return value === 12 ? `A: a dozen ${unit}` : `A: ${numberInWords(String(value / 12)) ?? ''} dozen ${unit}`;
}

function withCommas(digits: string): string {
  const [whole = '', parts] = digits.split('.');
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, ',');
  return parts === undefined ? grouped : `${grouped}.${parts}`;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
