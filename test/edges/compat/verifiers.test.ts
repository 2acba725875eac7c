// verifiers' taskset of NeMo Gym rows: it reads `reward`, whatever else stands beside it, and makes a rollout with an error of a
// request that is refused.

import { afterEach, describe, expect, it } from 'vitest';
import { type CompatWorld, failingHalfTheTime, startCompatWorld } from '../../support/compat-world.ts';

let world: CompatWorld;

afterEach(() => world?.close());

function rowOf(text: string, rest: object = { expected_answer: '18' }) {
  const content = [{ type: 'output_text', text }];
  return {
    responses_create_params: { input: [{ role: 'user', content: 'What is 9 + 9?' }] },
    response: { id: 'r-1', object: 'response', output: [{ type: 'message', role: 'assistant', content }] },
    ...rest,
  };
}

describe('POST /compat/verifiers/verify', () => {
  it('POST /compat/verifiers/verify answers as that of NeMo Gym', async () => {
    world = await startCompatWorld();
    const row = rowOf(String.raw`So \boxed{18}`);
    const reply = await world.post('/compat/verifiers/verify', row);
    expect(await reply.json()).toEqual({ ...row, reward: 1, mask_sample: false });
    expect((await world.post('/compat/verifiers/seed_session', row)).status).toBe(200);
  });

  it('POST /compat/verifiers/verify waits for a judge that fails half the time, and says what it says', async () => {
    world = await startCompatWorld({ behave: failingHalfTheTime });
    for (let asked = 0; asked < 6; asked += 1) {
      const reply = await world.post('/compat/verifiers/verify?reward=judge', rowOf(`It is ${asked}: 18`));
      expect(reply.status).toBe(200);
      expect(await reply.json()).toHaveProperty('mask_sample', false);
    }
    expect(world.retries.every(({ dialect }) => dialect === 'verifiers')).toBe(true);
    expect(world.retries.length).toBeGreaterThan(0);
  });

  it('POST /compat/verifiers/verify refuses what cannot be scored, where NeMo Gym has a placeholder', async () => {
    world = await startCompatWorld({ behave: () => ({ kind: 'status', status: 500 }) });
    const row = rowOf('18');
    const refused = await world.post('/compat/verifiers/verify?reward=judge', row);
    expect(refused.status).toBe(503);
    expect(await refused.json()).not.toHaveProperty('reward');
    expect(world.waitedMs()).toBeGreaterThan(30_000);
    expect(world.waitedMs()).toBeLessThan(60_000);
    const masked = await world.post('/compat/nemo-gym/verify?reward=judge', row);
    expect(await masked.json()).toMatchObject({ reward: 0, mask_sample: true });
  });
});
