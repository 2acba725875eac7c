// What is finished stays finished: bases and arms on disk, whole or not there, and never of another experiment.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ExperimentFolder } from '../../../../src/trainer/experiment/experiment-folder.ts';
import type { ArmRecord } from '../../../../src/trainer/experiment/plan.ts';
import { EXPERIMENT_PLAN } from '../../../support/experiment-plan.ts';

const RECORD: ArmRecord = { arm: 'pretraining', seed: 7, points: [], order: ['a'], seconds: 1.5 };

let path = '';

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'groupwise-experiment-folder-'));
});

afterEach(() => {
  rmSync(path, { recursive: true });
});

describe('ExperimentFolder', () => {
  it('gives an arm back to the next life, and none that was not kept', async () => {
    await (await ExperimentFolder.open(path, EXPERIMENT_PLAN)).keepArm(RECORD);
    const folder = await ExperimentFolder.open(path, EXPERIMENT_PLAN);
    expect(await folder.arm(7, 'pretraining')).toEqual(RECORD);
    expect(await folder.arm(7, 'reinforcement')).toBeUndefined();
    expect(await folder.arm(8, 'pretraining')).toBeUndefined();
  });

  it('keeps the base only when its weights are whole', async () => {
    const folder = await ExperimentFolder.open(path, EXPERIMENT_PLAN);
    const broken = folder.keepBase(
      1,
      { updates: 3, accuracy: 0.5 },
      { save: () => Promise.reject(new Error('disk')) },
    );
    await expect(broken).rejects.toThrow('disk');
    expect(await folder.base(1)).toBeUndefined();
    const saved: string[] = [];
    const policy = { save: async (where: string) => void saved.push(where) };
    await folder.keepBase(1, { updates: 3, accuracy: 0.5 }, policy);
    expect(saved).toEqual([folder.basePolicy(1)]);
    expect(await folder.base(1)).toEqual({ updates: 3, accuracy: 0.5 });
  });

  it('refuses a folder of another plan and says what differs', async () => {
    await ExperimentFolder.open(path, EXPERIMENT_PLAN);
    await expect(ExperimentFolder.open(path, { ...EXPERIMENT_PLAN, passes: 9 })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining('passes was 2 and is 9') as string,
    });
  });

  it('does not take a damaged file for one that is not there', async () => {
    const folder = await ExperimentFolder.open(path, EXPERIMENT_PLAN);
    await folder.keepArm(RECORD);
    writeFileSync(join(path, 'seed-7', 'pretraining.json'), '{"arm":');
    await expect(folder.arm(7, 'pretraining')).rejects.toMatchObject({ code: 'data_loss' });
  });
});
