// The tokens of a prompt: those of its text behind what a model expects in front of every text. A completion has no such front.

import type { Tokenizer } from './policy.ts';

export function promptTokens(tokenizer: Tokenizer, text: string): readonly number[] {
  return [...(tokenizer.prefix ?? []), ...tokenizer.encode(text)];
}
