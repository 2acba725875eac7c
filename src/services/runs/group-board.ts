// Who holds what in one run: which group is leased next, to whom, until when. In memory and without waiting: a call sees
// and leaves a consistent board. It does not know what is handed in, and writes nothing: each change is told to
// `onChange`, the one place where books, store, events and streams learn of it.

import type { EmptyReason } from '../../core/calls.ts';
import {
  findLease,
  newGroup,
  nextGroup,
  type Group,
  type GroupEvent,
  type LeaseMove,
} from '../../core/group.ts';
import { leaseIdFrom, sequenceOfLease, type BatchId, type LeaseId } from '../../core/ids.ts';
import type { Lease } from '../../core/lease.ts';
import type { Sampler } from '../../core/sampling.ts';
import type { Nonces } from '../../ports/nonces.ts';
import { ExpiryLine } from './expiry-line.ts';
import { Fifo } from './fifo.ts';
import { HeldGroup } from './held-group.ts';

export interface BoardRules {
  readonly groupSize: number;
  readonly leaseTtlMs: number;
  readonly maxAttempts: number;
  readonly openGroupsMax: number;
}

export interface BoardPlace {
  readonly held: HeldGroup;
  readonly lease: Lease;
}

export type OnChange = (held: HeldGroup, moves: readonly LeaseMove[], now: number) => void;

export class GroupBoard {
  readonly #rules: BoardRules;
  readonly #sampler: Sampler;
  readonly #nonces: Nonces;
  readonly #onChange: OnChange;
  readonly #held = new Map<number, HeldGroup>();
  readonly #expiries = new ExpiryLine();
  /** Groups that came back. One that was claimed since by a late hand-in is skipped when its turn comes. */
  readonly #returned = new Fifo<HeldGroup>();
  #returnNumber = 0;
  #position: number;
  #isDrawn: boolean;

  constructor(options: {
    readonly rules: BoardRules;
    readonly sampler: Sampler;
    readonly nonces: Nonces;
    readonly position: number;
    readonly isDrawn: boolean;
    readonly onChange: OnChange;
  }) {
    this.#rules = options.rules;
    this.#sampler = options.sampler;
    this.#nonces = options.nonces;
    this.#position = options.position;
    this.#isDrawn = options.isDrawn || options.position >= options.sampler.groupsTotal;
    this.#onChange = options.onChange;
  }

  /** Sequence of the next group that was never leased. */
  get position(): number {
    return this.#position;
  }

  /** Whether every group that there will ever be has been leased at least once. */
  get isDrawn(): boolean {
    return this.#isDrawn;
  }

  get groups(): Iterable<HeldGroup> {
    return this.#held.values();
  }

  /** Puts back the open groups of an earlier life. Tells nobody: nothing changes. */
  restore(groups: readonly HeldGroup[]): void {
    for (const held of groups) this.#held.set(held.state.sequence, held);
    const open = groups.flatMap((held) => held.state.leases.filter((lease) => lease.state === 'open'));
    for (const lease of open.toSorted((a, b) => a.expiresAt - b.expiresAt)) this.#await(lease);
    const pending = groups.filter((held) => held.state.stage === 'pending');
    for (const held of pending.toSorted((a, b) => a.state.returnedAs - b.state.returnedAs)) {
      this.#returned.push(held);
      this.#returnNumber = held.state.returnedAs + 1;
    }
  }

  find(sequence: number): HeldGroup | undefined {
    return this.#held.get(sequence);
  }

  findLease(leaseId: LeaseId): BoardPlace | undefined {
    const held = this.#held.get(sequenceOfLease(leaseId) ?? -1);
    const lease = held && findLease(held.state, leaseId);
    return held && lease && { held, lease };
  }

  /** Leases up to `count` groups, those that came back first. Fewer than asked for: `whyEmpty` says why. */
  lease(count: number, batchId: BatchId, now: number): readonly BoardPlace[] {
    const places: BoardPlace[] = [];
    while (places.length < count) {
      const held = this.#takeReturned() ?? this.#draw();
      if (held === undefined) break;
      const { sequence } = held.state;
      const leaseId = leaseIdFrom(sequence, this.#nonces.next());
      this.#held.set(sequence, held);
      this.#apply(held, { kind: 'lease', leaseId, batchId, ttlMs: this.#rules.leaseTtlMs }, now);
      const lease = findLease(held.state, leaseId);
      if (lease !== undefined) places.push({ held, lease });
    }
    return places;
  }

  whyEmpty(): EmptyReason {
    if (!this.#isDrawn && this.#held.size >= this.#rules.openGroupsMax) return 'backpressure';
    if (!this.#isDrawn || this.#expiries.length > 0) return 'all_leased';
    // Nobody could be given these: their pairs cannot be read, and they have attempts left.
    for (const held of this.#held.values()) if (held.state.stage === 'pending') return 'all_leased';
    return 'exhausted';
  }

  /** When the next lease expires. */
  nextExpiry(): number | undefined {
    return this.#expiries.next();
  }

  /** The extended lease, or undefined when it no longer holds. */
  extend(leaseId: LeaseId, now: number): Lease | undefined {
    const held = this.findLease(leaseId)?.held;
    if (held === undefined) return undefined;
    const isExtended = this.#apply(held, { kind: 'extend', leaseId, ttlMs: this.#rules.leaseTtlMs }, now);
    return isExtended ? findLease(held.state, leaseId) : undefined;
  }

  /** Whether the lease was open and is now released. */
  release(leaseId: LeaseId, now: number): boolean {
    const held = this.findLease(leaseId)?.held;
    return held !== undefined && this.#apply(held, { kind: 'release', leaseId }, now);
  }

  /** Releases all that is open. */
  releaseAll(now: number): void {
    for (const held of Array.from(this.#held.values())) {
      const open = held.state.leases.find((lease) => lease.state === 'open');
      if (open !== undefined) this.release(open.leaseId, now);
    }
  }

  expireDue(now: number): void {
    for (const { sequence, leaseId } of this.#expiries.takeDue(now)) {
      const held = this.#held.get(sequence);
      if (held !== undefined) this.#apply(held, { kind: 'expire', leaseId }, now);
    }
  }

  /** The lease ends before anybody was told of it, as one that expired does: its pair cannot be read. */
  spoil(leaseId: LeaseId, now: number): void {
    const held = this.findLease(leaseId)?.held;
    if (held !== undefined) this.#apply(held, { kind: 'expire', leaseId, isEarly: true }, now);
  }

  /** All members of the lease are in: it claims the group. */
  handIn(place: BoardPlace, now: number): boolean {
    return this.#apply(place.held, { kind: 'hand-in', leaseId: place.lease.leaseId }, now);
  }

  /** The group's result is made. */
  complete(held: HeldGroup, now: number): void {
    this.#apply(held, { kind: 'complete' }, now);
  }

  #apply(held: HeldGroup, event: GroupEvent, now: number): boolean {
    const { maxAttempts } = this.#rules;
    const change = nextGroup(held.state, event, { now, maxAttempts, returnNumber: this.#returnNumber });
    if (change === undefined) return false;
    held.state = change.group;
    for (const { lease } of change.moves) {
      if (lease.state === 'open') this.#await(lease);
      else this.#expiries.remove(lease.leaseId);
    }
    if (change.group.stage === 'pending') {
      this.#returned.push(held);
      this.#returnNumber += 1;
    }
    if (hasEnded(change.group)) this.#held.delete(change.group.sequence);
    this.#onChange(held, change.moves, now);
    return true;
  }

  #await({ leaseId, expiresAt }: Lease): void {
    this.#expiries.put({ leaseId, expiresAt, sequence: sequenceOfLease(leaseId) ?? -1 });
  }

  #takeReturned(): HeldGroup | undefined {
    for (;;) {
      const held = this.#returned.shift();
      if (held === undefined || held.state.stage === 'pending') return held;
    }
  }

  #draw(): HeldGroup | undefined {
    if (this.#isDrawn || this.#held.size >= this.#rules.openGroupsMax) return undefined;
    const draw = this.#sampler.next(this.#position);
    if (draw === 'all_leased') return undefined;
    if (draw === 'exhausted') {
      this.#isDrawn = true;
      return undefined;
    }
    const state = newGroup({ sequence: this.#position, ...draw });
    this.#position += 1;
    if (this.#position >= this.#sampler.groupsTotal) this.#isDrawn = true;
    return new HeldGroup(state, this.#rules.groupSize);
  }
}

function hasEnded(group: Group): boolean {
  return group.stage === 'completed' || group.stage === 'quarantined';
}
