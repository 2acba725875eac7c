// A document and the passages it is cut into. Offsets are bytes of the document's text in UTF-8, so that evidence can be
// found again whatever the passages were.

/** From `start` up to, not including, `end`. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** A stretch of one document, as stages read it: the whole of a short document, a part of a long one. */
export interface Passage {
  /** Of the whole document: passages of one document share a split. */
  readonly documentId: string;
  /** Where it comes from, for people: a path, a path and row. */
  readonly source: string;
  readonly title: string | undefined;
  readonly text: string;
  /** Where `text` lies in the document's text. */
  readonly span: ByteSpan;
  /** Licence of the source where it says one. */
  readonly license: string | undefined;
  /**
   * What the document says, where `text` is a rewriting of it: `span` is then of `text` itself, from 0 on, and no place in the
   * document.
   */
  readonly rewrittenFrom?: { readonly text: string; readonly span: ByteSpan } | undefined;
}
