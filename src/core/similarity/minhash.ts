// Near-duplicates by MinHash and locality-sensitive hashing (Broder 1997; Leskovec et al., "Mining of Massive Datasets", ch. 3):
// texts whose sets of word stretches overlap are found without comparing all with all. Every candidate is verified.

import { mix32 } from '../random.ts';
import { gramsOf, hash32, wordsOf } from './words.ts';

export interface NearDuplicateOptions {
  /** Words in a stretch; whole texts where they have fewer. */
  readonly shingleWords: number;
  /** Least Jaccard similarity of two sets of stretches that counts as a duplicate, in (0, 1]. */
  readonly similarityMin: number;
  /** Bands of rows: two texts of Jaccard s become candidates with probability 1 − (1 − s^rows)^bands. */
  readonly bands: number;
  readonly rows: number;
}

export interface NearDuplicate {
  /** Number of the text, in the order of adding. */
  readonly index: number;
  /** Jaccard similarity of the sets of stretches. */
  readonly similarity: number;
}

/** 14 bands of 8 rows, 5 words: for documents and passages. The curve is steepest at a Jaccard of 0.72. */
export const FOR_DOCUMENTS: NearDuplicateOptions = {
  shingleWords: 5,
  similarityMin: 0.72,
  bands: 14,
  rows: 8,
};
/** 32 bands of 4 rows, 2 words: questions are short, and one other word changes half of their longer stretches. */
export const FOR_QUESTIONS: NearDuplicateOptions = {
  shingleWords: 2,
  similarityMin: 0.65,
  bands: 32,
  rows: 4,
};

/** Texts of which later ones are held against earlier ones. */
export class NearDuplicateIndex {
  readonly #options: NearDuplicateOptions;
  readonly #shingles: Uint32Array[] = [];
  readonly #buckets: readonly Map<number, number[]>[];

  constructor(options: NearDuplicateOptions) {
    this.#options = options;
    this.#buckets = Array.from({ length: options.bands }, () => new Map<number, number[]>());
  }

  get size(): number {
    return this.#shingles.length;
  }

  add(text: string): void {
    const shingles = shinglesOf(text, this.#options.shingleWords);
    const index = this.#shingles.length;
    this.#shingles.push(shingles);
    this.#bandsOf(shingles).forEach((hash, band) => {
      const bucket = this.#buckets[band];
      const places = bucket?.get(hash);
      if (places === undefined) bucket?.set(hash, [index]);
      else places.push(index);
    });
  }

  /** The most similar of the texts that are at least as similar as the limit; the earliest of equals. */
  findSimilar(text: string): NearDuplicate | undefined {
    const shingles = shinglesOf(text, this.#options.shingleWords);
    const candidates = new Set(
      this.#bandsOf(shingles).flatMap((hash, band) => this.#buckets[band]?.get(hash) ?? []),
    );
    let best: NearDuplicate | undefined;
    for (const index of [...candidates].toSorted((one, other) => one - other)) {
      const similarity = jaccard(shingles, this.#shingles[index] ?? new Uint32Array());
      if (similarity < this.#options.similarityMin) continue;
      if (best === undefined || similarity > best.similarity) best = { index, similarity };
    }
    return best;
  }

  /** One hash for each band; none for a text without words. */
  #bandsOf(shingles: Uint32Array): readonly number[] {
    if (shingles.length === 0) return [];
    const { bands, rows } = this.#options;
    return Array.from({ length: bands }, (_, band) => {
      let hash = band;
      for (let row = 0; row < rows; row += 1) hash = mix32(hash ^ minimum(shingles, band * rows + row));
      return hash;
    });
  }
}

/** The smallest hash of the set under the `index`th permutation. */
function minimum(shingles: Uint32Array, index: number): number {
  const key = mix32(index + 1);
  let least = 0xffff_ffff;
  for (const shingle of shingles) {
    const hash = mix32(shingle ^ key);
    if (hash < least) least = hash;
  }
  return least;
}

/** The set of a text's stretches of words as sorted hashes. */
export function shinglesOf(text: string, words: number): Uint32Array {
  const hashes = new Set(gramsOf(wordsOf(text), words).map((gram) => hash32(gram, 0)));
  return Uint32Array.from(hashes).toSorted();
}

/** |a ∩ b| / |a ∪ b| of two sorted sets; 0 where both are empty. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  let common = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const one = a[i] as number;
    const other = b[j] as number;
    if (one === other) common += 1;
    if (one <= other) i += 1;
    if (other <= one) j += 1;
  }
  const union = a.length + b.length - common;
  return union === 0 ? 0 : common / union;
}
