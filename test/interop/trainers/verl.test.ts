// verl's own loader and reward managers, with the reward function of the client package, against a running server.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparePython, skipNote } from '../python-environment.ts';
import { runClient } from '../python-client.ts';
import { type ServedWorld, startServedWorld, TOKEN } from '../served-world.ts';

const TIMEOUT_MS = 300_000;
const RIGHT = 'so \\boxed{18}';
const WRONG = 'so \\boxed{17}';

const CASES = ['compute_score', 'compute_score_async'].flatMap((name) =>
  ['naive', 'dapo'].flatMap((manager) => [
    { function: name, manager, says: RIGHT, reward_kwargs: {} },
    { function: name, manager, says: WRONG, reward_kwargs: {} },
  ]),
);
const DEAD = { function: 'compute_score_async', says: RIGHT };
const FAULTS = [
  { ...DEAD, manager: 'naive', reward_kwargs: { reward: 'dead' } },
  { ...DEAD, manager: 'naive', reward_kwargs: { reward: 'dead', fault_score: -1 } },
  { ...DEAD, manager: 'rate_limited', reward_kwargs: { reward: 'dead' } },
];

/** What a manager makes of a reward; verl calls a bare number "acc" in its metrics. */
const told = (reward: number): object => ({ reward_score: reward, reward_extra_info: { acc: reward } });

// With TRL's packages, as both stand on the same PyTorch.
const python = await preparePython('trl');

describe.skipIf(python.missing !== undefined)(`verl's reward managers${skipNote(python)}`, () => {
  let world: ServedWorld;
  let seen: readonly unknown[];
  beforeAll(async () => {
    world = await startServedWorld([{ question: 'What is 9 + 9?', answers: ['18'] }]);
    const cases = [...CASES, ...FAULTS].map((each) => ({ ground_truth: '18', ...each }));
    const request = { grpc: world.grpc, token: TOKEN, cases };
    ({ seen } = await runClient<{ seen: readonly unknown[] }>(python, 'try_verl.py', request));
  }, TIMEOUT_MS);
  afterAll(() => world?.stop());

  it('load the function, awaited or not, and get its rewards', () => {
    expect(seen.slice(0, CASES.length)).toEqual(CASES.map(({ says }) => told(says === RIGHT ? 1 : 0)));
  });

  it('see an error when the judge is down, or the number that the user chose, marked', () => {
    expect(seen.slice(CASES.length, CASES.length + 2)).toEqual([
      { kind: 'UnscorableError', message: expect.stringContaining('judge_unavailable') as unknown },
      { reward_score: -1, reward_extra_info: { score: -1, unscorable: 1 } },
    ]);
  });

  // The reason why the documents warn of this manager: verl's own code swallows whatever a reward function raises.
  it('make 0.0 of an error where the manager is rate_limited, whatever is raised', () => {
    expect(seen.at(-1)).toMatchObject({ reward_score: 0 });
  });
});
