// Texts on their way through a reward model, and who waits for them. Several may wait for the same texts; each may give up
// by itself.

import type { ModelTexts } from '../../core/reward-model.ts';
import type { EncodedTexts } from '../../ports/reward-model.ts';

/** One output row and how it came about. */
export interface Inference {
  /** As the network gave it; not checked for being finite. */
  readonly row: Float32Array;
  readonly isTruncated: boolean;
}

interface Waiter {
  readonly resolve: (inference: Inference) => void;
  readonly reject: (error: unknown) => void;
}

export class PendingTexts {
  readonly key: string;
  readonly texts: ModelTexts;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
  /** Undefined until the tokens are known. */
  encoded: EncodedTexts | undefined;
  readonly #waiters = new Set<Waiter>();

  constructor(key: string, texts: ModelTexts, arrivedAt: number) {
    this.key = key;
    this.texts = texts;
    this.arrivedAt = arrivedAt;
  }

  /** Tokens. */
  get length(): number {
    return this.encoded?.ids.length ?? 0;
  }

  get isWanted(): boolean {
    return this.#waiters.size > 0;
  }

  /**
   * The row, once `settle` has it. Rejects with the signal's reason when it is aborted before.
   *
   * @param abandon called when the last one who waited has given up
   */
  wait(signal: AbortSignal | undefined, abandon: () => void): Promise<Inference> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiters.delete(waiter);
        if (!this.isWanted) abandon();
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        resolve: (inference) => {
          signal?.removeEventListener('abort', giveUp);
          resolve(inference);
        },
        reject: (error) => {
          signal?.removeEventListener('abort', giveUp);
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  settle(outcome: Inference | Error): void {
    for (const waiter of this.#waiters) {
      if (outcome instanceof Error) waiter.reject(outcome);
      else waiter.resolve(outcome);
    }
    this.#waiters.clear();
  }
}
