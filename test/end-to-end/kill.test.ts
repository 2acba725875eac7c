// A real server on a real disk, killed without warning while clients lease, submit and stream, and started again: nothing
// that a client was told may be lost or change, no group may be lost or completed twice, and the walk goes on where it was.

import { mkdtempSync, rmSync } from 'node:fs';
import { deepStrictEqual as deepEqual, strictEqual as equal } from 'node:assert';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqliteDatasetStore } from '../../src/adapters/sqlite-dataset-store.ts';
import { EnvClient } from '../../src/client/env-client.ts';
import type { GroupResult, LeasedGroup, RolloutRequest } from '../../src/core/calls.ts';
import { EnvError } from '../../src/core/errors.ts';
import type { GroupId, PairId, RunId } from '../../src/core/ids.ts';
import type { QaPair } from '../../src/core/qa-pair.ts';
import { createRandom } from '../../src/core/random.ts';
import { shuffledWalk } from '../../src/core/walk.ts';
import { Outbox } from '../support/outbox.ts';
import { pairWith } from '../support/pairs.ts';
import { ServerProcess } from '../support/server-process.ts';

/** Fifty make a thorough run; each is about a second. */
const ROUNDS = Number(process.env['GROUPWISE_KILL_ROUNDS'] ?? 3);
const KILL_SEED = Number(process.env['GROUPWISE_KILL_SEED'] ?? Date.now() % 1_000_000);
const GROUPS = 300 + ROUNDS * 250;
const GROUP_SIZE = 4;
const UNARY_WORKERS = 4;
const READ_AT_ONCE = 32;
const RUN = 'killed' as RunId;

/** What clients were told, over all lives of the server. */
class Told {
  readonly leases = new Map<string, LeasedGroup>();
  readonly results = new Map<GroupId, GroupResult>();
  answers = 0;
  /** Called at each answer. */
  onAnswer = (): void => {};

  lease(group: LeasedGroup): void {
    this.leases.set(group.leaseId, group);
  }

  result(result: GroupResult): void {
    if (result.state === 'completed') {
      const before = this.results.get(result.groupId);
      if (before !== undefined) deepEqual(result, before);
      this.results.set(result.groupId, result);
    }
    this.answers += 1;
    this.onAnswer();
  }
}

let dataDir = '';
let pairIds: readonly PairId[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'groupwise-kill-'));
  const pairs = Array.from({ length: GROUPS }, (_, index) => pairAt(index));
  pairIds = pairs.map((pair) => pair.pairId);
  const store = new SqliteDatasetStore({ dataDir, now: () => 0 });
  const provenance = { source: 'test', license: 'none', generator: 'test' };
  const dataset = { name: 'killed', description: '', reward: undefined, provenance };
  const writer = await store.create(dataset, { replace: false });
  await writer.add(pairs);
  await writer.commit();
  store.close();
});

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('groupwise serve', () => {
  it(
    `groupwise serve forgets nothing it told, killed ${ROUNDS} times under load (seed ${KILL_SEED})`,
    async () => {
      const told = new Told();
      const random = createRandom(KILL_SEED);
      for (let round = 0; round < ROUNDS; round++) {
        const server = await ServerProcess.start(dataDir);
        const client = new EnvClient({ address: server.grpc });
        await client.openRun(runSettings());
        if (round > 0) await checkNothingIsLost(client, told, random.below(1_000));
        await loadUntilKilled(client, server, told, 10 + random.below(120));
        client.close();
      }
      const server = await ServerProcess.start(dataDir);
      const client = new EnvClient({ address: server.grpc });
      try {
        await checkNothingIsLost(client, told, 0);
        await finish(client, told);
        await checkNothingIsLost(client, told, 1);
        checkOrder(told);
        const { leases, groups, completions, meanReward } = await client.getAccounting(RUN);
        const ended = { issued: GROUPS, completed: GROUPS, quarantined: 0, inProgress: 0 };
        expect(groups).toEqual({ total: GROUPS, ...ended });
        expect(leases).toMatchObject({ completed: GROUPS, quarantined: 0, open: 0 });
        expect(leases.completed + leases.expired + leases.released).toBe(leases.leased);
        expect(leases.leased).toBeGreaterThanOrEqual(told.leases.size);
        expect(completions).toMatchObject({ inFlight: 0, unscorable: 0, scored: completions.submitted });
        expect(meanReward).toBe(0.5);
      } finally {
        client.close();
        await server.kill();
      }
    },
    60_000 + ROUNDS * 10_000,
  );
});

/** One pair in ten is verified in a worker, so that completions are being scored when the server dies. */
function pairAt(index: number): QaPair {
  return index % 10 === 0
    ? pairWith({
        question: `Question ${index}`,
        answerType: 'math',
        groundTruth: { answer: '\\sqrt{2}+1', aliases: [] },
      })
    : pairWith({ question: `Question ${index}`, groundTruth: { answer: '1', aliases: [] } });
}

function textOf(group: LeasedGroup, memberIndex: number): string {
  const answer = Number(group.prompt[0]?.content.split(' ')[1]) % 10 === 0 ? '\\frac{1}{\\sqrt{2}-1}' : '1';
  return `Said for ${group.groupId}: \\boxed{${memberIndex % 2 === 0 ? answer : '7'}}`;
}

function runSettings(): Parameters<EnvClient['openRun']>[0] {
  return {
    runId: RUN,
    dataset: 'killed',
    groupSize: GROUP_SIZE,
    seed: 11,
    leaseTtlMs: 3_000,
    maxAttempts: 1_000,
  };
}

function completionsOf(group: LeasedGroup, members = [0, 1, 2, 3]): { memberIndex: number; text: string }[] {
  return members.map((memberIndex) => ({ memberIndex, text: textOf(group, memberIndex) }));
}

/** Clients of three kinds work until the server has given `answers` answers; then it is killed in the middle of the rest. */
async function loadUntilKilled(
  client: EnvClient,
  server: ServerProcess,
  told: Told,
  answers: number,
): Promise<void> {
  const dead = new AbortController();
  const until = told.answers + answers;
  const killed = Promise.withResolvers<void>();
  told.onAnswer = () => {
    if (told.answers !== until) return;
    killed.resolve(server.kill().finally(() => dead.abort()));
  };
  const workers = Array.from({ length: UNARY_WORKERS }, (_, index) =>
    index % 2 === 0 ? submitWhole(client, told, dead.signal) : submitByMember(client, told, dead.signal),
  );
  const all = [...workers, stream(client, told, dead.signal)];
  await killed.promise;
  await Promise.all(all);
}

async function submitWhole(client: EnvClient, told: Told, signal: AbortSignal): Promise<void> {
  await untilDead(signal, async () => {
    const { groups } = await client.leaseGroups({ runId: RUN, groups: 3 }, { signal });
    for (const group of groups) told.lease(group);
    const submits = groups.map((group) => ({ leaseId: group.leaseId, completions: completionsOf(group) }));
    const results = await client.submitCompletions({ runId: RUN, groups: submits }, { signal });
    for (const result of results) told.result(result);
  });
}

async function submitByMember(client: EnvClient, told: Told, signal: AbortSignal): Promise<void> {
  await untilDead(signal, async () => {
    const { groups } = await client.leaseGroups({ runId: RUN, groups: 1 }, { signal });
    for (const group of groups) {
      told.lease(group);
      for (const wait of [false, true]) {
        const completions = completionsOf(group, wait ? [0, 3] : [1, 2]);
        const submit = { runId: RUN, groups: [{ leaseId: group.leaseId, completions }], wait };
        for (const result of await client.submitCompletions(submit, { signal })) told.result(result);
      }
    }
  });
}

/** Works until the server is gone. Only its going, and losing a group to another lease, are no faults. */
async function untilDead(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof EnvError)) throw error;
      if (error.code === 'already_exists') continue;
      if (error.code !== 'unavailable' && error.code !== 'cancelled') throw error;
      return;
    }
  }
}

/** A client on the stream; ends when the run is over or the server is gone. */
async function stream(client: EnvClient, told: Told, signal: AbortSignal, window = 8): Promise<void> {
  const requests = new Outbox<RolloutRequest>();
  requests.send({ kind: 'open', runId: RUN, window, policyVersion: undefined, batchGroups: 1 });
  try {
    for await (const frame of client.rollout(requests, { signal })) {
      if (frame.kind === 'group') {
        told.lease(frame.group);
        const { leaseId } = frame.group;
        requests.send({ kind: 'submit', groups: [{ leaseId, completions: completionsOf(frame.group) }] });
      } else if (frame.kind === 'result') {
        told.result(frame.result);
      } else if (frame.kind === 'problem') {
        equal(frame.problem.code, 'already_exists');
      }
    }
  } catch (error) {
    if (!(error instanceof EnvError) || !['unavailable', 'cancelled'].includes(error.code)) throw error;
  } finally {
    requests.end();
  }
}

/** Every acknowledged result is read back as it was told, and again when its completions are handed in again. */
async function checkNothingIsLost(client: EnvClient, told: Told, offset: number): Promise<void> {
  const unread = [...told.results.keys()];
  while (unread.length > 0) {
    const ids = unread.splice(0, READ_AT_ONCE);
    const groups = await Promise.all(ids.map((groupId) => client.getGroup({ runId: RUN, groupId })));
    for (const group of groups) deepEqual(group, told.results.get(group.groupId));
  }

  const some = [...told.results.values()].filter((_, index) => (index + offset) % 7 === 0);
  const repeats = some.flatMap(({ leaseId }) => {
    const group = told.leases.get(leaseId);
    return group === undefined ? [] : [{ leaseId, completions: completionsOf(group) }];
  });
  equal(repeats.length, some.length);
  const again = await client.submitCompletions({ runId: RUN, groups: repeats });
  deepEqual(again, some);
}

/** Works off what is left, leases that died with their clients included: the server ends the stream when all is done. */
async function finish(client: EnvClient, told: Told): Promise<void> {
  told.onAnswer = () => {};
  await stream(client, told, new AbortController().signal, 64);
}

/** The same walk, whoever was alive to lead it: each group has the pair that its place in the run says. */
function checkOrder(told: Told): void {
  const walk = shuffledWalk({ count: GROUPS, epochs: 1, seed: 11 });
  const expected = Array.from({ length: GROUPS }, (_, sequence) => {
    const draw = walk.next(sequence);
    return typeof draw === 'string' ? undefined : pairIds[draw.ordinal];
  });
  for (const { groupId, pairId } of told.leases.values()) {
    equal(pairId, expected[Number(groupId.slice('g-'.length))]);
  }
}
