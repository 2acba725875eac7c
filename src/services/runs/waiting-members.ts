// Members that are compared with the rest of their group and wait for it to come in. They are on disk and hold no place among
// the completions in flight, or the rest might find no room. Where no rest can come they are given up, so that every
// completion ends and the books balance.

import { canHandIn } from '../../core/group.ts';
import type { CompletionOutcome } from '../../core/score.ts';
import type { InFlight } from '../in-flight.ts';
import type { HeldGroup, Lot, Member, Members } from './held-group.ts';
import type { RunLedger } from './run-ledger.ts';

export interface WaitingMembersOptions {
  readonly ledger: Pick<RunLedger, 'waiting'>;
  readonly inFlight: Pick<InFlight, 'add'>;
  readonly record: (lot: Lot, member: Member, outcome: CompletionOutcome) => void;
}

const GIVEN_UP: CompletionOutcome = {
  kind: 'unscorable',
  unscorable: {
    cause: 'group_incomplete',
    scorer: '',
    detail: 'the rest of its group did not come in under the same lease',
  },
  scores: [],
};

export class WaitingMembers {
  readonly #options: WaitingMembersOptions;

  constructor(options: WaitingMembersOptions) {
    this.#options = options;
  }

  /** All members that have no outcome wait. */
  add(held: HeldGroup, members: Members): void {
    for (const member of members.present()) {
      if (member.outcome !== undefined || member.isWaiting === true) continue;
      member.isWaiting = true;
      held.waiting += 1;
      this.#options.ledger.waiting(1);
    }
  }

  /** The member is in flight again: it is going to have its outcome. */
  take(held: HeldGroup, member: Member): void {
    if (member.isWaiting !== true) return;
    delete member.isWaiting;
    held.waiting -= 1;
    this.#options.inFlight.add(1);
  }

  /** Gives up members whose lease can hand in no more, or whose group another lease has claimed. */
  giveUpLost(held: HeldGroup): void {
    if (held.waiting > 0) this.#giveUp(held, (leaseNumber) => !canHandIn(held.state, leaseNumber));
  }

  /** Gives up all that wait for the rest of this group. */
  giveUpAll(held: HeldGroup): void {
    if (held.waiting > 0) this.#giveUp(held, () => true);
  }

  #giveUp(held: HeldGroup, isLost: (leaseNumber: number) => boolean): void {
    for (const [leaseNumber, members] of held.byLease()) {
      if (!isLost(leaseNumber)) continue;
      for (const member of members.present()) {
        if (member.isWaiting !== true) continue;
        this.take(held, member);
        this.#options.record({ held, leaseNumber, members }, member, GIVEN_UP);
      }
    }
  }
}
