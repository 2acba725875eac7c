// NeMo Gym's own agent, models and client, with a running server as its resources server: through the example's, and directly.

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparePython, skipNote } from '../python-environment.ts';
import { runClient } from '../python-client.ts';
import { type ServedWorld, startServedWorld, TOKEN } from '../served-world.ts';

interface Collected {
  readonly rows: readonly object[];
  readonly metrics: { readonly agent_metrics: Readonly<Record<string, unknown>> };
}

const WAYS = ['example', 'directly'] as const;
const EXAMPLE = fileURLToPath(
  new URL('../../../examples/nemo-rl/resources_servers/groupwise/app.py', import.meta.url),
);

const TIMEOUT_MS = 300_000;
const RIGHT = 'so \\boxed{18}';
const WRONG = 'so \\boxed{17}';

const python = await preparePython('nemo-gym');

describe.skipIf(python.missing !== undefined)(
  `NeMo Gym's agent${skipNote(python)}`,
  { timeout: TIMEOUT_MS },
  () => {
    let world: ServedWorld;
    let seen: Readonly<Record<(typeof WAYS)[number], Collected>>;
    beforeAll(async () => {
      world = await startServedWorld([{ question: 'What is 9 + 9?', answers: ['18'] }]);
      const [host, port] = world.http.split(':');
      const input = [{ role: 'user', content: 'What is 9 + 9?' }];
      const row = (more: object): object => ({
        responses_create_params: { input },
        kept: 'as it was',
        ...more,
      });
      seen = await runClient<typeof seen>(python, 'try_nemo_gym.py', {
        example: EXAMPLE,
        token: TOKEN,
        host,
        port,
        cases: [
          { row: row({ expected_answer: '18' }), says: RIGHT },
          { row: row({ expected_answer: '18' }), says: WRONG },
          { row: row({ expected_answer: { ground_truth: '18', reward: 'dead' } }), says: RIGHT },
        ],
      });
    }, TIMEOUT_MS);
    afterAll(() => world?.stop());

    it.each(WAYS)('reads rewards, and a fault as a masked row with a class of failure: %s', (way) => {
      const echoed = { kept: 'as it was' };
      expect(seen[way].rows).toEqual([
        { ...echoed, says: RIGHT, reward: 1, mask_sample: false, failure: null },
        { ...echoed, says: WRONG, reward: 0, mask_sample: false, failure: null },
        { ...echoed, says: RIGHT, reward: 0, mask_sample: true, failure: 'judge_failed' },
      ]);
    });

    it.each(WAYS)('reads metrics in which the masked row is counted and not averaged: %s', (way) => {
      expect(seen[way].metrics.agent_metrics).toMatchObject({ 'mean/reward': 0.5, 'groupwise/masked': 1 });
    });
  },
);
