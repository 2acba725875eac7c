// The server of reasoning-gym, in the bodies that its client sends and reads.

import { afterEach, describe, expect, it } from 'vitest';
import { recipeOf } from '../../../src/core/recipe.ts';
import { type CompatWorld, failingHalfTheTime, startCompatWorld } from '../../support/compat-world.ts';
import { FixedDataset } from '../../support/fixed-dataset.ts';
import { numberedPairs } from '../../support/pairs.ts';

const BASE = '/compat/reasoning-gym';
const PAIRS = [...numberedPairs(5), ...numberedPairs(2, { split: 'test' }, 100)];

let world: CompatWorld;

afterEach(() => world.close());

async function start(reward?: string): Promise<void> {
  const recipe = reward === undefined ? undefined : recipeOf(reward);
  const datasets = new FixedDataset('numbers', PAIRS, undefined, recipe);
  world = await startCompatWorld({ datasets, behave: failingHalfTheTime });
}

async function get(path: string): Promise<unknown> {
  return (await fetch(world.url + BASE + path)).json();
}

async function score(name: string, answers: unknown, query = ''): Promise<unknown> {
  return (await world.post(`${BASE}/experiments/${name}/score${query}`, { answers })).json();
}

describe('/compat/reasoning-gym', () => {
  it('GET /compat/reasoning-gym/health and /experiments name what is there', async () => {
    await start();
    expect(await get('/health')).toEqual({ status: 'healthy' });
    expect(await get('/experiments')).toEqual({ experiments: ['numbers', 'numbers:test'] });
  });

  it('GET /compat/reasoning-gym/experiments/{name}/batch serves questions by their place, and begins again after the last', async () => {
    await start();
    expect(await get('/experiments/numbers/batch?base_index=3&batch_size=3')).toEqual({
      entries: [3, 4, 0].map((place, index) => ({
        question: `Question ${place}`,
        entry_id: `v1.${place}`,
        metadata: { source_dataset: 'numbers', source_index: 3 + index, version_id: 'v1' },
      })),
    });
    expect(await get('/experiments/numbers:test/batch?base_index=1&batch_size=1')).toMatchObject({
      entries: [{ question: 'Question 101' }],
    });
  });

  it('POST /compat/reasoning-gym/experiments/{name}/score scores answers by their ids as POST /v1/score does', async () => {
    await start();
    const answers = [
      { entry_id: 'v1.4', answer: '4' },
      { entry_id: 'v1.1', answer: '2' },
      { entry_id: 'v1.1', answer: null },
    ];
    expect(await score('numbers', answers)).toEqual({
      scores: [1, 0, 0],
      entry_ids: ['v1.4', 'v1.1', 'v1.1'],
    });
    expect(await world.rewardOf('numeric', '4', '4')).toBe(1);
  });

  it("POST /compat/reasoning-gym/experiments/{name}/score scores by the row's recipe, or the one of the URL", async () => {
    await start('echo');
    const answers = [{ entry_id: 'v1.0', answer: 'right' }];
    expect(await score('numbers', answers)).toMatchObject({ scores: [1] });
    expect(await score('numbers', answers, '?reward=numeric')).toMatchObject({ scores: [0] });
  });

  it('POST /compat/reasoning-gym/experiments/{name}/score holds answers while the judge fails half the time', async () => {
    await start('judge');
    const answers = [0, 1, 2, 3].map((place) => ({ entry_id: `v1.${place}`, answer: `Answer: ${place}` }));
    expect(await score('numbers', answers)).toMatchObject({ scores: [1, 1, 1, 1] });
    expect(world.retries.length).toBeGreaterThan(0);
  });

  it('POST /compat/reasoning-gym/experiments/{name}/score refuses what stays without a score', async () => {
    await start('echo');
    const answers = [
      { entry_id: 'v1.0', answer: 'right' },
      { entry_id: 'v1.1', answer: 'fault' },
    ];
    expect(await score('numbers', answers)).toMatchObject({ status: 503, field: 'answers[1]' });
    expect(world.waitedMs()).toBeLessThan(45_000);
  });

  it.each<[string, () => Promise<unknown>, object]>([
    [
      'an unknown experiment',
      () => get('/experiments/letters/batch?base_index=0&batch_size=1'),
      { status: 404, field: 'dataset' },
    ],
    [
      'an unknown split',
      () => get('/experiments/numbers:dev/batch?base_index=0&batch_size=1'),
      { status: 404, field: 'split' },
    ],
    [
      'a batch without a size',
      () => get('/experiments/numbers/batch?base_index=0'),
      { status: 400, field: 'batch_size' },
    ],
    [
      'a place below 0',
      () => get('/experiments/numbers/batch?base_index=-1&batch_size=1'),
      { status: 400, field: 'base_index' },
    ],
    [
      'an id of another version',
      () => score('numbers', [{ entry_id: 'v0.1', answer: '1' }]),
      { status: 412, field: 'answers[0].entry_id' },
    ],
    [
      'a place that is not there',
      () => score('numbers', [{ entry_id: 'v1.5', answer: '1' }]),
      { status: 400, field: 'answers[0].entry_id' },
    ],
    [
      'an id of another make',
      () => score('numbers', [{ entry_id: 'x', answer: '1' }]),
      { status: 400, field: 'answers[0].entry_id' },
    ],
    [
      'an answer that is no text',
      () => score('numbers', [{ entry_id: 'v1.1', answer: 1 }]),
      { status: 400, field: 'answers[0].answer' },
    ],
  ])('/compat/reasoning-gym refuses %s and names the field', async (_, ask, problem) => {
    await start();
    expect(await ask()).toMatchObject(problem);
  });
});
