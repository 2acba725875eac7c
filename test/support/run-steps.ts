// What can happen to a run, as steps that are done to the service and to the model, and compared.

import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from 'node:assert';
import * as fc from 'fast-check';
import type { GroupResult } from '../../src/core/calls.ts';
import type { GroupId, LeaseId, RunId } from '../../src/core/ids.ts';
import type { ModelLease, RunModel } from './run-model.ts';
import type { RunWorld } from './run-world.ts';

export const RULES = { ttlMs: 10_000, maxAttempts: 2, groupSize: 3, total: 4 };

export class Real {
  readonly world: RunWorld;
  readonly runId: RunId;
  readonly seen = new Map<string, GroupResult>();
  /** How often each text was scored, over all lives. */
  readonly asked = new Map<string, number>();
  /** Texts that were unscored when a life ended, each as often. */
  readonly lost: string[] = [];

  constructor(world: RunWorld, runId: RunId) {
    this.world = world;
    this.runId = runId;
  }

  get environment(): RunWorld['environment'] {
    return this.world.environment;
  }

  /** A completed result is the same each time it is seen. */
  see(result: GroupResult): void {
    if (result.state !== 'completed') return;
    const before = this.seen.get(result.groupId) ?? result;
    deepEqual(asJson(result), asJson(before));
    this.seen.set(result.groupId, before);
  }

  bookAsked(): void {
    for (const [text, times] of this.world.scorer.asked) {
      this.asked.set(text, (this.asked.get(text) ?? 0) + times);
    }
    this.world.scorer.asked.clear();
  }
}

type Step = fc.AsyncCommand<RunModel, Real>;

class Lease implements Step {
  readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  check(): boolean {
    return true;
  }

  async run(model: RunModel, real: Real): Promise<void> {
    const call = { runId: real.runId, groups: this.count, batchId: undefined, policyVersion: undefined };
    if (model.isClosed) {
      await rejects(real.environment.leaseGroups(call), { code: 'failed_precondition' });
      return;
    }
    const reply = await real.environment.leaseGroups(call);
    for (const leased of reply.groups) {
      const group = model.takeNext();
      equal(leased.groupId, group?.groupId);
      if (group !== undefined) model.leased(group, leased.leaseId, real.world.clock.now());
      equal(leased.attempt, group?.leases.at(-1)?.attempt);
    }
    if (reply.groups.length < this.count) equal(model.takeNext(), undefined);
    if (reply.groups.length === 0) {
      equal(reply.emptyReason, model.line.length > 0 ? 'all_leased' : 'exhausted');
    }
  }

  toString(): string {
    return `lease(${this.count})`;
  }
}

abstract class OfLease implements Step {
  readonly pick: number;

  constructor(pick: number) {
    this.pick = pick;
  }

  check(model: Readonly<RunModel>): boolean {
    return model.leases.length > 0;
  }

  abstract act(model: RunModel, real: Real, lease: ModelLease): Promise<void>;

  async run(model: RunModel, real: Real): Promise<void> {
    const lease = model.leases[this.pick % model.leases.length];
    if (lease !== undefined) await this.act(model, real, lease);
  }
}

class Submit extends OfLease {
  readonly members: readonly number[];
  readonly verdict: string;

  constructor(pick: number, members: readonly number[], verdict: string) {
    super(pick);
    this.members = members;
    this.verdict = verdict;
  }

  async act(model: RunModel, real: Real, lease: ModelLease): Promise<void> {
    const texts = new Map(this.members.map((index) => [index, `${this.verdict} ${lease.leaseId} ${index}`]));
    const completions = [...texts].map(([memberIndex, text]) => ({ memberIndex, text }));
    const wait =
      !this.verdict.includes('later') && ![...lease.texts.values()].some((t) => t.includes('later'));
    const submitted = real.environment.submitCompletions({
      runId: real.runId,
      groups: [{ leaseId: lease.leaseId as LeaseId, completions }],
      wait,
    });
    const refusal = model.submit(lease, texts);
    if (refusal !== undefined) {
      await rejects(submitted, { code: refusal });
      return;
    }
    const [result] = await submitted;
    equal(result?.missing.length, model.groupSize - lease.texts.size);
    if (result !== undefined) real.see(result);
  }

  override toString(): string {
    return `submit(lease ${this.pick}, [${this.members.join()}], ${this.verdict})`;
  }
}

class Heartbeat extends OfLease {
  async act(model: RunModel, real: Real, lease: ModelLease): Promise<void> {
    const leaseId = lease.leaseId as LeaseId;
    const reply = await real.environment.heartbeat({ runId: real.runId, leaseIds: [leaseId] });
    const isExtended = model.extend(lease, real.world.clock.now());
    const isScoring = model.groupOf(lease).stage === 'claimed' && lease.state === 'claimed';
    deepEqual(reply.lost, isExtended || isScoring ? [] : [leaseId]);
    if (isExtended) deepEqual(reply.leases, [{ leaseId, expiresAt: lease.expiresAt }]);
  }

  override toString(): string {
    return `heartbeat(lease ${this.pick})`;
  }
}

class Release extends OfLease {
  async act(model: RunModel, real: Real, lease: ModelLease): Promise<void> {
    const leaseIds = [lease.leaseId as LeaseId];
    const { released } = await real.environment.releaseGroups({ runId: real.runId, leaseIds });
    equal(released, model.release(lease) ? 1 : 0);
  }

  override toString(): string {
    return `release(lease ${this.pick})`;
  }
}

class Pass implements Step {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  check(): boolean {
    return true;
  }

  async run(model: RunModel, real: Real): Promise<void> {
    real.world.clock.pass(this.ms);
    model.expireUntil(real.world.clock.now());
  }

  toString(): string {
    return `pass(${this.ms} ms)`;
  }
}

class DecideAll implements Step {
  check(): boolean {
    return true;
  }

  async run(model: RunModel, real: Real): Promise<void> {
    real.world.scorer.decideAll();
    await turns();
    model.decideAll();
  }

  toString(): string {
    return 'decideAll()';
  }
}

class Restart implements Step {
  check(): boolean {
    return true;
  }

  async run(model: RunModel, real: Real): Promise<void> {
    real.bookAsked();
    // What was being scored for a lease that lost its group is nobody's any more; all else is scored again.
    for (const group of model.groups) {
      for (const lease of group.leases) {
        for (const text of lease.texts.values()) {
          if (model.scored.has(text)) continue;
          const isNobodys = group.stage === 'completed' || group.stage === 'quarantined' || isReleased(lease);
          if (isNobodys) model.scored.add(text);
          else real.lost.push(text);
        }
      }
    }
    await real.world.restart();
  }

  toString(): string {
    return 'restart()';
  }
}

class Close implements Step {
  check(): boolean {
    return true;
  }

  async run(model: RunModel, real: Real): Promise<void> {
    await real.environment.closeRun(real.runId);
    model.close();
  }

  toString(): string {
    return 'close()';
  }
}

/** Every step is followed by a look at the books. */
class Checked implements Step {
  readonly step: Step;

  constructor(step: Step) {
    this.step = step;
  }

  check(model: Readonly<RunModel>): boolean {
    return this.step.check(model);
  }

  async run(model: RunModel, real: Real): Promise<void> {
    await this.step.run(model, real);
    const { leases, groups, completions } = await real.environment.getAccounting(real.runId);
    const { leased, ...ends } = leases;
    deepEqual(ends, model.count());
    equal(leased, model.leases.length);
    equal(leases.completed + leases.expired + leases.released + leases.quarantined + leases.open, leased);
    deepEqual(groups, {
      total: model.total,
      issued: model.groups.length,
      completed: model.groups.filter((group) => group.stage === 'completed').length,
      quarantined: model.groups.filter((group) => group.stage === 'quarantined').length,
      inProgress: groups.issued - groups.completed - groups.quarantined,
    });
    equal(completions.submitted, model.submitted.length);
    equal(completions.scored + completions.unscorable, model.scored.size);
    equal(completions.inFlight, model.submitted.length - model.scored.size);
    equal(completions.repeats, model.repeats);
  }

  toString(): string {
    return this.step.toString();
  }
}

const pick = fc.nat({ max: 20 });
const members = fc.uniqueArray(fc.nat({ max: RULES.groupSize - 1 }), { minLength: 1, maxLength: 3 });
const whole = fc.constant([0, 1, 2]);
const verdicts = fc.constantFrom('right', 'right', 'wrong', 'right later');
/** Random lives; every step is checked against the model. */
export const steps = fc.commands(
  [
    fc.integer({ min: 1, max: 3 }).map((count) => new Lease(count)),
    fc.tuple(pick, fc.oneof(members, whole), verdicts).map((args) => new Submit(...args)),
    fc.tuple(pick, whole, fc.constant('right')).map((args) => new Submit(...args)),
    pick.map((at) => new Heartbeat(at)),
    pick.map((at) => new Release(at)),
    fc.constantFrom(1, 4_000, 6_000, 10_000).map((ms) => new Pass(ms)),
    fc.constant(new DecideAll()),
    fc.constant(new Restart()),
    fc.integer({ min: 0, max: 5 }).map((n) => (n === 0 ? new Close() : new Lease(1))),
  ].map((arbitrary: fc.Arbitrary<Step>) => arbitrary.map((step) => new Checked(step))),
  { size: 'large' },
);

/** Ends what is open and looks at each group and each completion once more. Returns the bugs that were logged. */
export async function settle(model: RunModel, real: Real): Promise<readonly unknown[]> {
  await new DecideAll().run(model, real);
  await new Restart().run(model, real);
  await new DecideAll().run(model, real);
  for (const { groupId, stage } of model.groups) {
    const result = await real.environment.getGroup({ runId: real.runId, groupId: groupId as GroupId });
    const states = {
      pending: 'pending',
      leased: 'partial',
      claimed: 'scoring',
      completed: 'completed',
    } as const;
    equal(result.state, stage === 'quarantined' ? 'quarantined' : states[stage]);
    real.see(result);
  }
  real.bookAsked();
  for (const text of model.submitted) {
    const times = 1 + real.lost.filter((each) => each === text).length;
    equal(real.asked.get(text), times, text);
  }
  return real.world.logged.filter(({ fields }) => fields?.['error'] !== undefined);
}

function isReleased(lease: ModelLease): boolean {
  return lease.state === 'released';
}

/** Lets everything that was set off happen. */
async function turns(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

function asJson(result: GroupResult): unknown {
  return JSON.parse(JSON.stringify(result));
}
