// The training loop against a real server over a socket, with a policy that is a table and really learns.

import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvClient } from '../../../../src/client/env-client.ts';
import { EnvError } from '../../../../src/core/errors.ts';
import { createRandom } from '../../../../src/core/random.ts';
import type { TrainingOptions } from '../../../../src/trainer/loop/training-options.ts';
import type { Sampler } from '../../../../src/trainer/policy.ts';
import { TabularPolicy } from '../../../support/tabular-policy.ts';
import {
  Died,
  live,
  type Lived,
  MortalClient,
  rewardsIn,
  SETTINGS,
  TrainingWorld,
} from '../../../support/training-world.ts';

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

describe('train', () => {
  it('train() raises the reward of a policy that learns, and tells the server of every step', async () => {
    const { end, events } = await live({ client, steps: 60, runId: 'raises' });
    expect(end.first_reward).toBeLessThan(0.35);
    expect(end.final_reward).toBeGreaterThan(0.8);
    expect(end).toMatchObject({ kind: 'end', steps: 60, device: 'cpu', stopped: undefined });
    expect(events[0]).toMatchObject({
      kind: 'start',
      run_id: 'raises',
      estimator: 'grpo:verl',
      resumed_at: 0,
    });
    const runId = events[0]?.kind === 'start' ? events[0].run_id : '';
    const steps = await client.listTrainingSteps({ runId: runId as never });
    expect(steps.map(({ number, policyVersion }) => [number, policyVersion])).toEqual(
      Array.from({ length: 60 }, (_, index) => [index + 1, index + 1]),
    );
    expect(new Map(steps.map(({ number, metrics }) => [number, metrics['mean_reward']]))).toEqual(
      rewardsIn(events),
    );
    const { groups, completions, drift } = await client.getAccounting(runId as never);
    expect(groups).toMatchObject({ completed: 180, inProgress: 0 });
    expect(completions).toMatchObject({ submitted: 180 * 8, repeats: 0 });
    expect(drift).toEqual([{ drift: 0, completions: 180 * 8 }]);
  });

  it('train() with the same seed gives the same rewards to the last digit, with another seed others', async () => {
    const first = await live({ client });
    const again = await live({ client });
    const other = await live({ client, settings: { seed: 4 } });
    expect(rewardsIn(again.events)).toEqual(rewardsIn(first.events));
    expect(rewardsIn(other.events)).not.toEqual(rewardsIn(first.events));
  });

  it('train() walks on in a run of its own when the questions are exhausted, unless the walks were limited', async () => {
    const folder = world.newFolder();
    await live({ client, folder, steps: 3, runId: 'more' });
    const more = await live({ client, folder, steps: 9 });
    expect(more.end).toMatchObject({ steps: 9, stopped: undefined });
    expect(more.said).toContain('The questions are walked on in run more-2');
    const measured: string[] = [];
    const measure: TrainingOptions['measure'] = async (when, step) => void measured.push(`${when} ${step}`);
    const limited = await live({ client, steps: 9, settings: { epochs: 1 }, options: { measure } });
    expect(measured).toEqual(['before 0', 'after 4']);
    // Ten questions in batches of three: the last batch has one.
    expect(limited.end).toMatchObject({ steps: 4, stopped: 'the questions are exhausted' });
  });

  it('train() goes on when the server is restarted in the middle', async () => {
    const undisturbed = await live({ client });
    const restarting: Promise<void>[] = [];
    const disturbed = await live({
      client,
      patienceMs: 30_000,
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === 4) {
          restarting.push(world.stopServer().then(() => world.startServer()));
        }
      },
    });
    await Promise.all(restarting);
    expect(rewardsIn(disturbed.events)).toEqual(rewardsIn(undisturbed.events));
  });

  it('train() that is interrupted finishes its step, keeps it and goes on there', async () => {
    const undisturbed = await live({ client });
    const folder = world.newFolder();
    const interrupt = new AbortController();
    const first = await live({
      client,
      folder,
      checkpointEvery: 100,
      signal: interrupt.signal,
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === 4) interrupt.abort();
      },
    });
    expect(first.end).toMatchObject({ steps: 4, stopped: 'interrupted' });
    const second = await live({ client, folder });
    expect(second.events[0]).toMatchObject({ kind: 'start', resumed_at: 4 });
    expect(new Map([...rewardsIn(first.events), ...rewardsIn(second.events)])).toEqual(
      rewardsIn(undisturbed.events),
    );
    expect(second.end.first_reward).toBe(undisturbed.end.first_reward);
    expect(second.end.final_reward).toBe(undisturbed.end.final_reward);
  });

  it.each([0, 2])(
    'train() told to stop while a server draws gives the drawing up, and keeps the steps before (driftMax %s)',
    async (driftMax) => {
      const undisturbed = await live({ client, settings: { driftMax } });
      const folder = world.newFolder();
      const interrupt = new AbortController();
      const policy = new TabularPolicy();
      let drawn = 0;
      const sampler: Sampler = {
        sample: async (plan) => {
          drawn += 1;
          if (drawn < 5) return policy.sample(plan);
          await sleep(1);
          interrupt.abort();
          throw new EnvError('cancelled', 'Cannot draw completions: it was given up');
        },
      };
      const { signal } = interrupt;
      const options = { client, folder, settings: { driftMax }, checkpointEvery: 100 };
      const first = await live({ ...options, policy, signal, options: { sampler } });
      const { steps } = first.end;
      expect(first.end.stopped).toBe('interrupted');
      expect(steps).toBeGreaterThan(1);
      const second = await live(options);
      expect(second.events[0]).toMatchObject({ kind: 'start', resumed_at: steps });
      expect(second.end).toMatchObject({ steps: 10, stopped: undefined });
      const rewards = new Map([...rewardsIn(first.events), ...rewardsIn(second.events)]);
      const known = [...rewardsIn(undisturbed.events)].slice(0, steps);
      expect([...rewards].slice(0, steps)).toEqual(known);
    },
  );

  it('train() tells whoever serves the policy of each version before anything is drawn with it', async () => {
    const policy = new TabularPolicy();
    const log: string[] = [];
    const sampler: Sampler = {
      sample: (plan) => {
        log.push('draw');
        return policy.sample(plan);
      },
    };
    const publish = async (version: number): Promise<void> => void log.push(`publish ${version}`);
    await live({ client, policy, steps: 3, options: { sampler, publish } });
    expect(log).toEqual(['publish 0', 'draw', 'publish 1', 'draw', 'publish 2', 'draw']);
  });

  it('train() told to stop while it measures keeps warm-up and steps, and measures when it is taken up again', async () => {
    const folder = world.newFolder();
    const done: string[] = [];
    const stoppedIn = async (cut: string): Promise<Lived> => {
      const interrupt = new AbortController();
      return live({
        client,
        folder,
        steps: 2,
        signal: interrupt.signal,
        options: {
          warmUp: async () => void done.push('warm-up'),
          measure: async (when, step) => {
            if (when === cut) interrupt.abort(new Error('told to stop'));
            interrupt.signal.throwIfAborted();
            done.push(`${when} ${step}`);
          },
        },
      });
    };
    await expect(stoppedIn('before')).rejects.toThrow('told to stop');
    expect(done.splice(0)).toEqual(['warm-up']);
    expect((await stoppedIn('after')).end).toMatchObject({ steps: 2, stopped: 'interrupted' });
    expect(done.splice(0)).toEqual(['before 0']);
    expect((await stoppedIn('')).end).toMatchObject({ steps: 2, stopped: undefined });
    expect(done).toEqual(['after 2']);
  });

  it('train() refuses a folder with a training of other settings, and a server that does not know the run', async () => {
    const folder = world.newFolder();
    await live({ client, folder, steps: 2 });
    await expect(live({ client, folder, settings: { seed: 9 } })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining('seed was 3 and is 9'),
    });
    const stranger = await TrainingWorld.start();
    const strange = stranger.connect();
    await expect(live({ client: strange, folder })).rejects.toMatchObject({ code: 'failed_precondition' });
    strange.close();
    await stranger.stop();
  });

  it('train() begins a new run when the completions after a restart are not those that were handed in before', async () => {
    const folder = world.newFolder();
    const mortal = new MortalClient(client, { diesAt: 14, isHeard: true });
    await expect(live({ client: mortal, folder, checkpointEvery: 100, runId: 'differs' })).rejects.toThrow(
      Died,
    );
    const policy = new TabularPolicy();
    // Draws with other random numbers than its first life did.
    const sampler: Sampler = {
      sample: (plan) => policy.sample({ ...plan, random: createRandom(plan.random.uint32()) }),
    };
    const { end, said } = await live({ client, folder, policy, options: { sampler } });
    expect(end.steps).toBe(10);
    expect(said.join('\n')).toMatch(/Drew other completions than before.*\n.*run differs-2/);
  });

  it.each([0, 1, 2])('train() with driftMax %i trains each batch so many steps behind', async (driftMax) => {
    const { events, end } = await live({
      client,
      settings: { driftMax },
      runId: `drift-${driftMax}`,
      steps: 6,
    });
    expect(events.flatMap((event) => (event.kind === 'step' ? [event.metrics.drift] : []))).toEqual(
      Array.from({ length: 6 }, (_, index) => Math.min(index, driftMax)),
    );
    expect(end.steps).toBe(6);
    const { groupsCompleted, maxDrift } = await client.getRun(`drift-${driftMax}` as never);
    expect(groupsCompleted).toBe(6 * SETTINGS.promptsPerStep);
    expect(maxDrift).toBe(driftMax === 0 ? undefined : driftMax);
  });
});

describe('train, killed', () => {
  it.each([0, 2])(
    'train() killed at any call and started again gives the rewards of an undisturbed training (driftMax %i)',
    async (driftMax) => {
      const settings = { driftMax };
      const steps = 5;
      const undisturbed = rewardsIn((await live({ client, settings, steps })).events);
      const counting = new MortalClient(client, { diesAt: Number.POSITIVE_INFINITY, isHeard: true });
      await live({ client: counting, settings, steps, folder: world.newFolder(), checkpointEvery: 2 });
      expect(counting.calls).toBeGreaterThan(3 * steps);
      for (let diesAt = 1; diesAt <= counting.calls; diesAt++) {
        for (const isHeard of [false, true]) {
          const folder = world.newFolder();
          const runId = `killed-${driftMax}-${diesAt}-${String(isHeard)}`;
          const life = { settings, steps, folder, checkpointEvery: 2, runId };
          const seen: [number, number][] = [];
          const onEvent: NonNullable<Parameters<typeof live>[0]['onEvent']> = (event) => {
            if (event.kind === 'step') seen.push([event.step, event.metrics.mean_reward]);
          };
          const mortal = new MortalClient(client, { diesAt, isHeard });
          await live({ ...life, client: mortal, onEvent }).catch((error: unknown) => {
            // With completions handed in in the background, the last calls may be over before the one that dies.
            if (!(error instanceof Died)) throw error;
          });
          // Whatever was under way in the dead process is over.
          await sleep(0);
          await live({ ...life, client, onEvent });
          for (const [step, reward] of seen)
            expect(reward, `step ${step}, died at ${diesAt}`).toBe(undisturbed.get(step));
          expect(new Set(seen.map(([step]) => step)).size).toBe(steps);
          const { groups } = await client.getAccounting(runId as never);
          expect(groups.issued, `died at ${diesAt}, heard: ${String(isHeard)}`).toBe(
            steps * SETTINGS.promptsPerStep,
          );
          expect(groups.completed).toBe(groups.issued);
        }
      }
    },
  );
});
