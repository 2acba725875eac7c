// A policy on disk: its weights as others read them (`model.format`), and beside them what only a training needs. A folder is
// written under another name and takes its own when it is whole, so whoever is killed meanwhile finds the one before.

import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';
import { readSafetensors, writeSafetensors, type FloatTensor } from '../models/safetensors.ts';
import type { PolicyModel } from '../policy-model.ts';

export interface SavedPolicy {
  /** Training steps taken so far. */
  readonly version: number;
  /** By the names of `model.trained`, each. */
  readonly weights: ReadonlyMap<string, FloatTensor>;
  readonly means: ReadonlyMap<string, FloatTensor>;
  readonly variances: ReadonlyMap<string, FloatTensor>;
  /** Where one is kept. */
  readonly reference: ReadonlyMap<string, FloatTensor> | undefined;
}

const STATE_FILE = 'policy.json';
const TRAINING_FILE = 'training.safetensors';
const FORMAT = 1;

const STATE = z.object({
  format: z.literal(FORMAT),
  model: z.string(),
  config: z.unknown(),
  settings: z.unknown().optional(),
  version: z.int().nonnegative(),
  has_reference: z.boolean(),
});

/** Writes a folder of its own: what was in it before is gone afterwards. */
export async function writePolicy(folder: string, model: PolicyModel, saved: SavedPolicy): Promise<void> {
  const [unfinished, previous] = [`${folder}.unfinished`, `${folder}.previous`];
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await writeWeights(unfinished, model, saved.weights);
  const training = new Map([
    ...named('mean', saved.means),
    ...named('variance', saved.variances),
    ...named('reference', saved.reference ?? new Map()),
  ]);
  await writeSafetensors(join(unfinished, TRAINING_FILE), training);
  const state: z.input<typeof STATE> = {
    format: FORMAT,
    model: model.description,
    config: model.config,
    settings: model.settings,
    version: saved.version,
    has_reference: saved.reference !== undefined,
  };
  await writeSynced(join(unfinished, STATE_FILE), `${JSON.stringify(state, undefined, 2)}\n`);
  await sync(unfinished);

  // No system swaps two folders in one call that Node has: between these two, `readPolicy` finds the previous one.
  if (await exists(folder)) {
    await rm(previous, { recursive: true, force: true });
    await rename(folder, previous);
  }
  await rename(unfinished, folder);
  await sync(dirname(folder));
  await rm(previous, { recursive: true, force: true });
}

/** Writes what others read into a folder, which is made. The weights come last: a folder that has them is whole. */
export async function writeWeights(
  folder: string,
  { format }: PolicyModel,
  weights: SavedPolicy['weights'],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(format.files)) await writeSynced(join(folder, name), text);
  // Readers of Hugging Face's libraries ask whose tensors these are.
  await writeSafetensors(join(folder, format.weightsFile), weights, { format: 'pt' });
}

/** Whether `writePolicy` wrote this folder; others may have weights, but nothing to train on with. */
export function isSavedPolicy(folder: string): boolean {
  return existsSync(join(folder, STATE_FILE));
}

/** @throws EnvError `not_found` where none was written, `failed_precondition` for another model's or a broken folder */
export async function readPolicy(folder: string, model: PolicyModel): Promise<SavedPolicy> {
  const place = (await exists(folder)) ? folder : `${folder}.previous`;
  const state = await readState(place, folder);
  // As JSON: what is undefined is absent from the file.
  if (!isDeepStrictEqual(state.config, JSON.parse(JSON.stringify(model.config))))
    throw new EnvError(
      'failed_precondition',
      `Cannot restore "${folder}" into ${model.description}: it is of ${state.model}`,
    );
  if (!isDeepStrictEqual(state.settings, model.settings))
    throw new EnvError(
      'failed_precondition',
      `Cannot restore "${folder}" into ${model.description}: it was trained with ${JSON.stringify(state.settings)}, ` +
        `not with ${JSON.stringify(model.settings)}`,
    );
  const { tensors } = await readSafetensors(join(place, model.format.weightsFile));
  const training = (await readSafetensors(join(place, TRAINING_FILE))).tensors;
  const part = (prefix: string, from = training): ReadonlyMap<string, FloatTensor> =>
    new Map(model.trained.map(({ name, dims }) => [name, tensorOf(from, `${prefix}${name}`, dims)]));
  const tensorOf = (from: typeof training, name: string, dims: readonly number[]): FloatTensor => {
    const tensor = from.get(name);
    if (tensor === undefined || !isDeepStrictEqual(tensor.dims, dims))
      throw new EnvError(
        'failed_precondition',
        `Cannot restore "${folder}" into ${model.description}: "${name}" is ` +
          `${tensor === undefined ? 'missing' : `[${tensor.dims.join(', ')}]`}, not [${dims.join(', ')}]`,
      );
    return tensor;
  };
  return {
    version: state.version,
    weights: part('', tensors),
    means: part('mean.'),
    variances: part('variance.'),
    reference: state.has_reference ? part('reference.') : undefined,
  };
}

async function readState(place: string, folder: string): Promise<z.output<typeof STATE>> {
  let text: string;
  try {
    text = await readFile(join(place, STATE_FILE), 'utf8');
  } catch (error) {
    throw new EnvError('not_found', `Cannot restore a policy: "${folder}" has none`, { cause: error });
  }
  const parsed = STATE.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  throw new EnvError(
    'failed_precondition',
    `Cannot restore "${folder}": its ${STATE_FILE} is not of a policy`,
  );
}

/** Undefined for what is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function named(
  prefix: string,
  tensors: ReadonlyMap<string, FloatTensor>,
): readonly (readonly [string, FloatTensor])[] {
  return [...tensors].map(([name, tensor]) => [`${prefix}.${name}`, tensor] as const);
}

async function writeSynced(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flush: true });
}

/** What names a folder's files have is on disk, too. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
