// Who is evaluated, by the flags: a checkpoint of `groupwise train`, a Hugging Face checkpoint as it is, or a model behind an API.

import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import { readSettings } from '../../config.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import { type Respondent, policyRespondent } from '../../trainer/evaluation/respondent.ts';
import { newestCheckpoint } from '../../trainer/loop/checkpoint.ts';
import { ADAPTER_CONFIG_FILE } from '../../trainer/models/peft.ts';
import { exportedModel } from '../../trainer/policy/exported-policy.ts';
import { isSavedPolicy } from '../../trainer/policy/saved-policy.ts';
import { printNote } from '../options.ts';
import { chooseModel, type ChosenModel, openPolicy } from '../train/open-policy.ts';
import type { EvaluateFlags } from '../evaluate.ts';
import { apiRespondent } from './api-respondent.ts';

export interface ChosenRespondent {
  readonly respondent: Respondent;
  /** Tokens of a completion, where the flags do not say. */
  readonly tokensMax: number;
  close(): Promise<void>;
}

/** Sums have few tokens; a checkpoint writes sentences; a model of an API may think first. */
const TOKENS_MAX = { scratch: 32, checkpoint: 256, api: 4_096 };

export async function chooseRespondent(flags: EvaluateFlags): Promise<ChosenRespondent> {
  const { apiModel, checkpoint, model } = flags;
  const named = [apiModel, checkpoint ?? model].filter((name) => name !== undefined);
  if (named.length === 0) {
    throw invalidArgument(
      '--checkpoint',
      'Cannot evaluate: name a policy with --checkpoint, --model or --api-model',
    );
  }
  if (named.length > 1) {
    throw invalidArgument(
      '--api-model',
      'Cannot evaluate two at once: --api-model, or --checkpoint and --model',
    );
  }
  if (apiModel !== undefined) {
    const respondent = apiRespondent({ ...flags, apiModel }, readSettings({}));
    return { respondent, tokensMax: TOKENS_MAX.api, close: async () => {} };
  }
  const folder = checkpoint === undefined ? undefined : await checkpointFolder(checkpoint);
  const policy = await openPolicy(await modelIn(folder, flags), flags, printNote);
  try {
    if (folder !== undefined && isSavedPolicy(folder)) await policy.restore(folder);
  } catch (error) {
    await policy.close();
    throw error;
  }
  const respondent = policyRespondent(policy);
  // Fresh adapters change nothing of a checkpoint.
  const description =
    folder === undefined
      ? `${basename(resolve(model ?? ''))} as it is`
      : `${respondent.description}, ${folder}`;
  return {
    respondent: { ...respondent, description: `${description} on ${policy.device}` },
    tokensMax: model === undefined ? TOKENS_MAX.scratch : TOKENS_MAX.checkpoint,
    close: () => policy.close(),
  };
}

/** The model that the flags ask for; an exported one begins with its weights, a saved one is yet to be restored. */
async function modelIn(folder: string | undefined, flags: EvaluateFlags): Promise<ChosenModel> {
  if (folder === undefined) return chooseModel(flags);
  const hasAdapters = existsSync(join(folder, ADAPTER_CONFIG_FILE));
  if (flags.model !== undefined && hasAdapters) return chooseModel(flags, folder);
  if (hasAdapters) {
    throw invalidArgument(
      '--model',
      `Cannot evaluate "${folder}" alone: it has adapters, --model names the checkpoint that they were trained beside`,
    );
  }
  if (flags.model !== undefined) {
    throw invalidArgument(
      '--checkpoint',
      `Cannot evaluate "${flags.model}" with "${folder}": there are no adapters in it`,
    );
  }
  const chosen = await chooseModel(flags);
  return isSavedPolicy(folder) ? chosen : { ...chosen, model: await exportedModel(folder, chosen.model) };
}

/** The newest checkpoint of a training's folder, or the folder itself. @throws EnvError `not_found` */
async function checkpointFolder(path: string): Promise<string> {
  const newest = await newestCheckpoint(join(path, 'checkpoints'));
  if (newest !== undefined) return newest.folder;
  if (existsSync(path)) return path;
  throw new EnvError('not_found', `There is no checkpoint "${path}"`);
}
