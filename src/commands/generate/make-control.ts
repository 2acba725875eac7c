// Makes the control of a generated dataset: as many pairs, drawn from all that were written before any stage looked at them. Whoever
// trains on both learns what the filters are worth.

import type { DatasetInfo } from '../../core/calls.ts';
import type { DraftPair } from '../../core/layouts/layout.ts';
import { createRandom } from '../../core/random.ts';
import type { GenerationRun } from '../../generate/engine/run.ts';
import { addGenerated } from '../../services/datasets/generated-pairs.ts';
import { draftPairOf } from './draft-pair.ts';
import { checksOf, generatorOf, type MadeDataset, type MakeOptions } from './make-dataset.ts';

export function controlName(name: string): string {
  return `${name}-control`;
}

/**
 * The control dataset, under the name of the dataset and `-control`. Pairs that no run could score are not in it: others take
 * their places, as long as there are others.
 */
export async function makeControl(
  run: Pick<GenerationRun, 'written'>,
  { info, checked }: MadeDataset,
  options: MakeOptions,
): Promise<DatasetInfo> {
  const { store, preparation, report, clock, mayReplace } = options;
  const size = checked.rowsAdded;
  const order = await drawOrder(run, preparation.recipe.seed);
  const writer = await store.create(
    {
      name: controlName(options.name),
      description: `Control of "${options.name}": pairs of the same run, drawn before any filter.`,
      reward: undefined,
      provenance: { ...info.provenance, generator: `${generatorOf(preparation, report)}; unfiltered` },
    },
    { replace: mayReplace },
  );
  try {
    let added = 0;
    for (let at = 0; at < order.length && added < size;) {
      const places = new Set(order.slice(at, at + size - added));
      at += places.size;
      added += (await addGenerated(draftsAt(run, places), writer, checksOf(options))).rowsAdded;
    }
    return await writer.commit({
      kind: 'control',
      at: clock.now(),
      of: options.name,
      of_version: info.version,
      seed: preparation.recipe.seed,
      written: order.length,
      rows_added: added,
    });
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** The places of all written pairs with an answer, in an order that the seed chooses. */
async function drawOrder(run: Pick<GenerationRun, 'written'>, seed: number): Promise<readonly number[]> {
  const random = createRandom(seed);
  const drawn: { readonly place: number; readonly lot: number }[] = [];
  let place = 0;
  for await (const { draft } of run.written()) {
    const lot = random.next();
    if (draft.answer !== '') drawn.push({ place, lot });
    place += 1;
  }
  return drawn.toSorted((a, b) => a.lot - b.lot).map((each) => each.place);
}

async function* draftsAt(
  run: Pick<GenerationRun, 'written'>,
  places: ReadonlySet<number>,
): AsyncGenerator<DraftPair> {
  let place = 0;
  for await (const pair of run.written()) {
    if (places.has(place)) yield draftPairOf(pair);
    place += 1;
  }
}
