// Texts to token ids as the network was trained on them, through @huggingface/tokenizers. A text is data: what looks like
// a special token in it ("[SEP]", "</s>") is spelled out or dropped, and never becomes one, or a completion could end the
// question that it is judged by.

import { Tokenizer } from '@huggingface/tokenizers';

import type { ModelTexts } from '../core/reward-model.ts';
import type { EncodedTexts } from '../ports/reward-model.ts';

/** The files that a tokenizer is made of, parsed. */
export interface TokenizerFiles {
  /** `tokenizer.json` */
  readonly tokenizer: TokenizerJson;
  /** `tokenizer_config.json`; empty where there is none. */
  readonly config: Readonly<Record<string, unknown>>;
}

interface TokenizerJson {
  readonly added_tokens?: readonly { readonly content: string; readonly special?: boolean }[];
}

export interface TextTokenizerOptions extends TokenizerFiles {
  /** Tokens of one sequence, special ones included. */
  readonly tokensMax: number;
  /** How many token types the network tells apart; with fewer than two, all are 0. */
  readonly typeCount: number;
}

/**
 * Most characters of a text that are looked at, for each token that can be kept: a WordPiece word of up to 100 characters
 * is one token. What lies beyond would be cut off anyway, and a completion may have a million characters.
 */
const CHARS_PER_TOKEN_MAX = 128;

export class TextTokenizer {
  readonly #text: Tokenizer;
  readonly #sequence: Tokenizer;
  readonly #options: TextTokenizerOptions;
  readonly #special: ReadonlySet<string>;
  readonly #unknownId: number;
  readonly #cutsLeft: boolean;

  constructor(options: TextTokenizerOptions) {
    const { config } = options;
    this.#options = options;
    const { sequence, text, special, unknown } = openTokenizer(options);
    this.#sequence = sequence;
    this.#text = text;
    this.#special = special;
    this.#unknownId = unknown === undefined ? 0 : (sequence.token_to_id(unknown) ?? 0);
    this.#cutsLeft = config['truncation_side'] === 'left';
  }

  /** Tokens, cut to what the network takes: from the longer text first, one by one, as Hugging Face's `longest_first`. */
  encode({ first, second }: ModelTexts): EncodedTexts {
    const a = this.#tokens(first);
    const b = second === undefined ? undefined : this.#tokens(second);
    const room = Math.max(0, this.#options.tokensMax - this.#join([], b && []).tokens.length);
    const [keepA, keepB] = shareRoom(room, a.length, b?.length ?? 0);
    const isTruncated = keepA < a.length || keepB < (b?.length ?? 0);
    const { tokens, types } = this.#join(this.#cut(a, keepA), b && this.#cut(b, keepB));
    const ids = Int32Array.from(
      tokens,
      (token: string) => this.#sequence.token_to_id(token) ?? this.#unknownId,
    );
    const typeIds = this.#options.typeCount < 2 ? new Uint8Array(ids.length) : Uint8Array.from(types);
    return { ids, typeIds, isTruncated };
  }

  #tokens(text: string): readonly string[] {
    const charsMax = this.#options.tokensMax * CHARS_PER_TOKEN_MAX;
    const seen = this.#cutsLeft ? text.slice(-charsMax) : text.slice(0, charsMax);
    return this.#text.tokenize(seen).filter((token: string) => !this.#special.has(token));
  }

  #cut(tokens: readonly string[], keep: number): readonly string[] {
    if (keep >= tokens.length) return tokens;
    return this.#cutsLeft ? tokens.slice(tokens.length - keep) : tokens.slice(0, keep);
  }

  /** Puts the special tokens around and between. */
  #join(
    a: readonly string[],
    b: readonly string[] | undefined,
  ): { readonly tokens: readonly string[]; readonly types: readonly number[] } {
    const { post_processor: processor } = this.#sequence;
    const joined = processor?.post_process([...a], b === undefined ? null : [...b], true);
    const tokens = joined?.tokens ?? [...a, ...(b ?? [])];
    // Some processors leave types out where a network has none.
    return { tokens, types: joined?.token_type_ids ?? tokens.map(() => 0) };
  }
}

export interface OpenTokenizer {
  /** Knows the special tokens, and puts them around texts. */
  readonly sequence: Tokenizer;
  /** Takes no part of a text for a special token that is not in the vocabulary itself. */
  readonly text: Tokenizer;
  /** Without the one for what is unknown. */
  readonly special: ReadonlySet<string>;
  readonly unknown: string | undefined;
}

export function openTokenizer({ tokenizer, config }: TokenizerFiles): OpenTokenizer {
  const added = tokenizer.added_tokens ?? [];
  const sequence = new Tokenizer(tokenizer, config);
  const others = added.filter(({ special }) => special !== true);
  const text = new Tokenizer({ ...tokenizer, added_tokens: others }, config);
  const unknown: unknown = Reflect.get(sequence.model ?? {}, 'unk_token');
  const special = added.filter((token) => token.special === true && token.content !== unknown);
  return {
    sequence,
    text,
    special: new Set(special.map(({ content }) => content)),
    unknown: typeof unknown === 'string' ? unknown : undefined,
  };
}

/** How many tokens of each text stay when only `room` may: the longer one gives first. */
export function shareRoom(room: number, a: number, b: number): readonly [number, number] {
  if (a + b <= room) return [a, b];
  const half = Math.floor(room / 2);
  if (a <= half) return [a, room - a];
  if (b <= half) return [room - b, b];
  // Both are longer than half: with an odd number, the one that was longer keeps one more, and the first of two equal ones
  // gives first.
  return a > b ? [room - half, half] : [half, room - half];
}
