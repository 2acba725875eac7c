// The warm-up against a real server, whose rules measure it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvClient } from '../../../../src/client/env-client.ts';
import { lastUserMessage } from '../../../../src/trainer/loop/draw.ts';
import { warmUp, type WarmUpPlan } from '../../../../src/trainer/loop/warm-up.ts';
import type { TokenSequence } from '../../../../src/trainer/policy.ts';
import type { WarmUpStep } from '../../../../src/trainer/training-event.ts';
import { TabularPolicy } from '../../../support/tabular-policy.ts';
import { TrainingWorld } from '../../../support/training-world.ts';

let world: TrainingWorld;
let client: EnvClient;

beforeAll(async () => {
  world = await TrainingWorld.start();
  client = world.connect();
});

afterAll(async () => {
  client.close();
  await world.stop();
});

/** Every question ten times: a table knows what it has not been shown only by its prompt. */
const PLAN: WarmUpPlan = {
  rows: Array.from({ length: 100 }, (_, index) => ({
    prompt: [{ role: 'user' as const, content: `${index % 10}+0=` }],
    groundTruth: { answer: String(index % 10), aliases: [] },
    choices: [],
    reward: index % 2 === 0 ? 'numeric' : 'exact',
  })),
  target: 0.5,
  stepsMax: 60,
  rowsPerStep: 10,
  optimiser: { learningRate: 0.5, gradientNormMax: 1 },
  measureEvery: 4,
  heldOutMax: 256,
  seed: 1,
  tokensMax: 2,
  temperature: 1,
};

async function run(plan: Partial<WarmUpPlan>, signal?: AbortSignal) {
  const events: WarmUpStep[] = [];
  const said: string[] = [];
  const shown: TokenSequence[] = [];
  const policy = new TabularPolicy();
  const supervise = policy.supervise.bind(policy);
  policy.supervise = (examples, optimiser) => {
    shown.push(...examples);
    return supervise(examples, optimiser);
  };
  const end = await warmUp(
    { ...PLAN, ...plan },
    {
      client,
      policy,
      promptText: lastUserMessage,
      patience: { patienceMs: 0, signal, say: (text) => void said.push(text) },
      tell: (event) => void events.push(event),
    },
  );
  return { end, events, said, shown };
}

describe('warmUp', () => {
  it('warmUp() stops at the first measurement at the target', async () => {
    const { end, events, said } = await run({});
    expect(end.accuracy).toBeGreaterThanOrEqual(0.5);
    expect(end.steps % PLAN.measureEvery).toBe(0);
    const measured = events.flatMap(({ accuracy }) => accuracy ?? []);
    expect(measured.filter((accuracy) => accuracy >= 0.5)).toEqual([end.accuracy]);
    expect(events.map(({ step }) => step)).toEqual(
      Array.from({ length: end.steps }, (_, index) => index + 1),
    );
    expect(said).toEqual([]);
  });

  it('warmUp() takes no update where the target is met already', async () => {
    expect((await run({ target: 0 })).end.steps).toBe(0);
  });

  it('warmUp() ends at its last step all the same, and says that it fell short', async () => {
    const { end, said } = await run({ stepsMax: 2, target: 1 });
    expect(end.steps).toBe(2);
    expect(said.join('')).toContain('below 1');
  });

  it('warmUp() shows each row once before any twice, and never those that it measures on', async () => {
    const rows = Array.from({ length: 30 }, (_, index) => ({
      prompt: [{ role: 'user' as const, content: `${index}` }],
      groundTruth: { answer: '1', aliases: [] },
      choices: [],
      reward: 'exact',
    }));
    const { shown } = await run({ rows, stepsMax: 6, rowsPerStep: 9, target: 1 });
    const prompts = shown.map(({ prompt }) => prompt.join());
    expect(new Set(prompts.slice(0, 27)).size).toBe(27);
    expect(new Set(prompts).size).toBe(27);
  });

  it('warmUp() refuses a single row and stops when it is told to', async () => {
    await expect(run({ rows: PLAN.rows.slice(0, 1) })).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(run({ target: 1 }, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});
