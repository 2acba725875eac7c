// What only the gRPC door has: streams with flow control, reflection, deadlines, metadata, bytes that are no message.

import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EnvClient } from '../../src/client/env-client.ts';
import { GrpcServer } from '../../src/edges/grpc/server.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { loadContract } from '../../src/contract/service.ts';
import { rolloutInputOut } from '../../src/contract/streams.ts';
import type { RolloutInput, ScoreInput } from '../../src/contract/encode-calls.ts';
import type { LeaseId, RunId } from '../../src/core/ids.ts';
import { type Doors, openDoors, refusalOf } from '../support/doors.ts';
import { type FakeEnvironment, type FakeRewards, createFakeServices } from '../support/fake-service.ts';
import { type TestServer, startTestServer } from '../support/test-server.ts';

const RUN = 'r' as RunId;

let environment: FakeEnvironment;
let rewards: FakeRewards;
let server: TestServer;
let client: EnvClient;
let doors: Doors;

beforeEach(async () => {
  const services = createFakeServices();
  ({ environment, rewards } = services);
  server = await startTestServer(services);
  client = new EnvClient({ address: server.grpcAddress });
  doors = openDoors(server);
  await client.openRun({ dataset: 'tiny', runId: RUN });
});

afterEach(() => {
  client.close();
  doors.close();
  server.close();
});

const scoring = (text: string, answer = '18'): ScoreInput => ({
  groups: [
    {
      reference: { kind: 'inline', groundTruth: { answer, aliases: [] }, choices: [] },
      completions: [{ text }],
    },
  ],
});
const submit = (leaseId: string, text = 'a'): RolloutInput => ({
  kind: 'submit',
  groups: [{ leaseId: leaseId as LeaseId, completions: [{ text }] }],
});
const tick = () => new Promise(setImmediate);

async function* each<Value>(values: Iterable<Value>): AsyncGenerator<Value> {
  for (const value of values) yield value;
}

const opened = (frame: RolloutInput) => all(client.rollout(each([frame])));
const nothing = (): void => undefined;

/** What it rejects with. */
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const seen: Value[] = [];
  for await (const value of values) seen.push(value);
  return seen;
}

/** Requests that a test feeds one by one. */
function fed<Value>() {
  const waiting: Value[] = [];
  let wake = nothing;
  let isOver = false;
  return {
    push(...values: Value[]): void {
      waiting.push(...values);
      wake();
    },
    end(): void {
      isOver = true;
      wake();
    },
    async *requests(): AsyncGenerator<Value> {
      for (;;) {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield next;
        if (isOver) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

describe('ScoreStream', () => {
  it('answers every request once and in order, whatever takes its time', async () => {
    const texts = ['18', 'slow', 'no', 'slow', '18'];
    const answers = all(client.scoreStream(each(texts.map((text) => scoring(text)))));
    while (rewards.waiting < 2) await tick();
    rewards.answerLate();
    const got = (await answers).map((answer) =>
      answer.kind === 'scored' ? answer.reply.groups[0]?.completions[0]?.outcome : answer.problem,
    );
    expect(got.map((outcome) => outcome && 'reward' in outcome && outcome.reward)).toEqual([1, 0, 0, 0, 1]);
  });

  it('answers a request at fault by a problem, with the words of a unary call, and goes on', async () => {
    const [refused, scored] = await all(client.scoreStream(each([scoring('a', ''), scoring('18')])));
    expect(scored?.kind).toBe('scored');
    await expect(client.score(scoring('a', ''))).rejects.toMatchObject({
      code: 'invalid_argument',
      message: refused?.kind === 'problem' ? refused.problem.detail : '',
      field: 'groups[0].ground_truth',
    });
    expect(refused).toMatchObject({ kind: 'problem', problem: { field: 'groups[0].ground_truth' } });
  });

  it('answers a bug by a problem without its words', async () => {
    const input: ScoreInput = {
      groups: [
        {
          reference: { kind: 'row', dataset: 'throws-bug', pairId: 'p' as never },
          completions: [{ text: 'a' }],
        },
      ],
    };
    const [answer] = await all(client.scoreStream(each([input])));
    expect(answer).toMatchObject({ kind: 'problem', problem: { code: 'internal' } });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(server.bugsMet).toHaveLength(1);
  });

  it('stops reading when too many requests wait for their scores', async () => {
    const asked = 3 * LIMITS.streamFramesBufferedMax;
    const answers = all(client.scoreStream(each(Array.from({ length: asked }, () => scoring('slow')))));
    for (let left = asked; left > 0;) {
      // Not before the server has taken all that it will take.
      for (let quiet = 0, before = -1; quiet < 20; quiet = before === rewards.waiting ? quiet + 1 : 0) {
        before = rewards.waiting;
        await tick();
      }
      left -= rewards.waiting;
      rewards.answerLate();
    }
    expect(await answers).toHaveLength(asked);
    expect(rewards.mostWaiting).toBeGreaterThan(16);
    expect(rewards.mostWaiting).toBeLessThanOrEqual(LIMITS.streamFramesBufferedMax);
  });
});

describe('Rollout', () => {
  it('carries groups, results, heartbeats and idleness on one stream', async () => {
    const frames: RolloutInput[] = [
      { kind: 'open', runId: RUN, window: 2 },
      submit('l-0'),
      { kind: 'heartbeat', leaseIds: ['l-1' as LeaseId, 'gone' as LeaseId] },
      { kind: 'update', window: 0, policyVersion: 3 },
    ];
    const seen = await all(client.rollout(each(frames)));
    expect(seen.map(({ kind }) => kind)).toEqual(['group', 'group', 'result', 'heartbeat', 'idle']);
    expect(seen[3]).toMatchObject({ reply: { lost: ['gone'] } });
    expect(seen[4]).toEqual({ kind: 'idle', reason: 'all_leased', retryAfterMs: 5 });
  });

  it('answers a frame at fault by a problem that names its leases, and goes on', async () => {
    const bad: RolloutInput = { kind: 'submit', groups: [{ leaseId: 'l-7' as LeaseId, completions: [] }] };
    const seen = await all(
      client.rollout(each([{ kind: 'open', runId: RUN, window: 1 }, bad, submit('l-0')])),
    );
    expect(seen.map(({ kind }) => kind)).toEqual(['group', 'problem', 'result']);
    expect(seen[1]).toMatchObject({ leaseIds: ['l-7'], problem: { field: 'submit.groups[0].completions' } });
  });

  it('ends with the refusal when it is opened wrongly', async () => {
    await expect(opened({ kind: 'open', runId: RUN, window: 0 })).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'open.window',
    });
    await expect(opened({ kind: 'open', runId: 'none' as RunId, window: 1 })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(opened(submit('l-0'))).rejects.toMatchObject({ code: 'failed_precondition' });
  });

  it('does not read on while the client does not read', async () => {
    const frames = 600;
    const raw = new Client(server.grpcAddress, credentials.createInsecure());
    const { path, requestSerialize } = loadContract().method('Rollout');
    const call = raw.makeBidiStreamRequest(path, requestSerialize, (bytes: Buffer) => bytes, new Metadata());
    const wide = {
      kind: 'heartbeat',
      leaseIds: Array.from({ length: 1_000 }, (_, n) => `l-${n}` as LeaseId),
    } as const;
    call.on('error', () => undefined);
    call.write(rolloutInputOut({ kind: 'open', runId: RUN, window: 1 }));
    // grpc-js takes everything in until it was read from once.
    await once(call, 'data');
    call.pause();
    for (let sent = 0; sent < frames; sent += 1) call.write(rolloutInputOut(wide));
    for (
      let quiet = 0, before = -1;
      quiet < 200;
      quiet = before === environment.framesPulled ? quiet + 1 : 0
    ) {
      before = environment.framesPulled;
      await tick();
    }
    const pulledWithoutReading = environment.framesPulled;
    expect(pulledWithoutReading).toBeLessThan(frames / 2);
    let read = 0;
    call.on('data', () => (read += 1));
    call.resume();
    call.end();
    await new Promise((resolve) => call.on('end', resolve));
    expect(read).toBe(frames);
    raw.close();
  });

  it('ends when its client goes away', async () => {
    const frames = fed<RolloutInput>();
    frames.push({ kind: 'open', runId: RUN, window: 1 });
    for await (const response of client.rollout(frames.requests())) {
      expect(response.kind).toBe('group');
      break;
    }
    while (!server.callsEnded.some(({ call }) => call === 'Rollout')) await tick();
    // Node reports the reset of a stream as its end before it reports it as a reset.
    expect(['ok', 'cancelled']).toContain(server.callsEnded.at(-1)?.code);
    expect(server.bugsMet).toEqual([]);
  });
});

describe('deadlines and cancellation', () => {
  const waiting = { runId: RUN, groups: [{ leaseId: 'l-waits' as LeaseId, completions: [{ text: 'a' }] }] };

  it('a deadline that passes is deadline_exceeded on both sides', async () => {
    await expect(client.submitCompletions(waiting, { deadlineMs: 50 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    while (server.callsEnded.at(-1)?.call !== 'SubmitCompletions') await tick();
    expect(server.callsEnded.at(-1)).toMatchObject({ code: 'deadline_exceeded' });
  });

  it('a caller that gives up is cancelled on both sides', async () => {
    const controller = new AbortController();
    const call = client.submitCompletions(waiting, { signal: controller.signal });
    while (environment.submitsWaiting === 0) await tick();
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    while (server.callsEnded.at(-1)?.call !== 'SubmitCompletions') await tick();
    expect(server.callsEnded.at(-1)).toMatchObject({ code: 'cancelled' });
  });
});

describe('what JSON cannot say', () => {
  it.each([
    ['bytes that are no message', Buffer.from('ffffffffffff', 'hex')],
    ['a field that is cut off', Buffer.from([0x1a, 0x7f, 0x01])],
    ['nesting without end', Buffer.from(`0a${'0a'.repeat(3)}`, 'hex')],
  ])('%s are invalid_argument', async (_, bytes) => {
    expect(await doors.bytesViaGrpc('Score', bytes)).toMatchObject({ code: 'invalid_argument' });
  });

  it.each([NaN, Infinity, -Infinity])('%s is refused for a reward, a weight and a metric', async (value) => {
    expect(await doors.viaGrpc('ComputeAdvantages', { groups: [{ rewards: [value] }] })).toMatchObject({
      field: 'groups[0].rewards[0]',
    });
    const metrics = { loss: value };
    const step = { run_id: 'r', training_step: { number: 1, metrics } };
    expect(await doors.viaGrpc('ReportTrainingStep', step)).toMatchObject({
      field: 'training_step.metrics.loss',
    });
    const option = { dataset: 'tiny', reward: { scorers: [{ name: 'm', tolerance: value }] } };
    expect(await doors.viaGrpc('OpenRun', option)).toMatchObject({ field: 'reward.scorers[0].tolerance' });
  });

  it('an option that has the name of a field of the scorer is refused', async () => {
    const { requestSerialize } = loadContract().method('OpenRun');
    const options = { fields: { weight: { numberValue: 3 } } };
    const bytes = requestSerialize({
      dataset: 'tiny',
      reward: { recipe: { scorers: [{ name: 'm', options }] } },
    });
    expect(await doors.bytesViaGrpc('OpenRun', bytes)).toMatchObject({
      code: 'invalid_argument',
      field: 'reward.scorers[0].options.weight',
    });
  });

  it('an enum value that nobody knows is refused, and UNSPECIFIED is as if absent', async () => {
    const { requestSerialize } = loadContract().method('SubmitCompletions');
    const bytes = (finish_reason: number) =>
      requestSerialize({
        run_id: 'r',
        groups: [{ lease_id: 'l', completions: [{ text: 'a', finish_reason }] }],
      });
    expect(await doors.bytesViaGrpc('SubmitCompletions', bytes(9))).toMatchObject({
      field: 'groups[0].completions[0].finish_reason',
    });
    expect(await doors.bytesViaGrpc('SubmitCompletions', bytes(0))).toHaveProperty('reply');
  });
});

const answersReflection = (address: string, token?: string): Promise<unknown> => {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@grpc/reflection')), '../proto');
  const { ServerReflectionInfo: method } = loadSync('grpc/reflection/v1/reflection.proto', {
    includeDirs: [folder],
  })['grpc.reflection.v1.ServerReflection'] as unknown as Record<
    'ServerReflectionInfo',
    { path: string; requestSerialize: (m: object) => Buffer; responseDeserialize: (b: Buffer) => unknown }
  >;
  const raw = new Client(address, credentials.createInsecure());
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  const call = raw.makeBidiStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    metadata,
  );
  return new Promise((resolve, reject) => {
    call.on('data', resolve);
    call.on('error', (error: ServiceError) => reject(new Error(refusalOf(error).code)));
    call.write({ listServices: '' });
    call.end();
  }).finally(() => raw.close());
};

describe('reflection', () => {
  it('reflects its services', async () => {
    const answer = JSON.stringify(await answersReflection(server.grpcAddress));
    expect(answer).toContain('groupwise.v1.Environment');
    expect(answer).toContain('groupwise.v1.Rewards');
  });

  it('with a token, lets nobody in without it, reflection included', async () => {
    const guarded = await startTestServer(createFakeServices(), { token: 'open-sesame-1' });
    const stranger = new EnvClient({ address: guarded.grpcAddress, token: 'wrong' });
    const friend = new EnvClient({ address: guarded.grpcAddress, token: 'open-sesame-1' });
    await expect(stranger.listRuns()).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(all(stranger.rollout(each([])))).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(all(stranger.scoreStream(each([])))).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(all(stranger.watchRun({ runId: RUN }))).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(answersReflection(guarded.grpcAddress)).rejects.toThrow('unauthenticated');
    expect(await friend.listRuns()).toEqual([]);
    expect(JSON.stringify(await answersReflection(guarded.grpcAddress, 'open-sesame-1'))).toContain(
      'groupwise.v1',
    );
    stranger.close();
    friend.close();
    guarded.close();
  });
});

describe('GrpcServer.drain()', () => {
  it('lets a stream in flight finish, ends watchers, and refuses what is new', async () => {
    const frames = fed<RolloutInput>();
    frames.push({ kind: 'open', runId: RUN, window: 1 });
    const responses = client.rollout(frames.requests())[Symbol.asyncIterator]();
    expect((await responses.next()).value).toMatchObject({ kind: 'group' });
    const watching = all(client.watchRun({ runId: RUN }));
    const watched = failureOf(watching);
    while (server.callsEnded.filter(({ call }) => call === 'OpenRun').length === 0) await tick();
    await client.getRun(RUN);
    const drained = server.grpc.drain(30_000);
    expect(await watched).toMatchObject({ code: 'unavailable' });
    frames.push(submit('l-0'));
    expect((await responses.next()).value).toMatchObject({ kind: 'result' });
    const late = new EnvClient({ address: server.grpcAddress });
    await expect(late.leaseGroups({ runId: RUN }, { deadlineMs: 2_000 })).rejects.toMatchObject({
      code: 'unavailable',
    });
    late.close();
    frames.end();
    expect((await responses.next()).done).toBe(true);
    await drained;
  });

  it('answers unavailable what is not done in time, streams included', async () => {
    const frames = fed<RolloutInput>();
    frames.push({ kind: 'open', runId: RUN, window: 1 });
    const responses = client.rollout(frames.requests())[Symbol.asyncIterator]();
    await responses.next();
    const scored = failureOf(all(client.scoreStream(each([scoring('slow')]))));
    while (rewards.waiting === 0) await tick();
    const last = failureOf(responses.next());
    await server.grpc.drain(0);
    expect(await last).toMatchObject({ code: 'unavailable' });
    expect(await scored).toMatchObject({ code: 'unavailable' });
  });
});

async function* breaks(): AsyncGenerator<RolloutInput> {
  yield { kind: 'open', runId: RUN, window: 1 };
  await tick();
  throw new RangeError('Mine');
}

describe('EnvClient', () => {
  it('repeats an idempotent call that found nobody, and no other', async () => {
    server.grpc.close();
    const { port } = new URL(`http://${server.grpcAddress}`);
    await expect(client.leaseGroups({ runId: RUN })).rejects.toMatchObject({ code: 'unavailable' });
    const call = client.getRun(RUN, { deadlineMs: 20_000 });
    const observer = { callEnded: () => undefined, bugMet: () => undefined };
    const again = new GrpcServer({ services: { environment, rewards }, observer });
    await again.listen('127.0.0.1', Number(port));
    expect((await call).runId).toBe(RUN);
    again.close();
  });

  it('gives a caller its own fault when its requests break off', async () => {
    await expect(all(client.rollout(breaks()))).rejects.toThrow(new RangeError('Mine'));
  });
});
