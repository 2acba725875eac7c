// Writes a distilled verifier as a folder that reward models are read from: the network, its tokenizer, how it is used, what
// it gave where it was made, and a card. All files are whole or the folder is not there.

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { diskError } from '../../adapters/disk.ts';
import { EnvError } from '../../core/errors.ts';
import type { ModelTexts, RewardModelInput } from '../../core/reward-model.ts';
import { byteTokenizerJson, PAD_ID } from '../../trainer/distil/byte-tokens.ts';
import type { Sigmoid } from '../../trainer/distil/platt.ts';
import { servedGraph } from '../../trainer/distil/training-graphs.ts';
import type { VerifierConfig } from '../../trainer/distil/verifier-config.ts';

export interface ModelFolderPlan {
  readonly config: VerifierConfig;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly calibration: Sigmoid;
  readonly input: RewardModelInput;
  /** Texts with the logits that the training engine gives: what `groupwise reward-model check` compares with. */
  readonly expected: readonly { readonly texts: ModelTexts; readonly logit: number }[];
  /** Everything that was measured. */
  readonly report: object;
  readonly card: string;
}

/** Of the tokenizer that the folder gets, as it will be read back. */
export const TOKENIZER_CONFIG = { tokenizer_class: 'PreTrainedTokenizerFast', pad_token: '[PAD]' } as const;

/** @throws EnvError `already_exists` for a folder that is there, unless it may be replaced */
export function requireFreeFolder(folder: string, mayReplace: boolean): void {
  if (!existsSync(folder)) return;
  if (mayReplace && existsSync(join(folder, 'distillation.json'))) return;
  throw new EnvError(
    'already_exists',
    mayReplace
      ? `Cannot replace "${folder}": it is no folder that a distillation wrote`
      : `Cannot write "${folder}": it is there already (--overwrite replaces it)`,
  );
}

export function writeModelFolder(folder: string, plan: ModelFolderPlan): void {
  const partial = `${folder}.partial`;
  const json = (name: string, value: object): void =>
    writeFileSync(join(partial, name), `${JSON.stringify(value, undefined, 2)}\n`);
  try {
    mkdirSync(dirname(folder), { recursive: true });
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial);
    writeFileSync(join(partial, 'model.onnx'), servedGraph(plan.config, plan.weights).encode());
    writeFileSync(join(partial, 'tokenizer.json'), JSON.stringify(byteTokenizerJson()));
    json('tokenizer_config.json', { ...TOKENIZER_CONFIG, model_max_length: plan.config.tokensMax });
    json('config.json', networkConfig(plan.config));
    json('groupwise.json', {
      head: 'regression',
      input: plan.input,
      reads: 'answer',
      calibration: { kind: 'sigmoid', ...plan.calibration },
      too_long: 'undecided',
    });
    json('expected.json', {
      texts: plan.expected.map(({ texts: { first, second } }) =>
        second === undefined ? first : [first, second],
      ),
      logits: plan.expected.map(({ logit }) => [logit]),
    });
    json('distillation.json', plan.report);
    writeFileSync(join(partial, 'README.md'), plan.card);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw diskError(`Cannot write "${folder}"`, error);
  }
}

function networkConfig({ vocabulary, width, layers, heads, inner, tokensMax }: VerifierConfig): object {
  return {
    architectures: ['GroupwiseVerifierForSequenceClassification'],
    model_type: 'groupwise-verifier',
    vocab_size: vocabulary,
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: inner,
    max_position_embeddings: tokensMax,
    type_vocab_size: 2,
    pad_token_id: PAD_ID,
    id2label: { 0: 'equivalent' },
  };
}
