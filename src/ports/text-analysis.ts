// Sentences with their words: what the extractive generator needs of a language library.

export interface AnalysedToken {
  readonly text: string;
  /** Offset in the passage's text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** Universal part of speech: NOUN, PROPN, VERB, AUX, ADJ, … */
  readonly pos: string;
  readonly lemma: string;
}

export interface AnalysedEntity {
  /** DATE, CARDINAL, MONEY, PERCENT, … as the library names them. */
  readonly kind: string;
  /** Indexes into the sentence's tokens: from `first` to `last`, both included. */
  readonly first: number;
  readonly last: number;
}

export interface AnalysedSentence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly tokens: readonly AnalysedToken[];
  readonly entities: readonly AnalysedEntity[];
}

export interface TextAnalyser {
  /** Same text, same analysis. */
  analyse(text: string): readonly AnalysedSentence[];
  /** A full date in `text` as ISO 8601 (`1867-11-07`, `1997-05`), with its place; undefined when there is none. */
  dateIn(text: string): { readonly iso: string; readonly start: number; readonly end: number } | undefined;
}
