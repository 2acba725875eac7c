// Numbers and quantities: one amount against one amount, exactly unless the recipe grants a tolerance. Units count by
// dimension, integers at any size, and an answer that holds two different amounts holds none.
//
// Units, by the option `unit`:
//   auto      (default) a bare number is accepted for a ground truth with a unit when the prompt names that unit ("how many km")
//             or the unit is money; otherwise it is undecided, because it depends on what was asked.
//   optional  a bare number is always accepted at its face value; "28" is then as right as "28%".
//   required  a bare number is wrong.
// A ground truth without a unit accepts any unit at its face value ("18 eggs", "$18"), except percent, which is a number: "28%" is
// 0.28, and 28 only where the prompt asks for a percentage or units are optional.

import { absolute, add, compareExact, equalExact, fromDecimal, multiply, negate } from '../exact.ts';
import type { Exact } from '../exact.ts';
import type { JsonObject } from '../json.ts';
import { echoesPrompt } from '../normalize.ts';
import { plainNumber } from '../plain-number.ts';
import { plainText } from '../plain-text.ts';
import { isSameQuantity, readQuantities } from '../quantities.ts';
import type { Quantity, QuantitiesRead } from '../quantities.ts';
import { isSameUnit, readUnit, toBase } from '../units.ts';
import type { Unit } from '../units.ts';
import { isDenial, isHedge } from './hedging.ts';
import { oneOf, readOptions, tolerance } from './options.ts';
import { CORRECT, incorrect, undecided, unusable } from './verifier.ts';
import type { Verdict, Verifier, VerifierInput } from './verifier.ts';

/** An answer is a number and a few words. Longer text is searched for nothing. */
const ANSWER_CHARS_MAX = 1_000;
const TRUTH_CHARS_MAX = 4_000;
const PROMPT_CHARS_READ = 4_000;
const CURRENCY = /^[A-Z]{3}1$/u;

const MATH_WORDS: ReadonlySet<string> = new Set(
  'pi sqrt root log ln exp sin cos tan mod factorial squared cubed infinity infinite'.split(' '),
);

const DIFFERENT = incorrect('a different number');

export const numericVerifier: Verifier = {
  name: 'numeric',
  summary:
    'Compares one number or quantity: separators, fractions, percent, number words, units by dimension.',
  reads: 'answer',
  fallback: 'number',
  parseOptions(options: JsonObject): JsonObject {
    return readOptions(options, {
      abs_tolerance: tolerance(0),
      rel_tolerance: tolerance(0),
      unit: oneOf(['auto', 'optional', 'required'], 'auto'),
    });
  },
  verify(input: VerifierInput): Verdict {
    const verdict = compareAnswers(input.answer, input.groundTruth.answer, input);
    if (verdict.kind === 'correct' || input.groundTruth.aliases.length === 0) return verdict;
    for (const alias of input.groundTruth.aliases) {
      if (compareAnswers(input.answer, alias, input).kind === 'correct') return CORRECT;
    }
    return verdict;
  },
};

function compareAnswers(answer: string, truth: string, input: VerifierInput): Verdict {
  const value = plainNumber(answer);
  if (!Number.isNaN(value)) {
    const wanted = plainNumber(truth);
    if (value === wanted) return CORRECT;
    const isExact = input.options['abs_tolerance'] === 0 && input.options['rel_tolerance'] === 0;
    if (isExact && !Number.isNaN(wanted)) return DIFFERENT;
  }
  return compareTexts(answer, truth, input);
}

function compareTexts(answer: string, truth: string, input: VerifierInput): Verdict {
  const truthQuantity = readTruth(truth);
  if (truthQuantity === undefined) return unusable('the ground truth is not one number or quantity');
  // Room for a number that is as long as the ground truth's, written with spaces.
  if (answer.length > Math.max(ANSWER_CHARS_MAX, truth.length * 2))
    return incorrect('too long to be one number');
  if (echoesPrompt(answer, input.promptText)) return incorrect('repeats the prompt');
  const read = readQuantities(plainText(answer));
  const first = read.quantities[0];
  const fault = faultOf(read);
  if (fault !== undefined) return fault;
  if (first === undefined) return incorrect('holds no number');
  return compareQuantities(truthQuantity, first, input);
}

/** The ground truth's one amount, or undefined. */
function readTruth(truth: string): Quantity | undefined {
  if (truth.length > TRUTH_CHARS_MAX) return undefined;
  const read = readQuantities(plainText(truth));
  return faultOf(read) === undefined ? read.quantities[0] : undefined;
}

function faultOf(read: QuantitiesRead): Verdict | undefined {
  if (read.isOutOfRange) return undecided('a number too large or too small to compute with');
  if (read.words.some(isHedge)) return incorrect('hedges between answers');
  if (read.marks.includes('±')) return incorrect('two numbers in one');
  if (/[\^*+×÷√\\_!{}]/u.test(read.marks)) return undecided('a formula rather than a number');
  const [first, ...others] = read.quantities;
  const isSeveral = first !== undefined && others.some((other) => !isSameQuantity(first, other));
  if (isSeveral || read.marks.includes(',')) return incorrect('several different numbers');
  if (read.marks !== '' && !isAssignment(read)) return undecided('a formula rather than a number');
  if (first !== undefined && read.marks === '' && read.words.some(isMathWord))
    return undecided('a formula rather than a number');
  if (first !== undefined && read.words.some(isDenial))
    return undecided('a denial or a bound rather than a number');
  return undefined;
}

/** Words and letters that stand for a number or an operation: "2 pi", "5 x", "3 squared". */
function isMathWord(word: string, index: number): boolean {
  if (word.length === 1) return word !== 'a' && !(word === 'i' && index === 0);
  return MATH_WORDS.has(word);
}

/** "x = 5" and "total: 5" state one number. */
function isAssignment(read: QuantitiesRead): boolean {
  return read.marks === '=' && read.words.length <= 3;
}

function compareQuantities(truth: Quantity, answer: Quantity, input: VerifierInput): Verdict {
  const { options } = input;
  const [a, b] = [answer.unit, truth.unit];
  if (a !== undefined && b !== undefined) return compareWithUnits(truth, answer, a, b, options);
  if (isClose(plainValue(answer), plainValue(truth), options)) {
    if (b === undefined || b.dimension === '') return CORRECT;
  }
  if (!isClose(answer.value, truth.value, options)) return DIFFERENT;
  // Same number, and only one side has a unit.
  if (options['unit'] === 'optional') return CORRECT;
  const unit = a ?? b;
  if (unit === undefined) return CORRECT;
  if (b === undefined && unit.dimension !== '') return CORRECT;
  if (options['unit'] === 'required') return incorrect('the unit is missing');
  if (CURRENCY.test(unit.dimension) || promptNames(input.promptText, unit)) return CORRECT;
  return unit.dimension === '' ? DIFFERENT : undecided('the unit is missing');
}

function compareWithUnits(truth: Quantity, answer: Quantity, a: Unit, b: Unit, options: JsonObject): Verdict {
  const unit = a.dimension === b.dimension ? a : otherReading(a, b);
  if (unit === undefined) return incorrect('a unit of another kind');
  return isClose(toBase(answer.value, unit), toBase(truth.value, b), options) ? CORRECT : DIFFERENT;
}

/** "20 C" may be degrees and "5 pounds" money, when that is what the ground truth measures. */
function otherReading(answer: Unit, truth: Unit): Unit | undefined {
  const rest = answer.text.toLowerCase();
  if (truth.dimension === 'K1' && (rest === 'c' || rest === 'f' || /^(?:°|deg(?:rees?)?)$/u.test(rest))) {
    // A bare "degrees" follows the ground truth's scale.
    return rest === 'c' || rest === 'f'
      ? readUnit(`°${rest}`, 0)?.unit
      : truth.offset === undefined
        ? undefined
        : truth;
  }
  if (truth.dimension === 'GBP1' && /^(?:pounds?)$/u.test(rest)) return readUnit('£', 0)?.unit;
  return undefined;
}

/** A bare number or a percentage as the number that it is. */
function plainValue(quantity: Quantity): Exact {
  return quantity.unit?.dimension === '' ? toBase(quantity.value, quantity.unit) : quantity.value;
}

/** |answer − ground truth| ≤ max(abs_tolerance, rel_tolerance · |ground truth|), computed exactly. */
function isClose(answer: Exact, truth: Exact, options: JsonObject): boolean {
  if (equalExact(answer, truth)) return true;
  const distance = absolute(add(answer, negate(truth)));
  return (
    isWithin(distance, options['abs_tolerance'], undefined) ||
    isWithin(distance, options['rel_tolerance'], absolute(truth))
  );
}

function isWithin(distance: Exact, allowed: unknown, scale: Exact | undefined): boolean {
  if (typeof allowed !== 'number' || allowed === 0) return false;
  const size = fromDecimal(String(allowed));
  return (
    size !== undefined && compareExact(distance, scale === undefined ? size : multiply(size, scale)) <= 0
  );
}

/** Whether the prompt asks for this unit: "in kilometres", "how many km", "what percentage". */
function promptNames(promptText: string, unit: Unit): boolean {
  const prompt = promptText.slice(-PROMPT_CHARS_READ);
  if (unit.text === '%' || unit.text === 'percent') {
    if (/\bpercent(?:age)?\b|\bper cent\b|[([]%[)\]]/iu.test(prompt)) return true;
  }
  const asks = /\b(?:in|many|much|nearest)\s+(?:the\s+)?|[([](?:in\s+)?/giu;
  for (let match = asks.exec(prompt); match !== null; match = asks.exec(prompt)) {
    const read = readUnit(prompt, match.index + match[0].length);
    if (read !== undefined && isSameUnit(read.unit, unit)) return true;
  }
  return false;
}
