// Mathematical equality of an answer and the ground truth: numbers, expressions, equations, inequalities, sets, tuples,
// matrices, short texts. Exact where that can be decided, probing elsewhere, undecided where probing says too little; it
// never pays for a list of guesses or for the prompt said again.

import { extractAnswer } from '../answer.ts';
import { invalidArgument } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { CompareOptions } from '../math/compare-values.ts';
import { Comparison } from '../math/compare.ts';
import { isEcho } from '../math/echo.ts';
import type { Expression } from '../math/expression.ts';
import { Budget, INPUT_CHARS_MAX, MathFault } from '../math/limits.ts';
import { labelledChoice, readingsOf } from '../math/readings.ts';
import { comparePlainNumbers, plainText } from '../math/plain-number.ts';
import { isSameText, isText, textKey } from '../math/text-answer.ts';
import { isNumberInWords } from './number-in-words.ts';
import {
  CORRECT,
  incorrect,
  undecided,
  unusable,
  type Verdict,
  type Verifier,
  type VerifierInput,
} from './verifier.ts';

const PRECISION_MAX = 15;
const DEFAULT_PRECISION = 6;

const DEFAULTS = {
  precision: DEFAULT_PRECISION,
  percent_as_number: false,
  allow_assignment: true,
  inequality_for_interval: false,
  require_unit: false,
} as const;

export const mathVerifier: Verifier = {
  name: 'math',
  summary:
    'Mathematical equality: LaTeX or plain numbers, expressions, equations, inequalities, sets, intervals, tuples, matrices.',
  reads: 'answer',
  fallback: 'expression',
  parseOptions,
  quick,
  verify,
};

/**
 * - `precision` (0 to 15, default 6): decimal places to which a decimal stands for an exact value, `0.333333` for `1/3`.
 * - `percent_as_number` (default false): a bare `28` passes for `28%` and the other way round.
 * - `allow_assignment` (default true): `x = 5` and `5` pass for one another. An equation never passes for one of its sides.
 * - `inequality_for_interval` (default false): `0 < x < 1` passes for the interval `(0, 1)`. Off, because the prompt may hold
 *   the inequality. The interval always passes for an inequality.
 * - `require_unit` (default false): a bare `5` does not pass for `5 cm`. A wrong unit never passes.
 */
function parseOptions(options: JsonObject): JsonObject {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(DEFAULTS, name)) {
      throw invalidArgument(
        name,
        `Unknown option "${name}" of the math verifier: it has ${Object.keys(DEFAULTS).join(', ')}`,
      );
    }
  }
  return {
    precision: precisionOf(options['precision']),
    percent_as_number: booleanOf(options, 'percent_as_number'),
    allow_assignment: booleanOf(options, 'allow_assignment'),
    inequality_for_interval: booleanOf(options, 'inequality_for_interval'),
    require_unit: booleanOf(options, 'require_unit'),
  };
}

function precisionOf(value: JsonValue | undefined): number {
  if (value === undefined) return DEFAULTS.precision;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > PRECISION_MAX) {
    throw invalidArgument(
      'precision',
      `Option "precision" must be a whole number from 0 to ${PRECISION_MAX}`,
    );
  }
  return value;
}

function booleanOf(options: JsonObject, name: keyof typeof DEFAULTS): boolean {
  const value = options[name];
  if (value === undefined) return DEFAULTS[name] === true;
  if (typeof value !== 'boolean') throw invalidArgument(name, `Option "${name}" must be true or false`);
  return value;
}

function compareOptions(options: JsonObject): CompareOptions {
  const { precision } = options;
  return {
    precision: typeof precision === 'number' ? precision : DEFAULTS.precision,
    percentAsNumber: options['percent_as_number'] === true,
    allowAssignment: options['allow_assignment'] !== false,
    inequalityForInterval: options['inequality_for_interval'] === true,
    requireUnit: options['require_unit'] === true,
  };
}

/** Plain numbers and answers that are written like the ground truth need no parser. */
function quick(input: VerifierInput): Verdict | undefined {
  const answer = plainText(input.answer);
  if (answer === '') return undefined;
  const { precision } = input.options;
  const places = typeof precision === 'number' ? precision : DEFAULTS.precision;
  let isWrong = true;
  for (const truth of truthsOf(input)) {
    const text = plainText(truth);
    if (text === '') return undefined;
    const outcome = text === answer ? 'equal' : comparePlain(text, answer, places);
    if (outcome === 'equal') return CORRECT;
    isWrong &&= outcome === 'different';
  }
  return isWrong ? incorrect('another number') : undefined;
}

/** Of two texts that differ. Whole numbers in their one spelling are then different, whatever the precision. */
function comparePlain(truth: string, answer: string, places: number): 'equal' | 'different' | undefined {
  return isWhole(truth) && isWhole(answer) ? 'different' : comparePlainNumbers(truth, answer, places);
}

/** Digits alone, at most fifteen, without a leading zero. */
function isWhole(text: string): boolean {
  const { length } = text;
  if (length > 15 || (length > 1 && text.charCodeAt(0) === 48)) return false;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return length > 0;
}

function truthsOf({ groundTruth }: VerifierInput): readonly string[] {
  return [groundTruth.answer, ...groundTruth.aliases];
}

function verify(input: VerifierInput): Verdict {
  let result: Verdict | undefined;
  for (const truth of truthsOf(input)) {
    const verdict = verifyOne(truth, input);
    if (verdict.kind === 'correct') return verdict;
    result = result === undefined || rank(verdict) > rank(result) ? verdict : result;
  }
  return result ?? unusable('no ground truth');
}

/** Which verdict stands when none of the ground truths is met: doubt beats "no", and both beat an unusable alias. */
function rank(verdict: Verdict): number {
  return verdict.kind === 'undecided' ? 2 : verdict.kind === 'incorrect' ? 1 : 0;
}

function verifyOne(rawTruth: string, input: VerifierInput): Verdict {
  const truth = markedAnswer(rawTruth);
  const [a, b] = [plainText(truth), plainText(input.answer)];
  if (a === '') return unusable('the ground truth is empty');
  if (b === '') return incorrect('the answer is empty');
  if (a === b) return CORRECT;
  if (b.length > INPUT_CHARS_MAX) return undecided('the answer is too long to read');
  const choice = compareChoices(truth, input.answer);
  if (choice !== undefined) return choice;
  const truths = readings(truth);
  if (truths.length === 0) return compareTexts(truth, input.answer);
  try {
    return compareReadings(truths, truth, input);
  } catch (fault) {
    if (!(fault instanceof MathFault)) throw fault;
    return fault.kind === 'undefined' ? incorrect('the answer has no value') : undecided(fault.message);
  }
}

/** `(B) 5` against `B` or `(C) 5`: where both sides name a letter, the letters decide. */
function compareChoices(truth: string, answer: string): Verdict | undefined {
  const [wanted, said] = [labelledChoice(truth), labelledChoice(answer)];
  if (wanted === undefined && said === undefined) return undefined;
  const [a, b] = [wanted?.letter ?? letterOf(truth), said?.letter ?? letterOf(answer)];
  if (a === undefined || b === undefined) return undefined;
  return a === b ? CORRECT : incorrect('another choice');
}

function letterOf(text: string): string | undefined {
  const key = textKey(text);
  return /^[A-J]$/.test(key) ? key : undefined;
}

/** A ground truth may be a whole solution: then its marked answer counts. */
function markedAnswer(truth: string): string {
  const isSolution = truth.includes('\\boxed') || truth.includes('####') || truth.includes('<answer>');
  return isSolution ? (extractAnswer(truth, 'none')?.answer ?? truth) : truth;
}

/** What the text can be read as; empty when it is no maths. */
function readings(text: string): readonly Expression[] {
  try {
    return readingsOf(text);
  } catch (fault) {
    if (fault instanceof MathFault) return [];
    throw fault;
  }
}

function compareTexts(truth: string, answer: string): Verdict {
  if (isSameText(truth, answer)) return CORRECT;
  if (!isText(truth)) return unusable('the ground truth cannot be read as maths or as text');
  return incorrect('another text');
}

function compareReadings(truths: readonly Expression[], truth: string, input: VerifierInput): Verdict {
  if (isText(truth) && isSameText(truth, input.answer)) return CORRECT;
  let answers: readonly Expression[];
  try {
    answers = readingsOf(input.answer);
  } catch (fault) {
    if (!(fault instanceof MathFault) || fault.kind !== 'syntax') throw fault;
    return isNumberInWords(truth, input) ? CORRECT : incorrect(`cannot read the answer: ${fault.message}`);
  }
  if (isEcho(input.answer, answers, truths, input.promptText))
    return incorrect('the answer repeats the prompt');
  const budget = new Budget();
  const comparison = new Comparison(compareOptions(input.options), budget);
  let isUnknown = false;
  for (const wanted of truths) {
    for (const answer of answers) {
      const outcome = comparison.answers(wanted, answer);
      if (outcome === 'equal') return CORRECT;
      isUnknown ||= outcome === 'unknown';
    }
  }
  return isUnknown ? undecided('the values cannot be told apart or shown equal') : incorrect('another value');
}
