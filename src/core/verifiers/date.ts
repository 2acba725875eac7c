// Dates at the ground truth's precision: "28 January 1887" is right for "1887", and "1887" is not for "28 January 1887". An
// ambiguous numeric date counts only when the ground truth is ambiguous itself, or the recipe says which comes first.

import { agreesWith, readDates } from '../dates.ts';
import type { DateParts, DateReadings } from '../dates.ts';
import type { JsonObject } from '../json.ts';
import { echoesPrompt } from '../normalize.ts';
import { isDenial, isHedge } from './hedging.ts';
import { oneOf, readOptions } from './options.ts';
import { CORRECT, incorrect, undecided, unusable } from './verifier.ts';
import type { Verdict, Verifier, VerifierInput } from './verifier.ts';

const ANSWER_CHARS_MAX = 400;

export const dateVerifier: Verifier = {
  name: 'date',
  summary: 'Compares dates at the precision of the ground truth, from a day to a century.',
  reads: 'answer',
  fallback: 'line',
  parseOptions(options: JsonObject): JsonObject {
    // How 03/04/2024 is to be read, in ground truths and answers alike.
    return readOptions(options, { numeric_order: oneOf(['unknown', 'day_first', 'month_first'], 'unknown') });
  },
  verify(input: VerifierInput): Verdict {
    const verdict = compareDates(input.answer, input.groundTruth.answer, input);
    if (verdict.kind === 'correct' || verdict.kind === 'unusable') return verdict;
    for (const alias of input.groundTruth.aliases) {
      if (compareDates(input.answer, alias, input).kind === 'correct') return CORRECT;
    }
    return verdict;
  },
};

function compareDates(answer: string, truthText: string, { options, promptText }: VerifierInput): Verdict {
  if (truthText.length > ANSWER_CHARS_MAX) return unusable('the ground truth is not a date');
  const truthRead = readDates(truthText);
  const truth = narrow(truthRead.dates[0], options);
  if (truth === undefined || truthRead.dates.length > 1 || /[\d#]/u.test(truthRead.rest)) {
    return unusable('the ground truth is not one date');
  }
  if (answer.length > ANSWER_CHARS_MAX) return incorrect('too long to be one date');
  if (echoesPrompt(answer, promptText)) return incorrect('repeats the prompt');
  const read = readDates(answer);
  const words = read.rest.match(/[\p{L}']+/gu) ?? [];
  if (words.some(isHedge)) return incorrect('hedges between dates');
  const date = oneDate(read.dates.map((readings) => narrow(readings, options) ?? []));
  if (date === undefined)
    return incorrect(read.dates.length === 0 ? 'holds no date' : 'several different dates');
  if (/[\d#]/u.test(read.rest)) return undecided('more digits than one date has');
  if (words.some((word) => isDenial(word) || word === 'before' || word === 'after')) {
    return undecided('a denial or a bound rather than a date');
  }
  if (date.length > 1 && truth.length < 2) {
    return date.some((reading) => truth.some((wanted) => agreesWith(reading, wanted)))
      ? undecided('day and month cannot be told apart')
      : incorrect('another date');
  }
  const isRight = date.some((reading) => truth.some((wanted) => agreesWith(reading, wanted)));
  return isRight ? CORRECT : incorrect('another date, or a less precise one');
}

/** Keeps the reading that the recipe's order allows. */
function narrow(readings: DateReadings | undefined, options: JsonObject): DateReadings | undefined {
  if (readings === undefined || readings.length < 2) return readings;
  if (options['numeric_order'] === 'day_first') return readings.slice(0, 1);
  if (options['numeric_order'] === 'month_first') return readings.slice(1);
  return readings;
}

/** One date said several times ("1887, on 28 January 1887") is its most precise form; different dates are none. */
function oneDate(dates: readonly DateReadings[]): DateReadings | undefined {
  return dates.find((finest) =>
    dates.every((other) => other.some((said: DateParts) => finest.some((date) => agreesWith(date, said)))),
  );
}
