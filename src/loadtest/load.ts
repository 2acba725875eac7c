// Runs one load: warm-up, measured window, and the wait for what is still in flight. It knows neither what is sent nor how.

import { cpuUsage } from 'node:process';
import { createRandom } from '../core/random.ts';
import { type Arrivals, arrivalGaps } from './arrivals.ts';
import { type Send, startClosedLoop, startOpenLoop, type Timers } from './pace.ts';
import { Recorder } from './recorder.ts';
import type { Outcome, Transport } from './transport.ts';

export type Pace =
  | { readonly kind: 'closed'; readonly concurrency: number }
  | {
      readonly kind: 'open';
      readonly ratePerSecond: number;
      readonly arrivals: Arrivals;
      readonly inFlightMax: number;
    };

export interface LoadPlan {
  readonly pace: Pace;
  readonly warmupMs: number;
  readonly durationMs: number;
  /** How long an answer may take; later ones count as failed with `deadline_exceeded`. */
  readonly timeoutMs: number;
  readonly seed: number;
}

export interface LoadResult {
  readonly recorder: Recorder;
  /** Seconds of processor time per second that this process used in the window: 1 is one whole core. */
  readonly clientCpuShare: number;
}

interface InFlight {
  readonly intendedMs: number;
  readonly requestBytes: number;
}

/** Sends the `caseCount` cases of `transport` in turn, as `plan` says. Resolves when all are answered or given up. */
export async function runLoad(
  plan: LoadPlan,
  transport: Transport,
  options: { readonly caseCount: number; readonly timers: Timers },
): Promise<LoadResult> {
  const { timers } = options;
  const fromMs = timers.now() + plan.warmupMs;
  const toMs = fromMs + plan.durationMs;
  const recorder = new Recorder({ fromMs, toMs });
  const inFlight = new Set<InFlight>();
  let nextCase = 0;
  let isOver = false;
  // Nothing in flight and nothing more to send, or no more patience.
  const idle = Promise.withResolvers<void>();
  const settle = (): void => {
    if (isOver && inFlight.size === 0) idle.resolve();
  };
  const over = (): void => {
    isOver = true;
    settle();
  };

  const finish = (request: InFlight, outcome: Outcome): void => {
    recorder.finished({ ...request, finishedMs: timers.now(), outcome });
  };
  const send: Send = (intendedMs, done) => {
    const index = nextCase;
    nextCase = (nextCase + 1) % options.caseCount;
    const request = { intendedMs, requestBytes: transport.requestBytes(index) };
    inFlight.add(request);
    recorder.sent(intendedMs, timers.now() - intendedMs);
    transport.send(index, (outcome) => {
      // Given up before: counted already.
      if (!inFlight.delete(request)) return;
      finish(request, outcome);
      done(outcome);
      settle();
    });
  };

  start(plan, send, { untilMs: toMs, recorder, over, timers });
  await sleep(plan.warmupMs, timers);
  const before = cpuUsage();
  const beforeMs = timers.now();
  await sleep(toMs - beforeMs, timers);
  const used = cpuUsage(before);
  const clientCpuShare = (used.user + used.system) / 1000 / Math.max(1, timers.now() - beforeMs);

  const stopWaiting = timers.after(plan.timeoutMs, idle.resolve);
  await idle.promise;
  stopWaiting();
  const givenUp = [...inFlight];
  inFlight.clear();
  for (const request of givenUp) {
    finish(request, { kind: 'failed', code: 'deadline_exceeded', detail: 'No answer came in time' });
  }
  return { recorder, clientCpuShare };
}

function start(
  plan: LoadPlan,
  send: Send,
  options: {
    readonly untilMs: number;
    readonly recorder: Recorder;
    readonly over: () => void;
    readonly timers: Timers;
  },
): void {
  const { pace } = plan;
  const { untilMs, recorder, over, timers } = options;
  if (pace.kind === 'closed') {
    startClosedLoop(send, { concurrency: pace.concurrency, untilMs, over, timers });
    return;
  }
  startOpenLoop(send, {
    gapMs: arrivalGaps(pace.arrivals, pace.ratePerSecond, createRandom(plan.seed)),
    untilMs,
    inFlightMax: pace.inFlightMax,
    overrun: (intendedMs) => {
      const outcome: Outcome = {
        kind: 'failed',
        code: 'client_overrun',
        detail: `${pace.inFlightMax} requests were unanswered: this one was not sent`,
      };
      recorder.finished({ intendedMs, finishedMs: timers.now(), requestBytes: 0, outcome });
    },
    over,
    timers,
  });
}

function sleep(delayMs: number, timers: Timers): Promise<void> {
  return new Promise((resolve) => {
    timers.after(Math.max(0, delayMs), resolve);
  });
}
