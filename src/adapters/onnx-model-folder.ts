// Reads a model's folder as Optimum exports it: `model.onnx` (weights may lie beside it), `tokenizer.json`, `config.json`,
// and our own `groupwise.json`, which says what the numbers mean. It runs nothing.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isJsonObject } from '../core/canonical-json.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { networkFacts, type NetworkFacts } from '../core/reward-model-json.ts';
import type { TextTokenizerOptions } from './tokenizer.ts';

export interface OnnxModelFolder {
  readonly folder: string;
  readonly modelPath: string;
  readonly tokenizer: TextTokenizerOptions;
  readonly padId: number;
  /** The output to read, where the folder names one. */
  readonly output: string | undefined;
  /** What turns outputs into scores: the rest of `groupwise.json`, not read here. */
  readonly declared: JsonObject;
  readonly facts: NetworkFacts;
}

/** Families whose position table starts after the padding token's own place. */
const OFFSET_POSITIONS = /^(?:roberta|xlm-roberta|camembert|longformer|mpnet)/u;

/** Where nothing says how much the network takes. */
const TOKENS_MAX = 512;

/**
 * @param overrides members that win over the folder's own `groupwise.json`
 * @throws EnvError `failed_precondition` for a file that is missing or broken, `invalid_argument` for `output` and `max_tokens`
 */
export function readModelFolder(folder: string, overrides: JsonObject = {}): OnnxModelFolder {
  const modelPath = ['model.onnx', 'onnx/model.onnx']
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (modelPath === undefined)
    throw new EnvError('failed_precondition', `Cannot use "${folder}" as a model: it has no model.onnx`);
  const config = readJson(join(folder, 'config.json'));
  const tokenizerConfig = readJson(join(folder, 'tokenizer_config.json'), {});
  const {
    output,
    max_tokens: maxTokens,
    ...declared
  } = { ...readJson(join(folder, 'groupwise.json'), {}), ...overrides };
  if (output !== undefined && typeof output !== 'string')
    throw invalidArgument('output', `Cannot use "${folder}": output must be the name of an output`);
  if (maxTokens !== undefined && !isCount(maxTokens))
    throw invalidArgument('max_tokens', `Cannot use "${folder}": max_tokens must be a whole number above 0`);
  const tokensMax = Math.min(maxTokens ?? Infinity, tokensMaxOf(config, tokenizerConfig));
  return {
    folder,
    modelPath,
    tokenizer: {
      tokenizer: readJson(join(folder, 'tokenizer.json')),
      config: tokenizerConfig,
      tokensMax,
      // Absent for networks whose exporters leave it at BERT's two.
      typeCount: isCount(config['type_vocab_size']) ? config['type_vocab_size'] : 2,
    },
    padId: typeof config['pad_token_id'] === 'number' ? config['pad_token_id'] : 0,
    output,
    declared,
    facts: networkFacts(config),
  };
}

function tokensMaxOf(config: JsonObject, tokenizerConfig: JsonObject): number {
  const { max_position_embeddings: positions, model_type: family, pad_token_id: padId } = config;
  const offset =
    typeof family === 'string' && OFFSET_POSITIONS.test(family) && typeof padId === 'number' ? padId + 1 : 0;
  const ofNetwork = isCount(positions) ? positions - offset : Infinity;
  const ofTokenizer = tokenizerConfig['model_max_length'];
  // Tokenizers without a limit say 1e30.
  const tokensMax = Math.min(ofNetwork, typeof ofTokenizer === 'number' ? ofTokenizer : Infinity);
  return tokensMax < 1e9 ? tokensMax : TOKENS_MAX;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function readJson(path: string, fallback?: JsonObject): JsonObject {
  if (fallback !== undefined && !existsSync(path)) return fallback;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvError('failed_precondition', `Cannot read "${path}": ${reason}`, { cause: error });
  }
  if (!isJsonObject(value))
    throw new EnvError('failed_precondition', `Cannot read "${path}": it is no JSON object`);
  return value;
}
