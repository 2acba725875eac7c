// TRL's own `GRPOTrainer` trains against a running server. Each advantage that it computes is held against ours, and each reward that
// it was given against those of the server's other ways.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparePython, skipNote } from '../python-environment.ts';
import { runClient } from '../python-client.ts';
import { DATASET, type Row, type ServedWorld, startServedWorld, TOKEN } from '../served-world.ts';

interface Answered {
  readonly rewards: readonly (number | null)[];
  readonly advantages: readonly number[];
  /** [groups] */
  readonly flags: readonly (readonly string[])[];
}

interface Step {
  readonly prompts: readonly string[];
  readonly completions: readonly string[];
  readonly answers: readonly (readonly string[])[];
  /** [reward functions][groups × group size] */
  readonly rewards: readonly (readonly (number | null)[])[];
  readonly advantages: readonly number[];
  readonly scored: Answered;
}

interface Training {
  readonly steps: readonly Step[];
  readonly trained: number;
  /** Largest change of a weight. */
  readonly moved: number;
  readonly logged: readonly number[];
}

interface Seen {
  readonly versions: Readonly<Record<string, string>>;
  readonly trainings: Readonly<Record<string, Training>>;
  readonly leased: Readonly<Record<string, Training>>;
  readonly resubmitted: {
    readonly by_question: Readonly<Record<string, readonly (Answered & { readonly state: string })[]>>;
    readonly left: number;
  };
}

const TIMEOUT_MS = 600_000;
const GROUP_SIZE = 8;
const GROUPS = 4;
const STEPS = 6;
const DIGITS = ['0', '1', '2', '3', '4'];
const ROWS: readonly Row[] = [
  { question: 'What is 0 + 0?', answers: ['0'] },
  { question: 'What is 0 + 1?', answers: ['1'] },
  { question: 'What is 1 + 1?', answers: ['2'] },
  { question: 'What is 1 + 2?', answers: ['3'] },
  { question: 'What is 2 + 2?', answers: ['4'] },
  { question: 'Name any digit.', answers: DIGITS },
  { question: 'Name an unreadable digit.', answers: DIGITS },
  { question: 'Name a digit of which only 0 can be read.', answers: ['0'] },
];

const SETTINGS = {
  max_steps: STEPS,
  per_device_train_batch_size: GROUPS * GROUP_SIZE,
  num_generations: GROUP_SIZE,
  seed: 3,
};
const judged = (estimator: string, scale_rewards: string): object => ({
  rewards: ['levels'],
  recipe: 'levels',
  estimator,
  settings: { ...SETTINGS, scale_rewards },
});

const PATTERN = { name: 'regex', pattern: '[0-2]' };

/** By what TRL calls it: its settings, and the estimator that is the same. */
const WITH_REWARDS = {
  rules: { rewards: ['math'], recipe: 'math', estimator: 'grpo:trl', settings: SETTINGS },
  group: judged('grpo:trl', 'group'),
  batch: judged('grpo:trl-batch', 'batch'),
  none: judged('dr_grpo', 'none'),
  normalize_then_sum: {
    rewards: ['math', { scorers: [PATTERN] }],
    recipe: { scorers: [{ name: 'math' }, PATTERN] },
    estimator: 'gdpo:trl',
    settings: { ...SETTINGS, multi_objective_aggregation: 'normalize_then_sum' },
  },
};
const WITH_LEASES = {
  group: { recipe: 'math', estimator: 'grpo:trl', batch_groups: GROUPS, settings: SETTINGS },
  judged: { ...judged('grpo:trl', 'group'), batch_groups: GROUPS },
};

const python = await preparePython('trl');

describe.skipIf(python.missing !== undefined)(
  `TRL's GRPOTrainer${skipNote(python)}`,
  { timeout: TIMEOUT_MS },
  () => {
    let world: ServedWorld;
    let seen: Seen;
    beforeAll(async () => {
      world = await startServedWorld(ROWS);
      seen = await runClient<Seen>(python, 'try_trl.py', {
        grpc: world.grpc,
        token: TOKEN,
        dataset: DATASET,
        rows: ROWS,
        with_rewards: WITH_REWARDS,
        with_leases: WITH_LEASES,
      });
    }, TIMEOUT_MS);
    afterAll(() => world?.stop());

    it('trains for several steps, and its weights move', () => {
      for (const training of [...Object.values(seen.trainings), ...Object.values(seen.leased)]) {
        expect(training.trained).toBe(STEPS);
        expect(training.steps).toHaveLength(STEPS);
        expect(training.moved).toBeGreaterThan(0.001);
        expect(training.logged).toHaveLength(STEPS);
      }
    });

    it('meets groups of every kind: mixed, without variance, and with members that have no score', () => {
      const groups = Object.values(seen.trainings).flatMap(({ steps }) => steps.flatMap(groupsOf));
      const kinds = groups.map(({ rewards }) => {
        const scored = rewards.filter((reward) => reward !== null);
        return { scored: scored.length, values: new Set(scored).size };
      });
      expect(kinds.some(({ scored, values }) => scored === GROUP_SIZE && values > 1)).toBe(true);
      expect(kinds.some(({ scored, values }) => scored === GROUP_SIZE && values === 1)).toBe(true);
      expect(kinds.some(({ scored, values }) => scored < GROUP_SIZE && values > 1)).toBe(true);
      expect(kinds.some(({ scored }) => scored === 0)).toBe(true);
    });

    it.each(Object.keys(WITH_REWARDS))('computes the advantages that the server does: %s', (name) => {
      const steps = seen.trainings[name]?.steps ?? [];
      expect(steps).toHaveLength(STEPS);
      for (const { advantages, scored } of steps) expectClose(advantages, scored.advantages);
    });

    it.each(['rules', 'group', 'batch', 'none'])('is given the rewards that Score has: %s', (name) => {
      const steps = seen.trainings[name]?.steps ?? [];
      expect(steps).toHaveLength(STEPS);
      for (const { rewards, scored } of steps) expect(scored.rewards).toEqual(rewards[0]);
    });

    it.each(Object.keys(WITH_LEASES))(
      'computes the advantages that its leases are answered with: %s',
      (name) => {
        const steps = seen.leased[name]?.steps ?? [];
        expect(steps).toHaveLength(STEPS);
        for (const { advantages, rewards, scored } of steps) {
          expect(scored.rewards).toEqual(rewards[0]);
          expectClose(advantages, scored.advantages);
        }
      },
    );

    it('gets the rewards that its whole run gets when handed in again under leases', () => {
      const { by_question: handedIn, left } = seen.resubmitted;
      expect(left).toBe(0);
      const groups = (seen.trainings['rules']?.steps ?? []).flatMap(groupsOf);
      expect(groups).toHaveLength(STEPS * GROUPS);
      const taken: Record<string, number> = {};
      for (const { prompt, rewards, advantages } of groups) {
        const at = taken[prompt] ?? 0;
        taken[prompt] = at + 1;
        const again = handedIn[prompt]?.[at];
        expect(again).toMatchObject({ state: 'completed', rewards });
        expectClose(advantages, again?.advantages ?? []);
      }
    });

    it('gets the rewards that its whole run gets over REST', async () => {
      const groups = (seen.trainings['rules']?.steps ?? []).flatMap(groupsOf);
      const body = {
        reward: 'math',
        estimator: 'grpo:trl',
        groups: groups.map(({ prompt, completions, answers: [ground_truth, ...aliases] }) => ({
          prompt: [{ role: 'user', content: prompt }],
          ground_truth,
          aliases,
          completions: completions.map((text) => ({ text })),
        })),
      };
      const reply = await fetch(`http://${world.http}/v1/score`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(body),
      });
      const scored = (await reply.json()) as {
        groups: { completions: { reward?: number; advantage: number }[] }[];
      };
      expect(scored.groups.map((group) => group.completions.map(({ reward }) => reward))).toEqual(
        groups.map(({ rewards }) => rewards),
      );
      expectClose(
        groups.flatMap(({ advantages }) => advantages),
        scored.groups.flatMap((group) => group.completions.map(({ advantage }) => advantage)),
      );
    });
  },
);

function groupsOf({ prompts, completions, answers, rewards, advantages }: Step) {
  return Array.from({ length: GROUPS }, (_, group) => {
    const members = <T>(values: readonly T[] = []): readonly T[] =>
      values.slice(group * GROUP_SIZE, (group + 1) * GROUP_SIZE);
    return {
      prompt: prompts[group * GROUP_SIZE] ?? '',
      answers: answers?.[group * GROUP_SIZE] ?? [],
      completions: members(completions),
      rewards: members(rewards[0]),
      advantages: members(advantages),
    };
  });
}

/** To 1e-5, each. */
function expectClose(theirs: readonly number[], ours: readonly number[]): void {
  expect(ours).toHaveLength(theirs.length);
  const apart = theirs.map((advantage, index) => Math.abs(advantage - (ours[index] ?? Number.NaN)));
  expect(Math.max(...apart)).toBeLessThanOrEqual(1e-5);
}
