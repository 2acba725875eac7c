// An environment of OpenEnv, over HTTP and over WebSockets, in the messages that its client sends and reads.

import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { afterEach, describe, expect, it } from 'vitest';
import { type CompatWorld, failingHalfTheTime, startCompatWorld } from '../../support/compat-world.ts';
import { recipeOf } from '../../../src/core/recipe.ts';
import { FixedDataset } from '../../support/fixed-dataset.ts';
import { numberedPairs } from '../../support/pairs.ts';

const BASE = '/compat/openenv/numbers';

let world: CompatWorld;
const clients: WebSocket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await world.close();
});

async function start(options: { reward?: string; token?: string } = {}): Promise<void> {
  const { reward, token } = options;
  const recipe = reward === undefined ? undefined : recipeOf(reward);
  const datasets = new FixedDataset('numbers', numberedPairs(5), undefined, recipe);
  world = await startCompatWorld({
    datasets,
    behave: failingHalfTheTime,
    ...(token !== undefined && { token }),
  });
}

interface Message {
  readonly type: string;
  readonly data: {
    readonly observation?: { readonly row_id: string; readonly prompt: string };
    readonly reward?: number | null;
    readonly code?: string;
    readonly [field: string]: unknown;
  };
}

/** A connection on which each message is answered by the next. */
async function connect(path = `${BASE}/ws`, headers: Record<string, string> = {}) {
  const client = new WebSocket(world.url.replace('http', 'ws') + path, { headers });
  clients.push(client);
  await once(client, 'open');
  return {
    client,
    ask: async (message: unknown): Promise<Message> => {
      const reply = once(client, 'message');
      client.send(typeof message === 'string' ? message : JSON.stringify(message));
      const [data] = (await reply) as [Buffer];
      return JSON.parse(data.toString()) as Message;
    },
  };
}

/** The status of a refused upgrade. */
async function statusOf(path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const client = new WebSocket(world.url.replace('http', 'ws') + path, { headers });
  client.on('error', () => {});
  clients.push(client);
  const [, response] = (await once(client, 'unexpected-response')) as [unknown, { statusCode?: number }];
  return response.statusCode;
}

const FIRST = {
  observation: {
    prompt: 'Question 2',
    messages: [{ role: 'user', content: 'Question 2' }],
    row_id: 'v1.2',
  },
};

describe('WS /compat/openenv/{env}/ws', () => {
  it('WS /compat/openenv/{env}/ws plays an episode: reset, state, step, state', async () => {
    await start();
    const { ask } = await connect();
    expect(await ask({ type: 'state' })).toEqual({
      type: 'state',
      data: { episode_id: null, step_count: 0 },
    });
    expect(await ask({ type: 'reset', data: { index: 2, episode_id: 'e-7' } })).toEqual({
      type: 'observation',
      data: { ...FIRST, reward: null, done: false },
    });
    expect(await ask({ type: 'step', data: { completion: 'Answer: 2', metadata: {} } })).toEqual({
      type: 'observation',
      data: { ...FIRST, reward: 1, done: true },
    });
    expect(await ask({ type: 'state' })).toEqual({
      type: 'state',
      data: { episode_id: 'e-7', step_count: 1 },
    });
  });

  it.each(['Answer: 0', 'Answer: 1', 'I do not know'])(
    'WS /compat/openenv/{env}/ws gives %s the reward of POST /v1/score',
    async (completion) => {
      await start();
      const { ask } = await connect();
      await ask({ type: 'reset', data: { index: 0 } });
      const { data } = await ask({ type: 'step', data: { completion } });
      expect(data.reward).toBe(await world.rewardOf('numeric', '0', completion));
    },
  );

  it('WS /compat/openenv/{env}/ws serves the same row for the same seed, and rows in turn without one', async () => {
    await start();
    const [one, other] = [await connect(), await connect()];
    const seen = async ({ ask }: typeof one, data: object) =>
      (await ask({ type: 'reset', data })).data.observation?.row_id;
    expect(await seen(one, { seed: 42 })).toBe(await seen(other, { seed: 42 }));
    const places = new Set<unknown>();
    for (let seed = 0; seed < 60; seed += 1) places.add(await seen(one, { seed }));
    expect(places.size).toBe(5);
    const inTurn = [await seen(one, {}), await seen(other, {}), await seen(one, {})];
    expect(inTurn).toEqual(['v1.0', 'v1.1', 'v1.2']);
  });

  it.each<[string, unknown, string]>([
    ['what is no JSON', '{"type":', 'INVALID_JSON'],
    ['an unknown type', { type: 'mcp', data: {} }, 'UNKNOWN_TYPE'],
    ['a message without a type', { data: {} }, 'VALIDATION_ERROR'],
    ['an action without a completion', { type: 'step', data: { message: 'x' } }, 'VALIDATION_ERROR'],
    ['a row that is not there', { type: 'reset', data: { index: 5 } }, 'VALIDATION_ERROR'],
    ['an unknown field of a reset', { type: 'reset', data: { idx: 1 } }, 'VALIDATION_ERROR'],
    ['a step before a reset', { type: 'step', data: { completion: 'x' } }, 'EXECUTION_ERROR'],
  ])('WS /compat/openenv/{env}/ws answers %s with its code, and goes on', async (_, message, code) => {
    await start();
    const { ask } = await connect();
    expect(await ask(message)).toMatchObject({ type: 'error', data: { code } });
    expect(await ask({ type: 'reset', data: { index: 2 } })).toMatchObject({ type: 'observation' });
  });

  it('WS /compat/openenv/{env}/ws names a dataset that is not there', async () => {
    await start();
    const { ask } = await connect('/compat/openenv/letters/ws');
    expect(await ask({ type: 'reset', data: {} })).toMatchObject({
      data: { code: 'FACTORY_ERROR', message: 'dataset: Cannot find dataset "letters"' },
    });
  });

  it('WS /compat/openenv/{env}/ws takes one step in an episode', async () => {
    await start();
    const { ask } = await connect();
    await ask({ type: 'reset', data: {} });
    await ask({ type: 'step', data: { completion: 'Answer: 0' } });
    expect(await ask({ type: 'step', data: { completion: 'Answer: 0' } })).toMatchObject({
      data: { code: 'EXECUTION_ERROR' },
    });
  });

  it('WS /compat/openenv/{env}/ws holds steps while the judge fails half the time', async () => {
    await start({ reward: 'judge' });
    const rewards = await Promise.all(
      [0, 1, 2, 3].map(async (index) => {
        const { ask } = await connect();
        await ask({ type: 'reset', data: { index } });
        return (await ask({ type: 'step', data: { completion: `Answer: ${index}` } })).data.reward;
      }),
    );
    expect(rewards).toEqual([1, 1, 1, 1]);
    expect(world.retries.length).toBeGreaterThan(0);
  });

  it('WS /compat/openenv/{env}/ws answers a lasting fault with an error, and the episode can go on', async () => {
    await start({ reward: 'echo' });
    const { ask } = await connect();
    await ask({ type: 'reset', data: {} });
    const { type, data } = await ask({ type: 'step', data: { completion: 'fault' } });
    expect([type, data.code]).toEqual(['error', 'EXECUTION_ERROR']);
    expect(data).not.toHaveProperty('reward');
    expect((await ask({ type: 'step', data: { completion: 'right' } })).data.reward).toBe(1);
  });

  it('WS /compat/openenv/{env}/ws answers messages in their order, though they come at once', async () => {
    await start({ reward: 'echo' });
    const { client } = await connect();
    const replies: Message[] = [];
    client.on('message', (data: Buffer) => void replies.push(JSON.parse(data.toString()) as Message));
    for (const message of [
      { type: 'reset' },
      { type: 'step', data: { completion: 'right later' } },
      { type: 'state' },
    ])
      client.send(JSON.stringify(message));
    while (world.echo.waiting === 0 || replies.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(replies.map(({ type }) => type)).toEqual(['observation']);
    world.echo.decideAll();
    while (replies.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(replies.map(({ type, data }) => [type, data['step_count']])).toEqual([
      ['observation', undefined],
      ['observation', undefined],
      ['state', 1],
    ]);
  });

  it('WS /compat/openenv/{env}/ws cuts off a client that sends without waiting for answers', async () => {
    await start({ reward: 'echo' });
    const { client, ask } = await connect();
    await ask({ type: 'reset' });
    client.send(JSON.stringify({ type: 'step', data: { completion: 'right later' } }));
    for (let sent = 0; sent < 20; sent += 1) client.send(JSON.stringify({ type: 'state' }));
    expect((await once(client, 'close'))[0]).toBe(1008);
  });

  it('WS /compat/openenv/{env}/ws ends when the client says close, and when the server stops', async () => {
    await start();
    const [one, other] = [await connect(), await connect()];
    one.client.send(JSON.stringify({ type: 'close' }));
    expect((await once(one.client, 'close'))[0]).toBe(1000);
    const gone = once(other.client, 'close');
    await world.stop();
    expect((await gone)[0]).toBe(1001);
  });

  it('WS /compat/openenv/{env}/ws stops scoring when its client is gone', async () => {
    await start({ reward: 'echo' });
    const { client, ask } = await connect();
    await ask({ type: 'reset' });
    client.send(JSON.stringify({ type: 'step', data: { completion: 'right later' } }));
    while (world.echo.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    client.terminate();
    while (!world.callsEnded.some(({ code }) => code === 'cancelled')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(world.retries).toEqual([]);
  });

  it.each<[string, string, Record<string, string>, number]>([
    ['without a token', `${BASE}/ws`, {}, 401],
    ['from a page of another origin', `${BASE}/ws`, { origin: 'https://other.example' }, 403],
    ['to a path without sockets', '/v1/score', {}, 405],
    ['to a path that is not there', '/compat/openenv/numbers/other', {}, 404],
  ])('the door refuses a connection %s', async (_, path, headers, status) => {
    await start({ token: 'test-token' });
    expect(await statusOf(path, headers)).toBe(status);
  });

  it('the door lets in a connection whose URL holds the token, and refuses other upgrades by not upgrading', async () => {
    await start({ token: 'test-token' });
    const { ask } = await connect(`${BASE}/ws?reward=numeric`, { authorization: 'Bearer test-token' });
    expect(await ask({ type: 'state' })).toMatchObject({ type: 'state' });
    const asked = request(`${world.url}/healthz`, { headers: { connection: 'upgrade', upgrade: 'h2c' } });
    asked.end();
    const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(200);
  });
});

async function get(name: string): Promise<unknown> {
  return (await fetch(`${world.url}${BASE}/${name}`)).json();
}

describe('HTTP /compat/openenv/{env}', () => {
  it('POST /compat/openenv/{env}/reset and /step play an episode whose row the action names', async () => {
    await start();
    const reset = await world.post(`${BASE}/reset`, { index: 2 });
    expect(await reset.json()).toEqual({ ...FIRST, reward: null, done: false });
    const step = await world.post(`${BASE}/step`, {
      action: { completion: 'Answer: 3', row_id: 'v1.2' },
      timeout_s: 30,
      request_id: 'r-1',
    });
    expect(await step.json()).toEqual({ ...FIRST, reward: 0, done: true });
    expect(await (await world.post(`${BASE}/reset`, '')).json()).toMatchObject({ done: false });
  });

  it('GET /compat/openenv/{env}/state, /health, /metadata and /schema describe the environment', async () => {
    await start();
    expect(await get('state')).toEqual({ episode_id: null, step_count: 0 });
    expect(await get('health')).toEqual({ status: 'healthy' });
    expect(await get('metadata')).toEqual({ name: 'numbers', description: '', version: 'v1' });
    expect(await get('schema')).toMatchObject({ action: { required: ['completion'] } });
  });

  it.each<[string, string, unknown, object]>([
    [
      'a step without its row',
      'step',
      { action: { completion: 'x' } },
      { status: 400, field: 'action.row_id' },
    ],
    [
      'a row of another version',
      'step',
      { action: { completion: 'x', row_id: 'v0.1' } },
      { status: 412, field: 'action.row_id' },
    ],
    [
      'an unknown field of an action',
      'step',
      { action: { completion: 'x', text: 'y' } },
      { status: 400, field: 'action.text' },
    ],
    ['an index that is not there', 'reset', { index: 5 }, { status: 400, field: 'index' }],
  ])('POST /compat/openenv/{env} refuses %s and names the field', async (_, name, body, problem) => {
    await start();
    expect(await (await world.post(`${BASE}/${name}`, body)).json()).toMatchObject(problem);
  });
});
