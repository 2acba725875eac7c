// Leases in the order in which they expire. All leases of a run hold equally long, so a new or extended one always goes to
// the end: no heap, and no scan of those that are not due. A lease that ends early leaves without a trace.

import type { LeaseId } from '../../core/ids.ts';

export interface Expiry {
  readonly leaseId: LeaseId;
  readonly sequence: number;
  readonly expiresAt: number;
}

export class ExpiryLine {
  readonly #line = new Map<LeaseId, Expiry>();
  /** No lease expires before this: spares looking at the line. */
  #notBefore = Number.POSITIVE_INFINITY;

  /** Puts a lease at the end of the line, or moves it there. */
  put(expiry: Expiry): void {
    this.#line.delete(expiry.leaseId);
    this.#line.set(expiry.leaseId, expiry);
    this.#notBefore = Math.min(this.#notBefore, expiry.expiresAt);
  }

  remove(leaseId: LeaseId): void {
    this.#line.delete(leaseId);
  }

  /** Takes out those that have expired; of those that did at the same instant, the earlier of the run first. */
  takeDue(now: number): readonly Expiry[] {
    if (now < this.#notBefore) return [];
    const due: Expiry[] = [];
    for (const expiry of this.#line.values()) {
      if (expiry.expiresAt > now) break;
      due.push(expiry);
    }
    for (const { leaseId } of due) this.#line.delete(leaseId);
    this.#notBefore = this.next() ?? Number.POSITIVE_INFINITY;
    return due.toSorted((a, b) => a.expiresAt - b.expiresAt || a.sequence - b.sequence);
  }

  get length(): number {
    return this.#line.size;
  }

  /** When the first of the line expires. */
  next(): number | undefined {
    for (const { expiresAt } of this.#line.values()) return expiresAt;
    return undefined;
  }
}
