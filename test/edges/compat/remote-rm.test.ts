// The remote reward models of slime and miles, in the bytes that their clients send and read.

import { afterEach, describe, expect, it } from 'vitest';
import { type CompatWorld, failingHalfTheTime, startCompatWorld } from '../../support/compat-world.ts';

let world: CompatWorld;

afterEach(() => world.close());

const sample = (response: string, label: unknown = '18') => ({ prompt: 'What is 9 + 9?', response, label });

describe.each([
  ['slime', 100_000],
  ['miles', 270_000],
])('POST /compat/%s/remote_rm', (trainer, patienceMs) => {
  const path = `/compat/${trainer}/remote_rm`;

  it.each([String.raw`\boxed{18}<|im_end|>`, String.raw`\boxed{17}`, 'Answer: 18'])(
    `POST ${path} answers %s with the bare reward of POST /v1/score`,
    async (response) => {
      world = await startCompatWorld();
      const reply = await world.post(path, sample(response));
      expect(reply.headers.get('content-type')).toBe('application/json');
      const text = await reply.text();
      expect(text).toMatch(/^[01]$/);
      expect(Number(text)).toBe(await world.rewardOf('math', '18', response.replace('<|im_end|>', '')));
    },
  );

  it(`POST ${path} takes a prompt of messages, and answers with an object where the URL names --reward-key`, async () => {
    world = await startCompatWorld();
    const prompt = [
      { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: 'What is 9 + 9?' },
      { role: 'assistant', content: null, tool_calls: [] },
    ];
    const reply = await world.post(`${path}?reward_key=score`, { ...sample(String.raw`\boxed{18}`), prompt });
    expect(await reply.text()).toBe('{"math":1,"score":1}');
  });

  it.each<[string, unknown, string]>([
    ['without a response', { prompt: 'p', label: '1' }, 'response'],
    ['without a label', { prompt: 'p', response: 'r' }, 'label'],
    ['without a prompt', { response: 'r', label: '1' }, 'prompt'],
    [
      'with a recipe in the label that there is not',
      sample('r', { ground_truth: '1', reward: 'mth' }),
      'label.reward.scorers[0].name',
    ],
    ['with a label of an unknown dataset', sample('r', { dataset: 'none', pair_id: 'p-1' }), 'label.dataset'],
    ['with half a row', sample('r', { pair_id: 'p-1' }), 'label.ground_truth'],
    ['with two references', sample('r', { ground_truth: '1', dataset: 'a', pair_id: 'b' }), 'label.pair_id'],
  ])(`POST ${path} refuses a request %s and names the field`, async (_, body, field) => {
    world = await startCompatWorld();
    const reply = await world.post(path, body);
    expect(reply.status).toBeLessThan(500);
    const refused = await reply.json();
    expect(refused).toMatchObject({ field });
    expect(JSON.stringify(refused)).not.toMatch(/nonoptional|undefined/u);
  });

  it(`POST ${path} holds its samples while the judge fails half the time, and gives no zero for a fault`, async () => {
    world = await startCompatWorld({ behave: failingHalfTheTime });
    const replies = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const response = index % 3 === 0 ? `Answer: the Elbe ${index}` : 'Answer: the Rhine';
        return (await world.post(`${path}?reward=judge`, sample(response, 'the Rhine'))).text();
      }),
    );
    expect(replies).toEqual(replies.map((_, index) => (index % 3 === 0 ? '0' : '1')));
    expect(world.retries.length).toBeGreaterThan(3);
    expect(world.retries[0]).toEqual({ dialect: trainer, cause: 'judge_unavailable' });
  });

  it(`POST ${path} refuses with 503 when the fault outlasts the patience of its client`, async () => {
    world = await startCompatWorld();
    const reply = await world.post(`${path}?reward=echo`, sample('fault'));
    expect(reply.status).toBe(503);
    expect(world.waitedMs()).toBeLessThan(patienceMs);
    expect(world.waitedMs()).toBeGreaterThan(patienceMs - 10_000);
  });
});

it('hold_ms in the URL takes the place of the patience of a dialect', async () => {
  world = await startCompatWorld();
  const reply = await world.post('/compat/slime/remote_rm?reward=echo&hold_ms=0', sample('fault'));
  expect([reply.status, world.retries.length]).toEqual([503, 0]);
});

it('hold_ms=0 is one try, however long a judge takes over it', async () => {
  world = await startCompatWorld();
  const reply = await world.post(
    '/compat/slime/remote_rm?reward=judge&hold_ms=0',
    sample('Answer: the Rhine', 'the Rhine'),
  );
  expect([reply.status, await reply.text()]).toEqual([200, '1']);
});
