// The limits around a judge's calls, each alone and on a clock of the test: rate budgets, concurrency, breaker, money.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Books } from '../../../../src/services/language-models/books.ts';
import { Budget } from '../../../../src/services/language-models/budget.ts';
import { Breaker } from '../../../../src/services/language-models/breaker.ts';
import { Concurrency } from '../../../../src/services/language-models/concurrency.ts';
import { RateBucket } from '../../../../src/services/language-models/rate-bucket.ts';
import { limitTime, pause, TimeIsUp } from '../../../../src/services/language-models/waiting.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { settle } from '../../../support/scripted-model.ts';

const NEVER = new AbortController().signal;
const LEFT = new Error('left');
const STEP_MS = 100;

const breakerOf = (clock: FakeClock) =>
  new Breaker({ clock, failuresMax: 3, firstWaitMs: 100, waitMsMax: 300 });

const million = (tokens: number) => ({ promptTokens: tokens * 1e6, completionTokens: 0 });

describe('RateBucket', () => {
  it('RateBucket.take() lets no minute, wherever it begins, see more than its amount', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 120 }),
        fc.array(fc.nat({ max: 200 }), { minLength: 1, maxLength: 10 }),
        async (perMinute, pauses) => {
          const clock = new FakeClock(0);
          const bucket = new RateBucket(clock, perMinute);
          const taken: number[] = [];
          for (const steps of pauses) {
            for (let call = 0; call < 20; call += 1) {
              void bucket.take(1, NEVER).then(() => taken.push(clock.now()));
            }
            for (let step = 0; step <= steps; step += 1) {
              await Promise.resolve();
              await Promise.resolve();
              clock.pass(STEP_MS);
            }
          }
          // A taking is seen at most two steps after it was let go.
          for (const start of taken) {
            const within = taken.filter((at) => at >= start && at < start + 60_000 - 2 * STEP_MS);
            expect(within.length).toBeLessThanOrEqual(perMinute);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('RateBucket.take() keeps the order and reaches the rate', async () => {
    const clock = new FakeClock(0);
    const bucket = new RateBucket(clock, 600);
    const taken: number[] = [];
    for (let call = 0; call < 150; call += 1) void bucket.take(1, NEVER).then(() => taken.push(call));
    await settle();
    expect(taken).toHaveLength(60);
    clock.pass(10_000);
    await settle();
    expect(taken).toEqual(Array.from({ length: 150 }, (_, index) => index));
  });

  it('RateBucket.take() lets an amount go that is larger than the bucket, and makes the next one wait for it', async () => {
    const clock = new FakeClock(0);
    const bucket = new RateBucket(clock, 1_000);
    await bucket.take(900, NEVER);
    let hasGone = false;
    void bucket.take(1, NEVER).then(() => (hasGone = true));
    clock.pass(53_000);
    await settle();
    expect(hasGone).toBe(false);
    clock.pass(2_000);
    await settle();
    expect(hasGone).toBe(true);
  });

  it('RateBucket.settle() gives back what an estimate took too much, and a taker that leaves gives back all', async () => {
    const clock = new FakeClock(0);
    const bucket = new RateBucket(clock, 1_000);
    await bucket.take(100, NEVER);
    const controller = new AbortController();
    const waiting = bucket.take(80, controller.signal);
    controller.abort(LEFT);
    await expect(waiting).rejects.toBe(LEFT);
    bucket.settle(100, 20);
    await bucket.take(80, NEVER);
    expect(clock.waiting).toBe(0);
  });

  it('RateBucket.take() never waits without a limit', async () => {
    const clock = new FakeClock(0);
    const bucket = new RateBucket(clock, undefined);
    for (let call = 0; call < 1_000; call += 1) await bucket.take(1e9, NEVER);
    expect(clock.waiting).toBe(0);
  });
});

/** Calls one after the other through a gate, each as long as `latencyOf` says of the calls under way. */
async function drive(
  gate: Concurrency,
  clock: FakeClock,
  {
    calls,
    latencyOf,
    endOf = () => 'answered' as const,
  }: {
    calls: number;
    latencyOf: (running: number) => number;
    endOf?: (running: number) => 'answered' | 'overloaded';
  },
): Promise<void> {
  let left = calls;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await gate.enter(NEVER);
      const startedAt = clock.now();
      const { running } = gate;
      await pause(clock, latencyOf(running), NEVER);
      gate.leave(endOf(running), startedAt);
    }
  };
  const state = { isOver: false };
  const all = Promise.all(Array.from({ length: 200 }, work)).then(() => (state.isOver = true));
  while (!state.isOver) {
    await settle();
    clock.pass(10);
  }
  await all;
}

describe('Concurrency', () => {
  it('Concurrency grows to its maximum while the endpoint keeps up', async () => {
    const clock = new FakeClock(0);
    const gate = new Concurrency({ clock, max: 64, queueMax: 1_000 });
    expect(gate.limit).toBe(8);
    await drive(gate, clock, { calls: 1_000, latencyOf: () => 100 });
    expect(gate.limit).toBe(64);
    expect([gate.running, gate.waiting]).toEqual([0, 0]);
  });

  it('Concurrency keeps near what the endpoint bears when it refuses the rest', async () => {
    const clock = new FakeClock(0);
    const gate = new Concurrency({ clock, max: 500, queueMax: 1_000 });
    await drive(gate, clock, {
      calls: 4_000,
      latencyOf: () => 100,
      endOf: (running) => (running > 40 ? 'overloaded' : 'answered'),
    });
    expect(gate.limit).toBeGreaterThanOrEqual(15);
    expect(gate.limit).toBeLessThanOrEqual(60);
  });

  it('Concurrency finds the limit of an endpoint that never refuses and only gets slower', async () => {
    const clock = new FakeClock(0);
    const gate = new Concurrency({ clock, max: 200, queueMax: 1_000 });
    // Twenty at once are served in parallel; all more queue at the server.
    await drive(gate, clock, { calls: 6_000, latencyOf: (running) => 100 * Math.max(1, running / 20) });
    expect(gate.limit).toBeGreaterThanOrEqual(20);
    expect(gate.limit).toBeLessThan(120);
  });

  it('Concurrency grows at an endpoint that only gets slower where nobody watches its latency', async () => {
    const clock = new FakeClock(0);
    const gate = new Concurrency({ clock, max: 200, queueMax: 1_000, watchesLatency: false });
    await drive(gate, clock, { calls: 6_000, latencyOf: (running) => 100 * Math.max(1, running / 20) });
    expect(gate.limit).toBe(200);
  });

  it('Concurrency gets used to an endpoint that has become slower for good', async () => {
    const clock = new FakeClock(0);
    const gate = new Concurrency({ clock, max: 32, queueMax: 1_000 });
    await drive(gate, clock, { calls: 500, latencyOf: () => 100 });
    await drive(gate, clock, { calls: 2_000, latencyOf: () => 1_000 });
    expect(gate.limit).toBe(32);
  });

  it('Concurrency halves once for all refusals of calls that were under way together, and never below one', async () => {
    const clock = new FakeClock(0);
    const gate = new Concurrency({ clock, max: 64, queueMax: 10 });
    for (let call = 0; call < 8; call += 1) await gate.enter(NEVER);
    const startedAt = clock.now();
    clock.pass(5);
    for (let call = 0; call < 8; call += 1) gate.leave('overloaded', startedAt);
    expect(gate.limit).toBe(4);
    for (let round = 0; round < 20; round += 1) {
      clock.pass(5);
      await gate.enter(NEVER);
      gate.leave('overloaded', clock.now());
    }
    expect(gate.limit).toBe(1);
  });

  it('Concurrency.enter() refuses beyond its queue, and a waiter that leaves holds no place', async () => {
    const clock = new FakeClock(0);
    const gate = new Concurrency({ clock, max: 1, queueMax: 2 });
    expect(await gate.enter(NEVER)).toBe(true);
    const controller = new AbortController();
    const first = gate.enter(controller.signal);
    const second = gate.enter(NEVER);
    expect(await gate.enter(NEVER)).toBe(false);
    controller.abort(LEFT);
    await expect(first).rejects.toBe(LEFT);
    expect(gate.waiting).toBe(1);
    gate.leave('answered', clock.now());
    expect(await second).toBe(true);
    expect([gate.running, gate.waiting]).toEqual([1, 0]);
  });
});

describe('Breaker', () => {
  it('Breaker.tryStart() closes after failures in a row, and lets one call at a time try', () => {
    const clock = new FakeClock(0);
    const breaker = breakerOf(clock);
    for (let failure = 0; failure < 3; failure += 1) {
      expect(breaker.tryStart()).toBe(true);
      breaker.failed();
    }
    expect([breaker.isOpen, breaker.tryStart()]).toEqual([true, false]);
    clock.pass(100);
    expect([breaker.tryStart(), breaker.tryStart()]).toEqual([true, false]);
    breaker.succeeded();
    expect([breaker.tryStart(), breaker.tryStart()]).toEqual([true, true]);
  });

  it('Breaker.failed() doubles the wait after each try that fails, up to its longest', () => {
    const clock = new FakeClock(0);
    const breaker = breakerOf(clock);
    breaker.trip();
    const waits: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const wait = breaker.readyAt - clock.now();
      waits.push(wait);
      clock.pass(wait);
      expect(breaker.tryStart()).toBe(true);
      breaker.failed();
    }
    expect(waits).toEqual([100, 200, 300, 300]);
  });

  it('Breaker.succeeded() forgets failures that were not in a row', () => {
    const breaker = breakerOf(new FakeClock(0));
    for (let round = 0; round < 10; round += 1) {
      breaker.failed();
      breaker.failed();
      breaker.succeeded();
    }
    expect(breaker.isOpen).toBe(false);
  });

  it('Breaker.pauseFor() keeps everybody away for as long as the server asked, open or not', () => {
    const clock = new FakeClock(0);
    const breaker = breakerOf(clock);
    breaker.pauseFor(500);
    breaker.succeeded();
    clock.pass(499);
    expect(breaker.tryStart()).toBe(false);
    clock.pass(1);
    expect(breaker.tryStart()).toBe(true);
  });
});

describe('Books', () => {
  const PRICE = { input: 1, output: 1 };

  it('Books.reserve() waits for calls under way while they decide, and says no when nothing they cost can help', async () => {
    const books = new Books(PRICE, new Budget(10));
    expect(await books.reserve(million(6), NEVER)).toBe(true);
    const waiting = books.reserve(million(5), NEVER);
    expect(await books.reserve(million(11), NEVER)).toBe(false);
    books.book('replied', million(1), million(6));
    expect(await waiting).toBe(true);
    books.book('replied', million(5), million(5));
    expect(await books.reserve(million(5), NEVER)).toBe(false);
    expect(await books.reserve(million(4), NEVER)).toBe(true);
  });

  it('Books.reserve() lets those who wait go when the money is gone or they leave', async () => {
    const books = new Books(PRICE, new Budget(10));
    await books.reserve(million(10), NEVER);
    const poor = books.reserve(million(1), NEVER);
    const controller = new AbortController();
    const gone = books.reserve(million(1), controller.signal);
    controller.abort(LEFT);
    await expect(gone).rejects.toBe(LEFT);
    books.book('replied', million(10), million(10));
    expect(await poor).toBe(false);
  });

  it('Books.book() presumes the worst of a call that may have been paid, and nothing of one that was turned away', async () => {
    const books = new Books(PRICE, new Budget(10));
    for (const outcome of [
      'connection',
      'rate_limited',
      'given_up',
      'overloaded',
      'malformed_reply',
    ] as const) {
      expect(await books.reserve(million(2), NEVER)).toBe(true);
      books.book(outcome, undefined, million(2));
    }
    expect(books.snapshot()).toMatchObject({ calls: 5, costUsd: 0, callsWithoutUsage: 3, presumedUsd: 6 });
    expect(await books.reserve(million(5), NEVER)).toBe(false);
  });

  it('Books.reserve() keeps several models to one budget, each at its own price', async () => {
    const budget = new Budget(10);
    const cheap = new Books(PRICE, budget);
    const dear = new Books({ input: 4, output: 4 }, budget);
    expect(await cheap.reserve(million(6), NEVER)).toBe(true);
    const waiting = dear.reserve(million(2), NEVER);
    expect(await dear.reserve(million(3), NEVER)).toBe(false);
    cheap.book('replied', million(1), million(6));
    expect(await waiting).toBe(true);
    dear.book('replied', million(2), million(2));
    expect(await cheap.reserve(million(2), NEVER)).toBe(false);
    expect(await cheap.reserve(million(1), NEVER)).toBe(true);
  });

  it('Books.snapshot() has null for the cost of a model without price, and counts its tokens', async () => {
    const books = new Books(null, undefined);
    await books.reserve(million(1), NEVER);
    books.book('replied', million(1), million(1));
    expect(books.snapshot()).toMatchObject({ costUsd: null, presumedUsd: null, promptTokens: 1e6 });
  });

  it('Books.reserve() never lets the sum of all calls go above the budget', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 1, noNaN: true })), {
          minLength: 1,
          maxLength: 60,
        }),
        async (calls) => {
          const books = new Books({ input: 0.3, output: 1.7 }, new Budget(1e-5));
          const done = calls.map(async ([tokens, share]) => {
            const worst = { promptTokens: tokens, completionTokens: tokens };
            if (!(await books.reserve(worst, NEVER))) return;
            await Promise.resolve();
            const used = Math.floor(tokens * share);
            books.book('replied', { promptTokens: used, completionTokens: used }, worst);
          });
          await Promise.all(done);
          expect(books.snapshot().costUsd).toBeLessThanOrEqual(1e-5);
        },
      ),
    );
  });
});

describe('limitTime()', () => {
  it('limitTime() ends with its own reason or with that of the outer signal, and leaves no timer behind', () => {
    const clock = new FakeClock(0);
    const limit = limitTime(clock, 100, NEVER);
    clock.pass(99);
    expect(limit.signal.aborted).toBe(false);
    clock.pass(1);
    expect(limit.signal.reason).toBeInstanceOf(TimeIsUp);
    expect(limit.hasPassed()).toBe(true);
    const controller = new AbortController();
    const outer = limitTime(clock, 100, controller.signal);
    controller.abort(LEFT);
    expect([outer.signal.reason, outer.hasPassed()]).toEqual([LEFT, false]);
    outer.end();
    limit.end();
    expect(clock.waiting).toBe(0);
  });
});
