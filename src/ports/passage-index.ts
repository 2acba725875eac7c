// Full-text retrieval over passages, ranked by BM25.

import type { Passage } from '../core/document.ts';

export interface RankedPassage {
  readonly passage: Passage;
  /** Higher is better. */
  readonly score: number;
}

export interface PassageIndex {
  add(passages: readonly Passage[]): Promise<void>;
  /** Best first; ties in the order of adding. Query words are data: they never become query syntax. */
  search(words: readonly string[], limit: number): Promise<readonly RankedPassage[]>;
  count(): Promise<number>;
  close(): Promise<void>;
}
