// Files of foreign rows, read in constant memory: what an import reads from, whatever the format.

import type { JsonValue } from '../core/json.ts';
import type { RejectionReason } from '../core/layouts/layout.ts';

/** One row of a file, or one that could not be read. `at`: line of a text file, row of a table; from 1. */
export type SourceRow =
  | { readonly kind: 'row'; readonly at: number; readonly row: JsonValue }
  | {
      readonly kind: 'broken';
      readonly at: number;
      readonly reason: RejectionReason;
      readonly detail: string;
    };

export interface RowSource {
  readonly path: string;
  readonly bytesTotal: number;
  /** Bytes of the file consumed by now, for a progress report. */
  bytesRead(): number;
  /**
   * All rows, a batch at a time. Can be read once.
   *
   * @throws EnvError `data_loss` when the file as a whole is damaged; says after which row
   */
  batches(): AsyncIterable<readonly SourceRow[]>;
}
