// The items of a run between its stages, in the spool: written in batches, read in the order of their keys.

import type { JsonObject } from '../../core/json.ts';
import type { ItemSpool, SpooledItem } from '../../ports/item-spool.ts';
import type { Item, PairItem } from '../item.ts';
import type { ItemTable } from '../stage.ts';

const BATCH_ROWS = 256;

/** Writes one table of the spool. */
export class TableWriter {
  readonly #spool: ItemSpool;
  readonly #table: string;
  #batch: SpooledItem[] = [];

  private constructor(spool: ItemSpool, table: string) {
    this.#spool = spool;
    this.#table = table;
  }

  /** Of an empty table. */
  static async open(spool: ItemSpool, table: string): Promise<TableWriter> {
    await spool.clear(table);
    return new TableWriter(spool, table);
  }

  async add(key: string, row: Item | JsonObject): Promise<void> {
    // Items are plain data; what is undefined in them is absent in JSON.
    this.#batch.push({ key, item: row as unknown as JsonObject });
    if (this.#batch.length >= BATCH_ROWS) await this.flush();
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) await this.#spool.add(this.#table, batch);
  }
}

export async function* readItems(spool: ItemSpool, table: string): AsyncGenerator<Item> {
  for await (const { item } of spool.read(table)) yield itemOf(item);
}

export async function* readPairs(spool: ItemSpool, table: string): AsyncGenerator<PairItem> {
  for await (const item of readItems(spool, table)) if (item.kind === 'pair') yield item;
}

export async function openItemTable(spool: ItemSpool, table: string): Promise<ItemTable> {
  return { count: await spool.count(table), read: () => readItems(spool, table) };
}

export async function findItem(spool: ItemSpool, table: string, key: string): Promise<Item | undefined> {
  const found = await spool.find(table, key);
  return found && itemOf(found);
}

function itemOf(row: JsonObject): Item {
  // Only items are written to tables of items.
  return row as unknown as Item;
}
