// Runs whose reward compares the members of a group with each other: nobody is scored before all are in, and members whose
// group never gets whole end with a cause, in books that balance.

import { describe, expect, it } from 'vitest';
import type { GroupResult } from '../../../../src/core/calls.ts';
import type { RunId } from '../../../../src/core/ids.ts';
import { recipeOf } from '../../../../src/core/recipe.ts';
import { DUEL, ECHO } from '../../../support/echo-scorer.ts';
import { completionsFor, RUN, RunWorld } from '../../../support/run-world.ts';

function submit(
  world: RunWorld,
  runId: RunId,
  ...groups: ReturnType<typeof completionsFor>[]
): Promise<readonly GroupResult[]> {
  return world.environment.submitCompletions({ runId, groups, wait: true });
}

async function startRun(
  options: Parameters<typeof RunWorld.start>[0] = {},
  settings: Partial<typeof RUN> = {},
): Promise<{ world: RunWorld; runId: RunId }> {
  const world = await RunWorld.start(options);
  const runId = await world.openRun({ reward: recipeOf(DUEL), groupSize: 3, ...settings });
  return { world, runId };
}

function rewardsOf(result: GroupResult | undefined): readonly (number | string)[] | undefined {
  return result?.completions.map(({ outcome }) =>
    outcome.kind === 'scored' ? outcome.reward : outcome.unscorable.cause,
  );
}

async function leaseOne(world: RunWorld, runId: RunId) {
  const [group] = await world.lease(runId);
  if (group === undefined) throw new Error('There is no group left');
  return group;
}

describe('Environment.submitCompletions() of a group-wise reward', () => {
  it('compares the members when the last one is in, and answers those before without waiting', async () => {
    const { world, runId } = await startRun();
    const group = await leaseOne(world, runId);
    const [first] = await submit(world, runId, completionsFor(group, ['b']));
    expect(first).toMatchObject({ state: 'partial', completions: [], missing: [1, 2] });
    await submit(world, runId, completionsFor(group, [undefined, 'a']));
    expect(world.scorer.compared).toEqual([]);
    expect((await world.environment.getAccounting(runId)).completions).toMatchObject({
      submitted: 2,
      inFlight: 2,
    });
    const [last] = await submit(world, runId, completionsFor(group, [undefined, undefined, 'c']));
    expect(last?.state).toBe('completed');
    expect(rewardsOf(last)).toEqual([0.5, 1, 0]);
    expect(world.scorer.compared).toEqual([['b', 'a', 'c']]);
    expect(world.environment.counts().completionsInFlight).toBe(0);
  });

  it('takes a repeated submit for what it is, before and after the group is whole', async () => {
    const { world, runId } = await startRun();
    const group = await leaseOne(world, runId);
    const whole = completionsFor(group, ['b', 'a', 'c']);
    await submit(world, runId, completionsFor(group, ['b']));
    await submit(world, runId, completionsFor(group, ['b']));
    const [result] = await submit(world, runId, whole);
    const [again] = await submit(world, runId, whole);
    expect(again).toEqual(result);
    expect(world.scorer.compared).toHaveLength(1);
    expect((await world.environment.getAccounting(runId)).completions).toMatchObject({
      submitted: 3,
      scored: 3,
      repeats: 5,
      inFlight: 0,
    });
    await expect(submit(world, runId, completionsFor(group, ['other']))).rejects.toMatchObject({
      code: 'already_exists',
    });
  });

  it('makes members unscorable alone, and leaves those out that are too far behind', async () => {
    const { world, runId } = await startRun({}, { maxDrift: 1, groupSize: 4 });
    const group = await leaseOne(world, runId);
    const stale = completionsFor(group, ['0'], { policyVersion: 1 });
    const fresh = completionsFor(group, [undefined, 'a fault', 'b', 'c'], { policyVersion: 9 });
    await submit(world, runId, fresh);
    const [result] = await submit(world, runId, stale);
    expect(rewardsOf(result)).toEqual(['drift_exceeded', 'judge_unavailable', 0.5, 0]);
    expect(world.scorer.compared).toEqual([['a fault', 'b', 'c']]);
  });

  it('makes all members unscorable, and no number, when the scorer has a bug', async () => {
    const { world, runId } = await startRun();
    const group = await leaseOne(world, runId);
    const [result] = await submit(world, runId, completionsFor(group, ['a', 'b crash', 'c']));
    expect(rewardsOf(result)).toEqual(['verifier_crash', 'verifier_crash', 'verifier_crash']);
  });

  it('lets a late hand-in complete the group, and gives up what waited under the other lease', async () => {
    const { world, runId } = await startRun();
    const early = await leaseOne(world, runId);
    await submit(world, runId, completionsFor(early, ['b', 'a']));
    world.clock.pass(RUN.leaseTtlMs);
    const second = await leaseOne(world, runId);
    expect(second.groupId).toBe(early.groupId);
    await submit(world, runId, completionsFor(second, ['x']));
    const [result] = await submit(world, runId, completionsFor(early, [undefined, undefined, 'c']));
    expect(rewardsOf(result)).toEqual([0.5, 1, 0]);
    expect((await world.environment.getAccounting(runId)).completions).toMatchObject({
      submitted: 4,
      scored: 3,
      unscorable: 1,
      unscorableByCause: [{ name: 'group_incomplete', count: 1 }],
      inFlight: 0,
    });
    expect(world.environment.counts().completionsInFlight).toBe(0);
  });

  it.each<[string, (world: RunWorld, runId: RunId, leaseId: string) => Promise<unknown>]>([
    [
      'its lease is released',
      (world, runId, leaseId) => world.environment.releaseGroups({ runId, leaseIds: [leaseId as never] }),
    ],
    ['the run is closed', (world, runId) => world.environment.closeRun(runId)],
    [
      'the run is closed after its lease has expired',
      async (world, runId) => {
        world.clock.pass(RUN.leaseTtlMs);
        await world.environment.closeRun(runId);
      },
    ],
    [
      'the group is quarantined',
      async (world, runId) => {
        for (let attempt = 1; attempt < RUN.maxAttempts; attempt += 1) {
          world.clock.pass(RUN.leaseTtlMs);
          await leaseOne(world, runId);
        }
        world.clock.pass(RUN.leaseTtlMs);
        await world.environment.getAccounting(runId);
      },
    ],
  ])('gives up what waits for its group when %s', async (_, end) => {
    const { world, runId } = await startRun();
    const group = await leaseOne(world, runId);
    await submit(world, runId, completionsFor(group, ['a', 'b']));
    await end(world, runId, group.leaseId);
    expect((await world.environment.getAccounting(runId)).completions).toMatchObject({
      submitted: 2,
      unscorable: 2,
      unscorableByCause: [{ name: 'group_incomplete', count: 2 }],
      inFlight: 0,
    });
    expect(world.scorer.compared).toEqual([]);
    await world.environment.getGroup({ runId, groupId: group.groupId });
    expect(world.environment.counts().completionsInFlight).toBe(0);
  });

  it('holds no place in flight while members wait, so that the rest of their group finds room', async () => {
    const { world, runId } = await startRun({ limits: { completionsInFlightMax: 2 } });
    const groups = await world.lease(runId, 3);
    for (const group of groups) await submit(world, runId, completionsFor(group, ['a', 'b']));
    expect(world.environment.counts().completionsInFlight).toBe(0);
    for (const group of groups) {
      const [result] = await submit(world, runId, completionsFor(group, [undefined, undefined, 'c']));
      expect(rewardsOf(result)).toEqual([1, 0.5, 0]);
    }
    expect(world.environment.counts().completionsInFlight).toBe(0);
  });

  it('goes on after a crash: what waited waits, what was being compared is compared again', async () => {
    const { world, runId } = await startRun();
    const [waiting, comparing] = await world.lease(runId, 2);
    if (waiting === undefined || comparing === undefined) throw new Error('There are too few groups');
    await submit(world, runId, completionsFor(waiting, ['b', 'a']));
    const texts = ['later a', 'b', 'c'];
    void world.environment.submitCompletions({
      runId,
      groups: [completionsFor(comparing, texts)],
      wait: false,
    });
    await world.environment.getGroup({ runId, groupId: comparing.groupId });
    await world.restart();
    expect(world.scorer.compared).toEqual([texts]);
    world.scorer.decideAll();
    const [compared] = await submit(world, runId, completionsFor(comparing, texts));
    expect(rewardsOf(compared)).toEqual([0, 1, 0.5]);
    // What waits holds no place in flight in its second life either.
    expect(world.environment.counts().completionsInFlight).toBe(0);
    const [result] = await submit(world, runId, completionsFor(waiting, [undefined, undefined, 'c']));
    expect(rewardsOf(result)).toEqual([0.5, 1, 0]);
    expect((await world.environment.getAccounting(runId)).completions).toMatchObject({
      submitted: 6,
      scored: 6,
      inFlight: 0,
    });
    expect(world.environment.counts().completionsInFlight).toBe(0);
  });

  it('completes a batch whose estimator needs all of it', async () => {
    const { world, runId } = await startRun(
      {},
      { groupSize: 2, estimator: { name: 'reinforce_pp_baseline' } },
    );
    const groups = await world.lease(runId, 2);
    const [first] = await submit(world, runId, ...groups.map((group) => completionsFor(group, ['a', 'b'])));
    expect(first?.state).toBe('completed');
    expect(rewardsOf(first)).toEqual([1, 0]);
  });

  it('asks scorers before it first, and compares only those whom a gate let through', async () => {
    const gate = { name: ECHO, weight: 0, required: true, when: 'always' as const, options: {}, gate: 0.5 };
    const reward = { ...recipeOf(DUEL), scorers: [gate, ...recipeOf(DUEL).scorers], floor: -1 };
    const { world, runId } = await startRun({}, { reward });
    const group = await leaseOne(world, runId);
    const [result] = await submit(world, runId, completionsFor(group, ['right b', 'wrong', 'right a']));
    expect(rewardsOf(result)).toEqual([0, -1, 1]);
    expect(world.scorer.compared).toEqual([['right b', 'right a']]);
  });
});

describe('Environment.openRun() of a group-wise reward', () => {
  it('refuses groups of one: there is nobody to compare with', async () => {
    const world = await RunWorld.start({ datasetReward: recipeOf(DUEL) });
    for (const reward of [recipeOf(DUEL), undefined]) {
      await expect(world.openRun({ reward, groupSize: 1 })).rejects.toMatchObject({
        code: 'invalid_argument',
        field: 'group_size',
      });
    }
  });
});
