// The policy that a command line asks for: a tiny decoder from scratch, or a checkpoint with adapters, on the device that was asked
// for, in a thread of its own.

import { availableParallelism } from 'node:os';

import { PolicyTokenizer } from '../../adapters/policy-tokenizer.ts';
import { invalidArgument } from '../../core/errors.ts';
import { createRandom } from '../../core/random.ts';
import { openDevice } from '../../trainer/engine/devices.ts';
import { streamOf } from '../../trainer/loop/draw.ts';
import { type CheckpointOptions, openCheckpoint } from '../../trainer/models/checkpoint.ts';
import { tinyModel } from '../../trainer/models/tiny.ts';
import type { PolicyModel } from '../../trainer/policy-model.ts';
import { EnginePolicy } from '../../trainer/policy/engine-policy.ts';
import type { Policy, Tokenizer } from '../../trainer/policy.ts';
import { BYTE_TOKENIZER } from '../../trainer/tokenizers/byte.ts';
import type { TrainFlags } from './options.ts';

export interface ChosenModel {
  readonly model: PolicyModel;
  readonly tokenizer: Tokenizer;
}

type ModelFlags = Pick<TrainFlags, 'model' | 'loraRank' | 'loraAlpha'>;

/**
 * Reads what says which model it is, not yet its weights.
 * @param adapter folder of adapters to begin with, whose rank and scale need not be said again
 * @throws EnvError that names the file or the flag at fault
 */
export async function chooseModel(
  { model: folder, loraRank, loraAlpha }: ModelFlags,
  adapter?: string,
): Promise<ChosenModel> {
  if (folder !== undefined && adapter !== undefined) {
    const opened = await openCheckpoint(folder, { adapter, tokenizer: tokenizerOf });
    requireSame('--lora-rank', loraRank, opened.lora.rank, adapter);
    requireSame('--lora-alpha', loraAlpha, opened.lora.alpha, adapter);
    return opened;
  }
  if (folder !== undefined) {
    const lora = {
      ...(loraRank !== undefined && { rank: loraRank }),
      ...(loraAlpha !== undefined && { alpha: loraAlpha }),
    };
    return openCheckpoint(folder, { lora, tokenizer: tokenizerOf });
  }
  for (const [flag, value] of Object.entries({ '--lora-rank': loraRank, '--lora-alpha': loraAlpha }))
    if (value !== undefined)
      throw invalidArgument(flag, `Cannot use ${flag} without --model: a tiny decoder is trained whole`);
  const tokenizer = BYTE_TOKENIZER;
  return { model: tinyModel({ vocabulary: tokenizer.vocabulary, end: tokenizer.end }), tokenizer };
}

const tokenizerOf: CheckpointOptions['tokenizer'] = (parts) => new PolicyTokenizer(parts);

function requireSame(flag: string, said: number | undefined, is: number, adapter: string): void {
  if (said !== undefined && said !== is)
    throw invalidArgument(
      flag,
      `Cannot use ${flag} ${said}: the adapters in "${adapter}" were trained with ${is}`,
    );
}

/** Threads of the CPU that a policy computes with. */
export function threadsOf({ threads }: Pick<TrainFlags, 'threads'>): number {
  return threads ?? availableParallelism();
}

export async function openPolicy(
  { model, tokenizer }: ChosenModel,
  flags: Pick<TrainFlags, 'device' | 'threads' | 'seed'>,
  say: (line: string) => void,
): Promise<Policy> {
  const engine = await openDevice({
    device: flags.device,
    threads: threadsOf(flags),
    dataFolder: model.dataFolder,
    say,
  });
  const random = createRandom(streamOf(flags.seed, 'weights'));
  return EnginePolicy.open({ model, tokenizer, engine, random });
}
