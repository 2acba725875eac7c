// Every call of every dialect under hostile input: the token, the limits of bodies, and wrong types in each of their fields. The
// paths are those that GET /compat lists, so that a new call cannot be forgotten.

import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { LIMITS } from '../../../src/contract/limits.ts';
import { type CompatWorld, startCompatWorld } from '../../support/compat-world.ts';
import { FixedDataset } from '../../support/fixed-dataset.ts';
import { Mutator } from '../../support/mutator.ts';
import { numberedPairs } from '../../support/pairs.ts';

const TOKEN = 'test-token';
const RANDOM_TRIES = 25;

const message = (role: string, content: string) => ({ role, content });
const nemoRow = {
  responses_create_params: { input: [message('user', 'Q')] },
  response: {
    output: [
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: String.raw`\boxed{1}` }] },
    ],
    status: 'completed',
    incomplete_details: { reason: null },
  },
  expected_answer: '1',
};
const remoteRm = {
  prompt: [message('user', 'Q')],
  response: String.raw`\boxed{1}`,
  label: { ground_truth: '1', aliases: ['x'] },
};
const scoredGroup = {
  tokens: [[1, 2]],
  masks: [[-100, 2]],
  scores: [1],
  advantages: [[0.5, 0.5]],
  ref_logprobs: [[1, -0.5]],
  messages: [[message('user', 'Q'), message('assistant', String.raw`\boxed{1}`)]],
  generation_params: { temperature: 1 },
  inference_logprobs: [[1, -0.5]],
  overrides: [{ set_advantage_to_zero: false }],
  group_overrides: {
    groupwise: { ground_truth: '1', estimator: { name: 'grpo:verl', epsilon: 0.5 }, reward: 'math' },
  },
  images: null,
  env_id: 0,
  distill_token_ids: [[[1]]],
  distill_logprobs: [[[-1]]],
};
const ofSplit = { split: 'train' };
const submission = { name: 'submit', input: { answer: '1' }, task_id: 't' };
const episode = {
  env_name: 'numbers',
  task_spec: { row_id: 'v1.1', split: 'train', index: 1 },
  split: 'train',
  index: 1,
};

/** A body that each call takes, by the end of its path. */
const VALID: Readonly<Record<string, unknown>> = {
  '/compat/openrlhf/get_reward': { query: ['Q: 1'], prompts: ['Q: '], labels: ['1'] },
  '/compat/slime/remote_rm': remoteRm,
  '/compat/miles/remote_rm': remoteRm,
  '/seed_session': {},
  '/verify': nemoRow,
  '/aggregate_metrics': { verify_responses: [{ ...nemoRow, reward: 1, _ng_task_index: 0 }] },
  '/compat/aws-rft': [
    {
      id: 'r',
      messages: [message('user', 'Q'), message('assistant', '1')],
      reference_answer: { answer: '1' },
      metadata: {},
    },
  ],
  '/score': { answers: [{ entry_id: 'v1.1', answer: '1' }] },
  '/reset': { seed: 1, episode_id: 'e', index: 1, row_id: 'v1.1' },
  '/step': { action: { completion: '1', row_id: 'v1.1', metadata: {} }, timeout_s: 1, request_id: 'r' },
  '/tasks': ofSplit,
  '/num_tasks': ofSplit,
  '/task': { ...ofSplit, index: 1 },
  '/task_range': { ...ofSplit, start: 0, stop: 2 },
  '/create_session': { task_id: 't' },
  '/create': episode,
  '/call': submission,
  '/ping': {},
  '/delete': {},
  '/delete_session': {},
  '/register': {
    wandb_group: 'g',
    wandb_project: 'p',
    batch_size: 1,
    max_token_len: 9,
    checkpoint_dir: 'c',
    save_checkpoint_interval: 1,
    starting_step: 0,
    num_steps: 9,
  },
  '/register-env': {
    max_token_length: 9,
    desired_name: 'e',
    weight: 1,
    group_size: 1,
    min_batch_allocation: null,
  },
  '/disconnect-env': { env_id: 0 },
  '/status-env': { env_id: 0 },
  '/scored_data': scoredGroup,
  '/scored_data_list': [scoredGroup],
};

const WRONG: readonly unknown[] = [null, true, -1, 0.5, 1e308, '', 'x', [], [null], [[]], {}, { a: 1 }];

interface Listed {
  readonly method: string;
  /** With its parameters filled in. */
  readonly path: string;
}

let world: CompatWorld;
let guarded: CompatWorld;
let listed: readonly Listed[];
let posts: readonly Listed[];

beforeAll(async () => {
  const datasets = new FixedDataset('numbers', numberedPairs(5));
  world = await startCompatWorld({ datasets });
  guarded = await startCompatWorld({ datasets, token: TOKEN });
  const { calls } = (await (await fetch(`${world.url}/compat`)).json()) as { calls: readonly string[] };
  listed = calls.map((call) => {
    const [method = '', path = ''] = call.split(' ');
    return { method, path: path.replaceAll(/\{\w+\}/gu, 'numbers') };
  });
  await send('/compat/atropos/register', VALID['/register']);
  await fetch(`${world.url}/compat/atropos/batch`);
  await send('/compat/atropos/register-env', VALID['/register-env']);
  posts = listed.filter(({ method }) => method === 'POST');
});

afterAll(async () => {
  await world.close();
  await guarded.close();
});

function validOf(path: string): unknown {
  const known = Object.keys(VALID).find((end) => path === end || path.endsWith(end));
  if (known === undefined) throw new TypeError(`There is no valid body of ${path} in this test: add one`);
  return VALID[known];
}

/** Copies of `value` in which one place, however deep, holds something else. */
function* wronged(value: unknown): Generator {
  yield* WRONG;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    for (const wrong of wronged(each)) {
      yield Array.isArray(value) ? value.with(Number(key), wrong) : { ...value, [key]: wrong };
    }
    if (!Array.isArray(value)) {
      const { [key]: _, ...rest } = value as Record<string, unknown>;
      yield rest;
    }
  }
}

interface Answered {
  readonly status: number;
  readonly field: unknown;
  readonly code: unknown;
}

async function send(path: string, body: unknown): Promise<Answered> {
  const reply = await world.post(path, JSON.stringify(body), { 'x-session-id': 'hostile' });
  const text = await reply.text();
  if (reply.status === 200) return { status: 200, field: undefined, code: undefined };
  const { field, code } = JSON.parse(text) as { field: unknown; code: unknown };
  return { status: reply.status, field, code };
}

/** What is neither a reply nor a refusal that says what was wrong with which field. */
function isUnclear({ status, field, code }: Answered): boolean {
  if (status === 200) return false;
  if (code === 'invalid_argument') return status !== 400 || typeof field !== 'string' || field === '';
  return status !== 404 && status !== 412;
}

describe('what GET /compat lists', () => {
  it('every call of every dialect needs the token, and is counted under the name of its dialect', async () => {
    expect(listed.length).toBeGreaterThan(50);
    const refused = await Promise.all(
      listed.map(async ({ method, path }) => (await fetch(guarded.url + path, { method })).status),
    );
    expect(refused).toEqual(listed.map(() => 401));
    expect(new Set(guarded.callsEnded.map(({ code }) => code))).toEqual(new Set(['unauthenticated']));
    expect(guarded.callsEnded).toHaveLength(listed.length);
    for (const { call } of guarded.callsEnded) expect(call).toMatch(/^compat\/[a-z-]+$/u);
  });

  it('a WebSocket needs the token', async () => {
    const client = new WebSocket(`${guarded.url.replace('http', 'ws')}/compat/openenv/numbers/ws`);
    const status = await new Promise((resolve) => {
      client.on('unexpected-response', (_, response) => resolve(response.statusCode));
      client.on('error', () => {});
    });
    expect(status).toBe(401);
  });

  it('every call with a body refuses one that is too large, no JSON, or of another type', async () => {
    const asked = posts.map(async ({ path }) => {
      const broken = await world.post(path, '{"a":');
      const typed = await world.post(path, 'x', { 'content-type': 'text/plain' });
      return [await declaredSize(path, LIMITS.messageBytesMax + 1), broken.status, typed.status];
    });
    expect(await Promise.all(asked)).toEqual(posts.map(() => [413, 400, 415]));
  });

  it('every call with a body takes the one that this test has for it, so that what is wrong with others is their own', async () => {
    const answered: string[] = [];
    for (const { path } of posts) {
      const { status, field } = await send(path, validOf(path));
      // Calls about an episode need one.
      if (status !== 200) answered.push(`${path.split('/').at(-1)} ${status} ${String(field)}`);
    }
    expect(answered).toEqual([]);
  });
});

describe('wrong values in every field', () => {
  it(
    'every call with a body refuses a wrong value anywhere by the name of its field, and never as a fault of its own',
    { timeout: 120_000 },
    async () => {
      const unclear: unknown[] = [];
      let refused = 0;
      for (const { path } of posts.filter(({ path: each }) => each.startsWith('/compat/'))) {
        const bodies = [...wronged(validOf(path))];
        const answers = await Promise.all(bodies.map((body) => send(path, body)));
        answers.forEach((answer, index) => {
          if (answer.status !== 200) refused += 1;
          if (isUnclear(answer)) unclear.push({ path, body: bodies[index], answer });
        });
      }
      expect(unclear.slice(0, 3)).toEqual([]);
      expect(refused).toBeGreaterThan(1_000);
    },
  );

  it('every call with a body survives what is broken at random', { timeout: 120_000 }, async () => {
    const unclear: unknown[] = [];
    for (const [place, { path }] of posts.entries()) {
      for (let seed = 0; seed < RANDOM_TRIES; seed += 1) {
        const body = new Mutator(place * 1_000 + seed).breakJson(validOf(path));
        const answer = await send(path, body ?? null);
        if (isUnclear(answer)) unclear.push({ path, body, answer });
      }
    }
    expect(unclear.slice(0, 3)).toEqual([]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('WS /compat/openenv/{env}/ws', () => {
  it('WS /compat/openenv/{env}/ws answers wrong values anywhere with an error of the protocol, and stays open', async () => {
    const client = new WebSocket(`${world.url.replace('http', 'ws')}/compat/openenv/numbers/ws`);
    await once(client, 'open');
    const frames = [
      { type: 'reset', data: VALID['/reset'] },
      { type: 'step', data: { completion: '1', row_id: 'v1.1', metadata: {} } },
    ];
    const told = new Map<string, number>();
    for (const frame of frames.flatMap((each) => [each, ...wronged(each)])) {
      const reply = once(client, 'message');
      client.send(JSON.stringify(frame));
      const [data] = (await reply) as [Buffer];
      const { type, data: said } = JSON.parse(data.toString()) as { type: string; data: { code?: string } };
      const kind = said.code ?? type;
      told.set(kind, (told.get(kind) ?? 0) + 1);
    }
    client.terminate();
    expect([...told.keys()].toSorted()).toEqual([
      'EXECUTION_ERROR',
      'UNKNOWN_TYPE',
      'VALIDATION_ERROR',
      'observation',
    ]);
    expect(told.get('VALIDATION_ERROR')).toBeGreaterThan(50);
  });
});

/** The status of a request that only says how large it is. */
function declaredSize(path: string, bytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': bytes };
    const sent = request(world.url + path, { method: 'POST', headers }, (reply) => {
      resolve(reply.statusCode);
      sent.destroy();
    });
    sent.on('error', reject);
    sent.flushHeaders();
  });
}
