// Yes or no. An answer that says both, or turns its own word round ("not true"), has not decided.

import type { JsonObject } from '../json.ts';
import { plainText } from '../plain-text.ts';
import { isDenial, isHedge } from './hedging.ts';
import { readOptions } from './options.ts';
import { CORRECT, incorrect, undecided, unusable } from './verifier.ts';
import type { Verdict, Verifier, VerifierInput } from './verifier.ts';

const YES: ReadonlySet<string> = new Set(['yes', 'true', 'yeah', 'yep', 'correct', 'affirmative']);
const NO: ReadonlySet<string> = new Set(['no', 'false', 'nope', 'incorrect', 'negative']);
/** Only as the whole answer. */
const SHORT: Readonly<Record<string, boolean>> = {
  y: true,
  t: true,
  '1': true,
  n: false,
  f: false,
  '0': false,
};

const ANSWER_CHARS_MAX = 300;

export const booleanVerifier: Verifier = {
  name: 'boolean',
  summary: 'Compares yes with no: their synonyms, one polarity only.',
  reads: 'answer',
  fallback: 'line',
  parseOptions(options: JsonObject): JsonObject {
    return readOptions(options, {});
  },
  verify({ answer, groundTruth }: VerifierInput): Verdict {
    const truth = readClaim(groundTruth.answer);
    if (typeof truth !== 'boolean') return unusable('the ground truth is neither yes nor no');
    if (answer.length > ANSWER_CHARS_MAX) return incorrect('too long to be yes or no');
    const claim = readClaim(answer);
    if (typeof claim !== 'boolean') return claim;
    return claim === truth ? CORRECT : incorrect('the other one');
  },
};

/** True, false, or why it is neither. */
function readClaim(text: string): boolean | Verdict {
  if (text.length > ANSWER_CHARS_MAX) return incorrect('too long to be yes or no');
  const words =
    plainText(text)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+(?:'\p{L}+)?/gu) ?? [];
  const first = words[0];
  if (first === undefined) return incorrect('neither yes nor no');
  if (words.length === 1 && Object.hasOwn(SHORT, first)) return SHORT[first] === true;
  const saysYes = words.some((word) => YES.has(word));
  const saysNo = words.some((word) => NO.has(word));
  if (saysYes && saysNo) return incorrect('both yes and no');
  if (words.some(isHedge)) return incorrect('hedges between answers');
  if (!saysYes && !saysNo) return undecided('neither yes nor no');
  // "No, it is not" denies with its no; "not true" turns its true round.
  const isTurned = words.some((word) => isDenial(word) && !NO.has(word));
  if (isTurned && !NO.has(first)) return undecided('a denial');
  return saysYes;
}
