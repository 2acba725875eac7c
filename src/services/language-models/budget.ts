// A budget of money that several models may share. A call starts only where its worst case fits beside what was spent, and
// beside the worst case of all calls under way; it counts nothing itself, but asks the books of those who spend.

/** Who spends of the budget, in US dollars. */
export interface Spender {
  /** For good: stated and presumed. */
  spentUsd(): number;
  /** Worst case of the calls under way. */
  reservedUsd(): number;
}

interface Waiter {
  readonly worstUsd: number;
  readonly take: () => void;
  readonly settle: (mayStart: boolean) => void;
}

/** Sums of prices are off in their last digits; no call costs so little. */
const ROUNDING_USD = 1e-12;

export class Budget {
  readonly usd: number;
  readonly #spenders = new Set<Spender>();
  readonly #waiting = new Set<Waiter>();

  constructor(usd: number) {
    this.usd = usd;
  }

  join(spender: Spender): void {
    this.#spenders.add(spender);
  }

  /**
   * Whether a call may start; `take` sets its worst case aside at that moment. False when the budget cannot bear it, whatever
   * the calls under way turn out to cost; while that is open, it waits for them. Rejects with the signal's reason.
   */
  async reserve(worstUsd: number, take: () => void, signal: AbortSignal): Promise<boolean> {
    const now = this.#decide(worstUsd, take);
    if (now !== undefined) return now;
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const waiter = { worstUsd, take, settle: resolve };
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

  /** To be called when less is set aside than before: those who wait may have their answer. */
  changed(): void {
    for (const waiter of this.#waiting) {
      const decision = this.#decide(waiter.worstUsd, waiter.take);
      if (decision === undefined) return;
      this.#waiting.delete(waiter);
      waiter.settle(decision);
    }
  }

  /** True: set aside. False: never. Undefined: it depends on the calls under way. */
  #decide(worstUsd: number, take: () => void): boolean | undefined {
    const spenders = [...this.#spenders];
    const room = spenders.reduce((left, spender) => left - spender.spentUsd(), this.usd) + ROUNDING_USD;
    if (worstUsd > room) return false;
    if (worstUsd > room - spenders.reduce((sum, spender) => sum + spender.reservedUsd(), 0)) return undefined;
    take();
    return true;
  }
}
