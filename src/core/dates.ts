// Reads dates as people write them in short answers, at the precision they are written in. Knows no clock, so "today" and
// two-digit years mean nothing to it; of an ambiguous numeric date it gives both readings.

import { plainText } from './plain-text.ts';

/** What was said of a date, and nothing more. Years before 1 are astronomical: 44 BC is -43. */
export interface DateParts {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
  readonly quarter?: number;
  /** First year of a decade: 1990 for "the 1990s". */
  readonly decade?: number;
  /** 19 for "19th century" (1801–1900), -5 for "5th century BC". */
  readonly century?: number;
  /** 18 for "the 1800s" (1800–1899). */
  readonly hundreds?: number;
}

/** One date of the text: more than one reading when day and month cannot be told apart. */
export type DateReadings = readonly DateParts[];

export interface DatesRead {
  readonly dates: readonly DateReadings[];
  /** What is left of the text, in lower case, dates taken out. */
  readonly rest: string;
}

const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
);
const MONTH =
  '(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const ERA = '(?:\\s*(?<era>b\\.?\\s?c\\.?(?:\\s?e\\.?)?|a\\.?\\s?d\\.?|c\\.?\\s?e\\.?)(?![a-z]))?';
const YEAR = `(?:(?:a\\.?d\\.?)\\s*)?(?<year>\\d{1,4})${ERA}`;
const DAY = '(?<day>\\d{1,2})(?:st|nd|rd|th)?';
const ORDINALS =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first'.split(
    ' ',
  );
const START = '(?<![\\p{L}\\p{N}.,/-])';
const END = '(?![\\p{L}\\p{N}]|[.,/:-]\\d)';
const TIME = '(?:[t ]\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?\\s?(?:z|[+-]\\d{2}:?\\d{2}|[ap]m)?)?';

/** Most specific first: each takes its text out before the next looks. */
const FORMS: readonly RegExp[] = [
  `(?<year>\\d{4})(?<mark>[-/.])(?<month2>\\d{1,2})\\k<mark>(?<day>\\d{1,2})${TIME}`,
  `(?<year>\\d{4})(?<month2>\\d{2})(?<day>\\d{2})`,
  `(?<first>\\d{1,2})(?<mark>[-/.])(?<second>\\d{1,2})\\k<mark>(?<year>\\d{4})${TIME}`,
  `${DAY}(?:\\s+day)?\\s*(?:of\\s+)?[\\s-]?${MONTH}\\s*,?(?:\\s+of\\s+|[\\s-]*)${YEAR}`,
  `${MONTH}\\s*(?:the\\s+)?${DAY}\\s*,?\\s+${YEAR}`,
  `(?<year>\\d{4}),?\\s+${MONTH}\\s+${DAY}`,
  `(?:q(?<quarter>[1-4])|(?<quarterWord>first|second|third|fourth|1st|2nd|3rd|4th)\\s+quarter)\\s*(?:of\\s+|,\\s*|[-/])?(?:fy\\s*)?${YEAR}`,
  `(?<year>\\d{4})\\s*[-/]?\\s*q(?<quarter>[1-4])`,
  `(?<century>\\d{1,2})(?:st|nd|rd|th)[\\s-]+centur(?:y|ies)${ERA}`,
  `(?<centuryWord>${ORDINALS.toReversed().join('|')})[\\s-]+century${ERA}`,
  `(?:the\\s+)?(?<decade>\\d{1,3}0)'?s${ERA}`,
  `(?<year>\\d{4})-(?<month2>0[1-9]|1[0-2])`,
  `(?<month2>0?[1-9]|1[0-2])/(?<year>\\d{4})`,
  `${MONTH}\\s*,?\\s*(?:of\\s+)?(?<year>\\d{4}|\\d{1,4}(?=\\s*(?:b\\.?\\s?c|a\\.?\\s?d|c\\.?\\s?e)))${ERA}`,
  `${MONTH}\\s+(?:the\\s+)?${DAY}`,
  `${DAY}\\s+(?:of\\s+)?${MONTH}`,
  YEAR,
].map((form) => new RegExp(`${START}${form}${END}`, 'gu'));

/** All dates in a short text (a few hundred characters; the caller bounds it). */
export function readDates(text: string): DatesRead {
  let rest = plainText(text)
    .toLowerCase()
    .replace(/(?<=\d) (?=(?:st|nd|rd|th)\b)/gu, '');
  const dates: { readonly at: number; readonly readings: DateReadings }[] = [];
  for (const form of FORMS) {
    rest = rest.replace(form, (match: string, ...captures: unknown[]) => {
      const groups = captures.at(-1);
      const at = captures.at(-3);
      const readings = isGroups(groups) ? readingsOf(groups) : [];
      // An impossible date ("30 February") stays in the text, and its digits spoil the answer.
      if (readings.length === 0) return match.replace(/\d/gu, '#');
      dates.push({ at: typeof at === 'number' ? at : 0, readings });
      return ' '.repeat(match.length);
    });
  }
  dates.sort((a, b) => a.at - b.at);
  return { dates: dates.map(({ readings }) => readings), rest: rest.replace(/\s+/gu, ' ').trim() };
}

/** Named captures of one of `FORMS`. */
type Groups = Readonly<Record<string, string | undefined>>;

/** Whether `date` says what `truth` says, at the ground truth's precision: more detail is fine, less is not. */
export function agreesWith(date: DateParts, truth: DateParts): boolean {
  for (const part of ['year', 'month', 'day', 'quarter', 'decade', 'century', 'hundreds'] as const) {
    if (truth[part] !== undefined && derived(date, part) !== truth[part]) return false;
  }
  return true;
}

/** What a date says of a coarser part that it does not spell out. */
function derived(date: DateParts, part: keyof DateParts): number | undefined {
  const own = date[part];
  if (own !== undefined) return own;
  const { year, month, decade } = date;
  switch (part) {
    case 'quarter':
      return month === undefined ? undefined : Math.ceil(month / 3);
    case 'decade':
      return year === undefined || year < 0 ? undefined : Math.floor(year / 10) * 10;
    case 'hundreds':
      if (date.century !== undefined && date.century > 0) return date.century - 1;
      return (year ?? decade) === undefined ? undefined : Math.floor((year ?? decade ?? 0) / 100);
    case 'century':
      if (date.hundreds !== undefined) return date.hundreds + 1;
      if (year !== undefined) return year > 0 ? Math.ceil(year / 100) : -Math.ceil((1 - year) / 100);
      return decade === undefined ? undefined : Math.floor(decade / 100) + 1;
    case 'year':
    case 'month':
    case 'day':
      return undefined;
    default:
      return part satisfies never;
  }
}

function isGroups(value: unknown): value is Groups {
  return typeof value === 'object' && value !== null;
}

function readingsOf(groups: Groups): DateReadings {
  const isBefore = groups['era']?.startsWith('b') === true;
  const century = groups['century'] ?? centuryOf(groups['centuryWord']);
  if (century !== undefined) return [{ century: isBefore ? -Number(century) : Number(century) }];
  if (groups['decade'] !== undefined) {
    if (isBefore) return [];
    const decade = Number(groups['decade']);
    return [decade % 100 === 0 ? { hundreds: decade / 100 } : { decade }];
  }
  const year = groups['year'] === undefined ? undefined : Number(groups['year']);
  if (year === 0) return [];
  const at = year === undefined ? {} : { year: isBefore ? 1 - year : year };
  const quarter = groups['quarter'] ?? quarterOf(groups['quarterWord']);
  if (quarter !== undefined) return [{ ...at, quarter: Number(quarter) }];
  if (groups['first'] !== undefined) return numericReadings(groups, at);
  const month = monthOf(groups);
  const day = groups['day'] === undefined ? undefined : Number(groups['day']);
  if (month === undefined) return [at];
  if (month < 1 || month > 12) return [];
  if (day === undefined) return [{ ...at, month }];
  return isDay(at.year, month, day) ? [{ ...at, month, day }] : [];
}

/** 03/04/2024 is both; 28/01/1887 is one; 28.01.1887 puts the day first wherever it is written. */
function numericReadings(groups: Groups, at: { readonly year?: number }): DateReadings {
  const [first, second] = [Number(groups['first']), Number(groups['second'])];
  const readings: DateParts[] = [];
  if (isDay(at.year, second, first)) readings.push({ ...at, month: second, day: first });
  const isDotted = groups['mark'] === '.' && readings.length > 0;
  if (!isDotted && first !== second && isDay(at.year, first, second))
    readings.push({ ...at, month: first, day: second });
  return readings;
}

function monthOf(groups: Groups): number | undefined {
  if (groups['month2'] !== undefined) return Number(groups['month2']);
  const word = groups['month'];
  return word === undefined ? undefined : MONTHS.findIndex((name) => name.startsWith(word.slice(0, 3))) + 1;
}

function centuryOf(word: string | undefined): number | undefined {
  return word === undefined ? undefined : ORDINALS.indexOf(word) + 1;
}

function quarterOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  return /^\d/u.test(word) ? Number(word[0]) : ORDINALS.indexOf(word) + 1;
}

/** Gregorian, carried back before its time as ISO 8601 does. Without a year, 29 February exists. */
function isDay(year: number | undefined, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeap = year === undefined || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
  const length = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= length;
}
