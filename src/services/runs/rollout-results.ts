// Results that a rollout stream owes its client: one for each lease that the client handed something in under, when the
// group is completed and that is on disk.

import type { GroupResult } from '../../core/calls.ts';
import { findLease } from '../../core/group.ts';
import type { LeaseId } from '../../core/ids.ts';
import type { HeldGroup } from './held-group.ts';
import type { Run } from './run.ts';
import type { Submitted } from './submit-desk.ts';

interface Awaited {
  readonly held: HeldGroup;
  readonly cancel: () => void;
}

export class RolloutResults {
  readonly #run: Run;
  readonly #push: (result: GroupResult) => void;
  readonly #awaited = new Map<LeaseId, Awaited>();
  /** Results that are made and wait for their commit. */
  #committing = 0;

  constructor(options: { readonly run: Run; readonly push: (result: GroupResult) => void }) {
    this.#run = options.run;
    this.#push = options.push;
  }

  /** Whether a result will come without anything more from the client. */
  get areComing(): boolean {
    if (this.#committing > 0) return true;
    for (const [leaseId, { held }] of this.#awaited) {
      if (held.ended !== undefined || findLease(held.state, leaseId)?.state === 'handed_in') return true;
    }
    return false;
  }

  expect(submitted: readonly Submitted[]): void {
    for (const each of submitted) {
      if (each.found.kind === 'stored') this.#push(this.#run.resultOf(each));
      else if (each.found.held.ended !== undefined) this.#afterCommit(each);
      else this.#await(each, each.found.held);
    }
  }

  end(): void {
    for (const { cancel } of this.#awaited.values()) cancel();
    this.#awaited.clear();
  }

  #await(submitted: Submitted, held: HeldGroup): void {
    const { leaseId } = submitted.lease;
    if (this.#awaited.has(leaseId)) return;
    const ended = (): void => {
      this.#awaited.delete(leaseId);
      // A group that another lease completed, or that was quarantined, has no result for this one.
      if (held.ended?.leaseId === leaseId) this.#push(this.#run.resultOf(submitted));
    };
    held.whenEnded.add(ended);
    this.#awaited.set(leaseId, { held, cancel: () => held.whenEnded.delete(ended) });
  }

  #afterCommit(submitted: Submitted): void {
    this.#committing += 1;
    this.#run.afterCommit(() => {
      this.#committing -= 1;
      this.#push(this.#run.resultOf(submitted));
    });
  }
}
