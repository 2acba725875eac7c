// A group in the server's memory: its state, its pair and prompt while it is open, and what was handed in under each of its
// leases. It lives from its first lease until its end is on disk.

import type { CompletionResult, MemberCompletion } from '../../core/calls.ts';
import type { Group } from '../../core/group.ts';
import type { Lease } from '../../core/lease.ts';
import type { Message } from '../../core/prompt.ts';
import type { QaPair } from '../../core/qa-pair.ts';
import type { CompletionOutcome } from '../../core/score.ts';
import type { EndedGroup } from '../../ports/run-store.ts';

export interface Member {
  readonly completion: MemberCompletion;
  readonly contentHash: string;
  readonly drift: number | undefined;
  /** Undefined while it is being scored. */
  outcome: CompletionOutcome | undefined;
  /** While it is being scored: resolves, never rejects, when the outcome is there. */
  scoring?: Promise<void>;
  /** It is compared with the rest of its group, and waits for that to come in. */
  isWaiting?: boolean;
}

/** What was handed in under one lease. */
export class Members {
  /** By member index; undefined where nothing came in yet. */
  readonly #members: (Member | undefined)[];
  #missing: number;
  #unscored: number;

  constructor(groupSize: number) {
    this.#members = Array.from({ length: groupSize });
    this.#missing = groupSize;
    this.#unscored = groupSize;
  }

  get(index: number): Member | undefined {
    return this.#members[index];
  }

  put(member: Member): void {
    this.#members[member.completion.memberIndex] = member;
    this.#missing -= 1;
    if (member.outcome !== undefined) this.#unscored -= 1;
  }

  setOutcome(member: Member, outcome: CompletionOutcome): void {
    member.outcome = outcome;
    this.#unscored -= 1;
  }

  get areAllIn(): boolean {
    return this.#missing === 0;
  }

  get areAllScored(): boolean {
    return this.#unscored === 0;
  }

  /** Those that are in, by member index. */
  present(): readonly Member[] {
    return this.#members.filter((member) => member !== undefined);
  }

  missing(): readonly number[] {
    return this.#missing === 0
      ? []
      : this.#members.flatMap((member, index) => (member === undefined ? [index] : []));
  }

  /** Scored members as results without advantages. */
  scored(): readonly CompletionResult[] {
    return this.present().flatMap(({ completion, outcome, drift }) =>
      outcome === undefined
        ? []
        : [{ memberIndex: completion.memberIndex, outcome, advantage: undefined, drift }],
    );
  }
}

export class HeldGroup {
  state: Group;
  pair: QaPair | undefined;
  prompt: readonly Message[] | undefined;
  /** All rewards are known, and it waits for the rest of its batch. */
  isAwaitingBatch = false;
  /** Members of all leases that wait for the rest of the group. */
  waiting = 0;
  /** Set when it has ended. */
  ended: EndedGroup | undefined;
  /** Called once, when it has ended and its end is on disk. */
  readonly whenEnded = new Set<() => void>();
  readonly #groupSize: number;
  readonly #members = new Map<number, Members>();

  constructor(state: Group, groupSize: number) {
    this.state = state;
    this.#groupSize = groupSize;
  }

  /** What was handed in under a lease of this group. */
  membersOf(lease: Lease): Members {
    return this.membersAt(lease.number);
  }

  membersAt(leaseNumber: number): Members {
    let members = this.#members.get(leaseNumber);
    if (members === undefined) {
      members = new Members(this.#groupSize);
      this.#members.set(leaseNumber, members);
    }
    return members;
  }

  /** What was handed in, under each lease by its number. */
  byLease(): Iterable<readonly [leaseNumber: number, members: Members]> {
    return this.#members;
  }

  /** Members of all leases that have not been scored, with the number of their lease. */
  unscored(): readonly { readonly leaseNumber: number; readonly member: Member }[] {
    return [...this.#members].flatMap(([leaseNumber, members]) =>
      members.present().flatMap((member) => (member.outcome === undefined ? [{ leaseNumber, member }] : [])),
    );
  }

  /** Members of a released lease can never become the group's. */
  forget(lease: Lease): void {
    this.#members.delete(lease.number);
  }
}

/** What was handed in under one lease of a group. */
export interface Lot {
  readonly held: HeldGroup;
  readonly leaseNumber: number;
  readonly members: Members;
}
