// OpenRLHF's remote reward model, in the bytes that its client sends and reads.

import { afterEach, describe, expect, it } from 'vitest';
import {
  type CompatWorld,
  type CompatWorldOptions,
  failingHalfTheTime,
  startCompatWorld,
} from '../../support/compat-world.ts';

const URL_PATH = '/compat/openrlhf/get_reward';
const PROMPT = '<|im_start|>user\nWhat is 9 + 9?<|im_end|>\n<|im_start|>assistant\n';

let world: CompatWorld;

afterEach(() => world.close());

async function start(options: CompatWorldOptions = {}): Promise<CompatWorld> {
  world = await startCompatWorld(options);
  return world;
}

function basic(password: string): string {
  return `Basic ${Buffer.from(`groupwise:${password}`).toString('base64')}`;
}

/** One sample, as the client sends it. */
function sample(response: string, label: unknown = '18', prompt = PROMPT): string {
  return JSON.stringify({ query: [prompt + response], prompts: [prompt], labels: [label] });
}

describe('POST /compat/openrlhf/get_reward', () => {
  it('POST /compat/openrlhf/get_reward answers one sample in the bytes that the client reads', async () => {
    await start();
    const response = await world.post(URL_PATH, sample(String.raw`So \boxed{18}.<|im_end|>`));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe('{"rewards":[1],"scores":[1],"extra_logs":{"math":[1]}}');
  });

  it.each<[string, string, unknown, string]>([
    ['a right answer', String.raw`\boxed{18}`, '18', 'math'],
    ['a wrong answer', String.raw`\boxed{17}`, '18', 'math'],
    ['a label that is a number', String.raw`\boxed{18}`, 18, 'math'],
    ['a label with a list of answers', 'Answer: 18', ['17', 18], 'numeric'],
    ['a label that names its reward', 'Answer: 18', { ground_truth: '18', reward: 'exact' }, 'exact'],
    ['a URL that names the reward', 'Answer: eighteen', 'eighteen', 'exact'],
  ])(
    'POST /compat/openrlhf/get_reward gives %s the reward of POST /v1/score',
    async (_, response, label, reward) => {
      await start();
      const url =
        typeof label === 'object' && !Array.isArray(label) ? URL_PATH : `${URL_PATH}?reward=${reward}`;
      const reply = (await (await world.post(url, sample(response, label))).json()) as { rewards: number[] };
      const truth = label === 18 || Array.isArray(label) ? '18' : String(Object(label).ground_truth ?? label);
      expect(reply.rewards).toEqual([await world.rewardOf(reward, truth, response)]);
    },
  );

  it.each([
    ['the prompt as it is', PROMPT, PROMPT],
    ['a token of the tokenizer before it', PROMPT, `<|begin_of_text|>${PROMPT}`],
    ['a token of another kind before it', 'Q: 9 + 9?', '<s> Q: 9 + 9?'],
  ])(
    'POST /compat/openrlhf/get_reward takes the response out of a query that begins with %s',
    async (_, prompt, begin) => {
      await start();
      const body = { query: [`${begin}right</s>`], prompts: [prompt], labels: ['x'] };
      expect(await (await world.post(`${URL_PATH}?reward=echo`, body)).json()).toMatchObject({
        rewards: [1],
      });
      expect([...world.echo.asked.keys()]).toEqual(['right']);
    },
  );

  it('POST /compat/openrlhf/get_reward takes what stands after the last marker where the query does not begin with its prompt', async () => {
    await start();
    const body = { query: ['U: wrong A: wrong U: go A: right'], prompts: ['elsewhere'], labels: ['x'] };
    const url = `${URL_PATH}?reward=echo&response_marker=A:%20`;
    expect(await (await world.post(url, body)).json()).toMatchObject({ rewards: [1] });
    expect([...world.echo.asked.keys()]).toEqual(['right']);
  });

  it('POST /compat/openrlhf/get_reward answers an empty request with empty lists', async () => {
    await start();
    const reply = await world.post(URL_PATH, { query: [], prompts: [], labels: [] });
    expect(await reply.text()).toBe('{"rewards":[],"scores":[],"extra_logs":{}}');
  });

  it('POST /compat/openrlhf/get_reward answers several samples in their order, without scores beyond 0 to 1', async () => {
    await start();
    const recipe = JSON.stringify({ scorers: [{ name: 'echo', weight: 2 }] });
    const body = { query: ['Aright', 'Awrong'], prompts: ['A', 'A'], labels: ['x', 'x'] };
    const reply = await world.post(`${URL_PATH}?reward=${encodeURIComponent(recipe)}`, body);
    expect(await reply.json()).toEqual({ rewards: [2, 0], extra_logs: { echo: [1, 0] } });
  });

  it.each<[string, unknown, string, string]>([
    ['without labels', { query: ['a'], prompts: ['a'] }, '', 'labels'],
    ['with an empty label', JSON.parse(sample('x', '')), '', 'labels[0]'],
    ['with a label that is null', JSON.parse(sample('x', null)), '', 'labels[0]'],
    ['with an unknown field in a label', JSON.parse(sample('x', { truth: '1' })), '', 'labels[0].truth'],
    ['without a query', { prompts: [], labels: [] }, '', 'query'],
    ['with a query that is no list', { query: 'a', labels: ['b'] }, '', 'query'],
    ['with fewer prompts', { query: ['a', 'b'], prompts: ['a'], labels: ['1', '2'] }, '', 'prompts'],
    ['whose query lacks its prompt', { query: ['b'], prompts: ['a'], labels: ['1'] }, '', 'query[0]'],
    ['that is a list', [], '', 'body'],
    ['with an unknown parameter', JSON.parse(sample('x')), '?rewrd=math', 'rewrd'],
    ['with a reward that is not there', JSON.parse(sample('x')), '?reward=maths', 'reward.scorers[0].name'],
    ['with a hold that is no number', JSON.parse(sample('x')), '?hold_ms=soon', 'hold_ms'],
  ])(
    'POST /compat/openrlhf/get_reward refuses a request %s and names the field',
    async (_, body, query, field) => {
      await start();
      const reply = await world.post(URL_PATH + query, body);
      expect(reply.headers.get('content-type')).toBe('application/problem+json');
      expect(await reply.json()).toMatchObject({ status: 400, field });
      expect(world.retries).toEqual([]);
    },
  );

  it('POST /compat/openrlhf/get_reward never shows a ground truth in a refusal', async () => {
    await start();
    const reply = await world.post(URL_PATH, { query: ['a'], prompts: ['b'], labels: ['secret-5be1'] });
    expect(await reply.text()).not.toContain('secret-5be1');
  });

  it('POST /compat/openrlhf/get_reward holds its samples while the judge fails, and gives no zero for a fault', async () => {
    await start({ behave: failingHalfTheTime });
    const ask = (response: string) =>
      world.post(`${URL_PATH}?reward=judge`, sample(`Answer: ${response}`, 'the Rhine'));
    const replies = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const reply = await ask(index % 2 === 0 ? 'the Rhine' : `the Elbe ${index}`);
        return (await reply.json()) as { rewards: number[] };
      }),
    );
    expect(replies.map(({ rewards }) => rewards[0])).toEqual(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 1 : 0)),
    );
    expect(world.retries.length).toBeGreaterThan(5);
    expect(new Set(world.retries.map(({ dialect, cause }) => `${dialect} ${cause}`))).toEqual(
      new Set(['openrlhf judge_unavailable']),
    );
  });

  it('POST /compat/openrlhf/get_reward refuses with 503 when the fault outlasts the patience of its client', async () => {
    await start();
    const reply = await world.post(`${URL_PATH}?reward=echo`, sample('fault', 'x'));
    expect(reply.status).toBe(503);
    expect(reply.headers.get('retry-after')).toBe('1');
    expect(await reply.json()).toMatchObject({ code: 'unavailable', field: 'query[0]' });
    expect(world.waitedMs()).toBeGreaterThan(130_000);
    expect(world.waitedMs()).toBeLessThan(150_000);
  });

  it('POST /compat/openrlhf/get_reward refuses at once what no retry can help', async () => {
    await start();
    const recipe = encodeURIComponent(
      JSON.stringify({ scorers: [{ name: 'math' }], no_answer: 'unscorable' }),
    );
    const reply = await world.post(`${URL_PATH}?reward=${recipe}`, sample('', '18'));
    expect(await reply.json()).toMatchObject({ status: 412, code: 'failed_precondition' });
    expect(world.retries).toEqual([]);
  });

  it('POST /compat/openrlhf/get_reward waits for room when too many completions are being scored', async () => {
    await start({ inFlightMax: 1 });
    const waiting = world.post(`${URL_PATH}?reward=echo`, sample('right later', 'x'));
    while (world.echo.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = world.post(`${URL_PATH}?reward=echo`, sample('right', 'x'));
    while (world.retries.length === 0) await new Promise((resolve) => setImmediate(resolve));
    world.echo.decideAll();
    expect([(await waiting).status, (await second).status]).toEqual([200, 200]);
    expect(world.retries[0]).toEqual({ dialect: 'openrlhf', cause: 'resource_exhausted' });
  });

  it('POST /compat/openrlhf/get_reward refuses when the judge hangs longer than its client waits', async () => {
    await start({ behave: () => ({ kind: 'hang' }) });
    const reply = await world.post(
      `${URL_PATH}?reward=judge&hold_ms=5000`,
      sample('Answer: the Rhine', 'the Rhine'),
    );
    expect(reply.status).toBe(503);
    expect(await reply.json()).toMatchObject({
      detail: 'Cannot score query[0]: deadline_exceeded: Not scored within 5000 ms',
    });
  });

  it('POST /compat/openrlhf/get_reward says what the last fault was when the time is over in the next try', async () => {
    // The time-out of the first try is longer than any pause of this world, that of the second one is not.
    await start({ behave: (_, index) => (index === 0 ? { kind: 'status', status: 500 } : { kind: 'hang' }) });
    const reply = await world.post(
      `${URL_PATH}?reward=judge&hold_ms=10100`,
      sample('Answer: the Rhine', 'the Rhine'),
    );
    expect(reply.status).toBe(503);
    const { detail } = (await reply.json()) as { detail: string };
    expect(detail).toMatch(
      /^Cannot score query\[0\] by "judge": deadline_exceeded: Not scored within 10100 ms; before that judge_unavailable: .*500/,
    );
  });

  it('POST /compat/openrlhf/get_reward stops trying when its client is gone', async () => {
    await start({ behave: () => ({ kind: 'hang' }) });
    const controller = new AbortController();
    const gone = fetch(`${world.url}${URL_PATH}?reward=judge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: sample('Answer: the Rhine', 'the Rhine'),
      signal: controller.signal,
    });
    while (world.judge.open.now === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await expect(gone).rejects.toThrow('abort');
    while (world.callsEnded.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(world.callsEnded).toEqual([{ call: 'compat/openrlhf', code: 'cancelled' }]);
    expect(world.retries).toEqual([]);
  });
});

describe('the guard of /compat', () => {
  it.each<[string, Record<string, string>, number]>([
    ['no token', {}, 401],
    ['a wrong token', { authorization: 'Bearer other-token' }, 401],
    ['the token', { authorization: 'Bearer test-token' }, 200],
    [
      'the token as a password, as clients send what stands in a URL',
      { authorization: basic('test-token') },
      200,
    ],
    ['a wrong password', { authorization: basic('other-token') }, 401],
    [
      'a user without a password',
      { authorization: `Basic ${Buffer.from('test-token').toString('base64')}` },
      401,
    ],
    ['the token as X-API-Key', { 'x-api-key': 'test-token' }, 200],
    ['a wrong X-API-Key', { 'x-api-key': 'other-token' }, 401],
  ])('the guard of /compat answers %s', async (_, headers, status) => {
    await start({ token: 'test-token' });
    const reply = await world.post(URL_PATH, sample(String.raw`\boxed{18}`), headers);
    expect(reply.status).toBe(status);
  });

  it('the guard of /compat refuses pages of other origins, and methods that a path does not have', async () => {
    await start();
    expect((await world.post(URL_PATH, '{}', { origin: 'https://other.example' })).status).toBe(403);
    const got = await fetch(world.url + URL_PATH);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('GET / and GET /compat list the dialects', async () => {
    await start();
    expect(await (await fetch(world.url)).json()).toMatchObject({ links: { compat: '/compat' } });
    const listed = (await (await fetch(`${world.url}/compat`)).json()) as {
      calls: string[];
      scorers: string[];
    };
    expect(listed.calls).toContain('POST /compat/openrlhf/get_reward');
    expect(listed.scorers).toEqual(expect.arrayContaining(['math', 'judge']));
  });

  it('GET /compat tells its calls and scorers only to who has the token', async () => {
    await start({ token: 'test-token' });
    const open = await fetch(`${world.url}/compat`);
    expect([open.status, await open.text()]).toEqual([401, expect.not.stringContaining('math')]);
  });
});
