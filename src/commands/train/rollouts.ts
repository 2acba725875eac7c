// Completions from a server that has the model's weights, in place of the policy's own drawing.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { apiKeyVariable, readKey } from '../../config.ts';
import { invalidArgument } from '../../core/errors.ts';
import type { Patience } from '../../trainer/loop/patience.ts';
import type { Policy } from '../../trainer/policy.ts';
import { type ProbabilityDifference, ServerSampler } from '../../trainer/rollouts/server-sampler.ts';
import type { TrainFlags } from './options.ts';

/** @throws EnvError `invalid_argument` for flags that do not go together; as the server answers */
export async function openRollouts(
  { rollouts, rolloutsFolder, model, out }: Pick<TrainFlags, 'rollouts' | 'rolloutsFolder' | 'model' | 'out'>,
  policy: Policy,
  patience: Patience,
): Promise<ServerSampler | undefined> {
  if (rollouts === undefined) {
    if (rolloutsFolder === undefined) return undefined;
    throw invalidArgument('--rollouts-folder', 'Cannot use --rollouts-folder without --rollouts');
  }
  if (model === undefined || out === undefined)
    throw invalidArgument(
      '--rollouts',
      'Cannot use --rollouts without --model and --out: adapters go from there to the server',
    );
  const keyVariable = apiKeyVariable(rollouts);
  return ServerSampler.open({
    url: rollouts,
    apiKey: keyVariable === undefined ? undefined : readKey(keyVariable),
    policy,
    patience,
    folder: join(out, 'adapters'),
    folderOnServer: rolloutsFolder,
    life: randomBytes(3).toString('hex'),
    tellDifference: toldOnce(patience.say),
  });
}

/** Mean difference of log-probabilities that no rounding explains: 16 bits make hundredths. */
const DIFFERENCE_MAX = 0.1;

/** Warns when the server seems to have other weights than the policy, which the loss would not notice. */
export function toldOnce(say: (text: string) => void): (difference: ProbabilityDifference) => void {
  let isTold = false;
  return ({ mean, largest }) => {
    if (isTold || mean <= DIFFERENCE_MAX) return;
    isTold = true;
    say(
      `The log-probabilities of --rollouts are ${mean.toFixed(2)} from those of the policy in the mean, ${largest.toFixed(2)} at most: does it serve the checkpoint of --model, and take its adapters?`,
    );
  };
}
