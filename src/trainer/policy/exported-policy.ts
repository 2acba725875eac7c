// A policy as it was exported for others, weights alone, to be asked again. It has no optimiser and no version: nothing trains on
// from here.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { EnvError } from '../../core/errors.ts';
import { readSafetensors } from '../models/safetensors.ts';
import type { PolicyModel } from '../policy-model.ts';

/**
 * The same model, beginning with the weights that `writeWeights` put into the folder.
 * @throws EnvError `not_found` where there are none, `failed_precondition` for another model's or broken ones
 */
export async function exportedModel(folder: string, model: PolicyModel): Promise<PolicyModel> {
  const path = join(folder, model.format.weightsFile);
  if (!existsSync(path))
    throw new EnvError(
      'not_found',
      `Cannot open a policy: "${folder}" has none, nor a training's checkpoints`,
    );
  for (const [name, text] of Object.entries(model.format.files))
    if (!isDeepStrictEqual(await readParsed(join(folder, name)), JSON.parse(text)))
      throw refused(folder, model, `its ${name} is of another model`);
  const { tensors } = await readSafetensors(path);
  const values = new Map(
    model.trained.map(({ name, dims }) => {
      const tensor = tensors.get(name);
      if (tensor === undefined || !isDeepStrictEqual(tensor.dims, dims))
        throw refused(folder, model, `"${name}" is not there, or not [${dims.join(', ')}]`);
      return [name, tensor.data] as const;
    }),
  );
  return { ...model, firstValues: () => values };
}

/** Undefined for what is not there, or no JSON. */
async function readParsed(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function refused(folder: string, { description }: PolicyModel, reason: string): EnvError {
  return new EnvError('failed_precondition', `Cannot open "${folder}" as ${description}: ${reason}`);
}
