// The weights of a Hugging Face checkpoint, left where they lie: a graph names bytes of the checkpoint's own safetensors
// files, in one file or in shards, and the runtime maps them when it loads the graph. Nothing is converted or copied.

import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';
import type { DecoderConfig } from '../engine/decoder/config.ts';
import { OUTPUT, weightShapes } from '../engine/decoder/weights.ts';
import type { Graph, Value } from '../engine/graph.ts';
import { BFLOAT16, FLOAT, FLOAT16, type ExternalData, type OnnxType } from '../engine/onnx-writer.ts';
import type { SafetensorType, TensorPlace } from './safetensors-header.ts';
import { readSafetensorsPlaces } from './safetensors.ts';

export interface StoredWeight {
  readonly dims: readonly number[];
  readonly data: ExternalData;
}

export interface StoredWeights {
  /** Where the files lie that `data` names. */
  readonly dataFolder: string;
  readonly weights: ReadonlyMap<string, StoredWeight>;
}

const ONE_FILE = 'model.safetensors';
const INDEX_FILE = 'model.safetensors.index.json';
const INDEX = z.object({ weight_map: z.record(z.string(), z.string()) });

const ONNX_TYPES: Partial<Record<SafetensorType, OnnxType>> = { F32: FLOAT, F16: FLOAT16, BF16: BFLOAT16 };

/** Tables of old checkpoints that are computed anew. */
const IGNORED = /\.rotary_emb\.inv_freq$/u;

/**
 * Finds every weight of a decoder in a folder.
 * @throws EnvError that names the file: `failed_precondition` for weights that are missing, of another shape or type, or that
 *   the decoder has no use for, since it would compute something else than they were trained for
 */
export async function openWeights(folder: string, config: DecoderConfig): Promise<StoredWeights> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new EnvError('not_found', `Cannot open the checkpoint "${folder}"`, { cause: error });
  });
  if (!names.includes(ONE_FILE) && !names.includes(INDEX_FILE))
    throw refused(folder, `it has neither ${ONE_FILE} nor ${INDEX_FILE}`);
  const shards = names.includes(ONE_FILE) ? [ONE_FILE] : await shardNames(join(folder, INDEX_FILE));

  // Downloads are often links into a store, and the runtime follows no link out of the folder that it is told of.
  const paths = await Promise.all(shards.map((shard) => realShard(folder, shard)));
  const [dataFolder = folder, ...otherFolders] = new Set(paths.map((path) => dirname(path)));
  if (otherFolders.length > 0)
    throw refused(folder, `its shards lie in ${dataFolder} and ${otherFolders.join(' and ')}`);

  const found = new Map<string, StoredWeight>();
  for (const path of paths) {
    const { tensors } = await readSafetensorsPlaces(path);
    for (const [name, place] of tensors) {
      if (found.has(name)) throw refused(folder, `two of its files have "${name}"`);
      if (!IGNORED.test(name)) found.set(name, storedWeight(path, name, place));
    }
  }
  return { dataFolder, weights: weightsOf(config, found, folder) };
}

/** A weight as 32-bit floats of a graph, or of 64 where gradients are checked. */
export function placeStored(graph: Graph, { dims, data }: StoredWeight): Value {
  const stored = graph.constant(data, dims);
  return graph.node({ op: 'Cast', inputs: [stored], dims, attributes: { to: FLOAT } });
}

async function shardNames(path: string): Promise<readonly string[]> {
  let index: unknown;
  try {
    index = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new EnvError('failed_precondition', `Cannot read "${path}"`, { cause: error });
  }
  const parsed = INDEX.safeParse(index);
  const shards = [...new Set(Object.values(parsed.data?.weight_map ?? {}))];
  if (shards.length === 0) throw refused(path, 'it names no files');
  const outside = shards.find((shard) => basename(shard) !== shard || shard === '..');
  if (outside !== undefined) throw refused(path, `"${outside}" is no name of a file beside it`);
  return shards;
}

async function realShard(folder: string, shard: string): Promise<string> {
  const path = join(folder, shard);
  try {
    return await realpath(path);
  } catch (error) {
    throw new EnvError('not_found', `Cannot open "${path}"`, { cause: error });
  }
}

function storedWeight(path: string, name: string, { type, dims, offset, length }: TensorPlace): StoredWeight {
  const onnxType = ONNX_TYPES[type];
  if (onnxType === undefined)
    throw refused(path, `weight "${name}" is ${type}: only F32, F16 and BF16 are computed with`);
  return { dims, data: { type: onnxType, location: basename(path), offset, length } };
}

function weightsOf(
  config: DecoderConfig,
  found: ReadonlyMap<string, StoredWeight>,
  folder: string,
): ReadonlyMap<string, StoredWeight> {
  const weights = new Map<string, StoredWeight>();
  for (const { name, dims } of weightShapes(config)) {
    const weight = found.get(name);
    if (weight === undefined) throw refused(folder, `its files have no weight "${name}"`);
    if (weight.dims.join() !== dims.join())
      throw refused(
        folder,
        `weight "${name}" is [${weight.dims.join(', ')}], by config.json it is [${dims.join(', ')}]`,
      );
    weights.set(name, weight);
  }
  const unused = [...found.keys()].find(
    (name) => !weights.has(name) && !(config.tiesEmbeddings && name === OUTPUT),
  );
  if (unused !== undefined) throw refused(folder, `config.json says nothing of its weight "${unused}"`);
  return weights;
}

function refused(path: string, reason: string): EnvError {
  return new EnvError('failed_precondition', `Cannot use the checkpoint "${path}": ${reason}`);
}
