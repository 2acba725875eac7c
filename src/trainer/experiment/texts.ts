// Documents as sequences for next-token training: the end token stands in front of a text, as it does between texts of a stream, so
// that the first token is learned, too; and it follows the text.

import type { Tokenizer, TokenSequence } from '../policy.ts';
import type { SumRecord } from './records.ts';

export function textSequence({ text }: Pick<SumRecord, 'text'>, tokenizer: Tokenizer): TokenSequence {
  return { prompt: [tokenizer.end], completion: [...tokenizer.encode(text), tokenizer.end] };
}

/** Tokens of the text of a document, its end among them: what the document counts for as source. */
export function sourceTokens(record: Pick<SumRecord, 'text'>, tokenizer: Tokenizer): number {
  return textSequence(record, tokenizer).completion.length;
}
