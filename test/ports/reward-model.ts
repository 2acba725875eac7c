// What every reward model must do, whatever runs it. The suite knows nothing of the numbers, only that they belong to the
// texts.

import { describe, expect, it } from 'vitest';

import type { ModelTexts } from '../../src/core/reward-model.ts';
import type { RewardModel } from '../../src/ports/reward-model.ts';

const TEXTS: readonly ModelTexts[] = [
  { first: 'yes' },
  { first: 'the answer is of no question' },
  { first: 'which city', second: 'paris' },
  { first: 'a river of a city is in the question' },
];

export function describeRewardModel(name: string, open: () => Promise<RewardModel>): void {
  describe(`${name} as a RewardModel`, () => {
    it('encode() keeps the order of the texts, each with its length', async () => {
      const model = await open();
      const encoded = await model.encode(TEXTS);
      expect(encoded).toHaveLength(TEXTS.length);
      for (const { ids, typeIds } of encoded) expect(typeIds).toHaveLength(ids.length);
      const [short, long] = [encoded[0]?.ids.length ?? 0, encoded[3]?.ids.length ?? 0];
      expect(short).toBeLessThan(long);
      await model.close();
    });

    it('run() gives each sequence the row that it gets alone, whatever stands beside it', async () => {
      const model = await open();
      const encoded = await model.encode(TEXTS);
      const together = await model.run(encoded);
      const backwards = (await model.run(encoded.toReversed())).toReversed();
      for (const [index, each] of encoded.entries()) {
        const [alone] = await model.run([each]);
        for (const rows of [together, backwards]) {
          expect(rows[index]).toHaveLength(alone?.length ?? 0);
          for (const [column, value] of alone?.entries() ?? [])
            expect(rows[index]?.[column]).toBeCloseTo(value, 4);
        }
      }
      await model.close();
    });

    it('run() answers runs that were asked for at the same time, each its own', async () => {
      const model = await open();
      const encoded = await model.encode(TEXTS);
      const apart = await Promise.all(encoded.map((each) => model.run([each])));
      const together = await model.run(encoded);
      for (const [index, [row]] of apart.entries())
        expect(row?.[0]).toBeCloseTo(together[index]?.[0] ?? Number.NaN, 4);
      await model.close();
    });

    it('close() lets runs end first, and may be called twice', async () => {
      const model = await open();
      const encoded = await model.encode(TEXTS);
      const running = model.run(encoded);
      await Promise.all([running, model.close()]);
      expect(await running).toHaveLength(TEXTS.length);
      await model.close();
    });
  });
}
