// Stages that look at one item at a time, run as one: each item goes through all of them while others are under way. So many are
// under way that models are kept busy, and no more, so that memory does not grow with the documents.

import type { Item } from '../item.ts';
import type { Halt } from './halt.ts';
import type { StageRunner } from './stage-runner.ts';

export interface FlowOptions {
  readonly runners: readonly StageRunner[];
  /** Items of the input that are under way at once. */
  readonly itemsMax: number;
  readonly halt: Halt;
  /** Takes what comes through, in any order. */
  readonly onDone: (item: Item) => Promise<void>;
}

/** Items between two turns of the event loop: a run that finds every reply in the journal waits for nothing, and must hear Ctrl-C. */
const ITEMS_PER_TURN = 32;

/** Resolves when all that was read is decided. A stop ends the reading; what is under way ends by itself. Throws the first bug. */
export async function runFlow(input: AsyncIterable<Item>, options: FlowOptions): Promise<void> {
  const { itemsMax, halt } = options;
  const underWay = new Set<Promise<void>>();
  let read = 0;
  let room = Promise.withResolvers<void>();
  for await (const item of input) {
    if (halt.signal.aborted) break;
    const travelling: Promise<void> = travel(item, 0, options)
      .catch((error: unknown) => halt.fail(error))
      .finally(() => {
        underWay.delete(travelling);
        room.resolve();
      });
    underWay.add(travelling);
    read += 1;
    if (read % ITEMS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    while (underWay.size >= itemsMax) {
      await room.promise;
      room = Promise.withResolvers<void>();
    }
  }
  await Promise.all(underWay);
  if (halt.signal.aborted && halt.stopped === undefined) throw halt.signal.reason;
}

async function travel(item: Item, at: number, options: FlowOptions): Promise<void> {
  const runner = options.runners[at];
  if (runner === undefined) return options.onDone(item);
  const going = await runner.apply(item);
  if (going.length === 1 && going[0] !== undefined) return travel(going[0], at + 1, options);
  await Promise.all(going.map((each) => travel(each, at + 1, options)));
}
