// The weights of a decoder: names as in Hugging Face's checkpoints, shapes, and first values for one that is trained from
// scratch.

import type { Random } from '../../../core/random.ts';
import {
  ATTENTION_PROJECTIONS,
  FEED_FORWARD_PROJECTIONS,
  type DecoderConfig,
  type ProjectionName,
} from './config.ts';

export interface WeightShape {
  readonly name: string;
  readonly dims: readonly number[];
}

export const EMBEDDINGS = 'model.embed_tokens.weight';
export const LAST_NORM = 'model.norm.weight';
export const OUTPUT = 'lm_head.weight';

/** `model.layers.3.self_attn.q_proj`: a matrix `.weight` [out, in], with some a `.bias` [out]. */
export function projectionName(layer: number, projection: ProjectionName): string {
  const isAttention = ATTENTION_PROJECTIONS.some((name) => name === projection);
  return `model.layers.${layer}.${isAttention ? 'self_attn' : 'mlp'}.${projection}`;
}

export function normName(layer: number, norm: 'input_layernorm' | 'post_attention_layernorm'): string {
  return `model.layers.${layer}.${norm}.weight`;
}

/** [out, in] of a projection. */
export function projectionDims(config: DecoderConfig, projection: ProjectionName): readonly [number, number] {
  const { width, inner } = config;
  const queries = config.heads * config.headSize;
  const keys = config.keyHeads * config.headSize;
  switch (projection) {
    case 'q_proj':
      return [queries, width];
    case 'k_proj':
    case 'v_proj':
      return [keys, width];
    case 'o_proj':
      return [width, queries];
    case 'gate_proj':
    case 'up_proj':
      return [inner, width];
    case 'down_proj':
      return [width, inner];
  }
}

/** All weights of a checkpoint, in the order of its layers. */
export function weightShapes(config: DecoderConfig): readonly WeightShape[] {
  const { vocabulary, width, layers, tiesEmbeddings } = config;
  return [
    { name: EMBEDDINGS, dims: [vocabulary, width] },
    ...Array.from({ length: layers }, (_, layer) => layerShapes(config, layer)).flat(),
    { name: LAST_NORM, dims: [width] },
    ...(tiesEmbeddings ? [] : [{ name: OUTPUT, dims: [vocabulary, width] }]),
  ];
}

function layerShapes(config: DecoderConfig, layer: number): readonly WeightShape[] {
  const projections = [...ATTENTION_PROJECTIONS, ...FEED_FORWARD_PROJECTIONS].flatMap((projection) => {
    const name = projectionName(layer, projection);
    const [outputs, inputs] = projectionDims(config, projection);
    const bias = config.biases.includes(projection) ? [{ name: `${name}.bias`, dims: [outputs] }] : [];
    return [{ name: `${name}.weight`, dims: [outputs, inputs] }, ...bias];
  });
  return [
    { name: normName(layer, 'input_layernorm'), dims: [config.width] },
    { name: normName(layer, 'post_attention_layernorm'), dims: [config.width] },
    ...projections,
  ];
}

/** Standard deviation of first weights; what Llama's and Qwen2's configurations have as `initializer_range`. */
const DEVIATION = 0.02;

/** First values: matrices from a normal distribution, norms of 1, biases of 0. */
export function firstWeights(
  shapes: readonly WeightShape[],
  random: Random,
): ReadonlyMap<string, Float32Array<ArrayBuffer>> {
  return new Map(
    shapes.map(({ name, dims }) => {
      const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
      if (dims.length === 1) return [name, data.fill(name.endsWith('.bias') ? 0 : 1)];
      return [name, data.map(() => DEVIATION * normal(random))];
    }),
  );
}

/** One number of the standard normal distribution (Box and Muller, 1958; the cosine alone). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
