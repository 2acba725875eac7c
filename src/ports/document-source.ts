// Documents to generate from, whatever files they lie in, streamed.

import type { Passage } from '../core/document.ts';

export type SourceDocument =
  /** The passages of one document, in order; one for a short document. */
  | { readonly kind: 'document'; readonly passages: readonly Passage[] }
  | { readonly kind: 'broken'; readonly source: string; readonly reason: string; readonly detail: string };

export interface DocumentSource {
  readonly bytesTotal: number;
  bytesRead(): number;
  /** In a fixed order; can be read again. Throws `EnvError` when a file as a whole cannot be read. */
  documents(): AsyncIterable<SourceDocument>;
}
