import { afterEach, describe, expect, it } from 'vitest';
import type {
  GroupCompletions,
  LeasedGroup,
  RolloutRequest,
  RolloutResponse,
} from '../../../../src/core/calls.ts';
import type { LeaseId, RunId } from '../../../../src/core/ids.ts';
import { Outbox } from '../../../support/outbox.ts';
import { completionsFor, RUN, RunWorld, type WorldOptions } from '../../../support/run-world.ts';

/** A client of one stream: what it was sent, and what it sends. */
class StreamClient {
  readonly world: RunWorld;
  readonly runId: RunId;
  readonly frames: RolloutResponse[] = [];
  readonly out = new Outbox<RolloutRequest>();
  readonly connection = new AbortController();
  /** Resolves when the server ends the stream. */
  readonly ended: Promise<unknown>;
  isReading = true;
  #resume: (() => void) | undefined;

  constructor(world: RunWorld, runId: RunId, open: { window: number; batchGroups?: number }) {
    this.world = world;
    this.runId = runId;
    this.out.send({ kind: 'open', runId, policyVersion: undefined, batchGroups: 1, ...open });
    this.ended = this.#read();
  }

  get groups(): LeasedGroup[] {
    return this.frames.flatMap((frame) => (frame.kind === 'group' ? [frame.group] : []));
  }

  get results() {
    return this.frames.flatMap((frame) => (frame.kind === 'result' ? [frame.result] : []));
  }

  get idles() {
    return this.frames.flatMap((frame) => (frame.kind === 'idle' ? [frame.reason] : []));
  }

  submit(...groups: GroupCompletions[]): void {
    this.out.send({ kind: 'submit', groups });
  }

  /** Hands in a varied whole for each of these groups. */
  answer(...groups: (LeasedGroup | undefined)[]): void {
    for (const group of groups)
      if (group !== undefined) this.submit(completionsFor(group, ['right', 'wrong']));
  }

  read(): void {
    this.isReading = true;
    this.#resume?.();
  }

  async #read(): Promise<void> {
    for await (const frame of this.world.environment.rollout(this.out, this.connection.signal)) {
      this.frames.push(frame);
      if (this.isReading) continue;
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
  }
}

const clients: StreamClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) {
    client.out.end();
    client.connection.abort();
  }
});

async function start(
  open: { window: number; batchGroups?: number },
  run: Parameters<RunWorld['openRun']>[0] = {},
  options: WorldOptions = {},
): Promise<StreamClient> {
  const world = await RunWorld.start(options);
  const client = join(world, await world.openRun(run), open);
  await quiet();
  return client;
}

function join(world: RunWorld, runId: RunId, open: { window: number; batchGroups?: number }): StreamClient {
  const client = new StreamClient(world, runId, open);
  clients.push(client);
  return client;
}

/** Lets everything that was set off happen. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 12; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('Environment.rollout()', () => {
  it('Environment.rollout() fills the window, and again as groups are handed in', async () => {
    const client = await start({ window: 3 });
    expect(client.groups.map(({ groupId }) => groupId)).toEqual(['g-0', 'g-1', 'g-2']);
    client.answer(client.groups[1]);
    await quiet();
    expect(client.results).toMatchObject([{ groupId: 'g-1', state: 'completed' }]);
    expect(client.groups.map(({ groupId }) => groupId)).toEqual(['g-0', 'g-1', 'g-2', 'g-3']);
  });

  it('Environment.rollout() counts a group to the window until all its members are in', async () => {
    const client = await start({ window: 1 });
    const [group] = client.groups;
    if (group === undefined) throw new Error('No group');
    client.submit(completionsFor(group, ['right']));
    await quiet();
    expect(client.frames).toHaveLength(1);
    client.submit(completionsFor(group, [undefined, 'wrong later']));
    await quiet();
    expect(client.groups).toHaveLength(2);
    expect(client.results).toHaveLength(0);
    client.world.scorer.decideAll();
    await quiet();
    expect(client.results).toMatchObject([{ groupId: 'g-0', state: 'completed', missing: [] }]);
  });

  it('Environment.rollout() ends when the run is over and the last result is sent', async () => {
    const client = await start({ window: 2 }, {}, { pairs: 2 });
    expect(client.idles).toEqual([]);
    client.answer(client.groups[0]);
    await quiet();
    expect(client.idles).toEqual(['all_leased']);
    client.answer(client.groups[1]);
    await client.ended;
    expect(client.idles).toEqual(['all_leased', 'exhausted']);
    expect(client.results).toHaveLength(2);
    expect((await client.world.environment.getRun(client.runId)).state).toBe('exhausted');
  });

  it('Environment.rollout() hands on groups of others that come back', async () => {
    const world = await RunWorld.start({ pairs: 2 });
    const runId = await world.openRun();
    const [gone] = await world.lease(runId, 2);
    const client = join(world, runId, { window: 2 });
    await quiet();
    expect(client.idles).toEqual(['all_leased']);
    await world.environment.releaseGroups({ runId, leaseIds: [gone?.leaseId ?? ('' as LeaseId)] });
    await quiet();
    expect(client.groups).toMatchObject([{ groupId: 'g-0', attempt: 1 }]);
    world.clock.pass(10_000);
    await quiet();
    expect(client.groups.map(({ groupId, attempt }) => [groupId, attempt])).toEqual([
      ['g-0', 1],
      ['g-0', 2],
      ['g-1', 2],
    ]);
  });

  it('Environment.rollout() tells of a refused frame and goes on', async () => {
    const client = await start({ window: 1 });
    const [group] = client.groups;
    if (group === undefined) throw new Error('No group');
    client.submit({ leaseId: 'l-0-guessed' as LeaseId, completions: [{ memberIndex: 0, text: 'right' }] });
    client.out.send({ kind: 'heartbeat', leaseIds: [group.leaseId] });
    client.answer(group);
    await quiet();
    expect(client.frames.slice(1)).toMatchObject([
      {
        kind: 'problem',
        problem: { code: 'not_found', field: 'groups[0].lease_id' },
        leaseIds: ['l-0-guessed'],
      },
      { kind: 'heartbeat', reply: { leases: [{ leaseId: group.leaseId }], lost: [] } },
      { kind: 'result' },
      { kind: 'group' },
    ]);
  });

  it('Environment.rollout() hands out no more after a half-close, and ends with the results', async () => {
    const client = await start({ window: 3 });
    const [first, second] = client.groups;
    if (first === undefined || second === undefined) throw new Error('No group');
    client.submit(completionsFor(first, ['right', 'wrong later']), completionsFor(second, ['right']));
    await quiet();
    expect(client.groups).toHaveLength(4);
    client.out.end();
    await quiet();
    expect(client.results).toHaveLength(0);
    await client.world.environment.releaseGroups({ runId: client.runId, leaseIds: [second.leaseId] });
    client.world.scorer.decideAll();
    await client.ended;
    expect(client.results.map(({ groupId }) => groupId)).toEqual(['g-0']);
    expect(client.groups).toHaveLength(4);
  });

  it('Environment.rollout() leaves the leases of a lost client, which may come back under them', async () => {
    const client = await start({ window: 2 });
    client.connection.abort();
    await client.ended;
    const { world, runId } = client;
    expect((await world.environment.getAccounting(runId)).leases.open).toBe(2);
    const again = join(world, runId, { window: 1 });
    again.answer(client.groups[0]);
    await quiet();
    expect(again.results).toMatchObject([{ groupId: 'g-0', state: 'completed' }]);
    expect(again.groups.map(({ groupId }) => groupId)).toEqual(['g-2']);
  });

  it('Environment.rollout() obeys a new window, and hears of new weights', async () => {
    const client = await start({ window: 1 });
    client.out.send({ kind: 'update', window: 3, policyVersion: 4 });
    await quiet();
    expect(client.groups).toHaveLength(3);
    client.out.send({ kind: 'update', window: 0, policyVersion: undefined });
    client.answer(...client.groups);
    await quiet();
    expect(client.groups).toHaveLength(3);
    expect((await client.world.environment.getRun(client.runId)).policyVersion).toBe(4);
  });

  it('Environment.rollout() stops to read and to lease while the client does not read', async () => {
    const client = await start({ window: 10 }, {}, { pairs: 40, limits: { streamFramesBufferedMax: 4 } });
    client.isReading = false;
    client.answer(...client.groups);
    await quiet();
    for (let i = 0; i < 5; i++) client.out.send({ kind: 'heartbeat', leaseIds: [] });
    await quiet();
    expect(client.out.unread).toBeGreaterThan(3);
    const { leases } = await client.world.environment.getAccounting(client.runId);
    expect(leases.completed).toBe(10);
    expect(leases.leased).toBeLessThan(15);
    client.read();
    await quiet();
    expect(client.out.unread).toBe(0);
    expect(client.results).toHaveLength(10);
    expect(client.groups).toHaveLength(20);
  });

  it('Environment.rollout() waits with a submit until the server can take it in', async () => {
    const client = await start({ window: 2 }, {}, { limits: { completionsInFlightMax: 2 } });
    const [first, second] = client.groups;
    if (first === undefined || second === undefined) throw new Error('No group');
    client.submit(completionsFor(first, ['right later', 'wrong later']));
    client.answer(second);
    await quiet();
    expect(client.frames.filter(({ kind }) => kind === 'problem')).toEqual([]);
    expect(client.results).toEqual([]);
    client.world.scorer.decideAll();
    await quiet();
    expect(client.results.map(({ groupId }) => groupId)).toEqual(['g-0', 'g-1']);
  });

  it('Environment.rollout() makes batches of the size asked for, and replaces zero-variance groups within theirs', async () => {
    const sampling = { ...RUN.sampling, refill: true };
    const client = await start({ window: 3, batchGroups: 2 }, { sampling });
    const batches = () => client.groups.map(({ batchId }) => batchId);
    expect(new Set(batches()).size).toBe(2);
    const [dull] = client.groups;
    if (dull === undefined) throw new Error('No group');
    client.submit(completionsFor(dull, ['right', 'right too']));
    await quiet();
    // One group because the window has room, one that the first batch is owed: that one as soon as there is room.
    client.answer(client.groups[1], client.groups[2]);
    await quiet();
    const counts = Map.groupBy(batches(), (batchId) => batchId);
    expect(counts.get(dull.batchId)).toHaveLength(3);
    expect(client.results[0]).toMatchObject({ flags: ['zero_variance'], batchOwed: 1 });
  });

  it('Environment.rollout() completes a batch together once all of it was leased and handed in', async () => {
    const client = await start({ window: 1, batchGroups: 2 }, { estimator: { name: 'grpo:trl-batch' } });
    client.answer(client.groups[0]);
    await quiet();
    expect(client.results).toEqual([]);
    const second = client.groups[1];
    if (second === undefined) throw new Error('No group');
    client.submit(completionsFor(second, ['right', 'right too']));
    await quiet();
    expect(client.results.map(({ groupId }) => groupId)).toEqual(['g-0', 'g-1']);
    expect(client.results[0]?.completions[0]?.advantage).toBeCloseTo(0.5 / 0.5001, 6);
  });

  it('Environment.rollout() computes no batch while it is to lease more groups into it', async () => {
    const client = await start({ window: 1, batchGroups: 2 }, { estimator: { name: 'grpo:trl-batch' } });
    client.out.send({ kind: 'update', window: 0, policyVersion: undefined });
    client.answer(client.groups[0]);
    await quiet();
    expect([client.groups.length, client.results.length]).toEqual([1, 0]);
    client.out.send({ kind: 'update', window: 1, policyVersion: undefined });
    await quiet();
    expect(client.groups[1]?.batchId).toBe(client.groups[0]?.batchId);
    client.answer(client.groups[1]);
    await quiet();
    expect(client.results.map(({ groupId }) => groupId)).toEqual(['g-0', 'g-1']);
  });

  it('Environment.rollout() computes a batch that a half-close left unfilled', async () => {
    const client = await start({ window: 1, batchGroups: 3 }, { estimator: { name: 'grpo:trl-batch' } });
    client.answer(client.groups[0]);
    await quiet();
    client.out.end();
    await quiet();
    await client.world.environment.releaseGroups({
      runId: client.runId,
      leaseIds: client.groups.map(({ leaseId }) => leaseId),
    });
    await client.ended;
    expect(client.results).toMatchObject([{ groupId: 'g-0', state: 'completed' }]);
  });

  it('Environment.rollout() refuses a stream that does not begin with open, and one of an unknown run', async () => {
    const world = await RunWorld.start();
    const out = new Outbox<RolloutRequest>();
    out.send({ kind: 'heartbeat', leaseIds: [] });
    const wrong = world.environment.rollout(out, new AbortController().signal);
    await expect(wrong.next()).rejects.toMatchObject({ code: 'invalid_argument', field: 'open' });
    const unknown = join(world, 'no-run' as RunId, { window: 1 });
    await expect(unknown.ended).rejects.toMatchObject({ code: 'not_found' });
  });

  it('Environment.rollout() ends a stream of a run that is closed, after its results', async () => {
    const client = await start({ window: 2 });
    client.submit(
      ...client.groups.slice(0, 1).map((group) => completionsFor(group, ['right', 'wrong later'])),
    );
    await quiet();
    await client.world.environment.closeRun(client.runId);
    await quiet();
    client.world.scorer.decideAll();
    await client.ended;
    expect(client.results).toMatchObject([{ groupId: 'g-0', state: 'completed' }]);
    expect(client.idles).toEqual(['exhausted']);
  });
});
