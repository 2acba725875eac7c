// A small decoder of Llama's shape that is trained from scratch, all of it. Its weights bear Hugging Face's names and its
// settings are a `config.json`, so what comes out of a training is an ordinary checkpoint.

import type { Random } from '../../core/random.ts';
import { decoderConfigOf } from '../engine/decoder/config.ts';
import { EMBEDDINGS, normal, weightShapes, type WeightShape } from '../engine/decoder/weights.ts';
import type { Graph, Value } from '../engine/graph.ts';
import type { PlacedModel, PolicyModel } from '../policy-model.ts';

export interface TinyModelOptions {
  /** Tokens that there are. */
  readonly vocabulary: number;
  /** The token that ends a completion. */
  readonly end: number;
  readonly layers?: number;
  /** Of the residual stream. */
  readonly width?: number;
  /** Of the feed-forward layers; default three times the width. */
  readonly inner?: number;
  /** Their size, width / heads, is even. */
  readonly heads?: number;
}

/** For readers of the config alone: the positions are rotary, and none is out of reach here. */
const POSITIONS = 2048;

/** Base of the frequencies: texts of a tiny model are short, so no pair of numbers should stand still over all of them. */
const THETA = 100;

/** @throws EnvError `failed_precondition` for sizes that make no decoder */
export function tinyModel(options: TinyModelOptions): PolicyModel {
  const { vocabulary, end, layers = 2, width = 128, inner = 3 * width, heads = 4 } = options;
  const file = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    head_dim: width / heads,
    max_position_embeddings: POSITIONS,
    hidden_act: 'silu',
    rms_norm_eps: 1e-6,
    rope_theta: THETA,
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: true,
    bos_token_id: null,
    eos_token_id: end,
    torch_dtype: 'float32',
  };
  const config = decoderConfigOf(file);
  const trained = weightShapes(config);
  const parameters = trained.reduce((sum, { dims }) => sum + dims.reduce((size, dim) => size * dim, 1), 0);
  return {
    description: `tiny decoder, ${(parameters / 1e6).toFixed(2)} M parameters`,
    config,
    trained,
    dataFolder: undefined,
    firstValues: (random: Random) =>
      new Map(trained.map((shape) => [shape.name, firstValue(shape, layers, random)])),
    place: (graph) => place(graph, trained),
    format: {
      weightsFile: 'model.safetensors',
      files: { 'config.json': `${JSON.stringify(file, undefined, 2)}\n` },
    },
  };
}

function place(graph: Graph, trained: PolicyModel['trained']): PlacedModel {
  const inputs = trained.map(({ name, dims }) => graph.input(name, 'float', dims));
  const byName = new Map<string, Value>(inputs.map((input) => [input.name, input]));
  return {
    weights: (name) => {
      const weight = byName.get(name);
      if (weight === undefined) throw new RangeError(`A tiny decoder has no weight ${name}`);
      return weight;
    },
    trained: inputs,
  };
}

/** Standard deviation of first embeddings. They are the output layer, too, so it is also that of first logits. */
const EMBEDDING_DEVIATION = 0.1;

/**
 * Norms begin with 1 and matrices with a deviation of 1/√inputs, which keeps the size of what goes through (LeCun et al., "Efficient
 * backprop", 1998); those that add to the residual stream are smaller, by √(number of additions), as in GPT-2. Llama's 0.02
 * is for widths of thousands: from there, this one needs five times the steps before it learns at all.
 */
function firstValue({ name, dims }: WeightShape, layers: number, random: Random): Float32Array<ArrayBuffer> {
  const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
  const [, inputs] = dims;
  if (inputs === undefined) return data.fill(1);
  const addsToStream = name.includes('o_proj') || name.includes('down_proj');
  const scale = addsToStream ? 1 / Math.sqrt(2 * layers) : 1;
  const deviation = name === EMBEDDINGS ? EMBEDDING_DEVIATION : scale / Math.sqrt(inputs);
  return data.map(() => deviation * normal(random));
}
