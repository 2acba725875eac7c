// Where in a passage a quotation stands, as provenance keeps it.

import type { ByteSpan, Passage } from '../../core/document.ts';
import { byteSpanOf, findQuote } from '../../core/quote-search.ts';

/** Bytes of the document; undefined where the passage does not have these words. */
export function evidenceIn(passage: Passage, quote: string): ByteSpan | undefined {
  const place = findQuote(passage.text, quote);
  return place && byteSpanOf(passage.text, place, passage.span.start);
}
