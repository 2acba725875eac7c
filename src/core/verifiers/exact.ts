// Short text against the ground truth and its aliases, after normalising both. The whole answer must be the ground truth:
// holding it somewhere inside earns nothing.

import type { JsonObject } from '../json.ts';
import { LOOSE_TEXT, normalizeText } from '../normalize.ts';
import type { TextForm } from '../normalize.ts';
import { plainText } from '../plain-text.ts';
import { flag, oneOf, readOptions } from './options.ts';
import { CORRECT, incorrect, undecided, unusable } from './verifier.ts';
import type { Verdict, Verifier, VerifierInput } from './verifier.ts';

/** Texts this much longer than every accepted answer are wrong without a look: normalising shortens, but not by so much. */
const SLACK_CHARS = 1_000;

const DIFFERENT = incorrect('a different text');
const UNKNOWN = undecided('a different text');

export const exactVerifier: Verifier = {
  name: 'exact',
  summary:
    'Compares normalised text with the ground truth and its aliases: case, punctuation, articles, Unicode forms.',
  reads: 'answer',
  fallback: 'line',
  parseOptions(options: JsonObject): JsonObject {
    return readOptions(options, {
      case_sensitive: flag(false),
      keep_punctuation: flag(false),
      keep_articles: flag(false),
      // `undecided` asks the next scorer for a second opinion on texts that differ.
      mismatch: oneOf(['incorrect', 'undecided'], 'incorrect'),
    });
  },
  verify({ answer, groundTruth, options }: VerifierInput): Verdict {
    const truth = groundTruth.answer;
    if (truth.trim() === '') return unusable('the ground truth is empty');
    if (answer === truth) return CORRECT;
    const form: TextForm = {
      caseSensitive: options['case_sensitive'] === true,
      keepPunctuation: options['keep_punctuation'] === true,
      keepArticles: options['keep_articles'] === true,
    };
    if (isText(answer, truth, form)) return CORRECT;
    for (const alias of groundTruth.aliases) {
      if (alias !== '' && isText(answer, alias, form)) return CORRECT;
    }
    return options['mismatch'] === 'undecided' ? UNKNOWN : DIFFERENT;
  },
};

function isText(answer: string, truth: string, form: TextForm): boolean {
  if (answer === truth) return true;
  if (answer.length > truth.length * 8 + SLACK_CHARS) return false;
  if (form.keepPunctuation) return normalizeText(answer, form) === normalizeText(truth, form);
  const wanted = normalizeText(plainText(truth), form);
  return (
    wanted !== '' &&
    (normalizeText(plainText(answer), form) === wanted || normalizeText(answer, form) === wanted)
  );
}

/** The text under the loosest form: what other verifiers compare words by. */
export function looseText(text: string): string {
  return normalizeText(plainText(text), LOOSE_TEXT);
}
