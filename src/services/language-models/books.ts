// What asking a model cost: every call, token and dollar, counted once, also where nothing useful came back. The money budget is
// part of the books: a call starts only where its worst case fits.

import { costOf, type TokenCount, type TokenPrice } from '../../core/price-table.ts';
import type { LanguageModelFault, LanguageModelUsage } from '../../ports/language-model.ts';

/** How a call ended: with a reply, by a fault, or given up by us when its time was up or its asker left. */
export type CallOutcome = 'replied' | LanguageModelFault | 'given_up';

export interface BooksSnapshot {
  readonly calls: number;
  readonly callsBy: Readonly<Partial<Record<CallOutcome, number>>>;
  /** As the servers stated. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Stated tokens at the model's price; null when it is unknown. */
  readonly costUsd: number | null;
  /** Calls that may have been paid although no usage came back: cut off, given up, not readable. */
  readonly callsWithoutUsage: number;
  /** The worst case of those; it counts against the budget and is not in `costUsd`. Null when the price is unknown. */
  readonly presumedUsd: number | null;
}

/** The servers that answered so did no work that is paid. */
const FREE: ReadonlySet<CallOutcome> = new Set([
  'rate_limited',
  'overloaded',
  'unauthorized',
  'bad_request',
  'form_refused',
]);

const NOTHING: TokenCount = { promptTokens: 0, completionTokens: 0 };
/** Sums of prices are off in their last digits; no call costs so little. */
const ROUNDING_USD = 1e-12;

interface Waiter {
  readonly worst: TokenCount;
  readonly settle: (mayStart: boolean) => void;
}

export class Books {
  readonly #price: TokenPrice | null;
  readonly #budgetUsd: number | undefined;
  readonly #callsBy: Partial<Record<CallOutcome, number>> = {};
  readonly #waiting = new Set<Waiter>();
  #calls = 0;
  #promptTokens = 0;
  #completionTokens = 0;
  #callsWithoutUsage = 0;
  #presumed: TokenCount = NOTHING;
  /** Of calls under way. Whole numbers: with nothing under way it is exactly nothing. */
  #reserved: TokenCount = NOTHING;

  /** @param budgetUsd undefined: no limit. A budget needs a price. */
  constructor(price: TokenPrice | null, budgetUsd: number | undefined) {
    this.#price = price;
    this.#budgetUsd = budgetUsd;
  }

  snapshot(): BooksSnapshot {
    return {
      calls: this.#calls,
      callsBy: { ...this.#callsBy },
      promptTokens: this.#promptTokens,
      completionTokens: this.#completionTokens,
      costUsd: this.costOf({ promptTokens: this.#promptTokens, completionTokens: this.#completionTokens }),
      callsWithoutUsage: this.#callsWithoutUsage,
      presumedUsd: this.costOf(this.#presumed),
    };
  }

  costOf(tokens: TokenCount): number | null {
    return costOf(tokens, this.#price);
  }

  /**
   * Sets the call's worst case aside. False when the budget cannot bear it, whatever the calls under way turn out to cost;
   * while that is open, it waits for them. Rejects with the signal's reason.
   */
  async reserve(worst: TokenCount, signal: AbortSignal): Promise<boolean> {
    const now = this.#decide(worst);
    if (now !== undefined) return now;
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const waiter = { worst, settle: resolve };
    const giveUp = (): void => {
      if (this.#waiting.delete(waiter)) reject(signal.reason as Error);
    };
    this.#waiting.add(waiter);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Gives back what was set aside for a call that was never sent. */
  release(worst: TokenCount): void {
    this.#reserved = sum(this.#reserved, worst, -1);
    this.#wake();
  }

  /** Books one call that was sent, in place of what was set aside for it. */
  book(outcome: CallOutcome, usage: LanguageModelUsage | undefined, worst: TokenCount): void {
    this.#calls += 1;
    this.#callsBy[outcome] = (this.#callsBy[outcome] ?? 0) + 1;
    if (usage !== undefined) {
      this.#promptTokens += usage.promptTokens;
      this.#completionTokens += usage.completionTokens;
    } else if (!FREE.has(outcome)) {
      this.#callsWithoutUsage += 1;
      this.#presumed = sum(this.#presumed, worst);
    }
    this.release(worst);
  }

  /** True: set aside. False: never. Undefined: it depends on the calls under way. */
  #decide(worst: TokenCount): boolean | undefined {
    const worstUsd = this.costOf(worst) ?? 0;
    const { costUsd, presumedUsd } = this.snapshot();
    const room = (this.#budgetUsd ?? Infinity) - (costUsd ?? 0) - (presumedUsd ?? 0) + ROUNDING_USD;
    if (worstUsd > room) return false;
    if (worstUsd > room - (this.costOf(this.#reserved) ?? 0)) return undefined;
    this.#reserved = sum(this.#reserved, worst);
    return true;
  }

  #wake(): void {
    for (const waiter of this.#waiting) {
      const decision = this.#decide(waiter.worst);
      if (decision === undefined) return;
      this.#waiting.delete(waiter);
      waiter.settle(decision);
    }
  }
}

function sum(a: TokenCount, b: TokenCount, sign: 1 | -1 = 1): TokenCount {
  return {
    promptTokens: a.promptTokens + sign * b.promptTokens,
    completionTokens: a.completionTokens + sign * b.completionTokens,
  };
}
