// Completions from a server that has the model's weights, in place of the policy's own drawing.

import { join } from 'node:path';

import { apiKeyVariable, readKey } from '../../config.ts';
import { invalidArgument } from '../../core/errors.ts';
import type { Patience } from '../../trainer/loop/patience.ts';
import type { Policy } from '../../trainer/policy.ts';
import { ServerSampler } from '../../trainer/rollouts/server-sampler.ts';
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
  });
}
