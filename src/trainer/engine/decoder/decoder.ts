// A decoder of Llama's or Qwen2's shape as a graph: embeddings, layers of attention and of a gated feed-forward, a last norm,
// logits. Where the weights come from (inputs that are trained, constants of a checkpoint, adapters beside them) is the
// caller's business.

import type { Value } from '../graph.ts';
import { add, mul } from '../ops/arithmetic.ts';
import { rmsNorm, silu } from '../ops/functions.ts';
import { lookUp } from '../ops/indexing.ts';
import { dimAt, show } from '../ops/operands.ts';
import { gemm, linear } from '../ops/products.ts';
import { flatten } from '../ops/shapes.ts';
import { attend, type LayerCache } from './attention.ts';
import type { DecoderConfig, ProjectionName } from './config.ts';
import { rotationAt } from './rope.ts';
import { EMBEDDINGS, LAST_NORM, normName, OUTPUT, projectionName } from './weights.ts';

/** A weight by its name in the checkpoint. */
export type Weights = (name: string) => Value;

/** Multiplies rows by the matrix of a name, `model.layers.3.self_attn.q_proj`, and adds its bias. Adapters go in here. */
export type Projection = (rows: Value, name: string, projection: ProjectionName) => Value;

export interface DecoderInput {
  /** int64 [batch, length] */
  readonly tokens: Value;
  /** int64 [batch or 1, length] */
  readonly positions: Value;
  /** As in `AttentionInput`. */
  readonly bias: Value;
  /** For each layer, of the tokens before these. */
  readonly past?: readonly LayerCache[];
}

export interface DecoderOutput {
  /** Of the last layer, normalised: [batch·length, width] */
  readonly rows: Value;
  readonly caches: readonly LayerCache[];
}

export function plainProjection(config: DecoderConfig, weights: Weights): Projection {
  return (rows, name, projection) =>
    linear(
      rows,
      weights(`${name}.weight`),
      config.biases.includes(projection) ? weights(`${name}.bias`) : undefined,
    );
}

export function buildDecoder(
  config: DecoderConfig,
  weights: Weights,
  input: DecoderInput,
  project: Projection = plainProjection(config, weights),
): DecoderOutput {
  const { tokens, positions, bias, past } = input;
  if (tokens.dims.length !== 2) throw new RangeError(`Tokens are [batch, length], not ${show(tokens.dims)}`);
  const [batch, length] = [dimAt(tokens, 0), dimAt(tokens, 1)];
  const rotation = rotationAt(positions, config);
  const caches: LayerCache[] = [];

  let rows = lookUp(weights(EMBEDDINGS), flatten(tokens));
  for (let layer = 0; layer < config.layers; layer += 1) {
    const by = (x: Value, projection: ProjectionName): Value =>
      project(x, projectionName(layer, projection), projection);

    const before = rmsNorm(rows, weights(normName(layer, 'input_layernorm')), config.normEpsilon);
    const attended = attend(config, {
      queries: by(before, 'q_proj'),
      keys: by(before, 'k_proj'),
      values: by(before, 'v_proj'),
      batch,
      length,
      rotation,
      bias,
      past: past?.[layer],
    });
    caches.push(attended.cache);
    rows = add(rows, by(attended.rows, 'o_proj'));

    // SwiGLU (Shazeer, arXiv 2002.05202): down(silu(gate(x)) · up(x))
    const middle = rmsNorm(rows, weights(normName(layer, 'post_attention_layernorm')), config.normEpsilon);
    const gated = mul(silu(by(middle, 'gate_proj')), by(middle, 'up_proj'));
    rows = add(rows, by(gated, 'down_proj'));
  }
  return { rows: rmsNorm(rows, weights(LAST_NORM), config.normEpsilon), caches };
}

/** Rows [n, width] → logits [n, vocabulary]. Take the rows that are needed first: most of a step's work can be here. */
export function logitsOf(config: DecoderConfig, weights: Weights, rows: Value): Value {
  return gemm(rows, weights(config.tiesEmbeddings ? EMBEDDINGS : OUTPUT), { b: true });
}
