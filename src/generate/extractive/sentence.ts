// A sentence as the question makers read it: its words, with hyphenated ones whole, and one letter of tag for each word, so
// that patterns over parts of speech are plain regular expressions.

import type { AnalysedToken, TextAnalyser } from '../../ports/text-analysis.ts';
import type { PlainBlock } from './plain-block.ts';

export interface Sentence {
  readonly text: string;
  /** Where it begins in its block's text. */
  readonly start: number;
  /** Offsets are within the sentence. */
  readonly tokens: readonly AnalysedToken[];
  /** One letter a token, see `TAGS`. */
  readonly tags: string;
  readonly block: PlainBlock;
  /** Words that the passage writes in lower case somewhere: such a word is no name where it opens a sentence. */
  readonly lowerCaseWords: ReadonlySet<string>;
  /** What the pronoun stands for that is this sentence's subject; undefined where that is not safe to say. */
  readonly referent?: string | undefined;
}

/** A stretch of a sentence's tokens, both ends included. */
export interface TokenSpan {
  readonly first: number;
  readonly last: number;
}

/** Letters of `Sentence.tags`; whatever is not named here is `x`. */
const TAGS: Readonly<Record<string, string>> = {
  NOUN: 'N',
  PROPN: 'P',
  ADJ: 'A',
  DET: 'D',
  VERB: 'V',
  AUX: 'X',
  ADP: 'I',
  NUM: 'U',
  ADV: 'R',
  PRON: 'O',
  CCONJ: 'C',
  SCONJ: 'S',
  PART: 'T',
  SYM: 'Y',
  PUNCT: '.',
};
const HYPHEN = /^[-‐‑–]$/u;
const WORD = /^[\p{L}\d]/u;

/** All words of a text that it writes in lower case. */
export function lowerCaseWordsOf(text: string): Set<string> {
  return new Set(text.match(/(?<![\p{L}\d])\p{Ll}[\p{L}'’-]*/gu));
}

/** The sentences of a block, in order. */
export function sentencesOf(
  block: PlainBlock,
  analyser: TextAnalyser,
  lowerCaseWords: ReadonlySet<string>,
): Sentence[] {
  return analyser.analyse(block.text).map((analysed) => {
    const moved = analysed.tokens.map((token) => ({
      ...token,
      start: token.start - analysed.start,
      end: token.end - analysed.start,
    }));
    const tokens = joinHyphenated(moved, analysed.text);
    return {
      text: analysed.text,
      start: analysed.start,
      tokens,
      tags: tokens.map(({ pos }) => TAGS[pos] ?? 'x').join(''),
      block,
      lowerCaseWords,
    };
  });
}

/** `two`, `-`, `dimensional` is one word; it is what its last part is. */
function joinHyphenated(tokens: readonly AnalysedToken[], text: string): AnalysedToken[] {
  const joined: AnalysedToken[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    const previous = joined.at(-1);
    const next = tokens[index + 1];
    const isInside =
      previous !== undefined &&
      next !== undefined &&
      HYPHEN.test(token.text) &&
      previous.end === token.start &&
      token.end === next.start &&
      /\p{L}/u.test(previous.text + next.text) &&
      WORD.test(next.text);
    if (!isInside) {
      joined.push(token);
      continue;
    }
    const whole = text.slice(previous.start, next.end);
    const pos = next.pos === 'NUM' || next.pos === 'VERB' ? 'ADJ' : next.pos;
    joined[joined.length - 1] = {
      ...next,
      text: whole,
      lemma: whole.toLowerCase(),
      start: previous.start,
      pos,
    };
    index += 1;
  }
  return joined;
}

/** Text of a stretch of tokens. */
export function textOf(sentence: Sentence, { first, last }: TokenSpan): string {
  return sentence.text.slice(sentence.tokens[first]?.start ?? 0, sentence.tokens[last]?.end ?? 0);
}

/** Index of the token that begins at `offset` or holds it; -1 behind the last. */
export function tokenAt(sentence: Sentence, offset: number): number {
  return sentence.tokens.findIndex((token) => token.end > offset);
}
