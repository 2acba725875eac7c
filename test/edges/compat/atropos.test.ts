// Atropos' server, in the requests of its environments and its trainer.

import { gzipSync } from 'node:zlib';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/contract/limits.ts';
import { AtroposBoard } from '../../../src/edges/compat/atropos-board.ts';
import {
  type CompatWorld,
  type CompatWorldOptions,
  failingHalfTheTime,
  startCompatWorld,
} from '../../support/compat-world.ts';

const BASE = '/compat/atropos';
const TRAINER = {
  wandb_group: 'g',
  wandb_project: 'p',
  batch_size: 4,
  max_token_len: 2048,
  checkpoint_dir: '/ckpt',
  save_checkpoint_interval: 10,
  starting_step: 0,
  num_steps: 100,
};
const ENV = { max_token_length: 512, desired_name: 'math', weight: 1, group_size: 2 };

let world: CompatWorld;

afterEach(() => world?.close());

async function start(options: CompatWorldOptions = {}): Promise<void> {
  world = await startCompatWorld(options);
}

async function get(path: string): Promise<Record<string, unknown>> {
  return (await (await fetch(world.url + BASE + path)).json()) as Record<string, unknown>;
}

async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
  return (await (await world.post(BASE + path, body)).json()) as Record<string, unknown>;
}

/** A trainer that asks for batches, and an environment. */
async function train(trainer: object = TRAINER): Promise<void> {
  await post('/register', trainer);
  await get('/batch');
  expect(await post('/register-env', ENV)).toMatchObject({ status: 'success' });
}

/** A group of so many sequences, told from others by its first token. */
function group(id: number, size = 2, more: object = {}) {
  const rows = Array.from({ length: size }, (_, index) => index);
  return {
    tokens: rows.map((row) => [id, row, 7]),
    masks: rows.map((row) => [-100, row, 7]),
    scores: rows.map((row) => (row === 0 ? 1 : 0)),
    env_id: 0,
    ...more,
  };
}

/** The same with what its sequences say, and its ground truth. */
function asked(id: number, said: readonly string[], label: unknown, more: object = {}) {
  const messages = said.map((content) => [
    { role: 'user', content: 'What is 9 + 9?' },
    { role: 'assistant', content },
  ]);
  return group(id, said.length, { messages, group_overrides: { groupwise: label, group_size: 2 }, ...more });
}

interface Group {
  readonly tokens: readonly (readonly number[])[];
  readonly scores: readonly number[];
  readonly advantages: readonly (readonly number[])[] | null;
  readonly group_overrides: unknown;
}

async function batch(): Promise<readonly Group[] | null> {
  return (await get('/batch'))['batch'] as readonly Group[] | null;
}

/** Ids of the groups of the next batch. */
async function ids(): Promise<readonly (number | undefined)[] | null> {
  return (await batch())?.map(({ tokens }) => tokens[0]?.[0]) ?? null;
}

async function push(...given: readonly number[]): Promise<void> {
  for (const id of given) expect(await post('/scored_data', group(id))).toEqual({ status: 'received' });
}

describe('/compat/atropos before anyone registered', () => {
  it('/compat/atropos says what is not there in the words of its own server', async () => {
    await start();
    expect(await get('')).toEqual({ message: 'AtroposLib API' });
    expect(await get('/info')).toEqual({ batch_size: -1, max_token_len: -1 });
    expect(await get('/wandb_info')).toEqual({ group: null, project: null });
    expect(await get('/status')).toEqual({ current_step: 0, queue_size: 0 });
    expect(await get('/latest_example')).toMatchObject({ tokens: [], scores: [] });
    expect(await get('/batch')).toEqual({
      status: 'error',
      message: 'Trainer not registered. Call /register first.',
      batch: [],
    });
    const waiting = { status: 'wait for trainer to start' };
    expect(await post('/register-env', ENV)).toEqual(waiting);
    await post('/register', TRAINER);
    expect(await post('/register-env', ENV)).toEqual(waiting);
    expect(await batch()).toBeNull();
    expect(await post('/register-env', ENV)).toMatchObject({ status: 'success' });
  });
});

describe('/compat/atropos for a trainer and its environments', () => {
  it('POST /compat/atropos/register gives an id that JavaScript and Python both know exactly', async () => {
    await start();
    const reply = await (await world.post(`${BASE}/register`, TRAINER)).text();
    const [, digits = ''] = /^\{"uuid":(\d+)\}$/u.exec(reply) ?? [];
    expect(BigInt(digits)).toBe(BigInt(Number(digits)));
    expect(await get('/info')).toEqual({ batch_size: 4, max_token_len: 2048 });
    expect(await get('/wandb_info')).toEqual({ group: 'g', project: 'p' });
  });

  it('POST /compat/atropos/register-env names environments of one name apart', async () => {
    await start();
    await train();
    expect(await post('/register-env', ENV)).toEqual({
      status: 'success',
      env_id: 1,
      wandb_name: 'math_1',
      checkpoint_dir: '/ckpt',
      starting_step: 0,
      checkpoint_interval: 10,
      num_steps: 100,
    });
    expect(await post('/register-env', { ...ENV, desired_name: 'math_1' })).toMatchObject({
      wandb_name: 'math_1_0',
    });
    expect(await post('/disconnect-env', { env_id: 1 })).toEqual({ status: 'success' });
    expect(await post('/disconnect-env', { env_id: 9 })).toMatchObject({ status: 'failure' });
  });

  it('GET /compat/atropos/batch hands groups out oldest first, a step for each batch', async () => {
    await start();
    await train();
    await push(0, 1, 2, 3, 4);
    expect(await get('/status')).toEqual({ current_step: 0, queue_size: 5 });
    expect(await ids()).toEqual([0, 1]);
    expect(await get('/status')).toEqual({ current_step: 1, queue_size: 3 });
    expect(await ids()).toEqual([2, 3]);
    expect(await ids()).toBeNull();
    expect(await get('/status')).toEqual({ current_step: 2, queue_size: 1 });
  });

  it('GET /compat/atropos/batch makes batches of groups of three, too', async () => {
    await start();
    await train();
    await post('/scored_data_list', [group(0, 3), group(1, 3), group(2, 3)]);
    expect(await ids()).toEqual([0, 1]);
  });

  it('POST /compat/atropos/scored_data_list takes all groups or none', async () => {
    await start();
    await train();
    const half = await post('/scored_data_list', [group(0), group(1, 2, { scores: [1] })]);
    expect(half).toMatchObject({ status: 400, field: '[1].scores' });
    expect(await get('/status')).toMatchObject({ queue_size: 0 });
    expect(await post('/scored_data_list', [group(0), group(1)])).toEqual({
      status: 'received',
      groups_processed: 2,
    });
  });

  it('GET /compat/atropos/batch has each field that a trainer looks for, and floats that stay floats', async () => {
    await start();
    await train({ ...TRAINER, batch_size: 2 });
    const sent = group(3, 2, {
      inference_logprobs: [
        [1, -0.5, -1e-7],
        [1, -1, -2],
      ],
      overrides: [],
      advantages: [],
    });
    await post('/scored_data', sent);
    const text = await (await fetch(`${world.url}${BASE}/batch`)).text();
    expect(text).toBe(
      '{"batch":[{"tokens":[[3,0,7],[3,1,7]],"masks":[[-100,0,7],[-100,1,7]],"scores":[1.0,0.0],"advantages":[],' +
        '"ref_logprobs":null,"messages":null,"generation_params":null,' +
        '"inference_logprobs":[[1.0,-0.5,-1e-7],[1.0,-1.0,-2.0]],"overrides":[],"group_overrides":null,"images":null,' +
        '"env_id":0,"distill_token_ids":null,"distill_logprobs":null}]}',
    );
    expect(await get('/latest_example')).toMatchObject({ tokens: sent.tokens });
  });

  it('POST /compat/atropos/scored_data reads gzip, and no body that is none or inflates beyond the limit', async () => {
    await start();
    await train();
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const send = async (body: Buffer) => {
      const reply = await fetch(`${world.url}${BASE}/scored_data`, { method: 'POST', headers, body });
      return [reply.status, await reply.json()] as const;
    };
    expect(await send(gzipSync(JSON.stringify(group(5))))).toEqual([200, { status: 'received' }]);
    expect(await send(Buffer.from('{"tokens":[]}'))).toMatchObject([400, { code: 'invalid_argument' }]);
    expect(await send(gzipSync('{"tokens":[]}').subarray(0, 12))).toMatchObject([400, {}]);
    expect(await send(gzipSync(Buffer.alloc(LIMITS.messageBytesMax + 1, 0x20)))).toMatchObject([413, {}]);
  });

  it('GET /compat/atropos/status-env reads the body of a GET, and the URL', async () => {
    await start();
    await train();
    await post('/register-env', { ...ENV, weight: 3, min_batch_allocation: 0.25 });
    await push(0, 1, 2);
    const status = await getWithBody('/status-env', { env_id: 0 });
    expect(status).toEqual({
      current_step: 0,
      queue_size: 3,
      unallocated_fraction: 0.75,
      self_queue_size: 3,
      max_group_size: 2,
      env_weight: 0.25,
    });
    expect(await get('/status-env?env_id=0')).toEqual(status);
    expect(await post('/status-env', { env_id: 1 })).toMatchObject({ queue_size: 3, self_queue_size: 0 });
    expect(await getWithBody('/status-env', { env_id: 7 })).toMatchObject({ status: 404, field: 'env_id' });
    expect(await getWithBody('/status-env', { env_id: -1 })).toMatchObject({ status: 404, field: 'env_id' });
  });

  it.each([
    ['/register-env', 'max_token_length', ENV],
    ['/register', 'max_token_len', TRAINER],
    ['/disconnect-env', 'env_id', {}],
  ])('POST /compat/atropos%s says in our words that %s is missing', async (path, field, body) => {
    await start();
    expect(await post(path, { ...body, [field]: undefined })).toMatchObject({
      status: 400,
      field,
      detail: 'Is missing: must be a whole number',
    });
  });

  it('GET /compat/atropos/batch waits for the minimum of an environment, until that is gone', async () => {
    await start();
    await train();
    await post('/register-env', { ...ENV, min_batch_allocation: 0.5 });
    await push(0, 1, 2);
    expect(await ids()).toBeNull();
    await post('/scored_data', group(8, 2, { env_id: 1 }));
    expect(await ids()).toEqual([0, 8]);
    expect(await ids()).toBeNull();
    await post('/disconnect-env', { env_id: 1 });
    expect(await ids()).toEqual([1, 2]);
  });

  it('GET /compat/atropos/reset_data forgets all, and the next batch is no error of the server', async () => {
    await start();
    await train();
    await push(0);
    expect(await (await fetch(`${world.url}${BASE}/reset_data`)).text()).toBe('Reset successful');
    expect(await get('/batch')).toMatchObject({ status: 'error', batch: [] });
    expect(await get('/status')).toEqual({ current_step: 0, queue_size: 0 });
    await train();
    expect(await ids()).toBeNull();
  });

  it.each(['/batch', '/reset_data'])(
    'GET /compat/atropos%s is not for pages of other sites',
    async (path) => {
      await start();
      await train();
      await push(0, 1);
      const reply = await fetch(world.url + BASE + path, { headers: { 'sec-fetch-site': 'cross-site' } });
      expect(reply.status).toBe(403);
      expect(await ids()).toEqual([0, 1]);
    },
  );
});

describe('a full queue of /compat/atropos', () => {
  const one = { tokens: [[1]], masks: [[1]], scores: [1] };
  const fill = async (): Promise<void> => {
    const groups = Array.from({ length: LIMITS.groupsPerRequestMax }, () => one);
    for (let queued = 0; queued < LIMITS.atroposQueueGroupsMax; queued += groups.length) {
      expect(await post('/scored_data_list', groups)).toMatchObject({ status: 'received' });
    }
  };

  it('a full queue of /compat/atropos refuses with 503 when the trainer takes nothing for as long as environments wait', async () => {
    await start();
    await train();
    await fill();
    expect(await post('/scored_data', one)).toMatchObject({ status: 503, code: 'unavailable' });
    expect(world.waitedMs()).toBeGreaterThan(170_000);
    expect(await get('/status')).toMatchObject({ queue_size: LIMITS.atroposQueueGroupsMax });
  });

  it('a full queue of /compat/atropos takes what waits as soon as the trainer takes a batch', async () => {
    await start();
    await train();
    await fill();
    const waiting = post('/scored_data?hold_ms=3600000', one);
    while (world.waitedMs() === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await batch()).toHaveLength(4);
    expect(await waiting).toEqual({ status: 'received' });
    expect(await get('/status')).toMatchObject({ queue_size: LIMITS.atroposQueueGroupsMax - 3 });
  });
});

describe('POST /compat/atropos/register of a trainer that comes back', () => {
  it('POST /compat/atropos/register takes the new batch size and goes on with the queue', async () => {
    await start();
    await train();
    await push(0, 1);
    await post('/register', { ...TRAINER, batch_size: 2 });
    expect(await get('/info')).toMatchObject({ batch_size: 2 });
    expect([await ids(), await ids(), await ids()]).toEqual([[0], [1], null]);
  });

  it('POST /compat/atropos/register gives what was handed out after the step of the trainer again, first', async () => {
    await start();
    await train({ ...TRAINER, batch_size: 2 });
    await push(0, 1, 2, 3);
    expect([await ids(), await ids(), await ids()]).toEqual([[0], [1], [2]]);
    await post('/register', { ...TRAINER, batch_size: 2, starting_step: 1 });
    expect(await get('/status')).toEqual({ current_step: 1, queue_size: 3 });
    expect([await ids(), await ids(), await ids(), await ids()]).toEqual([[1], [2], [3], null]);
    expect(await get('/status')).toMatchObject({ current_step: 4 });
  });
});

describe('POST /compat/atropos/scored_data of a group that names its ground truth', () => {
  it('POST /compat/atropos/scored_data scores it here, with advantages for its own tokens, and keeps the truth back', async () => {
    await start();
    await train({ ...TRAINER, batch_size: 3 });
    const said = [String.raw`\boxed{18}<|im_end|>`, String.raw`\boxed{17}`, 'I do not know'];
    await post('/scored_data', asked(0, said, { ground_truth: '18', reward: 'math', estimator: 'dr_grpo' }));
    const text = await (await fetch(`${world.url}${BASE}/batch`)).text();
    expect(text).not.toContain('ground_truth');
    const [first] = (JSON.parse(text) as { batch: Group[] }).batch;
    const rewards = await Promise.all(
      said.map((each) => world.rewardOf('math', '18', each.replace('<|im_end|>', ''))),
    );
    expect(first?.scores).toEqual(rewards);
    expect(first?.scores).toEqual([1, 0, 0]);
    const third = Math.fround(1 / 3);
    first?.advantages?.forEach(([masked, ...own], i) => {
      expect(masked).toBe(0);
      for (const each of own) expect(each).toBeCloseTo(i === 0 ? 1 - third : -third, 6);
    });
    expect(first?.group_overrides).toEqual({
      group_size: 2,
      groupwise: { estimator: { name: 'dr_grpo' }, flags: [] },
    });
  });

  it('POST /compat/atropos/scored_data needs no scores then, and has the default reward and estimator', async () => {
    await start();
    await train({ ...TRAINER, batch_size: 2 });
    const body = asked(0, [String.raw`\boxed{18}`, 'no'], 18, { scores: null });
    expect(await post('/scored_data', body)).toEqual({ status: 'received' });
    const [first] = (await batch()) ?? [];
    expect(first?.scores).toEqual([1, 0]);
    expect(first?.group_overrides).toMatchObject({
      groupwise: { estimator: { name: 'grpo:verl', ddof: 1 } },
    });
  });

  it('POST /compat/atropos/scored_data compares a group as a whole where its recipe does', async () => {
    await start();
    await train({ ...TRAINER, batch_size: 3 });
    await post('/scored_data', asked(0, ['a', 'b', 'c'], { ground_truth: 'x', reward: 'duel' }));
    expect((await batch())?.[0]?.scores).toEqual([1, 0.5, 0]);
  });

  it('POST /compat/atropos/scored_data holds groups while the judge fails half the time', async () => {
    await start({ behave: failingHalfTheTime });
    await train({ ...TRAINER, batch_size: 16 });
    const label = { ground_truth: 'the Rhine', reward: 'judge' };
    const sent = Array.from({ length: 4 }, (_, id) =>
      post(
        '/scored_data',
        asked(
          id,
          ['Answer: the Rhine', `Answer: the Elbe ${id}`, 'Answer: the Rhine', `Answer: ${id}`],
          label,
        ),
      ),
    );
    expect(await Promise.all(sent)).toEqual(sent.map(() => ({ status: 'received' })));
    expect((await batch())?.map(({ scores }) => scores)).toEqual(sent.map(() => [1, 0, 1, 0]));
    expect(world.retries.length).toBeGreaterThan(2);
  });

  it('POST /compat/atropos/scored_data refuses with 503 when the fault outlasts its environment, and queues nothing', async () => {
    await start();
    await train();
    const body = asked(0, ['right', 'fault'], { ground_truth: 'x', reward: 'echo' });
    expect(await post('/scored_data', body)).toMatchObject({ status: 503, field: 'messages[1]' });
    expect(world.waitedMs()).toBeGreaterThan(160_000);
    expect(world.waitedMs()).toBeLessThan(180_000);
    expect(await get('/status')).toMatchObject({ queue_size: 0 });
  });

  it('POST /compat/atropos/scored_data refuses at once what no retry can help', async () => {
    await start();
    await train();
    const reward = { scorers: [{ name: 'math' }], no_answer: 'unscorable' };
    const body = asked(0, [String.raw`\boxed{18}`, ''], { ground_truth: '18', reward });
    expect(await post('/scored_data', body)).toMatchObject({ status: 412, field: 'messages[1]' });
    expect(world.retries).toEqual([]);
  });

  it('POST /compat/atropos/scored_data answers 503, which is sent again, where too much is being scored', async () => {
    await start({ inFlightMax: 2 });
    await train();
    const label = { ground_truth: 'x', reward: 'echo' };
    const first = post('/scored_data', asked(0, ['right later', 'wrong'], label));
    while (world.echo.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = await post('/scored_data?hold_ms=0', asked(1, ['right', 'wrong'], label));
    expect(second).toMatchObject({ status: 503, code: 'unavailable' });
    world.echo.decideAll();
    expect(await first).toEqual({ status: 'received' });
  });

  it('POST /compat/atropos/scored_data queues nothing of an environment that left: it sends the group again', async () => {
    await start();
    await train();
    const controller = new AbortController();
    const gone = fetch(`${world.url}${BASE}/scored_data`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked(0, ['right later', 'wrong'], { ground_truth: 'x', reward: 'echo' })),
      signal: controller.signal,
    });
    while (world.echo.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await expect(gone).rejects.toThrow('abort');
    const isOver = () => world.callsEnded.some(({ code }) => code === 'cancelled');
    while (!isOver()) await new Promise((resolve) => setImmediate(resolve));
    world.echo.decideAll();
    expect(await get('/status')).toMatchObject({ queue_size: 0 });
  });

  it.each<[string, object, string]>([
    [
      'messages',
      asked(0, [], '18', { tokens: [[1]], masks: [[1]], scores: null, messages: null }),
      'messages',
    ],
    [
      'an assistant at the end',
      asked(0, ['x', 'y'], '18', {
        messages: [[{ role: 'user', content: 'a' }], [{ role: 'user', content: 'a' }]],
      }),
      'messages[0]',
    ],
    [
      'one prompt',
      asked(0, ['x', 'y'], '18', {
        messages: ['a', 'b'].map((content) => [
          { role: 'user', content },
          { role: 'assistant', content: 'x' },
        ]),
      }),
      'messages[1]',
    ],
    ['a label', asked(0, ['x', 'y'], { truth: 1 }), 'group_overrides.groupwise.truth'],
    [
      'an estimator',
      asked(0, ['x', 'y'], { ground_truth: '1', estimator: 'mean' }),
      'group_overrides.groupwise.estimator.name',
    ],
    [
      'an estimator of groups',
      asked(0, ['x', 'y'], { ground_truth: '1', estimator: 'grpo:trl-batch' }),
      'group_overrides.groupwise.estimator',
    ],
    [
      'a reward',
      asked(0, ['x', 'y'], { ground_truth: '1', reward: 'maths' }),
      'group_overrides.groupwise.reward.scorers[0].name',
    ],
    [
      'a dataset',
      asked(0, ['x', 'y'], { dataset: 'none', pair_id: 'p' }),
      'group_overrides.groupwise.dataset',
    ],
  ])(
    'POST /compat/atropos/scored_data refuses a group without %s and names the field',
    async (_, body, field) => {
      await start();
      const refused = await post('/scored_data', body);
      expect(refused).toMatchObject({ field });
      expect(Number(refused['status'])).toBeLessThan(500);
    },
  );
});

function large(count: number) {
  return Array.from({ length: count }, () => ({ size: 1, envId: 0, text: 'x'.repeat(1_000_000) }));
}

describe('AtroposBoard', () => {
  const trainer = {
    group: '',
    project: '',
    batchSize: 1,
    maxTokenLength: 1,
    checkpointDirectory: '',
    checkpointInterval: 1,
    startingStep: 0,
    steps: 1,
  };
  it('AtroposBoard.hasRoom() ends with the bytes of the queue, those kept for the trainer among them', () => {
    const board = new AtroposBoard(() => 0);
    board.register(trainer);
    const most = Math.floor(LIMITS.atroposQueueBytesMax / 1_000_000);
    expect(board.hasRoom(large(most + 1))).toBe(true);
    board.add(large(most));
    expect(board.hasRoom(large(1))).toBe(false);
    for (let i = 0; i < 9; i += 1) board.takeBatch();
    // Eight of the nine are kept.
    expect([board.hasRoom(large(1)), board.hasRoom(large(2))]).toEqual([true, false]);
  });

  it('AtroposBoard forgets the minimum of an environment that has not been heard of for five minutes', () => {
    let now = 0;
    const board = new AtroposBoard(() => now);
    board.register(trainer);
    board.registerEnvironment({ name: 'a', weight: 1, maxTokenLength: 1, groupSize: 1, minimumShare: 1 });
    board.add([{ size: 1, envId: undefined, text: '{}' }]);
    expect(board.takeBatch()).toBeUndefined();
    now = 300_001;
    expect(board.takeBatch()).toHaveLength(1);
  });
});

/** `fetch` sends no such thing; the client of the environments does. */
function getWithBody(path: string, body: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const sent = request(world.url + BASE + path, { method: 'GET', headers }, (reply) => {
      const parts: Buffer[] = [];
      reply.on('data', (part: Buffer) => parts.push(part));
      reply.on('end', () => resolve(JSON.parse(Buffer.concat(parts).toString())));
    });
    sent.on('error', reject);
    sent.end(text);
  });
}
