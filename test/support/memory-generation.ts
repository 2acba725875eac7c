// The journal and the spool of a generation run in memory: small, and under the same suites as the real ones.

import type { JsonObject } from '../../src/core/json.ts';
import type { ItemSpool, SpooledItem } from '../../src/ports/item-spool.ts';
import type { JournalledReply, ReplyJournal } from '../../src/ports/reply-journal.ts';

export class MemoryReplyJournal implements ReplyJournal {
  readonly replies = new Map<string, JournalledReply>();

  async find(key: string): Promise<JournalledReply | undefined> {
    return this.replies.get(key);
  }

  async add(key: string, reply: JournalledReply): Promise<void> {
    if (!this.replies.has(key)) this.replies.set(key, { ...reply, text: reply.text.toWellFormed() });
  }

  async close(): Promise<void> {}
}

export class MemoryItemSpool implements ItemSpool {
  readonly #tables = new Map<string, Map<string, string>>();

  async clear(table: string): Promise<void> {
    this.#tables.set(table, new Map());
  }

  async add(table: string, items: readonly SpooledItem[]): Promise<void> {
    const rows = this.#rows(table);
    for (const { key, item } of items) {
      if (rows.has(key)) throw new Error(`Table "${table}" has the key "${key}" already`);
      rows.set(key, JSON.stringify(item));
    }
  }

  async count(table: string): Promise<number> {
    return this.#rows(table).size;
  }

  async find(table: string, key: string): Promise<JsonObject | undefined> {
    const row = this.#rows(table).get(key);
    return row === undefined ? undefined : (JSON.parse(row) as JsonObject);
  }

  async *read(table: string): AsyncGenerator<SpooledItem> {
    const rows = [...this.#rows(table)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, row] of rows) yield { key, item: JSON.parse(row) as JsonObject };
  }

  async close(): Promise<void> {
    this.#tables.clear();
  }

  #rows(table: string): Map<string, string> {
    const rows = this.#tables.get(table);
    if (rows === undefined) throw new Error(`The spool has no table "${table}"`);
    return rows;
  }
}
