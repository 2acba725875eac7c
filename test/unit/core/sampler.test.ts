import { describe, expect, it } from 'vitest';
import { createSampler } from '../../../src/core/sampler.ts';
import { DEFAULT_POOLS, type Draw, type Sampler, type Sampling } from '../../../src/core/sampling.ts';

function sampling(kind: Sampling['kind']): Sampling {
  return { kind, refill: false, pools: DEFAULT_POOLS, unseenWeight: 1 };
}

function drawAll(sampler: Sampler): (Draw | string)[] {
  return Array.from({ length: sampler.groupsTotal + 1 }, (_, position) => {
    const drawn = sampler.next(position);
    if (typeof drawn !== 'string') sampler.observe(drawn.ordinal, { passes: 0, trials: 0 });
    return drawn;
  });
}

describe('createSampler()', () => {
  it('createSampler() with sequential walks in the order of import, again each epoch', () => {
    const sampler = createSampler({ sampling: sampling('sequential'), count: 3, epochs: 2, seed: 5 });
    expect(sampler.groupsTotal).toBe(6);
    expect(drawAll(sampler)).toEqual([
      { ordinal: 0, epoch: 0 },
      { ordinal: 1, epoch: 0 },
      { ordinal: 2, epoch: 0 },
      { ordinal: 0, epoch: 1 },
      { ordinal: 1, epoch: 1 },
      { ordinal: 2, epoch: 1 },
      'exhausted',
    ]);
  });

  it('createSampler() with shuffled draws every pair once an epoch, in another order each epoch', () => {
    const count = 50;
    const make = (seed: number) => createSampler({ sampling: sampling('shuffled'), count, epochs: 3, seed });
    const draws = drawAll(make(5)).flatMap((drawn) => (typeof drawn === 'string' ? [] : [drawn]));
    const orders = [0, 1, 2].map((epoch) =>
      draws.filter((drawn) => drawn.epoch === epoch).map(({ ordinal }) => ordinal),
    );
    for (const order of orders) {
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    }
    expect(new Set(orders.map(String)).size).toBe(3);
    expect(drawAll(make(5))).toEqual(drawAll(make(5)));
    expect(drawAll(make(5))).not.toEqual(drawAll(make(6)));
  });

  for (const kind of ['sequential', 'shuffled'] as const) {
    it(`createSampler() with ${kind} answers by position alone, so a resumed run needs no history`, () => {
      const run = { sampling: sampling(kind), count: 20, epochs: 2, seed: 9 };
      const whole = drawAll(createSampler(run));
      const resumed = createSampler(run);
      expect(resumed.needsHistory).toBe(false);
      expect([33, 7, 33, 0].map((position) => resumed.next(position))).toEqual(
        [33, 7, 33, 0].map((position) => whole[position]),
      );
    });
  }

  it('createSampler() with curriculum hands out count × epochs groups and needs its history', () => {
    const sampler = createSampler({ sampling: sampling('curriculum'), count: 7, epochs: 3, seed: 1 });
    expect(sampler.needsHistory).toBe(true);
    const draws = drawAll(sampler);
    expect(draws).toHaveLength(22);
    expect(draws.at(-1)).toBe('exhausted');
    const epochs = draws.slice(0, -1).map((drawn) => (typeof drawn === 'string' ? drawn : drawn.epoch));
    expect(epochs).toEqual(Array.from({ length: 21 }, (_, i) => Math.floor(i / 7)));
  });
});
