// From options to what decides a training, and to the names that its folder remembers it by.

import { invalidArgument } from '../../core/errors.ts';
import type { TrainingSettings } from '../../trainer/loop/settings.ts';
import type { Identity } from '../../trainer/loop/training-folder.ts';
import { LORA_DEFAULTS } from '../../trainer/models/lora.ts';
import { TINY_REINFORCEMENT, TINY_WARM_UP } from '../../trainer/policy/defaults.ts';
import type { TrainFlags } from './options.ts';

/** Dataset of a training that is given none, and the recipe that makes it. */
export const DEFAULT_TASK = 'arithmetic';
/** Of a model that is trained from scratch, and of adapters beside a model that can already write. */
export const LEARNING_RATES = { scratch: TINY_REINFORCEMENT.learningRate, adapter: 1e-4 };
export const WARM_UP_LEARNING_RATES = { scratch: TINY_WARM_UP.learningRate, adapter: 2e-4 };
/** Sums have three digits at most; a model that writes sentences needs room for them. */
export const TOKENS_MAX = { embedded: 8, scratch: 32, adapter: 256 };

/** Everything that decides the training itself. @throws EnvError `invalid_argument` that names the flag */
export function settingsOf(flags: TrainFlags, dataset: string): TrainingSettings {
  if (flags.clipLow > 1)
    throw invalidArgument(
      '--clip-low',
      'Cannot train: --clip-low must be from 0 to 1, where nothing is too low',
    );
  if (flags.rollouts !== undefined && flags.temperature !== 1)
    throw invalidArgument(
      '--temperature',
      'Cannot train: with --rollouts, --temperature must be 1, as servers tell probabilities before the temperature',
    );
  if (flags.rollouts !== undefined && !/^https?:$/u.test(URL.parse(flags.rollouts)?.protocol ?? ''))
    throw invalidArgument(
      '--rollouts',
      `Cannot use --rollouts: "${flags.rollouts}" is no http or https URL, for example http://gpu-1:8000/v1`,
    );
  const kind = flags.model === undefined ? 'scratch' : 'adapter';
  return {
    dataset,
    split: flags.split,
    seed: flags.seed,
    promptsPerStep: flags.promptsPerStep,
    groupSize: flags.groupSize,
    updates: flags.updates,
    estimator: flags.estimator,
    reward: flags.reward,
    sampling: flags.sampling,
    promptTemplate: flags.promptTemplate,
    epochs: flags.epochs,
    tokensMax:
      flags.tokensMax ?? TOKENS_MAX[flags.embedded === true && kind === 'scratch' ? 'embedded' : kind],
    temperature: flags.temperature,
    loss: {
      loss: flags.loss,
      clip: { low: flags.clipLow, high: flags.clipHigh },
      aggregation: flags.aggregation,
      klWeight: flags.klWeight,
    },
    optimiser: {
      learningRate: flags.learningRate ?? LEARNING_RATES[kind],
      gradientNormMax: flags.gradientNormMax,
    },
    driftMax: flags.maxDrift,
  };
}

export function warmUpLearningRate(flags: TrainFlags): number {
  return (
    flags.warmUpLearningRate ?? WARM_UP_LEARNING_RATES[flags.model === undefined ? 'scratch' : 'adapter']
  );
}

/** Settings by the names of their flags; what is not set is left out. */
export function identityOf(settings: TrainingSettings, flags: TrainFlags, policy: string): Identity {
  const { loss, optimiser, driftMax, ...plain } = settings;
  const named = {
    policy,
    ...plain,
    loss: loss.loss,
    clipLow: loss.clip.low,
    clipHigh: loss.clip.high,
    aggregation: loss.aggregation,
    klWeight: loss.klWeight,
    ...optimiser,
    maxDrift: driftMax,
    ...(flags.warmUp === false
      ? { warmUp: false }
      : {
          warmUp: flags.warmUp ?? flags.embedded === true,
          warmUpTarget: flags.warmUpTarget,
          warmUpSteps: flags.warmUpSteps,
          warmUpRows: flags.warmUpRows,
          warmUpLearningRate: warmUpLearningRate(flags),
        }),
    // The rank is in the policy's description.
    loraAlpha: flags.model === undefined ? undefined : (flags.loraAlpha ?? LORA_DEFAULTS.alpha),
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[kebab(name), value]])),
  );
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
