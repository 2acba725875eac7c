// A text as a sparse vector for a linear classifier: its words and pairs of neighbouring words, hashed into a fixed number of places. No
// vocabulary is kept, so that a model is one list of weights.

import { hash32 } from '../similarity/words.ts';

/** Words, and the marks by which questions and answers are set out. */
const TOKENS = /[\p{L}\p{M}]+|\p{N}+|[?:=]/gu;
/** Longer texts are judged by their beginning. */
const TOKENS_MAX = 2_000;
const WORD_SEED = 0x77;
const PAIR_SEED = 0x70;

export interface Features {
  /** Places, ascending, each once. */
  readonly places: Uint32Array;
  /** Of the same length; together a vector of length 1. */
  readonly values: Float64Array;
}

/**
 * Each place has ln(1 + how often), and the vector is scaled to length 1.
 *
 * @param bits of a place: there are 2^bits of them
 */
export function featuresOf(text: string, bits: number): Features {
  const tokens = tokensOf(text);
  const counts = new Map<number, number>();
  const count = (token: string, seed: number): void => {
    const place = hash32(token, seed) >>> (32 - bits);
    counts.set(place, (counts.get(place) ?? 0) + 1);
  };
  let before = '';
  for (const token of tokens) {
    count(token, WORD_SEED);
    count(`${before} ${token}`, PAIR_SEED);
    before = token;
  }
  const entries = [...counts].toSorted(([one], [other]) => one - other);
  const places = Uint32Array.from(entries, ([place]) => place);
  const values = Float64Array.from(entries, ([, times]) => Math.log1p(times));
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return { places, values: length === 0 ? values : values.map((value) => value / length) };
}

/** Numbers of one length count as one word: which number it is says nothing of what kind of page it stands on. */
function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  for (const [token] of text.toLowerCase().matchAll(TOKENS)) {
    tokens.push(/^\p{N}/u.test(token) ? '0'.repeat(Math.min(token.length, 5)) : token);
    if (tokens.length === TOKENS_MAX) break;
  }
  return tokens;
}
