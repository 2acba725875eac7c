// Places in order of asking, and random numbers that depend on nothing but what they are for.

import { describe, expect, it } from 'vitest';
import { Places } from '../../../../src/generate/engine/places.ts';
import { stageRandom } from '../../../../src/generate/engine/stage-random.ts';
import { settle } from '../../../support/scripted-model.ts';

const NEVER = new AbortController().signal;

describe('Places', () => {
  it('Places.enter() lets in so many, and the others in their order', async () => {
    const places = new Places(2);
    const entered: number[] = [];
    const entering = [0, 1, 2, 3].map(async (index) => {
      await places.enter(NEVER);
      entered.push(index);
    });
    await settle();
    expect([entered, places.waiting]).toEqual([[0, 1], 2]);
    places.leave();
    await settle();
    expect(entered).toEqual([0, 1, 2]);
    places.leave();
    await Promise.all(entering);
    for (let index = 0; index < 2; index += 1) places.leave();
    await places.enter(NEVER);
    await places.enter(NEVER);
    expect(places.waiting).toBe(0);
  });

  it('Places.enter() holds no place for those who left', async () => {
    const places = new Places(1);
    await places.enter(NEVER);
    const controller = new AbortController();
    const leaving = places.enter(controller.signal);
    const staying = places.enter(NEVER);
    const reason = new Error('left');
    controller.abort(reason);
    await expect(leaving).rejects.toBe(reason);
    await expect(places.enter(controller.signal)).rejects.toBe(reason);
    places.leave();
    await staying;
    expect(places.waiting).toBe(0);
  });
});

const drawn = (...[seed, stage, key]: Parameters<typeof stageRandom>) => {
  const random = stageRandom(seed, stage, key);
  return [random.uint32(), random.uint32()].join(' ');
};

describe('stageRandom()', () => {
  it('stageRandom() draws the same for the same seed, stage and item, and other numbers for others', () => {
    expect(drawn(1, 'check', '0001')).toBe(drawn(1, 'check', '0001'));
    const others = [
      drawn(1, 'check', '0001'),
      drawn(2, 'check', '0001'),
      drawn(1, 'check-2', '0001'),
      drawn(1, 'check', '0002'),
    ];
    expect(new Set(others).size).toBe(4);
  });

  it('stageRandom() draws the same on any machine', () => {
    expect(stageRandom(1, 'check', '0000000000').uint32()).toMatchInlineSnapshot(`4004139363`);
  });
});
