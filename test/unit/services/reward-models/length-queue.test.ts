import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  LengthQueue,
  type BatchLimits,
  type Sized,
} from '../../../../src/services/reward-models/length-queue.ts';

const LIMITS: BatchLimits = { paddedTokensMax: 100, sequencesMax: 8, fillMin: 0.5 };

function queueOf(...lengths: readonly number[]): LengthQueue<Sized> {
  const queue = new LengthQueue<Sized>();
  for (const length of lengths) queue.add({ length });
  return queue;
}

function lengthsOf(queue: LengthQueue<Sized>, limits: Partial<BatchLimits> = {}): readonly number[] {
  return queue.peek({ ...LIMITS, ...limits }).items.map(({ length }) => length);
}

describe('LengthQueue', () => {
  it.each([
    ['nothing of nothing', [], {}, []],
    ['the oldest with its neighbours in length', [20, 90, 21, 10, 22], {}, [20, 21, 22]],
    ['the nearer neighbour first where not all fit', [20, 15, 21, 26, 20], { sequencesMax: 3 }, [20, 20, 21]],
    ['no more padded tokens than allowed', [25, 25, 25, 25, 25], {}, [25, 25, 25, 25]],
    ['no longer one that would pad all others beyond the bound', [30, 30, 30, 40], {}, [30, 30, 30]],
    ['one that is too long alone', [500, 500, 1], {}, [500]],
    ['nobody who would be mostly padding', [10, 19, 21, 4], {}, [10, 19]],
    ['all lengths where padding does not matter', [10, 30, 2], { fillMin: 0 }, [2, 10, 30]],
  ] as const)('peek() gives %s', (_, lengths, limits, batch) => {
    expect(lengthsOf(queueOf(...lengths), limits)).toEqual(batch);
  });

  it('peek() says whether one more of the same length would fit', () => {
    expect(queueOf(25, 25, 25).peek(LIMITS).isFull).toBe(false);
    expect(queueOf(25, 25, 25, 25).peek(LIMITS).isFull).toBe(true);
    expect(queueOf(1, 1).peek({ ...LIMITS, sequencesMax: 2 }).isFull).toBe(true);
    expect(queueOf(500).peek(LIMITS).isFull).toBe(true);
  });

  it('remove() takes out one of several that are equally long', () => {
    const items = [5, 5, 5].map((length, index) => ({ length, index }));
    const queue = new LengthQueue<Sized>();
    for (const item of items) queue.add(item);
    expect(items.map((item) => queue.remove(item))).toEqual([true, true, true]);
    expect(items.map((item) => queue.remove(item))).toEqual([false, false, false]);
    expect(queue.size).toBe(0);
  });

  it('peek() and take() hand out each item once, the oldest always among the next, within the limits', () => {
    const limits = fc.record({
      paddedTokensMax: fc.integer({ min: 1, max: 300 }),
      sequencesMax: fc.integer({ min: 1, max: 10 }),
      fillMin: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 }), limits, (lengths, bounds) => {
        const queue = queueOf(...lengths);
        const seen: number[] = [];
        while (queue.size > 0) {
          const { oldest } = queue;
          const { items } = queue.peek(bounds);
          expect(items).toContain(oldest);
          const all = items.map(({ length }) => length);
          const isWithin =
            items.length * Math.max(...all) <= bounds.paddedTokensMax &&
            items.length <= bounds.sequencesMax &&
            Math.min(...all) >= bounds.fillMin * Math.max(...all);
          expect(items.length === 1 || isWithin).toBe(true);
          queue.take(items);
          seen.push(...all);
        }
        expect(seen.toSorted((a, b) => a - b)).toEqual(lengths.toSorted((a, b) => a - b));
      }),
    );
  });
});
