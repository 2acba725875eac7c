// What a policy on the engine is made of: a decoder's shape, which of its weights are trained, and how they get into a graph.
// A tiny decoder trains all of them; a checkpoint keeps its own as they lie on disk and trains adapters beside them.

import type { Random } from '../core/random.ts';
import type { DecoderConfig } from './engine/decoder/config.ts';
import type { Projection, Weights } from './engine/decoder/decoder.ts';
import type { WeightShape } from './engine/decoder/weights.ts';
import type { Graph, Value } from './engine/graph.ts';

export interface PlacedModel {
  readonly weights: Weights;
  /** Undefined: each projection is its weight and bias alone. */
  readonly project?: Projection | undefined;
  /** Inputs of the graph, in the order of `trained`. */
  readonly trained: readonly Value[];
}

export interface PolicyModel {
  /** For people, for example `Qwen2 (494 M parameters), LoRA of rank 16 (8.8 M trained)`. */
  readonly description: string;
  readonly config: DecoderConfig;
  readonly trained: readonly WeightShape[];
  /** What else decides how its weights are computed with, as plain data: the rank and scale of adapters. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Folder of the files that frozen weights are read from while a graph is loaded. */
  readonly dataFolder: string | undefined;
  /** Values of what is trained before any step, by name. */
  firstValues(random: Random): ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  /** Adds the weights to a graph: the trained ones as inputs under their names, the others as constants. */
  place(graph: Graph): PlacedModel;
  /** How others load what was trained from a folder. */
  readonly format: ModelFormat;
}

export interface ModelFormat {
  /** The safetensors file that what is trained goes into, under the names of `trained`: `model.safetensors`. */
  readonly weightsFile: string;
  /** What lies beside it, by name: a checkpoint's `config.json`, the settings of an adapter. */
  readonly files: Readonly<Record<string, string>>;
}
