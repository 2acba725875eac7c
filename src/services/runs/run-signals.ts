// Who wants to be told of what happens to a lease, or that there may be more to lease. Only streams do.

import type { LeaseId } from '../../core/ids.ts';

export class RunSignals {
  readonly #whenLeft = new Map<LeaseId, (isLost: boolean) => void>();
  readonly #whenChanged = new Set<() => void>();

  /** Calls `left` once, when the lease is no longer open: lost, or all handed in. */
  whenLeft(leaseId: LeaseId, left: (isLost: boolean) => void): void {
    this.#whenLeft.set(leaseId, left);
  }

  forgetWhenLeft(leaseId: LeaseId): void {
    this.#whenLeft.delete(leaseId);
  }

  left(leaseId: LeaseId, isLost: boolean): void {
    const left = this.#whenLeft.get(leaseId);
    this.#whenLeft.delete(leaseId);
    left?.(isLost);
  }

  /** Calls `changed` whenever there may be more to lease than before. The returned function ends it. */
  whenChanged(changed: () => void): () => void {
    this.#whenChanged.add(changed);
    return () => void this.#whenChanged.delete(changed);
  }

  changed(): void {
    for (const changed of this.#whenChanged) changed();
  }
}
