// What a run must do, in as few lines as possible and by other means: lists and loops where the service has queues, states
// and a store. The property test compares the two after every step.

export interface ModelLease {
  readonly leaseId: string;
  readonly attempt: number;
  state: 'open' | 'claimed' | 'expired' | 'released' | 'quarantined';
  expiresAt: number;
  /** By member index. */
  readonly texts: Map<number, string>;
}

export interface ModelGroup {
  readonly groupId: string;
  readonly leases: ModelLease[];
  stage: 'pending' | 'leased' | 'claimed' | 'completed' | 'quarantined';
  expirations: number;
}

export type Refusal = 'not_found' | 'failed_precondition' | 'already_exists';

export class RunModel {
  readonly ttlMs: number;
  readonly maxAttempts: number;
  readonly groupSize: number;
  readonly total: number;
  readonly groups: ModelGroup[] = [];
  /** Groups that came back, in order; open leases, in order of their last extension. */
  returned: ModelGroup[] = [];
  line: ModelLease[] = [];
  readonly scored = new Set<string>();
  readonly submitted: string[] = [];
  repeats = 0;
  isClosed = false;

  constructor(rules: { ttlMs: number; maxAttempts: number; groupSize: number; total: number }) {
    this.ttlMs = rules.ttlMs;
    this.maxAttempts = rules.maxAttempts;
    this.groupSize = rules.groupSize;
    this.total = rules.total;
  }

  get leases(): readonly ModelLease[] {
    return this.groups.flatMap((group) => group.leases);
  }

  groupOf(lease: ModelLease): ModelGroup {
    const group = this.groups.find((each) => each.leases.includes(lease));
    if (group === undefined) throw new Error('Every lease has a group');
    return group;
  }

  /** The group that the next lease is of. */
  takeNext(): ModelGroup | undefined {
    const back = this.returned.shift();
    if (back !== undefined || this.groups.length >= this.total) return back;
    const group: ModelGroup = {
      groupId: `g-${this.groups.length}`,
      leases: [],
      stage: 'pending',
      expirations: 0,
    };
    this.groups.push(group);
    return group;
  }

  leased(group: ModelGroup, leaseId: string, now: number): void {
    const attempt = group.expirations + 1;
    const lease: ModelLease = {
      leaseId,
      attempt,
      state: 'open',
      expiresAt: now + this.ttlMs,
      texts: new Map(),
    };
    group.leases.push(lease);
    group.stage = 'leased';
    this.line.push(lease);
  }

  extend(lease: ModelLease, now: number): boolean {
    if (lease.state !== 'open') return false;
    lease.expiresAt = now + this.ttlMs;
    this.line = [...this.line.filter((each) => each !== lease), lease];
    return true;
  }

  release(lease: ModelLease): boolean {
    if (lease.state !== 'open') return false;
    this.#leave(lease, 'released');
    const group = this.groupOf(lease);
    group.stage = 'pending';
    this.returned.push(group);
    return true;
  }

  expireUntil(now: number): void {
    const due = this.line.filter((each) => each.expiresAt <= now);
    const sequence = (lease: ModelLease): number => this.groups.indexOf(this.groupOf(lease));
    for (const lease of due.toSorted((a, b) => a.expiresAt - b.expiresAt || sequence(a) - sequence(b))) {
      const group = this.groupOf(lease);
      group.expirations += 1;
      const isLast = group.expirations >= this.maxAttempts;
      this.#leave(lease, isLast ? 'quarantined' : 'expired');
      group.stage = isLast ? 'quarantined' : 'pending';
      if (!isLast) this.returned.push(group);
    }
  }

  /** Takes in all of `texts`, or says why it takes in nothing. */
  submit(lease: ModelLease, texts: ReadonlyMap<number, string>): Refusal | undefined {
    const group = this.groupOf(lease);
    const claiming = group.leases.find((each) => each.state === 'claimed');
    if (claiming !== lease) {
      if (lease.state === 'released' && !isSuperseded(lease)) return 'failed_precondition';
      if (claiming !== undefined) return 'already_exists';
      if (group.stage === 'quarantined') return 'failed_precondition';
    }
    const fresh = [...texts].filter(([index]) => !lease.texts.has(index));
    if ([...texts].some(([index, text]) => (lease.texts.get(index) ?? text) !== text))
      return 'already_exists';
    if (this.isClosed && fresh.length > 0) return 'failed_precondition';
    this.repeats += texts.size - fresh.length;
    for (const [index, text] of fresh) {
      lease.texts.set(index, text);
      this.submitted.push(text);
      if (!text.includes('later')) this.scored.add(text);
    }
    if (fresh.length > 0 && lease.texts.size === this.groupSize) this.#claim(group, lease);
    this.completeScored();
    return undefined;
  }

  close(): void {
    this.isClosed = true;
    for (const lease of this.leases) this.release(lease);
  }

  decideAll(): void {
    for (const text of this.submitted) this.scored.add(text);
    this.completeScored();
  }

  completeScored(): void {
    for (const group of this.groups) {
      const claiming = group.leases.find((each) => each.state === 'claimed');
      const isScored = claiming && [...claiming.texts.values()].every((text) => this.scored.has(text));
      if (group.stage === 'claimed' && isScored === true) group.stage = 'completed';
    }
  }

  /** Leases by what the books call them. */
  count(): Readonly<Record<'completed' | 'expired' | 'released' | 'quarantined' | 'open', number>> {
    const counts = { completed: 0, expired: 0, released: 0, quarantined: 0, open: 0 };
    for (const group of this.groups) {
      for (const { state } of group.leases) {
        if (state === 'claimed') counts[group.stage === 'completed' ? 'completed' : 'open'] += 1;
        else counts[state] += 1;
      }
    }
    return counts;
  }

  #claim(group: ModelGroup, lease: ModelLease): void {
    const rival = group.leases.find((each) => each !== lease && each.state === 'open');
    if (rival !== undefined) {
      this.#leave(rival, 'released');
      superseded.add(rival);
    }
    this.#leave(lease, 'claimed');
    this.returned = this.returned.filter((each) => each !== group);
    group.stage = 'claimed';
  }

  #leave(lease: ModelLease, state: ModelLease['state']): void {
    lease.state = state;
    this.line = this.line.filter((each) => each !== lease);
  }
}

/** Leases whose group another lease took: counted as released, answered as completed by another. */
const superseded = new WeakSet<ModelLease>();

function isSuperseded(lease: ModelLease): boolean {
  return superseded.has(lease);
}
