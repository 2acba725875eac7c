import { describe, expect, it } from 'vitest';
import type { GroupId, LeaseId, RunId } from '../../../src/core/ids.ts';
import type { RunStore } from '../../../src/ports/run-store.ts';
import { recipeOf } from '../../../src/core/recipe.ts';
import { ECHO } from '../../support/echo-scorer.ts';
import { completionsFor, DATASET, RUN, RunWorld, SECRET } from '../../support/run-world.ts';

/** Submits whole groups of two and waits. */
function submit(world: RunWorld, runId: RunId, ...groups: ReturnType<typeof completionsFor>[]) {
  return world.environment.submitCompletions({ runId, groups, wait: true });
}

describe('Environment.openRun()', () => {
  it('Environment.openRun() resumes a run of the same arguments', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun({ runId: 'mine' as RunId });
    await world.lease(runId, 3);
    expect(await world.openRun({ runId })).toBe(runId);
    expect((await world.lease(runId))[0]?.groupId).toBe('g-3');
  });

  it.each([
    ['group_size', { groupSize: 4 }],
    ['seed', { seed: 8 }],
    ['reward', { reward: undefined }],
    ['estimator', { estimator: { name: 'rloo' } }],
    ['sampling', { sampling: { ...RUN.sampling, kind: 'shuffled' as const } }],
    ['max_drift', { maxDrift: 1 }],
  ])('Environment.openRun() refuses to resume with another %s', async (field, other) => {
    const world = await RunWorld.start();
    const runId = await world.openRun({ runId: 'mine' as RunId });
    await expect(world.openRun({ runId, ...other })).rejects.toMatchObject({
      code: 'failed_precondition',
      field,
    });
  });

  it.each([
    ['not_found', 'dataset', { dataset: 'other' }],
    ['not_found', 'split', { split: 'test' }],
    ['invalid_argument', 'prompt_template', { promptTemplate: 'other' }],
    ['invalid_argument', 'estimator.name', { estimator: { name: 'other' } }],
    ['invalid_argument', 'estimator.k', { estimator: { name: 'pass_at_k', k: 3 } }],
    ['invalid_argument', 'estimator.k', { estimator: { name: 'pass_at_k' } }],
    ['invalid_argument', 'estimator.weights.math', { estimator: { name: 'gdpo:trl', weights: { math: 2 } } }],
    ['invalid_argument', 'reward.scorers[0].name', { reward: recipeOf('other') }],
    ['invalid_argument', 'reward.scorers', { reward: { ...recipeOf(ECHO), scorers: [] } }],
  ])('Environment.openRun() answers %s for a wrong %s', async (code, field, wrong) => {
    const world = await RunWorld.start();
    await expect(world.openRun(wrong)).rejects.toMatchObject({ code, field });
  });

  it.each<[string, Partial<typeof RUN>]>([
    ['pass_at_k with k up to the group size', { estimator: { name: 'pass_at_k', k: 2 } }],
    ['weights of scorers of its reward', { estimator: { name: 'gdpo:trl', weights: { [ECHO]: 2 } } }],
    // Which scorers the rows will name is not known yet.
    [
      'weights with the rewards of its rows',
      { estimator: { name: 'gdpo:trl', weights: { math: 2 } }, reward: undefined },
    ],
  ])('Environment.openRun() takes %s', async (_, settings) => {
    const world = await RunWorld.start();
    expect(await world.openRun(settings)).toBeDefined();
  });

  it('Environment.openRun() says which splits there are', async () => {
    const world = await RunWorld.start();
    await expect(world.openRun({ split: 'test' })).rejects.toThrow('has no split "test", it has "train"');
  });

  it('Environment.openRun() refuses a dataset without rows', async () => {
    const world = await RunWorld.start({ pairs: 0 });
    await expect(world.openRun()).rejects.toMatchObject({ code: 'failed_precondition', field: 'dataset' });
  });

  it("Environment.openRun() refuses a dataset's own reward that nothing here can give, unless the run has one", async () => {
    const world = await RunWorld.start({ datasetReward: recipeOf('elsewhere') });
    const refusal = { code: 'invalid_argument', field: 'reward.scorers[0].name' };
    await expect(world.openRun({ reward: undefined })).rejects.toMatchObject(refusal);
    expect(await world.openRun({ reward: recipeOf(ECHO) })).toBeDefined();
  });

  it('Environment.openRun() gives the same order for the same seed, and another for another', async () => {
    const shuffled = { sampling: { ...RUN.sampling, kind: 'shuffled' as const }, epochs: 2 };
    const orders = await Promise.all(
      [1, 1, 2].map(async (seed) => {
        const world = await RunWorld.start();
        const groups = await world.lease(await world.openRun({ ...shuffled, seed }), 20);
        return groups.map((group) => group.pairId);
      }),
    );
    expect(orders[0]).toHaveLength(20);
    expect(orders[1]).toEqual(orders[0]);
    expect(orders[2]).not.toEqual(orders[0]);
    expect(new Set(orders[0]?.slice(0, 10)).size).toBe(10);
  });
});

describe('Environment.leaseGroups()', () => {
  it('Environment.leaseGroups() quarantines a group after max_attempts expired leases', async () => {
    const world = await RunWorld.start({ pairs: 1 });
    const runId = await world.openRun({ maxAttempts: 2 });
    for (const attempt of [1, 2]) {
      const [group] = await world.lease(runId);
      expect(group?.attempt).toBe(attempt);
      world.clock.pass(10_000);
    }
    const reply = await world.environment.leaseGroups({
      runId,
      groups: 1,
      batchId: undefined,
      policyVersion: undefined,
    });
    expect(reply).toMatchObject({ groups: [], emptyReason: 'exhausted' });
    expect(reply.retryAfterMs).toBeUndefined();
    const { leases, groups } = await world.environment.getAccounting(runId);
    expect(leases).toEqual({ leased: 2, completed: 0, expired: 1, released: 0, quarantined: 1, open: 0 });
    expect(groups).toMatchObject({ issued: 1, quarantined: 1, inProgress: 0 });
    expect((await world.environment.getRun(runId)).state).toBe('exhausted');
  });

  it('Environment.leaseGroups() lets a released group come back without another attempt', async () => {
    const world = await RunWorld.start({ pairs: 1 });
    const runId = await world.openRun();
    const [first] = await world.lease(runId);
    await world.environment.releaseGroups({ runId, leaseIds: [first?.leaseId ?? ('' as LeaseId)] });
    const [second] = await world.lease(runId);
    expect(second).toMatchObject({ groupId: first?.groupId, attempt: 1 });
    expect(second?.leaseId).not.toBe(first?.leaseId);
  });

  it('Environment.leaseGroups() says when to come back while all is leased', async () => {
    const world = await RunWorld.start({ pairs: 1 });
    const runId = await world.openRun({ leaseTtlMs: 3_000 });
    await world.lease(runId);
    world.clock.pass(1_000);
    const call = { runId, groups: 1, batchId: undefined, policyVersion: undefined };
    const reply = await world.environment.leaseGroups(call);
    expect(reply).toMatchObject({ emptyReason: 'all_leased', retryAfterMs: 2_000 });
  });

  it('Environment.leaseGroups() hands out no more than the limit of open groups', async () => {
    const world = await RunWorld.start({ limits: { openGroupsPerRunMax: 2 } });
    const runId = await world.openRun();
    const groups = await world.lease(runId, 5);
    expect(groups).toHaveLength(2);
    const call = { runId, groups: 1, batchId: undefined, policyVersion: undefined };
    expect(await world.environment.leaseGroups(call)).toMatchObject({ emptyReason: 'backpressure' });
    await submit(world, runId, ...groups.map((group) => completionsFor(group, ['right', 'wrong'])));
    expect(await world.lease(runId, 5)).toHaveLength(2);
  });

  it('Environment.leaseGroups() keeps the policy versions that it hears of', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const call = { runId, groups: 1, batchId: undefined };
    await world.environment.leaseGroups({ ...call, policyVersion: 5 });
    await world.environment.leaseGroups({ ...call, policyVersion: 3 });
    expect((await world.environment.getRun(runId)).policyVersion).toBe(5);
    await world.restart();
    expect((await world.environment.getRun(runId)).policyVersion).toBe(5);
  });
});

describe('Environment.submitCompletions()', () => {
  it('Environment.submitCompletions() completes a group that several workers fill', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun({ groupSize: 3 });
    const [group] = await world.lease(runId);
    if (group === undefined) throw new Error('No group');
    const [first] = await submit(world, runId, completionsFor(group, [undefined, 'right']));
    expect(first).toMatchObject({ state: 'partial', missing: [0, 2] });
    expect(first?.completions).toMatchObject([{ memberIndex: 1, outcome: { reward: 1 } }]);
    expect(first?.completions[0]?.advantage).toBeUndefined();
    await submit(world, runId, completionsFor(group, [undefined, undefined, 'wrong']));
    const [last] = await submit(world, runId, completionsFor(group, ['wrong']));
    expect(last).toMatchObject({ state: 'completed', missing: [], flags: [] });
    expect(last?.completions.map(({ advantage }) => Math.sign(advantage ?? 0))).toEqual([-1, 1, -1]);
    expect(last?.estimator).toEqual({ name: 'grpo:verl', ddof: 1, epsilon: 1e-6 });
  });

  it('Environment.submitCompletions() takes a late submit, and releases the newer lease of its group', async () => {
    const world = await RunWorld.start({ pairs: 1 });
    const runId = await world.openRun();
    const [late] = await world.lease(runId);
    world.clock.pass(10_000);
    const [newer] = await world.lease(runId);
    if (late === undefined || newer === undefined) throw new Error('No group');
    const [result] = await submit(world, runId, completionsFor(late, ['right', 'wrong']));
    expect(result).toMatchObject({ state: 'completed', leaseId: late.leaseId });
    const { leases } = await world.environment.getAccounting(runId);
    expect(leases).toEqual({ leased: 2, completed: 1, expired: 0, released: 1, quarantined: 0, open: 0 });
    await expect(submit(world, runId, completionsFor(newer, ['right', 'right']))).rejects.toMatchObject({
      code: 'already_exists',
      field: 'groups[0].lease_id',
      message: expect.stringContaining('GetGroup'),
    });
  });

  it.each([
    ['invalid_argument', 'groups[0].completions[0].member_index', [{ memberIndex: 2, text: 'right' }]],
    [
      'invalid_argument',
      'groups[0].completions[1].member_index',
      [
        { memberIndex: 0, text: 'right' },
        { memberIndex: 0, text: 'right' },
      ],
    ],
    ['already_exists', 'groups[0].completions[0]', [{ memberIndex: 1, text: 'other content' }]],
  ])('Environment.submitCompletions() answers %s for %s', async (code, field, completions) => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const [group] = await world.lease(runId);
    if (group === undefined) throw new Error('No group');
    await submit(world, runId, completionsFor(group, [undefined, 'right']));
    const wrong = submit(world, runId, { leaseId: group.leaseId, completions });
    await expect(wrong).rejects.toMatchObject({ code, field });
    const { completions: counts } = await world.environment.getAccounting(runId);
    expect(counts).toMatchObject({ submitted: 1, repeats: 0 });
  });

  it('Environment.submitCompletions() takes in nothing when one group of several is wrong', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const [group] = await world.lease(runId);
    if (group === undefined) throw new Error('No group');
    const unknown = { ...completionsFor(group, ['right']), leaseId: 'l-0-guessed' as LeaseId };
    const whole = completionsFor(group, ['right', 'wrong']);
    await expect(submit(world, runId, whole, unknown)).rejects.toMatchObject({
      code: 'not_found',
      field: 'groups[1].lease_id',
    });
    expect((await world.environment.getAccounting(runId)).completions.submitted).toBe(0);
    expect(world.scorer.asked.size).toBe(0);
  });

  it('Environment.submitCompletions() asks for lengths where the estimator needs them', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun({ estimator: { name: 'opo' } });
    const [group] = await world.lease(runId);
    if (group === undefined) throw new Error('No group');
    await expect(submit(world, runId, completionsFor(group, ['right', 'wrong']))).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'groups[0].completions[0].token_count',
    });
    const [result] = await submit(world, runId, completionsFor(group, ['right', 'wrong'], { tokenCount: 4 }));
    expect(result?.state).toBe('completed');
  });

  it('Environment.submitCompletions() calls completions that drifted too far unscorable, and scores them with nothing', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun({ maxDrift: 2 });
    const [group] = await world.lease(runId);
    if (group === undefined) throw new Error('No group');
    await world.environment.reportTrainingStep({
      runId,
      trainingStep: { number: 1, metrics: { loss: 1 }, policyVersion: 10 },
    });
    const [result] = await submit(world, runId, {
      leaseId: group.leaseId,
      completions: [
        { memberIndex: 0, text: 'right', policyVersion: 8 },
        { memberIndex: 1, text: 'right too', policyVersion: 7 },
      ],
    });
    expect(result?.completions).toMatchObject([
      { drift: 2, outcome: { kind: 'scored' } },
      { drift: 3, outcome: { kind: 'unscorable', unscorable: { cause: 'drift_exceeded' } }, advantage: 0 },
    ]);
    expect(result?.flags).toEqual(['insufficient_valid']);
    expect([...world.scorer.asked.keys()]).toEqual(['right']);
    const { drift, completions } = await world.environment.getAccounting(runId);
    expect(drift).toEqual([
      { drift: 2, completions: 1 },
      { drift: 3, completions: 1 },
    ]);
    expect(completions.unscorableByCause).toEqual([{ name: 'drift_exceeded', count: 1 }]);
  });

  it('Environment.submitCompletions() refuses more completions than the server may hold', async () => {
    const world = await RunWorld.start({ limits: { completionsInFlightMax: 3 } });
    const runId = await world.openRun();
    const [first, second] = await world.lease(runId, 2);
    if (first === undefined || second === undefined) throw new Error('No group');
    const call = { runId, wait: false };
    await world.environment.submitCompletions({
      ...call,
      groups: [completionsFor(first, ['right later 1', 'right later 2'])],
    });
    const more = completionsFor(second, ['right', 'wrong']);
    await expect(submit(world, runId, more)).rejects.toMatchObject({
      code: 'resource_exhausted',
      retryAfterMs: expect.any(Number),
    });
    world.scorer.decideAll();
    await submit(world, runId, completionsFor(first, ['right later 1', 'right later 2']));
    expect((await submit(world, runId, more))[0]?.state).toBe('completed');
  });

  it('Environment.submitCompletions() with wait false answers before the scores are there', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const [group] = await world.lease(runId);
    if (group === undefined) throw new Error('No group');
    const groups = [completionsFor(group, ['right', 'wrong later'])];
    const [early] = await world.environment.submitCompletions({ runId, groups, wait: false });
    expect(early).toMatchObject({ state: 'scoring', completions: [{ memberIndex: 0 }] });
    await world.restart();
    expect(world.scorer.asked).toEqual(new Map([['wrong later', 1]]));
    world.scorer.decideAll();
    const [late] = await world.environment.submitCompletions({ runId, groups, wait: true });
    expect(late?.state).toBe('completed');
    expect(world.scorer.asked).toEqual(new Map([['wrong later', 1]]));
  });

  it('Environment.submitCompletions() gives up waiting with its caller, and scores all the same', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const [group] = await world.lease(runId);
    if (group === undefined) throw new Error('No group');
    const caller = new AbortController();
    const groups = [completionsFor(group, ['right later', 'wrong later'])];
    const waiting = world.environment.submitCompletions({ runId, groups, wait: true }, caller.signal);
    caller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    world.scorer.decideAll();
    const [result] = await submit(world, runId, ...groups);
    expect(result?.state).toBe('completed');
  });

  it('Environment.submitCompletions() makes no number of a scorer that faults or throws', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun({ groupSize: 4 });
    const [group] = await world.lease(runId);
    if (group === undefined) throw new Error('No group');
    const [result] = await submit(world, runId, completionsFor(group, ['right', 'fault', 'crash', 'wrong']));
    expect(result?.completions.map(({ outcome }) => outcome.kind)).toEqual([
      'scored',
      'unscorable',
      'unscorable',
      'scored',
    ]);
    expect(result?.completions.map(({ advantage }) => Math.sign(advantage ?? 9))).toEqual([1, 0, 0, -1]);
    expect((await world.environment.getAccounting(runId)).meanReward).toBe(0.5);
  });

  it('Environment.submitCompletions() books what a crash left unscored of a released lease as unscorable', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const [group] = await world.lease(runId);
    if (group === undefined) throw new Error('No group');
    const groups = [completionsFor(group, ['right later'])];
    await world.environment.submitCompletions({ runId, groups, wait: false });
    await world.environment.releaseGroups({ runId, leaseIds: [group.leaseId] });
    await world.restart();
    const { completions } = await world.environment.getAccounting(runId);
    expect(completions).toMatchObject({ submitted: 1, scored: 0, unscorable: 1, inFlight: 0 });
  });
});

describe('Environment under refill and batch estimators', () => {
  const refill = { sampling: { ...RUN.sampling, refill: true } };
  const joint = { estimator: { name: 'grpo:trl-batch' } };

  it('Environment owes a batch one group for each zero-variance one, until it is topped up', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun(refill);
    const groups = await world.lease(runId, 2);
    const [dull, varied] = await submit(
      world,
      runId,
      ...groups.map((group, index) => completionsFor(group, ['right', index === 0 ? 'right too' : 'wrong'])),
    );
    expect(dull).toMatchObject({ flags: ['zero_variance'], batchOwed: 1 });
    expect(varied).toMatchObject({ flags: [], batchOwed: 1 });
    await world.restart();
    const topUp = { runId, groups: 1, batchId: groups[0]?.batchId, policyVersion: undefined };
    const [added] = (await world.environment.leaseGroups(topUp)).groups;
    expect(added).toMatchObject({ groupId: 'g-2', batchId: groups[0]?.batchId });
    if (added === undefined) throw new Error('No group');
    const [result] = await submit(world, runId, completionsFor(added, ['right', 'wrong']));
    expect(result?.batchOwed).toBe(0);
    const { zeroVarianceGroups, zeroVarianceShare } = await world.environment.getAccounting(runId);
    expect([zeroVarianceGroups, zeroVarianceShare]).toEqual([1, 1 / 3]);
  });

  it('Environment computes a batch when its last lease has ended, across a restart', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun(joint);
    const [first, second, third] = await world.lease(runId, 3);
    if (first === undefined || second === undefined || third === undefined) throw new Error('No group');
    const [waiting] = await submit(world, runId, completionsFor(first, ['right', 'wrong']));
    expect(waiting?.state).toBe('awaiting_batch');
    expect(waiting?.completions.map(({ advantage }) => advantage)).toEqual([undefined, undefined]);
    await world.restart();
    await submit(world, runId, completionsFor(second, ['right', 'right too']));
    const get = (groupId: GroupId) => world.environment.getGroup({ runId, groupId });
    expect((await get(first.groupId)).state).toBe('awaiting_batch');
    world.clock.pass(10_000);
    // Together: rewards 1, 0, 1, 1; alone the first would have had 0.707.
    const done = await get(first.groupId);
    expect(done).toMatchObject({ state: 'completed' });
    expect(done.completions[0]?.advantage).toBeCloseTo(0.5 / 0.5001, 6);
    expect((await get(second.groupId)).flags).toEqual(['zero_variance']);
    const { leases } = await world.environment.getAccounting(runId);
    expect(leases).toMatchObject({ completed: 2, expired: 1, open: 0 });
  });
});

describe('Environment under refill and a batch estimator at once', () => {
  it('Environment owes a waiting batch once for a zero-variance group, also after a restart', async () => {
    const world = await RunWorld.start();
    const sampling = { ...RUN.sampling, refill: true };
    const runId = await world.openRun({ sampling, estimator: { name: 'grpo:trl-batch' } });
    const [dull, other] = await world.lease(runId, 2);
    if (dull === undefined || other === undefined) throw new Error('No group');
    const whole = completionsFor(dull, ['right', 'right too']);
    expect((await submit(world, runId, whole))[0]).toMatchObject({ state: 'awaiting_batch', batchOwed: 1 });
    await world.restart();
    expect((await submit(world, runId, whole))[0]).toMatchObject({ state: 'awaiting_batch', batchOwed: 1 });
    const [last] = await submit(world, runId, completionsFor(other, ['right', 'wrong']));
    expect(last).toMatchObject({ state: 'completed', batchOwed: 1 });
  });
});

describe('Environment.watchRun()', () => {
  it('Environment.watchRun() ends when the run is closed and what was handed in is told, then and after a restart', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const [group] = await world.lease(runId, 2);
    if (group === undefined) throw new Error('No group');
    const groups = [completionsFor(group, ['right later', 'wrong later'])];
    await world.environment.submitCompletions({ runId, groups, wait: false });
    const watch = async (afterSequence: number | undefined): Promise<string[]> => {
      const told: string[] = [];
      const { signal } = new AbortController();
      for await (const { kind } of world.environment.watchRun({ runId, afterSequence }, signal))
        told.push(kind);
      return told;
    };
    const watching = watch(0);
    await world.environment.closeRun(runId);
    world.scorer.decideAll();
    const told = ['group-leased', 'group-leased', 'group-released', 'run-closed', 'group-scored'];
    expect(await watching).toEqual(told);
    expect(await watch(3)).toEqual(told.slice(3));
    expect(await watch(undefined)).toEqual([]);
    await world.restart();
    expect(await watch(2)).toEqual(['events-lost']);
    expect(await watch(undefined)).toEqual([]);
  });
});

describe('Environment.closeRun()', () => {
  it('Environment.closeRun() releases what is open, refuses more and still answers repeats', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const [done, open] = await world.lease(runId, 2);
    if (done === undefined || open === undefined) throw new Error('No group');
    const whole = completionsFor(done, ['right', 'wrong']);
    const [result] = await submit(world, runId, whole);
    expect(await world.environment.closeRun(runId)).toMatchObject({ state: 'closed', groupsCompleted: 1 });
    await world.restart();
    await expect(world.lease(runId)).rejects.toMatchObject({ code: 'failed_precondition' });
    const late = completionsFor(open, ['right']);
    await expect(submit(world, runId, late)).rejects.toMatchObject({ code: 'failed_precondition' });
    expect(JSON.stringify(await submit(world, runId, whole))).toBe(JSON.stringify([result]));
    const { leases } = await world.environment.getAccounting(runId);
    expect(leases).toMatchObject({ completed: 1, released: 1, open: 0 });
  });
});

describe('Environment.reportTrainingStep()', () => {
  it('Environment.reportTrainingStep() keeps one step for each number, the last one said', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    for (const [number, loss] of [
      [2, 0.5],
      [1, 0.9],
      [2, 0.4],
    ] as const) {
      const trainingStep = { number, metrics: { loss }, policyVersion: undefined };
      await world.environment.reportTrainingStep({ runId, trainingStep });
    }
    await world.restart();
    const list = (afterNumber: number | undefined) =>
      world.environment.listTrainingSteps({ runId, afterNumber, limit: 10 });
    expect((await list(undefined)).map(({ metrics }) => metrics['loss'])).toEqual([0.9, 0.4]);
    expect((await list(1)).map(({ number }) => number)).toEqual([2]);
  });
});

describe('Environment and its store', () => {
  it('Environment tells nothing that is not on disk, and writes it when the disk is back', async () => {
    const disk = { isFull: false };
    const wrapStore = (store: RunStore): RunStore =>
      new Proxy(store, {
        get(target, key) {
          if (key === 'commit' && disk.isFull) return () => Promise.reject(new Error('disk full'));
          const value: unknown = Reflect.get(target, key);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    const world = await RunWorld.start({ wrapStore });
    const runId = await world.openRun();
    const [group] = await world.lease(runId);
    if (group === undefined) throw new Error('No group');
    disk.isFull = true;
    const whole = completionsFor(group, ['right', 'wrong']);
    await expect(submit(world, runId, whole)).rejects.toMatchObject({ code: 'unavailable' });
    disk.isFull = false;
    const repeat = submit(world, runId, whole);
    await new Promise((resolve) => setImmediate(resolve));
    world.clock.pass(1_000);
    expect((await repeat)[0]?.state).toBe('completed');
    await world.restart();
    const { completions, leases } = await world.environment.getAccounting(runId);
    expect(completions).toMatchObject({ submitted: 2, scored: 2, repeats: 2 });
    expect(leases).toMatchObject({ leased: 1, completed: 1 });
  });

  it('Environment lets leases expire that ran out while no server was there, without being asked', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    await world.lease(runId, 2);
    world.clock.pass(9_999);
    await world.restart();
    expect((await world.environment.getAccounting(runId)).leases.open).toBe(2);
    world.clock.pass(1);
    expect((await world.environment.getAccounting(runId)).leases.expired).toBe(2);
    expect((await world.lease(runId, 3)).map(({ groupId, attempt }) => [groupId, attempt])).toEqual([
      ['g-0', 2],
      ['g-1', 2],
      ['g-2', 1],
    ]);
  });

  it('Environment tells watchers of a lease that expires, though nobody calls', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const [group] = await world.lease(runId);
    const signal = new AbortController();
    const watching = world.environment.watchRun({ runId, afterSequence: 1 }, signal.signal);
    const next = watching[Symbol.asyncIterator]().next();
    world.clock.pass(10_000);
    expect((await next).value).toMatchObject({
      kind: 'lease-expired',
      sequence: 2,
      ended: { groupId: 'g-0', leaseId: group?.leaseId, attempt: 1 },
    });
    signal.abort();
  });

  it('Environment goes on with a curriculum where it was', async () => {
    const world = await RunWorld.start({ pairs: 4 });
    const sampling = { ...RUN.sampling, kind: 'curriculum' as const };
    const runId = await world.openRun({ sampling, epochs: 3 });
    const [first] = await world.lease(runId);
    if (first === undefined) throw new Error('No group');
    await submit(world, runId, completionsFor(first, ['right', 'wrong']));
    await world.lease(runId, 2);
    await world.restart();
    const seen = new Set((await world.lease(runId, 2)).map(({ groupId }) => groupId));
    expect(seen).toEqual(new Set(['g-3', 'g-4']));
    expect((await world.environment.getAccounting(runId)).groups.issued).toBe(5);
  });

  it('Environment writes nothing after it was stopped, whatever a dying scorer says', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const [group] = await world.lease(runId);
    if (group === undefined) throw new Error('No group');
    const groups = [completionsFor(group, ['right later', 'wrong later'])];
    await world.environment.submitCompletions({ runId, groups, wait: false });
    await world.environment.stop();
    world.scorer.decideAll();
    await expect(world.environment.getRun(runId)).rejects.toMatchObject({ code: 'unavailable' });
    await world.restart();
    expect([...world.scorer.asked.keys()]).toEqual(['right later', 'wrong later']);
  });

  it('Environment puts runs away that nobody needs, and goes on with them when they are asked for', async () => {
    const world = await RunWorld.start();
    const first = await world.openRun();
    const [group] = await world.lease(first);
    if (group === undefined) throw new Error('No group');
    const whole = completionsFor(group, ['right', 'wrong']);
    const [result] = await submit(world, first, whole);
    for (let i = 0; i < 300; i++) await world.openRun();
    await new Promise((resolve) => setImmediate(resolve));
    const [again] = await submit(world, first, whole);
    expect(JSON.stringify(again)).toBe(JSON.stringify(result));
    expect((await world.environment.getAccounting(first)).completions.repeats).toBe(2);
    expect((await world.lease(first))[0]?.groupId).toBe('g-1');
    expect(await world.environment.listRuns()).toHaveLength(301);
  });

  it('Environment answers not_found for runs and groups that are not there', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const environment = world.environment;
    await expect(environment.getRun('no-run' as RunId)).rejects.toMatchObject({ code: 'not_found' });
    for (const groupId of ['g-10', 'g-01', 'x', 'g--1'] as GroupId[]) {
      await expect(environment.getGroup({ runId, groupId })).rejects.toMatchObject({ code: 'not_found' });
    }
    const unleased = await environment.getGroup({ runId, groupId: 'g-9' as GroupId });
    expect(unleased).toMatchObject({ state: 'pending', leaseId: '', missing: [0, 1] });
  });

  it('Environment never lets a ground truth out, in replies, errors, events or logs', async () => {
    const world = await RunWorld.start();
    const runId = await world.openRun();
    const told: unknown[] = [await world.environment.listDatasets(), await world.environment.listRuns()];
    const groups = await world.lease(runId, 3);
    const [first] = groups;
    if (first === undefined) throw new Error('No group');
    told.push(groups, await submit(world, runId, completionsFor(first, ['right', 'crash'])));
    for (const texts of [['other'], ['right', 'right', 'right']]) {
      await submit(world, runId, completionsFor(first, texts)).catch((error: Error) =>
        told.push(error.message),
      );
    }
    const events = new AbortController();
    for await (const event of world.environment.watchRun({ runId, afterSequence: 0 }, events.signal)) {
      told.push(event);
      if (event.kind === 'group-scored') events.abort();
    }
    told.push(await world.environment.getAccounting(runId), world.logged.map(String));
    expect(told.length).toBeGreaterThan(8);
    expect(JSON.stringify(told)).not.toContain(SECRET);
    expect(DATASET).not.toContain(SECRET);
  });
});
