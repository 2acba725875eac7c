// A judge that remembers: a verdict paid for once answers every later asking of the same content, and askings that come
// while it is being bought wait for it. Only verdicts are remembered. A fault never is: the next asking tries again.

import type { Judge, JudgeOutcome, JudgeQuestion, JudgeSampling } from './judge.ts';
import { verdictKey } from './verdict-key.ts';
import type { VerdictMemory } from './verdict-memory.ts';

/** Since the start; every asking is counted in one of `hits`, `shared` and `misses`. */
export interface CachedJudgeCounters {
  /** Answered by a verdict that was there. */
  readonly hits: number;
  /** Came while the same was being asked, and got what that asking got. */
  readonly shared: number;
  /** Went to the judge. */
  readonly misses: number;
  /** Of the misses, those without a verdict. */
  readonly faults: number;
}

/** One asking under way. It is given up when nobody waits for it any more. */
class Flight {
  readonly key: string;
  readonly settled = Promise.withResolvers<JudgeOutcome>();
  waiting = 0;
  /** Why it was given up. */
  abandoned: { readonly reason: unknown } | undefined;
  /** Once the judge is asked. */
  cancel: AbortController | undefined;

  constructor(key: string) {
    this.key = key;
    // Whoever waits gets a rejection; when all have left there is nobody to get it.
    this.settled.promise.catch(() => {});
  }
}

export class CachedJudge implements Judge {
  readonly name: string;
  readonly model: string;
  readonly template: string;
  readonly sampling: JudgeSampling;
  readonly #judge: Judge;
  readonly #memory: VerdictMemory;
  readonly #flights = new Map<string, Flight>();
  readonly #counters = { hits: 0, shared: 0, misses: 0, faults: 0 };

  /** @param memory may be shared with other judges: their keys never meet. */
  constructor(judge: Judge, memory: VerdictMemory) {
    this.name = judge.name;
    this.model = judge.model;
    this.template = judge.template;
    this.sampling = judge.sampling;
    this.#judge = judge;
    this.#memory = memory;
  }

  get counters(): CachedJudgeCounters {
    return { ...this.#counters };
  }

  /** A new verdict is where a crash cannot lose it before anyone gets it. Rejects only with the signal's reason. */
  async judge(question: JudgeQuestion, signal: AbortSignal): Promise<JudgeOutcome> {
    signal.throwIfAborted();
    const key = verdictKey(this, question);
    const running = this.#flights.get(key);
    if (running === undefined) return this.#wait(this.#take(key, question), signal);
    this.#counters.shared += 1;
    const outcome = await this.#wait(running, signal);
    if (outcome.kind === 'verdict') return { ...outcome, isRemembered: true };
    // Whoever asked first has paid for the fault as well.
    return outcome.kind === 'fault'
      ? { ...outcome, costUsd: 0, promptTokens: 0, completionTokens: 0 }
      : outcome;
  }

  #take(key: string, question: JudgeQuestion): Flight {
    const flight = new Flight(key);
    this.#flights.set(key, flight);
    const outcome = this.#fly(flight, question).finally(() => this.#land(flight));
    outcome.then(flight.settled.resolve, flight.settled.reject);
    return flight;
  }

  async #fly(flight: Flight, question: JudgeQuestion): Promise<JudgeOutcome> {
    const known = await this.#memory.find(flight.key);
    if (known !== undefined) {
      this.#counters.hits += 1;
      return { kind: 'verdict', verdict: known, isRemembered: true };
    }
    this.#counters.misses += 1;
    if (flight.abandoned !== undefined) throw flight.abandoned.reason;
    flight.cancel = new AbortController();
    const outcome = await this.#judge.judge(question, flight.cancel.signal);
    if (outcome.kind === 'verdict') await this.#memory.keep(flight.key, outcome.verdict);
    else if (outcome.kind === 'fault') this.#counters.faults += 1;
    return outcome;
  }

  /** The flight's outcome, or the reason of this asking's own signal: whoever leaves does not take the others along. */
  async #wait(flight: Flight, signal: AbortSignal): Promise<JudgeOutcome> {
    flight.waiting += 1;
    const left = Promise.withResolvers<never>();
    const leave = (): void => left.reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([flight.settled.promise, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      flight.waiting -= 1;
      if (flight.waiting === 0 && signal.aborted) this.#abandon(flight, signal.reason);
    }
  }

  #abandon(flight: Flight, reason: unknown): void {
    this.#land(flight);
    flight.abandoned = { reason };
    flight.cancel?.abort(reason);
  }

  /** An abandoned flight makes room at once, so the next asking of its content has a flight of its own. */
  #land(flight: Flight): void {
    if (this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key);
  }
}
