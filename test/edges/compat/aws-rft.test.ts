// Record lists of AWS reinforcement fine-tuning, in the bytes that a Lambda function passes on.

import { afterEach, describe, expect, it } from 'vitest';
import { type CompatWorld, failingHalfTheTime, startCompatWorld } from '../../support/compat-world.ts';

const PATH = '/compat/aws-rft';

let world: CompatWorld;

afterEach(() => world.close());

function record(id: string | number, text: string, rest: object = { reference_answer: '18' }) {
  return {
    id,
    messages: [
      { role: 'user', content: 'What is 9 + 9?' },
      { role: 'assistant', content: text },
    ],
    ...rest,
  };
}

describe('POST /compat/aws-rft', () => {
  it('POST /compat/aws-rft answers a list with a result for each record, in order and in the bytes that AWS reads', async () => {
    world = await startCompatWorld();
    const reply = await world.post(PATH, [
      record('a', String.raw`\boxed{18}`),
      record('b', String.raw`\boxed{17}`),
    ]);
    expect(await reply.text()).toBe(
      '[{"id":"a","aggregate_reward_score":1,"metrics_list":[{"name":"math","value":1,"type":"Metric"}]},' +
        '{"id":"b","aggregate_reward_score":0,"metrics_list":[{"name":"math","value":0,"type":"Metric"}]}]',
    );
  });

  it('POST /compat/aws-rft answers an empty list with an empty list', async () => {
    world = await startCompatWorld();
    expect(await (await world.post(PATH, [])).text()).toBe('[]');
  });

  it.each([
    { reference_answer: '18' },
    { reference_answer: 18 },
    { reference_answer: { answer: '18' } },
    { reference_answer: { ground_truth: '18', reward: 'math' } },
    { metadata: { reference_answer: '18' } },
    { metadata: { reference_answer: { answer: '18' }, other: 1 } },
  ])(
    'POST /compat/aws-rft reads the ground truth of %j and gives the reward of POST /v1/score',
    async (rest) => {
      world = await startCompatWorld();
      for (const text of [String.raw`\boxed{18}`, 'Answer: 19']) {
        const results = (await (await world.post(PATH, [record(7, text, rest)])).json()) as object[];
        expect(results).toEqual([
          expect.objectContaining({
            id: 7,
            aggregate_reward_score: await world.rewardOf('math', '18', text),
          }),
        ]);
      }
    },
  );

  it.each<[string, unknown, string]>([
    ['without a reference', [record('a', 'x', {})], '[0].reference_answer'],
    [
      'with an empty answer',
      [record('a', 'x'), record('b', 'x', { reference_answer: { answer: '' } })],
      '[1].reference_answer.answer',
    ],
    ['without messages', [{ id: 'a', reference_answer: '1' }], '[0].messages'],
    [
      'that ends with the user',
      [{ ...record('a', 'x'), messages: [{ role: 'user', content: 'q' }] }],
      '[0].messages',
    ],
    ['without an id', [{ messages: record('a', 'x').messages, reference_answer: '1' }], '[0].id'],
    ['that is no list', { records: [] }, 'body'],
  ])('POST /compat/aws-rft refuses a record %s and names the field', async (_, body, field) => {
    world = await startCompatWorld();
    expect(await (await world.post(PATH, body)).json()).toMatchObject({ status: 400, field });
  });

  it('POST /compat/aws-rft holds its records while the judge fails half the time, and gives no zero for a fault', async () => {
    world = await startCompatWorld({ behave: failingHalfTheTime });
    const truth = { reference_answer: 'the Rhine' };
    const records = Array.from({ length: 12 }, (_, index) =>
      record(index, index === 0 ? 'Answer: the Rhine' : `Answer: the Elbe ${index}`, truth),
    );
    const results = (await (await world.post(`${PATH}?reward=judge`, records)).json()) as {
      aggregate_reward_score: number;
    }[];
    expect(results.map(({ aggregate_reward_score: score }) => score)).toEqual([
      1,
      ...Array.from({ length: 11 }, () => 0),
    ]);
    expect(world.retries.length).toBeGreaterThan(2);
  });

  it('POST /compat/aws-rft refuses the whole list when one record stays without a score', async () => {
    world = await startCompatWorld();
    const reply = await world.post(`${PATH}?reward=echo`, [record('a', 'right'), record('b', 'fault')]);
    expect(reply.status).toBe(503);
    expect(await reply.json()).toMatchObject({ field: '[1]' });
    expect(world.waitedMs()).toBeLessThan(60_000);
  });
});
