// The trainers' own clients against a running server: the reward of a right and of a wrong answer, and what the trainer sees when the
// judge fails. Code of the trainers runs as published; the scripts in `clients` say what stands in for a GPU.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparePython, skipNote } from './python-environment.ts';
import { runClient } from './python-client.ts';
import {
  DATASET,
  FLAKY_DATASET,
  type Row,
  type ServedWorld,
  startServedWorld,
  TOKEN,
} from './served-world.ts';

interface Failure {
  readonly kind: string;
  readonly message: string;
}

const ROWS: readonly Row[] = [
  { question: 'What is 9 + 9?', answers: ['18'] },
  { question: 'What is 2 + 2?', answers: ['4'] },
];
const RIGHT = 'so \\boxed{18}';
const WRONG = 'so \\boxed{17}';

const python = await preparePython('http-clients');

const TIMEOUT_MS = 300_000;

/** How a row's prompt begins. */
const asked = (question: string): object => [
  { role: 'user', content: expect.stringContaining(question) as unknown },
];

describe.skipIf(python.missing !== undefined)(
  `a trainer's own client${skipNote(python)}`,
  { timeout: TIMEOUT_MS },
  () => {
    let world: ServedWorld;
    beforeAll(async () => {
      world = await startServedWorld(ROWS);
    });
    afterAll(() => world?.stop());

    /** The token is the password of the URL, as these clients take nothing but a URL. */
    const compat = (path: string): string => `http://any:${TOKEN}@${world.http}/compat/${path}`;

    it('of OpenRLHF gets its rewards by URL and by agent; of a dead judge None, not 0, or an error', async () => {
      const retriesBefore = await world.retries();
      const seen = await runClient<{ by_url: unknown[]; by_agent: unknown[] }>(python, 'try_openrlhf.py', {
        grpc: world.grpc,
        token: TOKEN,
        by_url: [
          { url: compat('openrlhf/get_reward?reward=math'), label: '18', says: `${RIGHT}<|im_end|>` },
          { url: compat('openrlhf/get_reward?reward=math'), label: '18', says: `${WRONG}<|im_end|>` },
          { url: compat('openrlhf/get_reward?reward=flaky'), label: '18', says: RIGHT },
          { url: compat('openrlhf/get_reward?reward=dead&hold_ms=0'), label: '18', says: RIGHT },
        ],
        by_agent: [
          { reward: 'math', label: '18', says: `${RIGHT}<|im_end|>` },
          { reward: 'math', label: '18', says: `${WRONG}<|im_end|>` },
          { reward: 'dead', label: '18', says: RIGHT },
        ],
      });
      expect(seen.by_url).toEqual([
        { reward: [1], scores: [1], extra_logs: { math: [1] } },
        { reward: [0], scores: [0], extra_logs: { math: [0] } },
        // The first try of this judge fails: the server asked it again, and the client knows nothing of it.
        { reward: [1], scores: [1], extra_logs: { flaky: [1] } },
        { reward: null, scores: null, extra_logs: {} },
      ]);
      expect(await world.retries()).toBeGreaterThan(retriesBefore);
      expect(seen.by_agent).toEqual([
        expect.objectContaining({ reward: 1, scores: 1 }),
        expect.objectContaining({ reward: 0, scores: 0 }),
        { kind: 'UnscorableError', message: expect.stringContaining('judge_unavailable') as unknown },
      ]);
    });

    it('of slime and of miles, at the level of bytes, reads the reply as the reward; a fault is an error', async () => {
      const prompt = [{ role: 'user', content: 'What is 9 + 9?' }];
      const cases = [
        { url: compat('slime/remote_rm?reward=math'), response: RIGHT },
        { url: compat('miles/remote_rm?reward=math'), response: WRONG },
        { url: compat('slime/remote_rm?reward=math&reward_key=score'), response: RIGHT },
        { url: compat('miles/remote_rm?reward=flaky'), response: 'so \\boxed{19}' },
        { url: compat('slime/remote_rm?reward=dead&hold_ms=0'), response: RIGHT },
        { url: compat('miles/remote_rm?reward=dead&hold_ms=0'), response: RIGHT },
      ].map((each) => ({ prompt, label: '18', ...each }));
      const { seen } = await runClient<{ seen: (number | object)[] }>(python, 'try_remote_rm.py', { cases });
      const refused = { kind: 'ClientResponseError', message: expect.stringMatching(/^503/u) as unknown };
      expect(seen).toEqual([1, 0, { score: 1, math: 1 }, 0, refused, refused]);
    });

    it('of OpenEnv resets to a row, steps once, and gets its reward', async () => {
      const url = compat(`openenv/${DATASET}`);
      const cases = [
        { url, reset: { index: 0 }, completion: RIGHT },
        { url, reset: { index: 0 }, completion: WRONG },
        { url, reset: { index: 1 }, completion: '\\boxed{4}' },
      ];
      const { seen } = await runClient<{ seen: object[] }>(python, 'try_openenv.py', { cases });
      const ended = { done: true, state: 1 };
      expect(seen).toEqual([
        { messages: asked('9 + 9'), reward: 1, ...ended },
        { messages: asked('9 + 9'), reward: 0, ...ended },
        { messages: asked('2 + 2'), reward: 1, ...ended },
      ]);
    });

    it('of the Open Reward Standard lists tasks, opens an episode and calls its tool', async () => {
      const cases = [RIGHT, WRONG].map((answer) => ({ environment: DATASET, index: 0, answer }));
      cases.push({ environment: FLAKY_DATASET, index: 0, answer: '\\boxed{16}' });
      const { seen } = await runClient<{ seen: (object | Failure)[] }>(python, 'try_ors.py', {
        url: `http://${world.http}`,
        token: TOKEN,
        cases,
      });
      const prompt = [expect.stringContaining('9 + 9') as unknown];
      expect(seen).toEqual([
        { prompt, reward: 1, finished: true },
        { prompt, reward: 0, finished: true },
        { prompt, reward: 0, finished: true },
      ]);
    });

    it('of Atropos, in the models of its package, gets scores and advantages by the ground truth it names', async () => {
      const label = { ground_truth: '18', reward: 'math', estimator: 'dr_grpo' };
      const seen = await runClient<object>(python, 'try_atropos.py', {
        url: `http://${world.http}/compat/atropos`,
        token: TOKEN,
        case: { question: 'What is 9 + 9?', says: [RIGHT, WRONG], label },
      });
      expect(seen).toMatchObject({
        queued: 1,
        batch_size: 2,
        groups: [
          {
            scores: [1, 0],
            advantages: [
              [0, 0.5, 0.5],
              [0, -0.5, -0.5],
            ],
          },
        ],
      });
    });

    it("of reasoning-gym's server, at the level of bytes, gets a batch and its scores", async () => {
      const { scores } = await runClient<{ scores: object }>(python, 'try_reasoning_gym.py', {
        url: `http://${world.http}/compat/reasoning-gym`,
        token: TOKEN,
        experiment: DATASET,
        size: 2,
        answers: { 'What is 9 + 9?': '\\boxed{18}', 'What is 2 + 2?': '\\boxed{5}' },
      });
      expect(scores).toEqual({ 'What is 9 + 9?': 1, 'What is 2 + 2?': 0 });
    });
  },
);
