// The Open Reward Standard, in the requests and events of its client.

import { afterEach, describe, expect, it } from 'vitest';
import { recipeOf } from '../../../src/core/recipe.ts';
import { OrsEpisodes } from '../../../src/edges/compat/ors-episodes.ts';
import { type CompatWorld, failingHalfTheTime, startCompatWorld } from '../../support/compat-world.ts';
import { FixedDataset } from '../../support/fixed-dataset.ts';
import { numberedPairs } from '../../support/pairs.ts';

const PAIRS = [
  ...numberedPairs(5),
  ...numberedPairs(2, { split: 'test' }, 100),
  ...numberedPairs(1, { split: 'dev' }, 200),
];

let world: CompatWorld;

afterEach(() => world?.close());

async function start(reward?: string): Promise<void> {
  const recipe = reward === undefined ? undefined : recipeOf(reward);
  const datasets = new FixedDataset('numbers', PAIRS, undefined, recipe);
  world = await startCompatWorld({ datasets, behave: failingHalfTheTime });
}

async function get(path: string, id = ''): Promise<unknown> {
  const headers = id === '' ? {} : { 'x-session-id': id };
  return (await fetch(world.url + path, { headers })).json();
}

async function post(path: string, body: unknown, id = ''): Promise<unknown> {
  return (await world.post(path, body, id === '' ? {} : { 'x-session-id': id })).json();
}

/** The events of a reply, as [event, data]. */
async function eventsOf(
  path: string,
  body: unknown,
  id = '',
): Promise<readonly (readonly [string, string])[]> {
  const reply = await world.post(path, body, id === '' ? {} : { 'x-session-id': id });
  expect(reply.headers.get('content-type')).toBe('text/event-stream');
  const blocks = (await reply.text()).split('\n\n').filter((block) => block !== '');
  return blocks.map((block) => {
    const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/su.exec(block) ?? [];
    return [event, data];
  });
}

async function answerOf(path: string, body: unknown, id: string): Promise<unknown> {
  const events = await eventsOf(path, body, id);
  return JSON.parse(
    events
      .slice(1)
      .map(([, data]) => data)
      .join(''),
  );
}

async function create(prefix: string, about: object = { split: 'train', index: 2 }): Promise<string> {
  const [first] = await eventsOf(`${prefix}/create_session`, {});
  const id = first?.[1] ?? '';
  expect(await post(`${prefix}/create`, about, id)).toEqual({ sid: id });
  return id;
}

/** As clients of one platform ask: the environment is in a header, if anywhere. */
async function ask(path: string, named: string, id: string, body?: unknown): Promise<string> {
  const headers = { 'content-type': 'application/json', 'x-deployment': named, 'x-session-id': id };
  const sent = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
  return (await fetch(world.url + path, sent)).text();
}

const submit = (answer: string, taskId?: string) => ({
  name: 'submit',
  input: { answer },
  ...(taskId !== undefined && { task_id: taskId }),
});
const task = (index: number) => ({ row_id: `v1.${index}`, split: 'train', index });
const ended = (reward: number) => ({
  ok: true,
  output: { blocks: [], metadata: null, reward, finished: true },
});

describe.each([
  ['under /compat/ors', '/compat/ors'],
  ['at the root, where its client looks', ''],
])('the Open Reward Standard %s', (_, prefix) => {
  it(`${prefix}/list_environments, splits, tools and tasks tell what there is`, async () => {
    await start();
    expect(await get(`${prefix}/health`)).toEqual({ status: 'ok' });
    expect(await get(`${prefix}/list_environments`)).toEqual(['numbers']);
    expect(await get(`${prefix}/numbers/splits`)).toEqual([
      { name: 'train', type: 'train' },
      { name: 'test', type: 'test' },
      { name: 'dev', type: 'validation' },
    ]);
    expect(await get(`${prefix}/numbers/tools`)).toMatchObject({
      tools: [{ name: 'submit', input_schema: { required: ['answer'] } }],
    });
    expect(await post(`${prefix}/numbers/num_tasks`, { split: 'train' })).toEqual({ num_tasks: 5 });
    expect(await post(`${prefix}/numbers/task`, { split: 'train', index: 3 })).toEqual({
      task: task(3),
      env_name: 'numbers',
    });
    expect(await post(`${prefix}/numbers/task_range`, { split: 'train', start: -2 })).toEqual({
      tasks: [3, 4].map(task),
      env_name: 'numbers',
    });
    expect(await post(`${prefix}/numbers/tasks`, { split: 'train' })).toEqual({
      tasks: [0, 1, 2, 3, 4].map(task),
      env_name: 'numbers',
    });
  });

  it(`${prefix}/{env}/call ends an episode with the reward of POST /v1/score`, async () => {
    await start();
    for (const answer of ['Answer: 2', 'Answer: 3']) {
      const id = await create(prefix);
      expect(await get(`${prefix}/numbers/prompt`, id)).toEqual([
        { text: 'Question 2', detail: null, type: 'text' },
      ]);
      expect(await get(`${prefix}/numbers/task_tools`, id)).toHaveProperty('tools');
      const reward = (await world.rewardOf('numeric', '2', answer)) ?? NaN;
      expect(await answerOf(`${prefix}/numbers/call`, submit(answer), id)).toEqual(ended(reward));
      expect(await post(`${prefix}/delete`, {}, id)).toEqual({ sid: id });
      expect(await post(`${prefix}/delete_session`, {}, id)).toEqual({ sid: id });
      expect(await post(`${prefix}/ping`, {}, id)).toMatchObject({ status: 404 });
    }
  });
});

describe('POST /compat/ors/{env}/call', () => {
  const CALL = '/compat/ors/numbers/call';

  it('POST /compat/ors/{env}/call takes a task as it was listed', async () => {
    await start();
    const id = await create('', {
      env_name: 'numbers',
      task_spec: { row_id: 'v1.4', split: 'train', index: 4 },
    });
    expect(await answerOf(CALL, submit('4'), id)).toEqual(ended(1));
  });

  it('POST /compat/ors/{env}/call answers in events: the id of the client, then the end', async () => {
    await start();
    const id = await create('');
    const events = await eventsOf(CALL, submit('2', 't-1'), id);
    expect(events.map(([event]) => event)).toEqual(['task_id', 'end']);
    expect(events[0]).toEqual(['task_id', 't-1']);
  });

  it('POST /compat/ors/{env}/call answers the same call again as it did, and no other one', async () => {
    await start('echo');
    const id = await create('');
    const first = await answerOf(CALL, submit('right', 't-1'), id);
    expect(await answerOf(CALL, submit('right', 't-1'), id)).toEqual(first);
    expect(await answerOf(CALL, submit('wrong', 't-2'), id)).toMatchObject({ ok: false });
    expect([...world.echo.asked]).toEqual([['right', 1]]);
  });

  it('POST /compat/ors/{env}/call answers the same answer as it did to a client that lost the reply', async () => {
    await start('echo');
    const id = await create('');
    const first = await answerOf(CALL, submit('right'), id);
    expect(await answerOf(CALL, submit('right'), id)).toEqual(first);
    expect([...world.echo.asked]).toEqual([['right', 1]]);
  });

  it.each<[string, object]>([
    ['another tool', { name: 'search', input: {} }],
    ['no input', { name: 'submit' }],
    ['an input without an answer', { name: 'submit', input: {} }],
    ['an input with more than an answer', { name: 'submit', input: { answer: '2', why: 'x' } }],
  ])('POST /compat/ors/{env}/call tells the model of %s, and the episode goes on', async (_, body) => {
    await start();
    const id = await create('');
    expect(await answerOf(CALL, body, id)).toMatchObject({ ok: false });
    expect(await answerOf(CALL, submit('2'), id)).toEqual(ended(1));
  });

  it('POST /compat/ors/{env}/call holds answers while the judge fails half the time', async () => {
    await start('judge');
    const rewards = await Promise.all(
      [0, 1, 2, 3].map(async (index) => {
        const id = await create('', { split: 'train', index });
        return answerOf(CALL, submit(`Answer: ${index}`), id);
      }),
    );
    expect(rewards).toEqual([ended(1), ended(1), ended(1), ended(1)]);
    expect(world.retries.length).toBeGreaterThan(0);
  });

  it('POST /compat/ors/{env}/call refuses with 503 for a lasting fault, and the episode goes on', async () => {
    await start('echo');
    const id = await create('');
    expect(await post(CALL, submit('fault', 't-1'), id)).toMatchObject({
      status: 503,
      field: 'input.answer',
    });
    expect(world.waitedMs()).toBeLessThan(20_000);
    expect(await answerOf(CALL, submit('right', 't-1'), id)).toEqual(ended(1));
  });

  it('POST /compat/ors/{env}/call counts the first of two answers that are scored at once', async () => {
    await start('echo');
    const id = await create('');
    const both = [answerOf(CALL, submit('right later'), id), answerOf(CALL, submit('wrong later'), id)];
    while (world.echo.waiting < 2) await new Promise((resolve) => setImmediate(resolve));
    world.echo.decideAll();
    const told = (await Promise.all(both)) as { ok: boolean }[];
    expect(told.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

describe('paths without an environment', () => {
  it.each(['numbers', 'owner/numbers', 'env', ''])(
    'POST /call and the others are about the dataset of X-Deployment, else the only one: "%s"',
    async (named) => {
      await start();
      const id = await create('');
      expect(await ask('/splits', named, id)).toContain('"train"');
      expect(await ask('/tools', named, id)).toContain('submit');
      expect(await ask('/task_tools', named, id)).toContain('submit');
      expect(await ask('/num_tasks', named, id, { split: 'train' })).toBe('{"num_tasks":5}');
      expect(await ask('/task', named, id, { split: 'train', index: 1 })).toContain('"env_name"');
      expect(await ask('/prompt', named, id)).toContain('Question 2');
      expect(await ask('/call', named, id, submit('Answer: 2'))).toContain('"reward":1');
    },
  );

  it('POST /task refuses a header that names none of several datasets', async () => {
    class TwoDatasets extends FixedDataset {
      override async list() {
        return [...(await super.list()), ...(await new FixedDataset('letters', PAIRS).list())];
      }
    }
    const datasets = new TwoDatasets('numbers', PAIRS);
    world = await startCompatWorld({ datasets });
    const refused = JSON.parse(await ask('/task', 'env', '', { split: 'train', index: 1 }));
    expect(refused).toMatchObject({ status: 404, field: 'X-Deployment' });
  });
});

describe('what /compat/ors refuses', () => {
  it.each<[string, () => Promise<unknown>, object]>([
    ['a call without an id', () => get('/numbers/prompt'), { status: 400, field: 'X-Session-ID' }],
    [
      'an id without an episode',
      () => get('/numbers/prompt', 'none'),
      { status: 404, field: 'X-Session-ID' },
    ],
    ['an unknown dataset', () => get('/letters/splits'), { status: 404, field: 'dataset' }],
    ['an unknown split', () => post('/numbers/num_tasks', { split: 'all' }), { status: 404, field: 'split' }],
    [
      'a place that is not there',
      () => post('/numbers/task', { split: 'train', index: 5 }),
      { status: 400, field: 'index' },
    ],
    ['an episode about nothing', () => post('/create', {}, 'x'), { status: 400, field: 'task_spec' }],
    [
      'a task of another version',
      () => post('/create', { env_name: 'numbers', task_spec: { row_id: 'v0.1', split: 'train' } }, 'x'),
      { status: 412, field: 'task_spec.row_id' },
    ],
  ])('/compat/ors refuses %s and names the field', async (_, refused, problem) => {
    await start();
    expect(await refused()).toMatchObject(problem);
  });

  it('POST /compat/ors/create begins the same episode twice, and refuses another one under its id', async () => {
    await start();
    const id = await create('');
    expect(await post('/create', { split: 'train', index: 2 }, id)).toEqual({ sid: id });
    expect(await post('/create', { split: 'train', index: 0 }, id)).toMatchObject({
      status: 400,
      field: 'X-Session-ID',
    });
  });
});

describe('OrsEpisodes', () => {
  it('OrsEpisodes.get() forgets an episode that nobody asked about for 15 minutes, and no other', () => {
    let now = 0;
    const episodes = new OrsEpisodes(() => now);
    const about = { kind: 'place', split: 'train', index: 0 } as const;
    episodes.begin('quiet', about);
    episodes.begin('alive', about);
    now = 600_000;
    episodes.get('alive');
    now = 1_000_000;
    expect(() => episodes.get('quiet')).toThrow('create it first');
    expect(episodes.get('alive').task).toEqual(about);
    episodes.begin('quiet', about);
  });
});
