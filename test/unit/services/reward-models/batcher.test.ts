import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { RewardModelBatcher, type BatcherOptions } from '../../../../src/services/reward-models/batcher.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { FakeRewardModel, type FakeRewardModelOptions } from '../../../support/fake-reward-model.ts';

function setUp(fake: FakeRewardModelOptions = {}, options: Partial<BatcherOptions> = {}) {
  const clock = new FakeClock();
  const model = new FakeRewardModel(fake);
  const batcher = new RewardModelBatcher({
    model,
    clock,
    paddedTokensMax: 12,
    sequencesMax: 100,
    fillMin: 0.5,
    lingerMs: 0,
    queueMax: 100,
    ...options,
  });
  const ask = async (first: string, signal?: AbortSignal): Promise<number | undefined> =>
    (await batcher.infer({ first }, signal)).row[0];
  return { clock, model, batcher, ask };
}

/** Lets everything that can go on without the outside go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

function words(count: number, mark: string): string {
  return Array.from({ length: count }, () => mark).join(' ');
}

describe('RewardModelBatcher', () => {
  it('infer() batches what comes at the same time, by length', async () => {
    const { ask, model } = setUp();
    const asked = [words(3, 'a'), words(6, 'b'), words(3, 'c'), words(6, 'd'), words(2, 'e')].map((text) =>
      ask(text),
    );
    expect(await Promise.all(asked)).toEqual([3, 6, 3, 6, 2]);
    expect(model.batches).toEqual([
      [2, 3, 3],
      [6, 6],
    ]);
  });

  it('infer() lets those join who come while the network works', async () => {
    const { ask, model } = setUp({ isHeld: true });
    const first = ask('a a');
    await settle();
    const others = [ask('b b'), ask('c c')];
    await settle();
    expect(model.batches).toEqual([[2]]);
    model.answer();
    await settle();
    expect(model.batches).toEqual([[2], [2, 2]]);
    model.answer();
    expect(await Promise.all([first, ...others])).toEqual([2, 2, 2]);
  });

  it('infer() keeps a full batch in reserve for each lane, and no batch that is not full', async () => {
    const { ask, model } = setUp({ isHeld: true });
    const asked = Array.from({ length: 8 }, (_, index) => ask(words(6, `w${index}`)));
    await settle();
    expect(model.batches).toEqual([
      [6, 6],
      [6, 6],
    ]);
    while (model.running > 0) {
      model.answer();
      await settle();
    }
    expect(await Promise.all(asked)).toHaveLength(8);
  });

  it('infer() waits for more no longer than it may', async () => {
    const { ask, model, clock } = setUp({}, { lingerMs: 5 });
    const first = ask('a a');
    await settle();
    clock.pass(4);
    const second = ask('b b');
    await settle();
    expect(model.batches).toEqual([]);
    clock.pass(1);
    await settle();
    expect(model.batches).toEqual([[2, 2]]);
    expect(await Promise.all([first, second])).toEqual([2, 2]);
  });

  it('infer() does not wait when the batch is full', async () => {
    const { ask, model } = setUp({}, { lingerMs: 5 });
    expect(await Promise.all([ask(words(6, 'a')), ask(words(6, 'b'))])).toEqual([6, 6]);
    expect(model.batches).toEqual([[6, 6]]);
  });

  it('infer() runs the same text once while it is on its way', async () => {
    const { ask, model, batcher } = setUp();
    expect(await Promise.all([ask('a b'), ask('a b'), ask('a b')])).toEqual([2, 2, 2]);
    expect(model.batches).toEqual([[2]]);
    expect(batcher.counts()).toMatchObject({ sequences: 1, shared: 2 });
    await ask('a b');
    expect(model.batches).toEqual([[2], [2]]);
  });

  it('infer() fails only the text that the network cannot take', async () => {
    const { ask, batcher } = setUp({ poison: 'bad' });
    const asked = await Promise.allSettled([ask('x y'), ask('bad y'), ask('y z')]);
    expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(batcher.counts()).toMatchObject({ sequences: 2, failed: 1 });
    expect(await ask('still here')).toBe(2);
  });

  it('infer() refuses what is beyond its queue', async () => {
    const { ask } = setUp({ isHeld: true }, { queueMax: 2 });
    void ask('a');
    void ask('b');
    await expect(ask('c')).rejects.toMatchObject({ code: 'resource_exhausted' });
  });

  it('infer() gives up with the reason of its signal, before, in and after the queue', async () => {
    const { ask, model } = setUp({ isHeld: true });
    const reason = new Error('enough');
    await expect(ask('never', AbortSignal.abort(reason))).rejects.toBe(reason);
    const [waits, runs] = [new AbortController(), new AbortController()];
    const running = ask('a a', runs.signal);
    await settle();
    const waiting = ask('b b', waits.signal);
    const beside = ask('b b');
    const alone = ask('c c', waits.signal);
    await settle();
    waits.abort(reason);
    runs.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(alone).rejects.toBe(reason);
    model.answer();
    await settle();
    model.answer();
    expect(await beside).toBe(2);
    expect(model.batches).toEqual([[2], [2]]);
  });

  it('infer() takes a text again that was given up while it was encoded', async () => {
    const { ask, batcher } = setUp({}, { queueMax: 1 });
    const given = new AbortController();
    const first = ask('a a', given.signal);
    await Promise.resolve();
    given.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    await settle();
    expect(await ask('b b')).toBe(2);
    expect(batcher.counts().sequences).toBe(1);
  });

  it('close() refuses what waits, lets what runs end, and closes the model last', async () => {
    const { ask, model, batcher } = setUp({ isHeld: true });
    const running = ask('a a');
    await settle();
    const waiting = ask('b b');
    await settle();
    const closing = batcher.close();
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
    await expect(ask('c')).rejects.toMatchObject({ code: 'unavailable' });
    expect(model.isClosed).toBe(false);
    model.answer();
    expect(await running).toBe(2);
    await closing;
    expect(model.isClosed).toBe(true);
  });

  it('infer() answers every text with its own row, whatever the order of arrivals, answers and aborts', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('ask' as const), length: fc.integer({ min: 1, max: 9 }) }),
      },
      { weight: 2, arbitrary: fc.constant({ kind: 'answer' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'abort' as const }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 2 }),
        async (steps, lanes) => {
          const { ask, model, batcher } = setUp({ isHeld: true, lanes });
          const asked: {
            readonly length: number;
            readonly row: Promise<number | undefined>;
            readonly by: AbortController;
          }[] = [];
          for (const [index, each] of steps.entries()) {
            if (each.kind === 'ask') {
              const by = new AbortController();
              const row = ask(words(each.length, `w${index}`), by.signal);
              row.catch(() => undefined);
              asked.push({ length: each.length, row, by });
            } else if (each.kind === 'answer') model.answer();
            else asked[(index * 7) % Math.max(1, asked.length)]?.by.abort(new Error('aborted'));
            await settle();
          }
          while (model.running > 0) {
            model.answer();
            await settle();
          }
          for (const { length, row, by } of asked) {
            const found = await row.catch((error: unknown) => error);
            const wasAborted = by.signal.aborted && found === by.signal.reason;
            expect(wasAborted || found === length).toBe(true);
          }
          await batcher.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});
