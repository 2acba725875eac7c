// Texts of which no two are too similar by ROUGE-L. Comparing each with all others is quadratic; a text that is too similar
// must share many words, so that one of its rarer words leads to it.

import { rougeLOfWords } from './rouge-l.ts';
import { wordsOf } from './words.ts';

export interface RougeMatch {
  /** Number of the text, in the order of adding. */
  readonly index: number;
  readonly similarity: number;
}

/**
 * Finds texts whose ROUGE-L F1 with another is above `limit`, exactly. F1 > t needs a common subsequence of more than t/2·(|a| + |b|)
 * words, and so at least as many common words; with |b| ≥ |a|·t/(2−t) that is more than |a|·t/(2−t). Of two sets in one common order that
 * share o elements, the first |a|−o+1 of one and |b|−o+1 of the other share one (prefix filter, Chaudhuri et al. 2006).
 */
export class RougeIndex {
  readonly #limit: number;
  readonly #texts: (readonly string[])[] = [];
  readonly #byWord = new Map<string, number[]>();

  /** @param limit in (0, 1] */
  constructor(limit: number) {
    if (!(limit > 0 && limit <= 1)) throw new RangeError(`A limit of ROUGE-L is in (0, 1], not ${limit}`);
    this.#limit = limit;
  }

  get size(): number {
    return this.#texts.length;
  }

  add(text: string): void {
    const words = wordsOf(text);
    const index = this.#texts.length;
    this.#texts.push(words);
    for (const key of this.#prefixOf(words)) {
      const places = this.#byWord.get(key);
      if (places === undefined) this.#byWord.set(key, [index]);
      else places.push(index);
    }
  }

  /** The first of the texts that is more similar to `text` than the limit. */
  findSimilar(text: string): RougeMatch | undefined {
    const words = wordsOf(text);
    const candidates = new Set(this.#prefixOf(words).flatMap((key) => this.#byWord.get(key) ?? []));
    for (const index of [...candidates].toSorted((one, other) => one - other)) {
      const other = this.#texts[index] ?? [];
      if (!this.#mayMatch(words.length, other.length)) continue;
      const similarity = rougeLOfWords(words, other);
      if (similarity > this.#limit) return { index, similarity };
    }
    return undefined;
  }

  #mayMatch(a: number, b: number): boolean {
    return (2 * Math.min(a, b)) / (a + b) > this.#limit;
  }

  #prefixOf(words: readonly string[]): readonly string[] {
    const least = Math.floor((words.length * this.#limit) / (2 - this.#limit));
    return numbered(words)
      .toSorted(rarestFirst)
      .slice(0, words.length - least);
  }
}

/** A word's second occurrence is another element: `the#2`. */
function numbered(words: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return words.map((word) => {
    const times = (seen.get(word) ?? 0) + 1;
    seen.set(word, times);
    return `${word}#${times}`;
  });
}

/** Any fixed order is right; long words are rare, which makes the candidates few. */
function rarestFirst(a: string, b: string): number {
  if (a.length !== b.length) return b.length - a.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
