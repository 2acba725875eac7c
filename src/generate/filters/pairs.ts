// What the filters have in common: reading the pairs of a table, and handing on those that were chosen.

import { EnvError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Embedder } from '../../ports/embedder.ts';
import { asPair, type Item, type PairItem } from '../item.ts';
import { type Decision, dropped, kept, type ItemTable, type Outcome } from '../stage.ts';

const EMBEDDED_AT_ONCE = 64;

/** Decides of every item of a table in order, one after the other. */
export async function* decideEach(
  items: ItemTable,
  decide: (item: Item, index: number) => Outcome,
): AsyncIterable<Decision> {
  let index = 0;
  for await (const item of items.read()) {
    yield { key: item.key, outcome: decide(item, index) };
    index += 1;
  }
}

/** Hands on the chosen items, by their numbers in the table, and drops the others for one reason. */
export function keepChosen(
  items: ItemTable,
  chosen: ReadonlySet<number>,
  drop: { readonly reason: string; readonly detail: string },
): AsyncIterable<Decision> {
  return decideEach(items, (item, index) =>
    chosen.has(index) ? kept(item) : dropped(drop.reason, drop.detail),
  );
}

/** One value for each pair of the table, in order. */
export async function collect<Value>(
  items: ItemTable,
  valueOf: (item: PairItem) => Value,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  for await (const item of items.read()) values.push(valueOf(asPair(item)));
  return values;
}

/** The vectors of all questions of the table, in order. */
export async function embedQuestions(
  items: ItemTable,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  const questions = await collect(items, ({ draft }) => draft.question);
  const vectors: Float32Array[] = [];
  for (let at = 0; at < questions.length; at += EMBEDDED_AT_ONCE) {
    vectors.push(...(await embedder.embed(questions.slice(at, at + EMBEDDED_AT_ONCE), signal)));
  }
  return vectors;
}

/**
 * The number that a stage before this one noted under `name`.
 *
 * @throws EnvError `failed_precondition` that names the note where an item has none
 */
export function numberNoted(notes: JsonObject, name: string): number {
  const note = notes[name];
  if (typeof note === 'number') return note;
  throw new EnvError(
    'failed_precondition',
    `Cannot select by "${name}": no stage before this one has noted it`,
  );
}

/** The texts that a stage before this one noted under `name`. Throws as `numberNoted` does. */
export function textsNoted(notes: JsonObject, name: string): readonly string[] {
  const note: JsonValue | undefined = notes[name];
  if (Array.isArray(note)) return note.filter((each) => typeof each === 'string');
  throw new EnvError(
    'failed_precondition',
    `Cannot select by "${name}": no stage before this one has noted it`,
  );
}

/** How many items a selection is to have: `size`, or `share` of the table's rounded to the nearest. */
export function sizeOf(
  count: number,
  { size, share }: { readonly size: number | null; readonly share: number | null },
): number {
  if (size !== null) return size;
  return share === null ? count : Math.round(count * share);
}
