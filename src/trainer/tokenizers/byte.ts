// Text as the bytes of its UTF-8, with one token more that ends a completion: the tokenizer of a model that is trained from
// scratch. It knows no words, so it needs no file and any text is known to it.

import type { Tokenizer } from '../policy.ts';

const BYTES = 256;

/** Tokens 0 to 255 are bytes; 256 is the end. */
export const BYTE_TOKENIZER: Tokenizer = {
  vocabulary: BYTES + 1,
  end: BYTES,
  encode,
  decode,
};

/** @throws RangeError for half a surrogate pair, which has no UTF-8 */
function encode(text: string): readonly number[] {
  if (!text.isWellFormed()) throw new RangeError('Cannot encode half a surrogate pair as UTF-8');
  return [...Buffer.from(text, 'utf8')];
}

/** Bytes that are no UTF-8, as an untrained model draws them, come out as U+FFFD. Ends give nothing. */
function decode(tokens: readonly number[]): string {
  return Buffer.from(tokens.filter((token) => token < BYTES)).toString('utf8');
}
