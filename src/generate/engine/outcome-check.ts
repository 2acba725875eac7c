// What a stage may hand back. A stage that breaks these rules would lose items or hide one behind another, and nobody would see
// it in the dataset: it is refused as the bug that it is.

import type { Item, ItemKind } from '../item.ts';
import type { Outcome } from '../stage.ts';

/** Every character sorts behind the dot, so that all descendants of an item follow it at once. */
const KEY = /^\w+(?:\.\w+)*$/u;
const REASON = /^[a-z][a-z0-9_]*$/u;

/**
 * Throws for an outcome in which the item, or what was made of it, is lost.
 *
 * @param item undefined for what a stage made of nothing
 */
export function checkOutcome(
  { kept, drops }: Outcome,
  {
    stage,
    gives,
    item,
  }: { readonly stage: string; readonly gives: ItemKind; readonly item: Item | undefined },
): void {
  const refuse = (problem: string): never => {
    const about = item === undefined ? 'a new item' : `item ${item.key}`;
    throw new Error(`Stage "${stage}" returned a bad outcome for ${about}: ${problem}`);
  };
  if (kept.length === 0 && drops.length === 0) refuse('it is neither kept nor dropped');
  const keys = new Set<string>();
  for (const each of kept) {
    if (each.kind !== gives) refuse(`it gives a ${each.kind} where it promises a ${gives}`);
    if (!KEY.test(each.key)) refuse(`the key "${each.key}" does not sort among its ancestors`);
    if (keys.has(each.key)) refuse(`two of its items have the key "${each.key}"`);
    if (item !== undefined && each.key !== item.key && !each.key.startsWith(`${item.key}.`)) {
      refuse(`the key "${each.key}" is not that of a child`);
    }
    keys.add(each.key);
  }
  const stray = drops.find(({ reason }) => !REASON.test(reason));
  if (stray !== undefined) refuse(`the reason "${stray.reason}" is not in snake case`);
}
