import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { arrivalGaps } from '../../../src/loadtest/arrivals.ts';
import { type LoadPlan, runLoad } from '../../../src/loadtest/load.ts';
import { startClosedLoop, startOpenLoop } from '../../../src/loadtest/pace.ts';
import type { Outcome, Transport } from '../../../src/loadtest/transport.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const ANSWERED: Outcome = { kind: 'answered', bytes: 10 };

function timersOf(clock: FakeClock) {
  return {
    now: () => clock.now(),
    // Real event loops turn in microseconds; here each turn takes a twentieth of a millisecond.
    soon: (run: () => void) => void clock.after(0.05, run),
    after: (delayMs: number, run: () => void) => clock.after(delayMs, run),
  };
}

/** Passes time in small steps, so that what waits for promises gets its turn in between. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1) {
    clock.pass(1);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
}

describe('startClosedLoop()', () => {
  test('startClosedLoop() keeps its number in flight and says when it is over', () => {
    const clock = new FakeClock(0);
    let inFlight = 0;
    let most = 0;
    let sent = 0;
    let over = 0;
    startClosedLoop(
      (_, done) => {
        sent += 1;
        inFlight += 1;
        most = Math.max(most, inFlight);
        clock.after(10, () => {
          inFlight -= 1;
          done(ANSWERED);
        });
      },
      { concurrency: 3, untilMs: 100, over: () => (over += 1), timers: timersOf(clock) },
    );
    clock.pass(200);
    expect({ most, sent, over, inFlight }).toEqual({ most: 3, sent: 30, over: 1, inFlight: 0 });
  });
});

describe('startOpenLoop()', () => {
  test('startOpenLoop() sends on schedule although nothing is answered, up to the limit in flight', () => {
    const clock = new FakeClock(0);
    const sent: number[] = [];
    const overruns: number[] = [];
    startOpenLoop((intendedMs) => void sent.push(intendedMs), {
      gapMs: () => 10,
      untilMs: 105,
      inFlightMax: 4,
      overrun: (intendedMs) => void overruns.push(intendedMs),
      over: () => undefined,
      timers: timersOf(clock),
    });
    clock.pass(200);
    expect(sent).toEqual([10, 20, 30, 40]);
    expect(overruns).toEqual([50, 60, 70, 80, 90, 100]);
  });
});

describe('arrivalGaps()', () => {
  test('arrivalGaps() has the same mean for both kinds, and exponential gaps for poisson', () => {
    const constant = arrivalGaps('constant', 200, createRandom(1));
    expect([constant(), constant()]).toEqual([5, 5]);
    const poisson = arrivalGaps('poisson', 200, createRandom(1));
    const gaps = Array.from({ length: 20_000 }, poisson);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const aboveMean = gaps.filter((gap) => gap > 5).length / gaps.length;
    expect(mean).toBeCloseTo(5, 0);
    expect(aboveMean).toBeCloseTo(Math.exp(-1), 1);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
  });
});

/** Answers after 1 ms, but not while it is stalled: then everything waits for the end of the stall. */
function stallingTransport(
  clock: FakeClock,
  stall: { readonly fromMs: number; readonly toMs: number },
): Transport {
  return {
    requestBytes: () => 100,
    send(_, done) {
      const now = clock.now();
      const isStalled = now >= stall.fromMs && now < stall.toMs;
      clock.after(isStalled ? stall.toMs - now + 1 : 1, () => {
        done(ANSWERED);
      });
    },
    close: () => Promise.resolve(),
  };
}

async function load(
  plan: Partial<LoadPlan> & Pick<LoadPlan, 'pace'>,
  transport: (clock: FakeClock) => Transport,
) {
  const clock = new FakeClock(0);
  const whole = { warmupMs: 100, durationMs: 1_000, timeoutMs: 500, seed: 1, ...plan };
  const running = runLoad(whole, transport(clock), { caseCount: 2, timers: timersOf(clock) });
  await pass(clock, 2_000);
  return running;
}

describe('runLoad()', () => {
  const stall = { fromMs: 300, toMs: 700 };
  const constant = { kind: 'open', ratePerSecond: 100, arrivals: 'constant', inFlightMax: 1_000 } as const;

  test('runLoad() in an open loop counts the wait of every request that a stall held up', async () => {
    const { recorder } = await load({ pace: constant }, (clock) => stallingTransport(clock, stall));
    // 100 requests are due in the second measured, 40 of them during the stall of 400 ms; the first waits for all of it.
    expect(recorder.answered).toBe(100);
    expect(recorder.latency.p50).toBeCloseTo(1, 0);
    expect(recorder.latency.p90).toBeGreaterThan(250);
    expect(recorder.latency.max).toBeGreaterThan(395);
  });

  test('runLoad() in a closed loop sees the same stall once for each request in flight', async () => {
    const { recorder } = await load({ pace: { kind: 'closed', concurrency: 1 } }, (clock) =>
      stallingTransport(clock, stall),
    );
    expect(recorder.latency.p99).toBeLessThan(2);
    expect(recorder.latency.max).toBeGreaterThan(395);
  });

  test('runLoad() gives up what is not answered in time', async () => {
    const { recorder } = await load({ pace: { kind: 'closed', concurrency: 2 } }, () => ({
      requestBytes: () => 1,
      send: () => undefined,
      close: () => Promise.resolve(),
    }));
    expect(recorder.answered).toBe(0);
    // Both were sent in the warm-up, so neither is part of what is measured.
    expect(recorder.failed.size).toBe(0);
    const open = await load({ pace: constant }, () => ({
      requestBytes: () => 1,
      send: () => undefined,
      close: () => Promise.resolve(),
    }));
    expect(open.recorder.failed.get('deadline_exceeded')?.count).toBe(100);
  });

  test('runLoad() counts wrong answers of the warm-up too, and failures by code', async () => {
    let sent = 0;
    const { recorder } = await load({ pace: constant }, (clock) => ({
      requestBytes: () => 1,
      send(_, done) {
        sent += 1;
        const outcome: Outcome =
          sent === 1
            ? { kind: 'wrong', detail: 'group 0' }
            : { kind: 'failed', code: 'resource_exhausted', detail: 'Full' };
        clock.after(1, () => {
          done(outcome);
        });
      },
      close: () => Promise.resolve(),
    }));
    expect(recorder.wrong).toBe(1);
    expect(recorder.wrongDetail).toBe('group 0');
    expect(recorder.failed.get('resource_exhausted')).toEqual({ count: 100, detail: 'Full' });
    expect(recorder.perSecond.answers).toBe(0);
  });
});
