// Small decoders for tests: configurations as Hugging Face writes them, and weights that no part of a decoder can ignore.

import { createRandom } from '../../src/core/random.ts';
import { decoderConfigOf, type DecoderConfig } from '../../src/trainer/engine/decoder/config.ts';
import { normal, weightShapes } from '../../src/trainer/engine/decoder/weights.ts';
import type { TensorData } from '../../src/trainer/engine/engine.ts';
import type { Graph } from '../../src/trainer/engine/graph.ts';
import type { Weights } from '../../src/trainer/engine/decoder/decoder.ts';

const SIZES = {
  vocab_size: 13,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  rms_norm_eps: 1e-6,
};

export const DECODER_FILES = {
  'a Llama with as many heads of keys as of queries': {
    ...SIZES,
    model_type: 'llama',
    rope_theta: 10_000,
    tie_word_embeddings: true,
  },
  'a Llama with grouped heads of their own size, biases and an output layer': {
    ...SIZES,
    model_type: 'llama',
    num_key_value_heads: 2,
    head_dim: 6,
    attention_bias: true,
    mlp_bias: true,
    rope_theta: 500,
  },
  'a Qwen2 with one head of keys': {
    ...SIZES,
    model_type: 'qwen2',
    num_key_value_heads: 1,
    rope_parameters: { rope_type: 'default', rope_theta: 1_000_000 },
    tie_word_embeddings: true,
  },
} as const;
export type DecoderName = keyof typeof DECODER_FILES;
export const DECODER_NAMES = Object.keys(DECODER_FILES) as readonly DecoderName[];

/** Larger than a model begins with, and norms and biases too: an operand that is left out shows. */
export function strangeWeights(config: DecoderConfig, seed: number): ReadonlyMap<string, TensorData> {
  const random = createRandom(seed);
  return new Map(
    weightShapes(config).map(({ name, dims }) => {
      const size = dims.reduce((product, dim) => product * dim, 1);
      const isNorm = name.includes('norm');
      const data = Float64Array.from({ length: size }, () =>
        Math.fround(0.3 * normal(random) + Number(isNorm)),
      );
      return [name, { type: 'float64', dims, data }];
    }),
  );
}

export function decoderConfig(name: DecoderName): DecoderConfig {
  return decoderConfigOf(DECODER_FILES[name]);
}

/** Every weight of a decoder as an input of the graph, under its name. */
export function weightInputs(graph: Graph, config: DecoderConfig): Weights {
  const inputs = new Map(
    weightShapes(config).map(({ name, dims }) => [name, graph.input(name, 'float', dims)]),
  );
  return (name) => {
    const input = inputs.get(name);
    if (input === undefined) throw new Error(`No weight ${name}`);
    return input;
  };
}
