// A pattern that the whole answer must match. The pattern comes from the recipe or the dataset row, never from a completion.
// Backtracking can take for ever, so all patterns but plainly cheap ones run in a worker that can be killed.

import { invalidArgument } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { flag, readOptions } from './options.ts';
import { CORRECT, incorrect, unusable } from './verifier.ts';
import type { Verdict, Verifier, VerifierInput } from './verifier.ts';

const PATTERN_CHARS_MAX = 2_000;
/** Longest answer that a pattern is tried on at all, and longest on the event loop. */
const ANSWER_CHARS_MAX = 100_000;
const QUICK_CHARS_MAX = 512;

export const regexVerifier: Verifier = {
  name: 'regex',
  summary: 'Requires the whole answer to match a pattern, from the recipe or else from the row.',
  reads: 'answer',
  fallback: 'line',
  parseOptions(options: JsonObject): JsonObject {
    return readOptions(options, {
      // Null: the row's ground truth is the pattern.
      pattern: readPattern,
      ignore_case: flag(false),
    });
  },
  quick(input: VerifierInput): Verdict | undefined {
    if (input.answer.length > ANSWER_CHARS_MAX) return incorrect('too long for a pattern');
    if (input.answer.length > QUICK_CHARS_MAX) return undefined;
    for (const pattern of patternsOf(input)) if (!isCheap(pattern)) return undefined;
    return matchWhole(input);
  },
  verify(input: VerifierInput): Verdict {
    if (input.answer.length > ANSWER_CHARS_MAX) return incorrect('too long for a pattern');
    return matchWhole(input);
  },
};

function readPattern(value: JsonValue | undefined, name: string): JsonValue {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value === '')
    throw invalidArgument(name, `Option "${name}" must be a pattern`);
  if (value.length > PATTERN_CHARS_MAX) {
    throw invalidArgument(name, `Option "${name}" has more than ${String(PATTERN_CHARS_MAX)} characters`);
  }
  if (compile(value, false) === undefined) {
    throw invalidArgument(name, `Option "${name}" is not a valid regular expression (Unicode mode)`);
  }
  return value;
}

function patternsOf({ options, groundTruth }: VerifierInput): readonly string[] {
  const pattern = options['pattern'];
  return typeof pattern === 'string' ? [pattern] : [groundTruth.answer, ...groundTruth.aliases];
}

function matchWhole(input: VerifierInput): Verdict {
  const answer = input.answer.trim();
  if (answer === '') return incorrect('empty');
  for (const pattern of patternsOf(input)) {
    const expression = compile(pattern, input.options['ignore_case'] === true);
    if (expression === undefined)
      return unusable('the pattern of the ground truth is not a valid regular expression');
    if (expression.test(answer)) return CORRECT;
  }
  return incorrect('does not match the pattern');
}

/** The pattern, bound to both ends; undefined when it is no pattern. It must be one by itself: ")|(" is not. */
function compile(pattern: string, ignoreCase: boolean): RegExp | undefined {
  if (pattern === '' || pattern.length > PATTERN_CHARS_MAX) return undefined;
  try {
    void new RegExp(pattern, 'u');
    return new RegExp(`^(?:${pattern})$`, ignoreCase ? 'iu' : 'u');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Whether matching is cheap on any answer of `QUICK_CHARS_MAX`: no group, backreference or lookaround, and so few variable
 * repetitions (each of one character) that trying all their lengths is nothing. Says no when unsure.
 */
function isCheap(pattern: string): boolean {
  if (pattern.length > 200) return false;
  const bare = pattern
    .replace(/\\(?:[pP]\{\w+\}|[dDwWsS.^$*+?()[\]{}|/\\-])/gu, 'x')
    .replace(/\[[^[\]\\]*\]/gu, 'x')
    .replace(/\{\d{1,3}\}/gu, '')
    .replace(/\{\d{0,3},\d{0,3}\}/gu, '*');
  if (/[\\()[\]{}]/u.test(bare)) return false;
  const repetitions = (bare.match(/[*+]/gu) ?? []).length;
  const optional = (bare.match(/\?/gu) ?? []).length;
  return optional <= 6 && repetitions <= (optional === 0 ? 2 : 1);
}
