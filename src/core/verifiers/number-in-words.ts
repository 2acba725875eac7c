// Numbers in words as answers of mathematics: "eighteen", "two hundred and sixty (260)", "about twelve dollars". They are no
// notation, so the parser of mathematics cannot read them; what else cannot be read stays what it is.

import { plainText } from '../plain-text.ts';
import { readQuantities } from '../quantities.ts';
import { numericVerifier } from './numeric.ts';
import type { VerifierInput } from './verifier.ts';

const ANSWER_CHARS_MAX = 200;
/** What may stand around the number: "exactly", and what is counted. */
const WORDS_MAX = 2;
/** They join the number to something else: "five apples and a pear". */
const JOINTS: ReadonlySet<string> = new Set([
  'and',
  'or',
  'plus',
  'minus',
  'times',
  'over',
  'of',
  'by',
  'per',
]);

/** Whether the answer is one number in words, and that number is `truth`. */
export function isNumberInWords(truth: string, input: VerifierInput): boolean {
  if (input.answer.length > ANSWER_CHARS_MAX || !isInWords(input.answer)) return false;
  const unit = input.options['require_unit'] === true ? 'required' : 'auto';
  const options = numericVerifier.parseOptions({ unit });
  const groundTruth = { answer: truth, aliases: [] };
  return numericVerifier.verify({ ...input, groundTruth, options }).kind === 'correct';
}

function isInWords(answer: string): boolean {
  const text = plainText(answer);
  const { quantities, words } = readQuantities(text);
  return (
    words.length <= WORDS_MAX &&
    !words.some((word) => JOINTS.has(word)) &&
    quantities.some(({ start }) => /^\p{L}/u.test(text.slice(start)))
  );
}
