// Where a generation run keeps its items between stages, so that memory does not grow with them. Scratch of one run: what was
// paid for is in the journal, and a spool can be made again from it.

import type { JsonObject } from '../core/json.ts';

export interface SpooledItem {
  /** Sorts as text: items are read in this order, whatever the order of writing. */
  readonly key: string;
  readonly item: JsonObject;
}

export interface ItemSpool {
  /** Makes or empties a table and opens it for writing. */
  clear(table: string): Promise<void>;
  /** Rejects for a key that the table has already: no item may hide another. */
  add(table: string, items: readonly SpooledItem[]): Promise<void>;
  count(table: string): Promise<number>;
  find(table: string, key: string): Promise<JsonObject | undefined>;
  /** In the order of keys, in constant memory. Can be read again. */
  read(table: string): AsyncIterable<SpooledItem>;
  close(): Promise<void>;
}
