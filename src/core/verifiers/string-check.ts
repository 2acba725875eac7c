// Compares two texts as OpenAI's string check graders do, character by character. Nothing is normalised: a blank at the end of a
// completion is a difference. Containing earns a score here, so that a list of guesses does: gate the format beside it.

import {
  comparedTexts,
  isVerdict,
  requireSample,
  TEXT_OPTIONS,
  textIn,
  type TextPair,
} from '../graders/compared-texts.ts';
import type { JsonObject } from '../json.ts';
import { oneOf, readOptions } from './options.ts';
import { CORRECT, incorrect, unusable } from './verifier.ts';
import type { Verdict, Verifier, VerifierInput } from './verifier.ts';

export const STRING_OPERATIONS = ['eq', 'ne', 'like', 'ilike'] as const;

const ALIASES_MAX = 1_001;

export const stringCheckVerifier: Verifier = {
  name: 'string_check',
  summary: 'Compares two texts with variables: equal, not equal, contains, contains in any case.',
  reads: 'completion',
  fallback: 'none',
  usesColumns: true,
  parseOptions(options: JsonObject): JsonObject {
    return requireSample(
      readOptions(options, { operation: oneOf(STRING_OPERATIONS, 'eq'), ...TEXT_OPTIONS }),
    );
  },
  verify(input: VerifierInput): Verdict {
    const pairs = comparedTexts(input, ALIASES_MAX);
    if (isVerdict(pairs)) return pairs;
    const operation = textIn(input.options, 'operation');
    switch (operation) {
      case 'eq':
        return verdictOf(pairs.some(isEqual), 'a different text');
      case 'ne':
        return verdictOf(!pairs.some(isEqual), 'the same text');
      case 'like':
      case 'ilike':
        // Every text contains nothing: such a row would reward whatever is said.
        if (pairs.some(({ reference }) => reference === '')) return unusable('the reference is empty');
        return verdictOf(
          pairs.some((pair) => contains(pair, operation === 'ilike')),
          'does not contain the reference',
        );
      default:
        throw new TypeError('String check options were not checked by parseOptions');
    }
  },
};

function isEqual({ input, reference }: TextPair): boolean {
  return input === reference;
}

function contains({ input, reference }: TextPair, isAnyCase: boolean): boolean {
  return isAnyCase ? input.toLowerCase().includes(reference.toLowerCase()) : input.includes(reference);
}

function verdictOf(isCorrect: boolean, reason: string): Verdict {
  return isCorrect ? CORRECT : incorrect(reason);
}
