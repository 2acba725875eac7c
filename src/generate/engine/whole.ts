// A stage that sees all items before it decides. Its decisions are checked against the table as they come: one for every item, and
// no item twice.

import type { ItemSpool } from '../../ports/item-spool.ts';
import type { Decision } from '../stage.ts';
import { ModelDown, RunStopped, type Halt } from './halt.ts';
import { findItem, openItemTable, TableWriter } from './item-tables.ts';
import { checkOutcome } from './outcome-check.ts';
import type { StageRunner } from './stage-runner.ts';

const DECIDED = 'decided';

/** From table `input` to `output`. Without some reply the stage decides nothing: then the run stops. */
export async function runWhole(
  runner: StageRunner,
  {
    spool,
    input,
    output,
    halt,
  }: { readonly spool: ItemSpool; readonly input: string; readonly output: string; readonly halt: Halt },
): Promise<void> {
  const { stage, name } = runner.planned;
  if (stage.kind !== 'whole') throw new Error(`Stage "${name}" looks at one item at a time`);
  const items = await openItemTable(spool, input);
  const writer = await TableWriter.open(spool, output);
  const decided = await TableWriter.open(spool, DECIDED);
  runner.funnel.came(items.count);
  let count = 0;
  try {
    for await (const decision of stage.apply(items, runner.tools(''))) {
      halt.signal.throwIfAborted();
      if (decision.key !== undefined) {
        count += 1;
        await decided.add(decision.key, {});
      }
      await take(decision);
    }
  } catch (error) {
    if (!(error instanceof ModelDown || error instanceof RunStopped)) throw error;
    runner.funnel.leftAll(items.count - count, error.message);
    if (error instanceof ModelDown) halt.stop('model_down', error.message);
    return;
  }
  await decided.flush();
  await writer.flush();
  if (count !== items.count) {
    throw new Error(`Stage "${name}" decided ${count} of ${items.count} items`);
  }

  async function take({ key, outcome }: Decision): Promise<void> {
    const item = key === undefined ? undefined : await findItem(spool, input, key);
    if (key !== undefined && item === undefined) {
      throw new Error(`Stage "${name}" decided an item that it was not given: ${key}`);
    }
    checkOutcome(outcome, { stage: name, gives: runner.planned.kind.gives, item });
    await runner.decided(item, outcome);
    for (const each of outcome.kept) await writer.add(each.key, each);
  }
}
