// The folder of a training whose files are not what a training wrote: said with the file's name, before anything is done.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../../../src/core/ids.ts';
import { FIRST_STATE } from '../../../../src/trainer/loop/checkpoint.ts';
import { TrainingFolder } from '../../../../src/trainer/loop/training-folder.ts';

const RUN = { runId: 'run' as RunId, seed: 1, epochs: 2 };

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'groupwise-folder-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('TrainingFolder', () => {
  it('TrainingFolder.open() knows the runs and the checkpoint that were kept', async () => {
    const before = await TrainingFolder.open(folder, { seed: 1 });
    await before.addRun(RUN);
    await before.save(
      { save: () => Promise.resolve() },
      { ...FIRST_STATE, step: 3, rewards: [0, 0.5, 1] },
      2,
    );
    const after = await TrainingFolder.open(folder, { seed: 1 });
    expect(after.runs).toEqual([RUN]);
    expect((await after.newest())?.state).toEqual({ ...FIRST_STATE, step: 3, rewards: [0, 0.5, 1] });
  });

  it.each([
    ['no JSON', 'hi'],
    ['without an identity', '{}'],
    ['without its runs', '{"identity":{"seed":1}}'],
    ['with a run that has no id', '{"identity":{"seed":1},"runs":[{"seed":1,"epochs":1}]}'],
  ])('TrainingFolder.open() refuses a record that is %s', async (_what, text) => {
    const path = join(folder, 'training.json');
    writeFileSync(path, text);
    await expect(TrainingFolder.open(folder, { seed: 1 })).rejects.toMatchObject({
      code: 'data_loss',
      message: expect.stringContaining(path),
    });
  });

  it.each([
    ['no JSON', '{"form', 'data_loss'],
    ['half of one', '{"format":1}', 'data_loss'],
    ['of another version', JSON.stringify({ ...FIRST_STATE, format: 2 }), 'failed_precondition'],
  ])('TrainingFolder.newest() refuses a state that is %s', async (_what, text, code) => {
    const training = await TrainingFolder.open(folder, { seed: 1 });
    const checkpoint = join(folder, 'checkpoints', 'step-000004');
    mkdirSync(checkpoint, { recursive: true });
    writeFileSync(join(checkpoint, 'training.json'), text);
    await expect(training.newest()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(checkpoint),
    });
  });
});
