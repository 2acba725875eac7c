import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { type TrainFlags, withTrainOptions } from '../../../../src/commands/train/options.ts';
import { identityOf, settingsOf } from '../../../../src/commands/train/settings.ts';
import { refusalBy } from '../../../support/refusal.ts';

/** As `groupwise train` reads them, defaults and all. */
function flagsOf(...words: string[]): TrainFlags {
  return withTrainOptions(new Command()).parse(words, { from: 'user' }).opts<TrainFlags>();
}

function identity(...words: string[]) {
  const flags = flagsOf(...words);
  return identityOf(settingsOf(flags, 'sums'), flags, 'a policy');
}

describe('settingsOf()', () => {
  it.each([
    ['--clip-low', ['--clip-low', '1.5']],
    ['--rollouts', ['--rollouts', 'gpu-1:8000/v1']],
    ['--rollouts', ['--rollouts', 'nowhere']],
    ['--temperature', ['--rollouts', 'http://127.0.0.1:1/v1', '--temperature', '0.7']],
  ])('settingsOf() names %s when it refuses %j', (field, words) => {
    expect(refusalBy(() => settingsOf(flagsOf(...words), 'sums'))).toMatchObject({
      code: 'invalid_argument',
      field,
    });
  });

  it.each([
    ['a clip at which nothing is too low', ['--clip-low', '1']],
    ['another temperature, where the policy draws itself', ['--temperature', '0.7']],
  ])('settingsOf() takes %s', (_what, words) => {
    expect(settingsOf(flagsOf(...words), 'sums').dataset).toBe('sums');
  });
});

describe('identityOf()', () => {
  it('identityOf() tells a folder by the scale of its adapters, also where it is the default', () => {
    expect(identity('--model', 'qwen')['lora-alpha']).toBe(32);
    expect(identity('--model', 'qwen', '--lora-alpha', '64')['lora-alpha']).toBe(64);
    expect(identity()).not.toHaveProperty('lora-alpha');
  });

  it('identityOf() writes settings by the names of their flags', () => {
    expect(identity('--clip-low', '0.1')).toMatchObject({
      policy: 'a policy',
      'clip-low': 0.1,
      dataset: 'sums',
    });
  });
});
