// NeMo Gym's resources server, in the bodies that its agents and its collector send and read.

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { aggregateMetrics } from '../../../src/edges/compat/nemo-gym-metrics.ts';
import { type CompatWorld, failingHalfTheTime, startCompatWorld } from '../../support/compat-world.ts';

const BASE = '/compat/nemo-gym';

let world: CompatWorld;

afterEach(() => world?.close());

/** A response with thoughts and a tool call before its last message, which comes in two parts. */
function responseOf(text: string, rest: object = {}) {
  return {
    id: 'resp-1',
    object: 'response',
    status: 'completed',
    output: [
      { type: 'reasoning', id: 'r-1', summary: [{ type: 'summary_text', text: 'It is 17.' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Let me ask.' }] },
      { type: 'function_call', name: 'add', arguments: '{}', call_id: 'c-1' },
      { type: 'function_call_output', call_id: 'c-1', output: '18' },
      {
        type: 'message',
        role: 'assistant',
        content: [
          { type: 'output_text', text: text.slice(0, 3), annotations: [] },
          { type: 'output_text', text: text.slice(3), annotations: [] },
        ],
      },
    ],
    usage: { input_tokens: 10, output_tokens: 5 },
    ...rest,
  };
}

function rowOf(text: string, rest: object = { expected_answer: '18' }) {
  return {
    uuid: 'u-1',
    _ng_task_index: 3,
    responses_create_params: { input: [{ role: 'user', content: 'What is 9 + 9?' }], tools: [] },
    response: responseOf(text),
    ...rest,
  };
}

/** A reply of /verify, as the collector sends it back. */
function verifiedRow(task: number, reward: number, rest: object = {}) {
  return { _ng_task_index: task, _ng_rollout_index: 0, reward, ...rest };
}

async function verify(row: unknown, query = ''): Promise<Record<string, unknown>> {
  const reply = await world.post(`${BASE}/verify${query}`, row);
  return (await reply.json()) as Record<string, unknown>;
}

describe('POST /compat/nemo-gym/verify', () => {
  it('POST /compat/nemo-gym/verify sends the whole row back with its reward', async () => {
    world = await startCompatWorld();
    const row = rowOf(String.raw`So \boxed{18}`);
    expect(await verify(row)).toEqual({ ...row, reward: 1, mask_sample: false });
  });

  it.each([
    [String.raw`\boxed{17}`, { expected_answer: '18' }],
    [String.raw`\boxed{18}`, { expected_answer: 18 }],
    [String.raw`\boxed{18}`, { ground_truth: ['17', '18'] }],
    ['Answer: 18', { answer: '18' }],
  ])('POST /compat/nemo-gym/verify gives %s against %j the reward of POST /v1/score', async (text, truth) => {
    world = await startCompatWorld();
    const { reward } = await verify(rowOf(text, truth));
    expect(reward).toBe(await world.rewardOf('math', '18', text));
  });

  it('POST /compat/nemo-gym/verify has the score of each scorer where there are several', async () => {
    world = await startCompatWorld();
    const reward = { scorers: [{ name: 'math' }, { name: 'echo', weight: 0.5 }] };
    const row = rowOf(String.raw`right \boxed{18}`, { expected_answer: { ground_truth: '18', reward } });
    expect(await verify(row)).toMatchObject({ reward: 1.5, reward_components: { math: 1, echo: 1 } });
  });

  it('POST /compat/nemo-gym/verify scores a response without a message as one without an answer', async () => {
    world = await startCompatWorld();
    const response = { output: [{ type: 'reasoning', summary: [] }], status: 'completed' };
    expect(await verify(rowOf('', { expected_answer: '18', response }))).toMatchObject({
      reward: 0,
      mask_sample: false,
    });
  });

  it('POST /compat/nemo-gym/verify knows a response that was cut at its tokens as truncated', async () => {
    world = await startCompatWorld();
    const incomplete = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    const row = { ...rowOf(''), response: responseOf(String.raw`\boxed{18}`, incomplete) };
    const recipe = JSON.stringify({ scorers: [{ name: 'math' }], truncated: 'unscorable' });
    expect(await verify(row, `?reward=${encodeURIComponent(recipe)}`)).toMatchObject({
      reward: 0,
      mask_sample: true,
      _ng_failure_class: 'truncated',
    });
  });

  it('POST /compat/nemo-gym/verify masks what the judge could not score, in its class of failure, and holds nothing', async () => {
    world = await startCompatWorld({ behave: failingHalfTheTime });
    const truth = { expected_answer: 'the Rhine' };
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        verify(rowOf(`Answer: the Elbe ${index}`, truth), '?reward=judge'),
      ),
    );
    const masked = replies.filter(({ mask_sample: isMasked }) => isMasked);
    const scored = replies.filter(({ mask_sample: isMasked }) => !isMasked);
    expect(masked.length).toBeGreaterThan(0);
    for (const reply of masked) {
      expect(reply).toMatchObject({
        reward: 0,
        _ng_failure_class: 'judge_failed',
        failure_kind: 'groupwise:judge_unavailable',
      });
      expect(reply['_ng_failure_judge_error']).toMatch(/^judge_unavailable: /);
    }
    expect(scored.length).toBeGreaterThan(0);
    for (const reply of scored) expect(reply).not.toHaveProperty('_ng_failure_class');
    expect(world.retries).toEqual([]);
  });

  it('POST /compat/nemo-gym/verify verifies a failed row again without what the last time said of it', async () => {
    world = await startCompatWorld();
    const row = rowOf(String.raw`\boxed{18}`);
    const failed = {
      ...row,
      reward: 0,
      mask_sample: true,
      _ng_failure_class: 'judge_failed',
      _ng_failure_judge_error: 'x',
      failure_kind: 'y',
      failure_reason: 'z',
    };
    expect(await verify(failed)).toEqual({ ...row, reward: 1, mask_sample: false });
  });

  it.each<[string, unknown, string]>([
    ['without a ground truth', rowOf('x', {}), 'expected_answer'],
    ['without a response', { responses_create_params: { input: 'q' }, expected_answer: '1' }, 'response'],
    [
      'without what was asked',
      { response: responseOf('x'), expected_answer: '1' },
      'responses_create_params',
    ],
    ['with a row of an unknown dataset', rowOf('x', { dataset: 'none', pair_id: 'p' }), 'dataset'],
    ['with a pair_id that is none', rowOf('x', { dataset: 'none', pair_id: 7 }), 'pair_id'],
    ['with a name of a dataset that is none', rowOf('x', { dataset: '../x', pair_id: 'p' }), 'dataset'],
    ['with an empty ground truth', rowOf('x', { expected_answer: '' }), 'expected_answer'],
  ])('POST /compat/nemo-gym/verify refuses a row %s and names the field', async (_, row, field) => {
    world = await startCompatWorld();
    expect(await verify(row)).toMatchObject({ field });
  });
});

describe('the rest of /compat/nemo-gym', () => {
  it('POST /compat/nemo-gym/seed_session takes any row, and keeps nothing for it', async () => {
    world = await startCompatWorld();
    expect(await (await world.post(`${BASE}/seed_session`, { anything: [1] })).text()).toBe('{}');
  });

  it('GET /compat/nemo-gym/reverify_mode says that rows can be verified again', async () => {
    world = await startCompatWorld();
    expect(await (await fetch(`${world.url}${BASE}/reverify_mode`)).text()).toBe('"stateless"');
  });

  it('POST /compat/nemo-gym/aggregate_metrics describes rewards over all and by task, without masked rows', async () => {
    world = await startCompatWorld();
    const verified = [
      verifiedRow(1, 1),
      verifiedRow(1, 0),
      verifiedRow(0, 1, { response: { usage: { output_tokens: 7 } } }),
      verifiedRow(0, 0, { mask_sample: true }),
      verifiedRow(0, 0, { _ng_failure_class: 'judge_failed' }),
    ];
    const reply = await world.post(`${BASE}/aggregate_metrics`, { verify_responses: verified });
    const third = 1 / Math.sqrt(3);
    expect(await reply.json()).toEqual({
      group_level_metrics: [
        {
          _ng_task_index: 0,
          'mean/reward': 1,
          'max/reward': 1,
          'min/reward': 1,
          'median/reward': 1,
          'std/reward': 0,
          'mean/output_tokens': 7,
          'max/output_tokens': 7,
          'min/output_tokens': 7,
          'median/output_tokens': 7,
          'std/output_tokens': 0,
        },
        {
          _ng_task_index: 1,
          'mean/reward': 0.5,
          'max/reward': 1,
          'min/reward': 0,
          'median/reward': 0.5,
          'std/reward': Math.SQRT1_2,
        },
      ],
      agent_metrics: expect.objectContaining({
        'mean/reward': expect.closeTo(2 / 3, 12),
        'std/reward': expect.closeTo(third, 12),
        'median/reward': 1,
        'groupwise/scored': 3,
        'groupwise/masked': 2,
      }),
      key_metrics: { 'mean/reward': expect.closeTo(2 / 3, 12), 'mean/output_tokens': 7 },
    });
  });

  it('aggregateMetrics() lies between the smallest and the largest, whatever the rewards', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1 }), (rewards) => {
        const { agent_metrics: metrics } = aggregateMetrics(rewards.map((reward) => ({ reward })));
        for (const name of ['mean/reward', 'median/reward']) {
          expect(metrics[name]).toBeGreaterThanOrEqual(Math.min(...rewards) - 1e-9);
          expect(metrics[name]).toBeLessThanOrEqual(Math.max(...rewards) + 1e-9);
        }
      }),
    );
  });

  it('aggregateMetrics() of no replies has no numbers but how many there were', () => {
    expect(aggregateMetrics([])).toEqual({
      group_level_metrics: [],
      agent_metrics: { 'groupwise/scored': 0, 'groupwise/masked': 0 },
      key_metrics: {},
    });
  });
});
