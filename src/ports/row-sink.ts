// A file of rows being written. It has its name only once it is complete: an export that fails leaves no half file behind.

import type { JsonObject } from '../core/json.ts';

export interface RowSink {
  /** Adds rows in order; resolves when more can be taken. */
  write(rows: readonly JsonObject[]): Promise<void>;
  /** Completes the file and gives it its name; returns its size in bytes. */
  close(): Promise<number>;
  /** Removes what was written. */
  abort(): Promise<void>;
}
