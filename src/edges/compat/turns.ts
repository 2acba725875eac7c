// Which row is next for clients that do not say which.

import type { ServedSplit } from '../../services/datasets/served-rows.ts';

/** Rows that are handed out to those who do not say which: one after the other, all connections together. */
export class Turns {
  readonly #next = new Map<string, number>();

  take({ dataset, name, count }: ServedSplit): number {
    const key = `${dataset.name}:${name}`;
    const turn = this.#next.get(key) ?? 0;
    this.#next.set(key, turn + 1);
    return turn % count;
  }
}
