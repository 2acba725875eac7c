// What asking a model cost: every call, token and dollar, counted once, also where nothing useful came back. What calls under way
// may cost at worst is set aside here; whether it may be is for the budget to say.

import { costOf, type TokenCount, type TokenPrice } from '../../core/price-table.ts';
import type { LanguageModelFault, LanguageModelUsage } from '../../ports/language-model.ts';
import type { Budget, Spender } from './budget.ts';

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
  'too_long',
  'form_refused',
]);

const NOTHING: TokenCount = { promptTokens: 0, completionTokens: 0 };

export class Books implements Spender {
  readonly #price: TokenPrice | null;
  readonly #budget: Budget | undefined;
  readonly #callsBy: Partial<Record<CallOutcome, number>> = {};
  #calls = 0;
  #promptTokens = 0;
  #completionTokens = 0;
  #callsWithoutUsage = 0;
  #presumed: TokenCount = NOTHING;
  /** Of calls under way. Whole numbers: with nothing under way it is exactly nothing. */
  #reserved: TokenCount = NOTHING;

  /** @param budget undefined: no limit. A budget needs a price. */
  constructor(price: TokenPrice | null, budget: Budget | undefined) {
    this.#price = price;
    this.#budget = budget;
    budget?.join(this);
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

  spentUsd(): number {
    const { costUsd, presumedUsd } = this.snapshot();
    return (costUsd ?? 0) + (presumedUsd ?? 0);
  }

  reservedUsd(): number {
    return this.costOf(this.#reserved) ?? 0;
  }

  /**
   * Sets the call's worst case aside. False when the budget cannot bear it, whatever the calls under way turn out to cost;
   * while that is open, it waits for them. Rejects with the signal's reason.
   */
  async reserve(worst: TokenCount, signal: AbortSignal): Promise<boolean> {
    const take = (): void => {
      this.#reserved = sum(this.#reserved, worst);
    };
    if (this.#budget !== undefined) return this.#budget.reserve(this.costOf(worst) ?? 0, take, signal);
    take();
    return true;
  }

  /** Gives back what was set aside for a call that was never sent. */
  release(worst: TokenCount): void {
    this.#reserved = sum(this.#reserved, worst, -1);
    this.#budget?.changed();
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
}

function sum(a: TokenCount, b: TokenCount, sign: 1 | -1 = 1): TokenCount {
  return {
    promptTokens: a.promptTokens + sign * b.promptTokens,
    completionTokens: a.completionTokens + sign * b.completionTokens,
  };
}
