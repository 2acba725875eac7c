// Texts to token ids and back for a policy whose checkpoint brings a `tokenizer.json`. Prompts are data: what looks like a special
// token in one is spelled out, or a question could end the turn that it is asked in.

import { EnvError } from '../core/errors.ts';
import { openTokenizer, type OpenTokenizer, type TokenizerFiles } from './tokenizer.ts';

export interface PolicyTokenizerOptions extends TokenizerFiles {
  /** Rows of the table of embeddings: at least as many as there are tokens. */
  readonly vocabulary: number;
  /** Ends a completion. */
  readonly end: number;
}

export class PolicyTokenizer {
  readonly vocabulary: number;
  readonly end: number;
  /** What the checkpoint's own tokenizer puts in front of a text: Llama's token of the beginning; nothing for Qwen2. */
  readonly prefix: readonly number[];
  readonly #tokenizer: OpenTokenizer;

  /** @throws EnvError `failed_precondition` for files that make no tokenizer, or one of another model */
  constructor({ tokenizer, config, vocabulary, end }: PolicyTokenizerOptions) {
    try {
      this.#tokenizer = openTokenizer({ tokenizer, config });
    } catch (error) {
      throw new EnvError('failed_precondition', 'Cannot use the tokenizer.json of the checkpoint', {
        cause: error,
      });
    }
    this.vocabulary = vocabulary;
    this.end = end;
    const { sequence } = this.#tokenizer;
    // Whatever is put behind a text is for sequences that are over, and a prompt goes on.
    const probe = this.encode('a');
    const around: readonly number[] = sequence.encode('a', { add_special_tokens: true }).ids;
    const at = around.findIndex((_, place) => probe.every((token, index) => around[place + index] === token));
    if (probe.length === 0 || at < 0)
      throw new EnvError(
        'failed_precondition',
        'Cannot use the tokenizer.json of the checkpoint: it loses texts',
      );
    this.prefix = around.slice(0, at);
    const outside = [end, ...around].find((token) => token < 0 || token >= vocabulary);
    if (outside !== undefined)
      throw new EnvError(
        'failed_precondition',
        `Cannot use the tokenizer.json of the checkpoint: its token ${outside} is none of ${vocabulary}`,
      );
  }

  /** @throws EnvError `invalid_argument` for a text with a character that the tokenizer has no token for */
  encode(text: string): readonly number[] {
    const { sequence, text: plain, special, unknown } = this.#tokenizer;
    return plain
      .tokenize(text, { add_special_tokens: false })
      .filter((token: string) => !special.has(token))
      .map((token: string) => {
        const id = sequence.token_to_id(token) ?? (unknown && sequence.token_to_id(unknown));
        if (id !== undefined && id !== '') return id;
        throw new EnvError('invalid_argument', `Cannot encode a text: "${token}" is no token of the model`);
      });
  }

  /** Special tokens give no text, and neither do rows of the embeddings that no token has. */
  decode(tokens: readonly number[]): string {
    const { sequence } = this.#tokenizer;
    const known = tokens.filter((token) => sequence.id_to_token(token) !== undefined);
    if (known.length === 0) return '';
    return sequence.decode(known, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
  }
}
