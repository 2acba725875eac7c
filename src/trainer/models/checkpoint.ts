// A Hugging Face checkpoint from a local folder as a policy: Llama's or Qwen2's shape by its `config.json`, weights frozen where
// they lie, adapters trained beside them. The one function that a command calls is `openCheckpoint`.

import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { EnvError } from '../../core/errors.ts';
import { decoderConfigOf, type DecoderConfig } from '../engine/decoder/config.ts';
import { plainProjection } from '../engine/decoder/decoder.ts';
import type { WeightShape } from '../engine/decoder/weights.ts';
import type { Graph, Value } from '../engine/graph.ts';
import type { Tokenizer } from '../policy.ts';
import type { PlacedModel, PolicyModel } from '../policy-model.ts';
import { openWeights, placeStored, type StoredWeights } from './checkpoint-weights.ts';
import { endTokenOf, type TokenizerParts } from './end-token.ts';
import { firstLoraValues, LORA_DEFAULTS, loraProjection, loraShapes, type LoraPlan } from './lora.ts';
import { ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS_FILE, adapterConfigText, readAdapter } from './peft.ts';
import type { FloatTensor } from './safetensors.ts';

export interface CheckpointOptions {
  /** What of `LORA_DEFAULTS` is different. Not beside `adapter`, which has its own. */
  readonly lora?: Partial<LoraPlan> | undefined;
  /** Folder of an adapter in PEFT's format to begin with. Default: a fresh one. */
  readonly adapter?: string | undefined;
  /** Makes the tokenizer of the checkpoint's files. */
  readonly tokenizer: (parts: TokenizerParts) => Tokenizer;
}

export interface Checkpoint {
  readonly model: PolicyModel;
  readonly tokenizer: Tokenizer;
  /** The whole path: what adapters name as their base. */
  readonly folder: string;
  readonly lora: LoraPlan;
}

/**
 * Opens a checkpoint for training with LoRA. Weights are looked for, not read: that happens while a graph is loaded, by an
 * engine whose `dataFolder` is the model's.
 * @throws EnvError `not_found` or `failed_precondition`, naming the file, for what is missing, broken or computed differently
 */
export async function openCheckpoint(folder: string, options: CheckpointOptions): Promise<Checkpoint> {
  if (options.adapter !== undefined && options.lora !== undefined)
    throw new RangeError('An adapter that is gone on with has its own rank, alpha and projections');
  const file = await readJson(join(folder, 'config.json'));
  const config = decoderConfigOf(file);
  const stored = await openWeights(folder, config);
  const adapter = options.adapter === undefined ? undefined : await readAdapter(options.adapter, config);
  const lora = adapter?.plan ?? { ...LORA_DEFAULTS, ...options.lora };
  checkPlan(lora);
  const tokenizer = options.tokenizer(await readTokenizerParts(folder, file, config));
  return {
    model: checkpointModel({ config, stored, lora, base: resolve(folder), first: adapter?.tensors }),
    tokenizer,
    folder: resolve(folder),
    lora,
  };
}

export interface CheckpointParts {
  readonly config: DecoderConfig;
  readonly stored: StoredWeights;
  readonly lora: LoraPlan;
  /** Folder or name of the checkpoint, as its adapters name it. */
  readonly base: string;
  /** First values of the adapter; undefined: a fresh one. */
  readonly first?: ReadonlyMap<string, FloatTensor> | undefined;
}

export function checkpointModel({ config, stored, lora, base, first }: CheckpointParts): PolicyModel {
  const trained = loraShapes(config, lora);
  const frozen = [...stored.weights.values()];
  return {
    description:
      `${basename(base)} (${millions(frozen)} parameters), ` +
      `LoRA of rank ${lora.rank} (${millions(trained)} trained)`,
    config,
    trained,
    settings: { ...lora },
    dataFolder: stored.dataFolder,
    firstValues: (random) =>
      first === undefined
        ? firstLoraValues(trained, random)
        : new Map([...first].map(([name, { data }]) => [name, data])),
    place: (graph) => placeCheckpoint(graph, { config, stored, lora, trained }),
    format: {
      weightsFile: ADAPTER_WEIGHTS_FILE,
      files: { [ADAPTER_CONFIG_FILE]: adapterConfigText(lora, base) },
    },
  };
}

function placeCheckpoint(
  graph: Graph,
  parts: Pick<CheckpointParts, 'config' | 'stored' | 'lora'> & { readonly trained: readonly WeightShape[] },
): PlacedModel {
  const { config, stored, lora, trained } = parts;
  const placed = new Map<string, Value>();
  // Each weight is in the graph once, wherever it is used; those that nothing uses are not in it.
  const weights = (name: string): Value => {
    const known = placed.get(name);
    if (known !== undefined) return known;
    const weight = stored.weights.get(name);
    if (weight === undefined) throw new RangeError(`A checkpoint has no weight ${name}`);
    const value = placeStored(graph, weight);
    placed.set(name, value);
    return value;
  };
  const inputs = new Map(trained.map(({ name, dims }) => [name, graph.input(name, 'float', dims)]));
  const adapters = (name: string): Value => {
    const input = inputs.get(name);
    if (input === undefined) throw new RangeError(`An adapter has no matrix ${name}`);
    return input;
  };
  const project = loraProjection(plainProjection(config, weights), adapters, lora);
  return { weights, project, trained: [...inputs.values()] };
}

async function readTokenizerParts(
  folder: string,
  model: JsonFile,
  { vocabulary }: DecoderConfig,
): Promise<TokenizerParts> {
  const parts = {
    tokenizer: await readJson(join(folder, 'tokenizer.json')),
    config: await readJson(join(folder, 'tokenizer_config.json'), {}),
  };
  const generation = await readJson(join(folder, 'generation_config.json'), {});
  return { ...parts, vocabulary, end: endTokenOf({ ...parts, generation, model }, folder) };
}

type JsonFile = Readonly<Record<string, unknown>>;

/** @param otherwise what a missing file stands for; undefined: it must be there */
async function readJson(path: string, otherwise?: JsonFile): Promise<JsonFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && otherwise !== undefined) return otherwise;
    throw new EnvError('not_found', `Cannot open "${path}"`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new EnvError('failed_precondition', `Cannot read "${path}": it is not JSON`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new EnvError('failed_precondition', `Cannot read "${path}": it is not a JSON object`);
  return value as JsonFile;
}

function checkPlan({ rank, alpha, projections }: LoraPlan): void {
  if (!Number.isInteger(rank) || rank < 1)
    throw new EnvError(
      'invalid_argument',
      `Cannot make adapters of rank ${rank}: it is a whole number above 0`,
    );
  if (!(alpha > 0 && Number.isFinite(alpha)))
    throw new EnvError(
      'invalid_argument',
      `Cannot make adapters with alpha ${alpha}: it is a number above 0`,
    );
  if (projections.length === 0)
    throw new EnvError('invalid_argument', 'Cannot make adapters for no projection');
}

function millions(shapes: readonly { readonly dims: readonly number[] }[]): string {
  const count = shapes.reduce((sum, { dims }) => sum + dims.reduce((size, dim) => size * dim, 1), 0);
  return `${(count / 1e6).toPrecision(3)} M`;
}
