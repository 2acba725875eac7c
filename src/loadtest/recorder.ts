// Counts what happens in the measured window. Latencies are kept in a histogram of microseconds with three digits, so a
// day of load takes as much memory as a second.

import { build, type Histogram } from 'hdr-histogram-js';
import type { Outcome } from './transport.ts';

const LATENCY_US_MAX = 3_600_000_000;

/** Times in milliseconds on the clock of the test. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Finished {
  /** When the request should have been sent: what latency is measured from. */
  readonly intendedMs: number;
  readonly finishedMs: number;
  readonly requestBytes: number;
  readonly outcome: Outcome;
}

/** Times in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly mean: number;
}

export class Recorder {
  readonly #window: Window;
  readonly #latency = newHistogram();
  readonly #sendLag = newHistogram();
  readonly #failed = new Map<string, { count: number; detail: string }>();
  #wrongDetail: string | undefined;
  #answered = 0;
  #wrong = 0;
  #answeredInWindow = 0;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(window: Window) {
    this.#window = window;
  }

  /** A request left `lagMs` after it should have: the client's own fault, and part of the measured latency. */
  sent(intendedMs: number, lagMs: number): void {
    if (this.#contains(intendedMs)) record(this.#sendLag, lagMs);
  }

  /** Requests that were due in the window count, however late they end; the rates count what ends in it. */
  finished(request: Finished): void {
    const { outcome } = request;
    if (outcome.kind === 'answered' && this.#contains(request.finishedMs)) {
      this.#answeredInWindow += 1;
      this.#bytesIn += outcome.bytes;
      this.#bytesOut += request.requestBytes;
    }
    if (outcome.kind === 'wrong') {
      // Wrong answers count whenever they come, the warm-up included.
      this.#wrong += 1;
      this.#wrongDetail ??= outcome.detail;
    }
    if (!this.#contains(request.intendedMs)) return;
    if (outcome.kind === 'answered') {
      this.#answered += 1;
      record(this.#latency, request.finishedMs - request.intendedMs);
    }
    if (outcome.kind === 'failed') {
      const failures = this.#failed.get(outcome.code) ?? { count: 0, detail: outcome.detail };
      failures.count += 1;
      this.#failed.set(outcome.code, failures);
    }
  }

  get answered(): number {
    return this.#answered;
  }

  get wrong(): number {
    return this.#wrong;
  }

  /** The first wrong answer in words. */
  get wrongDetail(): string | undefined {
    return this.#wrongDetail;
  }

  /** By code, with the first failure's text. */
  get failed(): ReadonlyMap<string, { readonly count: number; readonly detail: string }> {
    return this.#failed;
  }

  /** Of the answered requests. */
  get latency(): Latency {
    return latencyOf(this.#latency);
  }

  get sendLag(): Latency {
    return latencyOf(this.#sendLag);
  }

  /** Answers that came in the window, and their bytes, per second of it. */
  get perSecond(): { readonly answers: number; readonly bytesIn: number; readonly bytesOut: number } {
    const seconds = (this.#window.toMs - this.#window.fromMs) / 1000;
    return {
      answers: this.#answeredInWindow / seconds,
      bytesIn: this.#bytesIn / seconds,
      bytesOut: this.#bytesOut / seconds,
    };
  }

  #contains(timeMs: number): boolean {
    return timeMs >= this.#window.fromMs && timeMs < this.#window.toMs;
  }
}

function newHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LATENCY_US_MAX,
    numberOfSignificantValueDigits: 3,
  });
}

function record(histogram: Histogram, milliseconds: number): void {
  histogram.recordValue(Math.min(LATENCY_US_MAX, Math.max(0, Math.round(milliseconds * 1000))));
}

function latencyOf(histogram: Histogram): Latency {
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1000;
  return {
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: histogram.maxValue / 1000,
    mean: histogram.totalCount === 0 ? 0 : histogram.mean / 1000,
  };
}
