// What `groupwise train` measures before and after, against a real server that may be away.

import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvClient } from '../../../../src/client/env-client.ts';
import { checkMeasuredSplit, measurerOf } from '../../../../src/commands/train/measurer.ts';
import { type TrainFlags, withTrainOptions } from '../../../../src/commands/train/options.ts';
import { EnvError } from '../../../../src/core/errors.ts';
import type { TrainingEvent } from '../../../../src/trainer/training-event.ts';
import { TabularPolicy } from '../../../support/tabular-policy.ts';
import { SETTINGS, TrainingWorld } from '../../../support/training-world.ts';

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

function flagsOf(...words: string[]): TrainFlags {
  return withTrainOptions(new Command()).parse(words, { from: 'user' }).opts<TrainFlags>();
}

describe('measurerOf()', () => {
  it('measurerOf() waits for a server that restarts, and tells the same figures', async () => {
    const told: TrainingEvent[] = [];
    const said: string[] = [];
    const restarts: Promise<void>[] = [];
    const measure = measurerOf(flagsOf('--evaluate', 'train'), {
      client,
      policy: new TabularPolicy(),
      settings: SETTINGS,
      tell: (event) => void told.push(event),
      patience: {
        patienceMs: 20_000,
        say: (text) => {
          said.push(text);
          restarts.push(world.startServer());
        },
      },
    });
    await measure?.('before', 0);
    await world.stopServer();
    await measure?.('before', 0);
    await Promise.all(restarts);
    expect(said).toEqual([expect.stringContaining('Cannot measure the policy yet, trying again')]);
    expect(told[0]).toMatchObject({ kind: 'evaluation', split: 'train', questions: 10 });
    expect(told[1]).toEqual(told[0]);
  });

  it('measurerOf() that is told to stop rejects with the reason', async () => {
    const signal = AbortSignal.abort(new EnvError('cancelled', 'Stopped'));
    const patience = { patienceMs: 20_000, signal, say: () => {} };
    const policy = new TabularPolicy();
    const measured = { client, policy, settings: SETTINGS, tell: () => {}, patience };
    await expect(measurerOf(flagsOf('--evaluate', 'train'), measured)?.('before', 0)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it.each([
    ['nothing is to be measured', []],
    ['a split is to be measured that the dataset has', ['--evaluate', 'train']],
  ])('checkMeasuredSplit() is content where %s', async (_what, words) => {
    const check = checkMeasuredSplit(flagsOf(...words), { client, settings: SETTINGS });
    await expect(check).resolves.toBeUndefined();
  });

  it('checkMeasuredSplit() refuses a split that the dataset has not', async () => {
    const flags = flagsOf('--embedded');
    await expect(checkMeasuredSplit(flags, { client, settings: SETTINGS })).rejects.toMatchObject({
      field: '--evaluate',
      message: 'Cannot use --evaluate: dataset "sums" has no split "test", it has "train"',
    });
  });
});
