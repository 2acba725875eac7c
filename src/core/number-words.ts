// Numbers written in English words: "twenty-five", "one hundred and five thousand", "two and a half million", "three quarters".
// Reads the longest run of words that is one number; never guesses across words it does not know.

import { add, fromDecimal, integer, multiply } from './exact.ts';
import type { Exact } from './exact.ts';

const SMALL: readonly string[] =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS: readonly string[] = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

const SCALES: Readonly<Record<string, bigint>> = {
  thousand: 10n ** 3n,
  million: 10n ** 6n,
  billion: 10n ** 9n,
  trillion: 10n ** 12n,
  quadrillion: 10n ** 15n,
  quintillion: 10n ** 18n,
};

const PARTS: Readonly<Record<string, bigint>> = {
  half: 2n,
  third: 3n,
  quarter: 4n,
  fourth: 4n,
  fifth: 5n,
  sixth: 6n,
  seventh: 7n,
  eighth: 8n,
  ninth: 9n,
  tenth: 10n,
  twentieth: 20n,
  hundredth: 100n,
  thousandth: 1000n,
};

const WORDS_MAX = 40;

export interface WordsRead {
  readonly value: Exact;
  /** How many words were taken. */
  readonly count: number;
}

/** What "thousand", "million", "dozen", … multiply by; plural or not. */
export function scaleOf(word: string): bigint | undefined {
  const singular = word.endsWith('s') ? word.slice(0, -1) : word;
  if (singular === 'hundred') return 100n;
  if (singular === 'dozen') return 12n;
  return Object.hasOwn(SCALES, singular) ? SCALES[singular] : undefined;
}

/** Reads a number from the front of `words` (lower case, hyphens already split). Undefined when they begin with none. */
export function readNumberWords(words: readonly string[]): WordsRead | undefined {
  const limit = Math.min(words.length, WORDS_MAX);
  let at = 0;
  let total = 0n;
  let group = -1n; // What is said since the last scale word; -1: nothing.
  let lastScale = 10n ** 21n;
  let taken = 0;
  while (at < limit) {
    const word = words[at] ?? '';
    const small = smallNumber(word);
    if (small !== undefined) {
      if (!fits(group, small)) break;
      group = (group < 0n ? 0n : group) + small;
    } else if (word === 'hundred' && group !== 0n && group < 100n) {
      group = (group < 0n ? 1n : group) * 100n;
    } else if (Object.hasOwn(SCALES, word)) {
      const scale = SCALES[word] ?? 1n;
      if (group === 0n || scale >= lastScale || (group < 0n && at > 0)) break;
      total += (group < 0n ? 1n : group) * scale;
      lastScale = scale;
      group = -1n;
    } else if (word === 'and' && at > 0 && joinsMore(words, at + 1, group, lastScale)) {
      at += 1;
      continue;
    } else if (word === 'a' && at === 0 && opensNumber(words[1])) {
      at += 1;
      continue;
    } else break;
    at += 1;
    taken = at;
  }
  const whole = taken === 0 ? undefined : integer(total + (group < 0n ? 0n : group));
  return withParts(words, taken, whole);
}

function smallNumber(word: string): bigint | undefined {
  const unit = SMALL.indexOf(word);
  if (unit >= 0) return BigInt(unit);
  const ten = TENS.indexOf(word);
  return ten < 0 ? undefined : BigInt((ten + 2) * 10);
}

/** "twenty" takes "five" but not "twelve"; "one hundred" takes both; "five" takes neither. */
function fits(group: bigint, next: bigint): boolean {
  if (group < 0n) return true;
  if (next === 0n || group === 0n) return false;
  const below = group % 100n;
  if (below === 0n) return true;
  return below >= 20n && below % 10n === 0n && next < 10n;
}

function joinsMore(words: readonly string[], at: number, group: bigint, lastScale: bigint): boolean {
  const next = smallNumber(words[at] ?? '');
  if (next === undefined || next === 0n) return false;
  if (Object.hasOwn(PARTS, (words[at + 1] ?? '').replace(/s$|ves$/u, ''))) return false;
  // "one hundred and five" and "two thousand and five" are one number; "five and seven" are two.
  return (group > 0n && group % 100n === 0n) || (group < 0n && lastScale < 10n ** 21n);
}

function opensNumber(word: string | undefined): boolean {
  return word === 'hundred' || (word !== undefined && Object.hasOwn(SCALES, word));
}

/** Decimals ("point five"), fractions ("three quarters", "and a half") and a scale after them ("half a million"). */
function withParts(words: readonly string[], taken: number, whole: Exact | undefined): WordsRead | undefined {
  if (whole !== undefined && words[taken] === 'point') {
    let digits = '';
    let at = taken + 1;
    for (; at < words.length && digits.length < WORDS_MAX; at += 1) {
      const digit = SMALL.indexOf(words[at] ?? '');
      if (digit < 0 || digit > 9) break;
      digits += String(digit);
    }
    const decimals = digits === '' ? undefined : fromDecimal(`.${digits}`);
    if (decimals !== undefined) return withScale(words, at, add(whole, decimals));
  }
  if (whole === undefined) {
    if (words[0] === 'a' && words[1] === 'dozen') return { value: integer(12n), count: 2 };
    const skip = words[0] === 'a' || words[0] === 'one' ? 1 : 0;
    const part = partOf(words[skip]);
    // A bare ordinal ("third") is a place in a row, not a number; a bare "half" is one.
    if (part === undefined || (skip === 0 && part !== 2n)) return undefined;
    return withScale(words, skip + 1, { numerator: 1n, denominator: part });
  }
  const under = partOf(words[taken]);
  if (under !== undefined) {
    // "one fifth" and "two fifths" are fractions; "twenty-fifth" is a place in a row.
    const isFraction = words[taken]?.endsWith('s') === true || whole.numerator === 1n;
    if (!isFraction) return undefined;
    return withScale(words, taken + 1, multiply(whole, { numerator: 1n, denominator: under }));
  }
  if (words[taken] === 'and') {
    const counted = words[taken + 1] === 'a' ? 1n : smallNumber(words[taken + 1] ?? '');
    const part = partOf(words[taken + 2]);
    if (counted !== undefined && part !== undefined) {
      return withScale(words, taken + 3, add(whole, { numerator: counted, denominator: part }));
    }
  }
  return withScale(words, taken, whole);
}

function partOf(word: string | undefined): bigint | undefined {
  if (word === undefined) return undefined;
  if (word === 'halves') return 2n;
  const singular = word.endsWith('s') ? word.slice(0, -1) : word;
  return Object.hasOwn(PARTS, singular) ? PARTS[singular] : undefined;
}

function withScale(words: readonly string[], at: number, value: Exact): WordsRead {
  const skip =
    words[at] === 'a' || (words[at] === 'of' && words[at + 1] === 'a') ? (words[at] === 'a' ? 1 : 2) : 0;
  const scale = scaleOf(words[at + skip] ?? '');
  return scale === undefined
    ? { value, count: at }
    : { value: multiply(value, integer(scale)), count: at + skip + 1 };
}
