// What was paid for items of which nothing came through to the end. Two lists in the order of keys are read side by side, so memory
// does not grow with them: since descendants follow their ancestor at once, the first one alive at or behind an item tells.

import type { JsonObject } from '../../core/json.ts';
import type { SpooledItem } from '../../ports/item-spool.ts';
import type { Item } from '../item.ts';

/** What an item cost at one stage, as a row of the spool. */
export interface SpentRow {
  readonly key: string;
  readonly stage: string;
  readonly costUsd: number | null;
}

/** A key for the spool: one item may cost something at several stages. */
export function spentKey(item: Item, stage: string): string {
  return `${item.key} ${stage}`;
}

export function spentRow(item: Item, stage: string, costUsd: number | null): JsonObject {
  return { key: item.key, stage, costUsd };
}

/**
 * Calls `onLost` for what was spent on items without descendants among `alive`.
 *
 * @param spent in the order of their items' keys
 * @param alive keys of the items that came through or may still do so, in order
 */
export async function findLostCosts(
  spent: AsyncIterable<SpooledItem>,
  alive: AsyncIterable<SpooledItem>,
  onLost: (row: SpentRow) => void,
): Promise<void> {
  const iterator = alive[Symbol.asyncIterator]();
  let first = await iterator.next();
  for await (const { item } of spent) {
    // `spentRow` made it.
    const row = item as unknown as SpentRow;
    while (first.done !== true && first.value.key < row.key) first = await iterator.next();
    const isAlive =
      first.done !== true && (first.value.key === row.key || first.value.key.startsWith(`${row.key}.`));
    if (!isAlive) onLost(row);
  }
  await iterator.return?.();
}
