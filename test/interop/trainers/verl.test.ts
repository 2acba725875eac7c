// verl's own loader and reward managers, with the reward function of the client package, against a running server.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparePython, skipNote } from '../python-environment.ts';
import { runClient } from '../python-client.ts';
import { type ServedWorld, startServedWorld, TOKEN } from '../served-world.ts';

const TIMEOUT_MS = 300_000;
const RIGHT = 'so \\boxed{18}';
const WRONG = 'so \\boxed{17}';

// With TRL's packages, as both stand on the same PyTorch.
const python = await preparePython('trl', [11, 12]);

describe.skipIf(python.missing !== undefined)(
  `verl's reward managers${skipNote(python)}`,
  { timeout: TIMEOUT_MS },
  () => {
    let world: ServedWorld;
    beforeAll(async () => {
      world = await startServedWorld([{ question: 'What is 9 + 9?', answers: ['18'] }]);
    }, TIMEOUT_MS);
    afterAll(() => world?.stop());

    async function rewarded(cases: readonly object[]): Promise<readonly unknown[]> {
      const filled = cases.map((each) => ({ ground_truth: '18', reward_kwargs: {}, ...each }));
      const request = { grpc: world.grpc, token: TOKEN, cases: filled };
      return (await runClient<{ seen: readonly unknown[] }>(python, 'try_verl.py', request)).seen;
    }

    it.each(['compute_score', 'compute_score_async'])('load %s and get its rewards', async (name) => {
      const cases = ['naive', 'dapo'].flatMap((manager) =>
        [RIGHT, WRONG].map((says) => ({ manager, says, function: name })),
      );
      // verl calls a bare number "acc" in its metrics.
      const [one, zero] = [1, 0].map((reward) => ({
        reward_score: reward,
        reward_extra_info: { acc: reward },
      }));
      expect(await rewarded(cases)).toEqual([one, zero, one, zero]);
    });

    it('see an error when the judge is down, or the number that the user chose, marked', async () => {
      const dead = { manager: 'naive', says: RIGHT, function: 'compute_score_async' };
      expect(
        await rewarded([
          { ...dead, reward_kwargs: { reward: 'dead' } },
          { ...dead, reward_kwargs: { reward: 'dead', fault_score: -1 } },
        ]),
      ).toEqual([
        { kind: 'UnscorableError', message: expect.stringContaining('judge_unavailable') as unknown },
        { reward_score: -1, reward_extra_info: { score: -1, unscorable: 1 } },
      ]);
    });

    // The reason why the documents warn of this manager: verl's own code swallows whatever a reward function raises.
    it('make 0.0 of an error where the manager is rate_limited, whatever is raised', async () => {
      const dead = { manager: 'rate_limited', says: RIGHT, function: 'compute_score_async' };
      expect(await rewarded([{ ...dead, reward_kwargs: { reward: 'dead' } }])).toMatchObject([
        { reward_score: 0 },
      ]);
    });
  },
);
