// One place where a model is served, with what was learnt of it: how much it bears and whether it is up. Endpoints
// serve the same model: a reply does not tell which of them gave it.

import type { Random } from '../../core/random.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LanguageModel, LanguageModelFault } from '../../ports/language-model.ts';
import { Breaker, type BreakerOptions } from './breaker.ts';
import { Concurrency, type ConcurrencyOptions } from './concurrency.ts';

export interface EndpointOptions {
  /** For details of faults: host and port, never a key. */
  readonly name: string;
  readonly model: LanguageModel;
  /** Share of the calls, against the sum of all weights; above 0. */
  readonly weight: number;
  readonly clock: Clock;
  readonly concurrencyMax: number;
  readonly queueMax: number;
  readonly watchesLatency?: ConcurrencyOptions['watchesLatency'];
  readonly breaker?: Omit<BreakerOptions, 'clock'> | undefined;
}

export class Endpoint {
  readonly name: string;
  readonly model: LanguageModel;
  readonly weight: number;
  readonly concurrency: Concurrency;
  readonly breaker: Breaker;

  constructor(options: EndpointOptions) {
    const { name, model, weight, clock, concurrencyMax: max, queueMax, watchesLatency, breaker } = options;
    this.name = name;
    this.model = model;
    this.weight = weight;
    this.concurrency = new Concurrency({ clock, max, queueMax, watchesLatency });
    this.breaker = new Breaker({ ...breaker, clock });
  }

  /** Learns from a reply that came, whatever it says. */
  replied(startedAt: number): void {
    this.breaker.succeeded();
    this.concurrency.leave('answered', startedAt);
  }

  /** Learns from a call that failed. */
  failed(fault: LanguageModelFault, startedAt: number, retryAfterMs: number | undefined): void {
    if (retryAfterMs !== undefined) this.breaker.pauseFor(retryAfterMs);
    switch (fault) {
      case 'rate_limited':
        // It is up, and says so.
        return this.concurrency.leave('overloaded', startedAt);
      case 'overloaded':
      case 'timeout':
        this.breaker.failed();
        return this.concurrency.leave('overloaded', startedAt);
      case 'connection':
      case 'malformed_reply':
        this.breaker.failed();
        return this.concurrency.leave('failed', startedAt);
      case 'unauthorized':
        this.breaker.trip();
        return this.concurrency.leave('failed', startedAt);
      case 'refused':
        return this.replied(startedAt);
      case 'bad_request':
      case 'too_long':
      case 'form_refused':
        return this.concurrency.leave('failed', startedAt);
    }
  }
}

/** One of the endpoints that may be called now, by weight. Undefined when none may. */
export function pickReady(endpoints: readonly Endpoint[], now: number, random: Random): Endpoint | undefined {
  const ready = endpoints.filter((endpoint) => endpoint.breaker.readyAt <= now);
  let left = random.next() * ready.reduce((sum, endpoint) => sum + endpoint.weight, 0);
  for (const endpoint of ready) {
    left -= endpoint.weight;
    if (left < 0) return endpoint;
  }
  // Only rounding leads here.
  return ready.at(-1);
}
