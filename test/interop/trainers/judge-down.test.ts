// What trainers see when the judge stays down for longer than a dialect can hold a request: here the whole patience of the server and
// of the client is waited for, which takes minutes.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparePython, skipNote } from '../python-environment.ts';
import { runClient } from '../python-client.ts';
import { DEAD_DATASET, type ServedWorld, startServedWorld, TOKEN } from '../served-world.ts';

const TIMEOUT_MS = 600_000;
/** The last try is under way when the patience ends, or it has ended. */
const CAUSE = /judge_unavailable|deadline_exceeded/u;
const RIGHT = 'so \\boxed{18}';

const python = await preparePython('http-clients');

describe.skipIf(python.missing !== undefined)(
  `a judge that is down${skipNote(python)}`,
  { timeout: TIMEOUT_MS },
  () => {
    let world: ServedWorld;
    beforeAll(async () => {
      world = await startServedWorld([{ question: 'What is 9 + 9?', answers: ['18'] }]);
    });
    afterAll(() => world?.stop());

    const error = { kind: expect.any(String) as unknown, message: expect.stringMatching(CAUSE) as unknown };

    it.concurrent("is an error in OpenEnv's client, and no reward", async () => {
      const url = `http://any:${TOKEN}@${world.http}/compat/openenv/${DEAD_DATASET}`;
      const request = { cases: [{ url, reset: { index: 0 }, completion: RIGHT }] };
      const { seen } = await runClient<{ seen: object[] }>(python, 'try_openenv.py', request);
      expect(seen).toEqual([expect.objectContaining(error)]);
      expect(seen[0]).not.toHaveProperty('reward');
    });

    it.concurrent("is an error in the Open Reward Standard's client after its retries, and no reward", async () => {
      const cases = [{ environment: DEAD_DATASET, index: 0, answer: RIGHT }];
      const request = { url: `http://${world.http}`, token: TOKEN, cases };
      const { seen } = await runClient<{ seen: object[] }>(python, 'try_ors.py', request);
      expect(seen).toEqual([error]);
    });
  },
);
