// Hostile input at both doors of the real server: whatever is sent, the answer is a reply or one of the documented errors,
// never a bug, and the server and its memory stay as they were. FUZZ_N sets how many messages each door gets.

import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { Agent, request } from 'node:http';
import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restRequest } from '../../src/client/rest-client.ts';
import { CALL_NAMES, type CallName, rowOf } from '../../src/contract/calls.ts';
import type { ProtoMessage } from '../../src/contract/proto-values.ts';
import { loadContract } from '../../src/contract/service.ts';
import { STATUS } from '../../src/contract/status.ts';
import { ERROR_CODES } from '../../src/core/errors.ts';
import { Mutator } from '../support/mutator.ts';
import { REAL_DATASET, type RealServer, startRealServer } from '../support/real-server.ts';

const MESSAGES = Number(process.env['FUZZ_N'] ?? 400);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const CONCURRENCY = 16;
const RESIDENT_GROWTH_MAX = 400 * 1024 * 1024;

/** Codes that a hostile client may be given. `internal` is not among them: it would be a bug. */
const DOCUMENTED: ReadonlySet<string> = new Set(
  ERROR_CODES.filter((code) => code !== 'internal' && code !== 'data_loss'),
);

let server: RealServer;

beforeAll(async () => {
  server = await startRealServer();
  const opened = await fetch(`${server.restUrl}/v1/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dataset: REAL_DATASET, run_id: 'fuzzed' }),
  });
  if (!opened.ok) throw new Error(`Cannot open the run: ${await opened.text()}`);
});

afterAll(() => server.stop());

const RUN = { run_id: 'fuzzed' };
const VALID: Readonly<Record<CallName, ProtoMessage>> = {
  ListDatasets: {},
  GetDataset: { name: REAL_DATASET },
  OpenRun: {
    run_id: 'other',
    dataset: REAL_DATASET,
    group_size: 2,
    reward: {
      scorers: [{ name: 'math' }, { name: 'format', pattern: 'boxed', weight: 0.1, required: false }],
    },
    estimator: { name: 'grpo:trl', ddof: 1, epsilon: 1e-4 },
    sampling: { kind: 'curriculum', pools: [{ name: 'a', pass_rate_max: 1, weight: 1 }] },
    lease_ttl_ms: 5000,
  },
  ListRuns: {},
  GetRun: RUN,
  CloseRun: { run_id: 'other' },
  LeaseGroups: { ...RUN, groups: 1, policy_version: 1 },
  Heartbeat: { ...RUN, lease_ids: ['l-1', 'l-2'] },
  ReleaseGroups: { ...RUN, lease_ids: ['l-1'] },
  SubmitCompletions: {
    ...RUN,
    groups: [
      { lease_id: 'l-1', completions: [{ text: '\\boxed{1}', finish_reason: 'stop', token_count: 3 }] },
    ],
    wait: false,
  },
  GetGroup: { ...RUN, group_id: 'g-1' },
  GetAccounting: RUN,
  ReportTrainingStep: { ...RUN, training_step: { number: 1, metrics: { loss: 0.5 }, policy_version: 2 } },
  ListTrainingSteps: { ...RUN, after_number: 0, limit: 5 },
  Score: {
    reward: 'math',
    estimator: 'grpo:verl',
    groups: [
      {
        prompt: [{ role: 'user', content: 'What is 9 + 9?' }],
        ground_truth: '18',
        aliases: ['18.0'],
        choices: ['17', '18'],
        completions: [{ text: 'It is \\boxed{18}', member_index: 0 }, { text: '17' }],
      },
    ],
  },
  ComputeAdvantages: {
    estimator: { name: 'gdpo:verl', weights: { a: 1 } },
    groups: [{ rewards: [1, 0, null, 1], lengths: [1, 2, 3, 4], components: { a: [1, 0, 1, null] } }],
  },
};

const codeOf = (status: number) => ERROR_CODES.find((code) => STATUS[code].grpc === status);
const take = (message: Buffer): Buffer => message;

/** Runs `MESSAGES` attempts, some at a time; each has its own seed, which a failure names. */
async function fuzz(attempt: (mutator: Mutator) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < MESSAGES) {
      const seed = SEED * 1_000_003 + next;
      next += 1;
      try {
        await attempt(new Mutator(seed));
      } catch (error) {
        throw new Error(`Attempt with FUZZ_SEED ${seed}`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

async function stillServes(): Promise<void> {
  const score = await fetch(`${server.restUrl}/v1/score`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(VALID.Score),
  });
  expect(await score.json()).toMatchObject({ groups: [{ completions: [{ reward: 1 }, { reward: 0 }] }] });
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  expect(server.logLines.filter((line) => line.startsWith('error'))).toEqual([]);
}

async function inBoundedMemory(work: () => Promise<void>): Promise<void> {
  const before = process.memoryUsage.rss();
  await work();
  expect(process.memoryUsage.rss() - before).toBeLessThan(RESIDENT_GROWTH_MAX);
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | undefined;
}

function hostileRequest(mutator: Mutator): Sent {
  const name = mutator.pick(CALL_NAMES);
  const { rest } = rowOf(name);
  const broken = mutator.breakJson(VALID[name]);
  const wire = (typeof broken === 'object' && broken !== null ? broken : {}) as ProtoMessage;
  const sent = restRequest(rest, writable(rest, { ...VALID[name], ...wire }));
  const path = asPath(
    mutator.below(10) === 0 ? `${sent.path}${mutator.bytes(3).toString('latin1')}` : sent.path,
  );
  if (sent.body === undefined) return { method: sent.method, path, headers: {}, body: undefined };
  const headers = { 'content-type': mutator.below(20) === 0 ? 'text/html' : 'application/json' };
  const json = mutator.below(8) === 0 ? JSON.stringify(broken ?? null) : sent.body;
  // Numbers that JSON.stringify cannot write.
  const text =
    mutator.below(8) === 0
      ? json.replaceAll(/\d+/g, () => mutator.pick(['1e999', '-0', '1E+400', '007']))
      : json;
  const body = mutator.below(4) === 0 ? mutator.breakBytes(Buffer.from(text)) : Buffer.from(text);
  const method = mutator.below(30) === 0 ? mutator.pick(['PUT', 'DELETE', 'OPTIONS', 'PATCH']) : sent.method;
  return { method, path, headers, body };
}

describe('the REST door', () => {
  const agent = new Agent({ keepAlive: true });
  afterAll(() => agent.destroy());

  const send = ({
    method,
    path,
    headers,
    body,
  }: Sent): Promise<{ status: number; type: string; body: string }> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(server.restUrl);
      const sent = request({ hostname, port, method, path, headers, agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            body: String(Buffer.concat(chunks)),
          }),
        );
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });

  it(
    'answers every hostile request with a reply or a documented problem',
    { timeout: 3_600_000 },
    async () => {
      const seen = new Map<number, number>();
      await inBoundedMemory(() =>
        fuzz(async (mutator) => {
          const answer = await send(hostileRequest(mutator));
          seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
          if (answer.status === 200 || answer.status === 204) return;
          expect(answer).toMatchObject({ type: 'application/problem+json' });
          const problem = JSON.parse(answer.body) as { code: string; status: number; detail: string };
          expect(DOCUMENTED).toContain(problem.code);
          expect(problem.status).toBe(answer.status);
        }),
      );
      await stillServes();
      // The mutations reach past the parser, and do not only hit it.
      expect(seen.get(200)).toBeGreaterThan(0);
      expect(seen.get(400)).toBeGreaterThan(MESSAGES / 20);
      if (process.env['FUZZ_N'] !== undefined) process.stderr.write(`REST: ${JSON.stringify([...seen])}\n`);
    },
  );

  it('outlives sockets that send noise or stop half-way', { timeout: 3_600_000 }, async () => {
    const { port } = new URL(server.restUrl);
    let left = Math.ceil(MESSAGES / 20);
    const mutator = new Mutator(SEED);
    const valid = Buffer.from(
      'POST /v1/score HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 30\r\n\r\n{"groups":[]}',
    );
    while ((left -= 1) > 0) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      const answered: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => answered.push(chunk));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.end(mutator.breakBytes(valid));
      await closed;
      expect(String(Buffer.concat(answered))).toMatch(/^$|^HTTP\/1\.1 [245]\d\d /);
    }
    await stillServes();
  });
});

describe('the gRPC door', () => {
  const contract = loadContract();
  const bytesOf = (name: CallName, wire: ProtoMessage): Buffer => {
    const message = rowOf(name).requestToProto(structuredClone(wire));
    return contract.method(name).requestSerialize(message);
  };

  /** Broken bytes of a valid message, or a message whose fields are broken and that can still be encoded. */
  function hostileBytes(mutator: Mutator, name: CallName): Buffer {
    const valid = bytesOf(name, VALID[name]);
    if (mutator.below(2) === 0) return mutator.breakBytes(valid);
    try {
      return bytesOf(name, mutator.breakJson(VALID[name]) as ProtoMessage);
    } catch {
      // What the encoder does not take cannot be sent this way.
      return mutator.breakBytes(valid);
    }
  }

  it(
    'answers every hostile message with a reply or a documented status',
    { timeout: 3_600_000 },
    async () => {
      const client = new Client(server.running.grpc, credentials.createInsecure());
      const seen = new Map<number, number>();
      await inBoundedMemory(() =>
        fuzz(
          (mutator) =>
            new Promise((resolve, reject) => {
              const name = mutator.pick(CALL_NAMES);
              const { path } = contract.method(name);
              const bytes = hostileBytes(mutator, name);
              client.makeUnaryRequest(
                path,
                take,
                take,
                bytes,
                new Metadata(),
                { deadline: Date.now() + 60_000 },
                (error) => {
                  const status = error?.code ?? 0;
                  seen.set(status, (seen.get(status) ?? 0) + 1);
                  if (status === 0 || DOCUMENTED.has(codeOf(status) ?? 'internal')) resolve();
                  else
                    reject(
                      new Error(
                        `${name} answered ${status} ${error?.details} to ${bytes.toString('hex').slice(0, 2000)}`,
                      ),
                    );
                },
              );
            }),
        ),
      );
      client.close();
      await stillServes();
      expect(seen.get(0)).toBeGreaterThan(0);
      expect(seen.get(3)).toBeGreaterThan(MESSAGES / 20);
      if (process.env['FUZZ_N'] !== undefined) process.stderr.write(`gRPC: ${JSON.stringify([...seen])}\n`);
    },
  );

  it.each(['ScoreStream', 'Rollout'] as const)(
    '%s answers every hostile frame or ends with a documented status',
    { timeout: 3_600_000 },
    async (stream) => {
      const client = new Client(server.running.grpc, credentials.createInsecure());
      const { path, requestSerialize } = contract.method(stream);
      const frames = [
        { open: { ...RUN, window: 1 } },
        { submit: { groups: [{ lease_id: 'l-1', completions: [{ text: 'a' }] }] } },
        { heartbeat: { lease_ids: ['l-1'] } },
        { update: { window: 1 } },
      ].map((frame) => requestSerialize(frame));
      for (let sent = 0, round = 0; sent < MESSAGES; round += 1) {
        const mutator = new Mutator(SEED + round);
        const call = client.makeBidiStreamRequest(path, take, take, new Metadata(), {
          deadline: Date.now() + 60_000,
        });
        const ended = new Promise<number>((resolve) => call.on('status', ({ code }) => resolve(code)));
        call.on('error', () => undefined);
        call.on('data', () => undefined);
        if (stream === 'Rollout') call.write(mutator.pick(frames.slice(0, 1)));
        for (let left = 1 + mutator.below(40); left > 0; left -= 1, sent += 1) {
          call.write(
            stream === 'ScoreStream'
              ? hostileBytes(mutator, 'Score')
              : mutator.breakBytes(mutator.pick(frames)),
          );
        }
        call.end();
        const status = await ended;
        expect(status === 0 || DOCUMENTED.has(codeOf(status) ?? 'internal')).toBe(true);
      }
      client.close();
      await stillServes();
    },
  );

  it(
    'outlives frames that are cut off, too long, compressed by nobody, or none',
    { timeout: 3_600_000 },
    async () => {
      const session = connectHttp2(`http://${server.running.grpc}`);
      session.on('error', () => undefined);
      const valid = framed(bytesOf('Score', VALID.Score));
      const mutator = new Mutator(SEED);
      for (let left = Math.ceil(MESSAGES / 4); left > 0; left -= 1) {
        const status = await sendFrames(session, mutator.breakBytes(valid));
        // Here the transport library speaks, which calls broken framing internal or unimplemented.
        expect([0, 1, 3, 8, 12, 13]).toContain(status);
      }
      session.close();
      await stillServes();
    },
  );

  function sendFrames(session: ClientHttp2Session, bytes: Buffer): Promise<number> {
    return new Promise((resolve) => {
      const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH, HTTP2_HEADER_CONTENT_TYPE, HTTP2_HEADER_TE } =
        constants;
      const stream = session.request({
        [HTTP2_HEADER_METHOD]: 'POST',
        [HTTP2_HEADER_PATH]: contract.method('Score').path,
        [HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
        [HTTP2_HEADER_TE]: 'trailers',
      });
      let status = 1;
      const read = (headers: Record<string, unknown>): void => {
        if (headers['grpc-status'] !== undefined) status = Number(headers['grpc-status']);
      };
      stream.on('response', read);
      stream.on('trailers', read);
      stream.on('data', () => undefined);
      stream.on('error', () => undefined);
      stream.on('close', () => resolve(status));
      stream.end(bytes);
    });
  }
});

/** What stands in a path or a query is text: objects are written as JSON there. */
function writable(rest: string, wire: ProtoMessage): ProtoMessage {
  const isText = (field: string): boolean => rest.startsWith('GET') || rest.includes(`{${field}}`);
  return Object.fromEntries(
    Object.entries(wire).map(([field, value]) => [
      field,
      isText(field) && typeof value === 'object' ? JSON.stringify(value).slice(0, 2_000) : value,
    ]),
  );
}

/** Node refuses to send a path with some characters; a client that is not Node would not. */
function asPath(path: string): string {
  return path.replaceAll(/[^\u0021-\u00ff]/g, '%00').replaceAll('#', '%23');
}

function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
