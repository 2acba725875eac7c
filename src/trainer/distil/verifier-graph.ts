// A distilled verifier as a graph: an encoder that reads the ground truth and the answer side by side (a cross-encoder) and
// gives one number, above 0 where they mean the same.
//
// Two things make equality learnable from a few thousand verdicts. Every attention head is told, by a bias that it weighs
// itself, which tokens of the other text are the same (M¹), the same with the same token before (M²), and with the same on
// both sides (M³): scores are q·kᵀ/√d + Σₖ wₖ·Mᵏ. And positions count from the start of each text, so that rotary positions
// line the two up.

import type { Dim, Value } from '../engine/graph.ts';
import { attend, biasWhere } from '../engine/decoder/attention.ts';
import type { DecoderConfig } from '../engine/decoder/config.ts';
import { rotationAt, type Rotation } from '../engine/decoder/rope.ts';
import { add, and, cast, compare, div, mul, not, sub, where } from '../engine/ops/arithmetic.ts';
import { largest, rmsNorm, silu } from '../engine/ops/functions.ts';
import { lookUp, range } from '../engine/ops/indexing.ts';
import { dimAt } from '../engine/ops/operands.ts';
import { gemm, linear } from '../engine/ops/products.ts';
import { concat, flatten, reshape, slice, sum } from '../engine/ops/shapes.ts';
import type { VerifierConfig } from './verifier-config.ts';

/** As the runtime feeds a network: int64 [batch, length] each, padded on the right. */
export interface VerifierInputs {
  readonly ids: Value;
  /** 1 for tokens, 0 for padding. */
  readonly mask: Value;
  /** 0 in the first text, 1 in the second. */
  readonly types: Value;
}

/** A weight by its name. */
export type VerifierWeights = (name: string) => Value;

const NORM_EPSILON = 1e-6;
const ROPE_THETA = 1_000;

/** → logits [batch, 1] */
export function buildVerifier(
  config: VerifierConfig,
  weights: VerifierWeights,
  inputs: VerifierInputs,
): Value {
  const { ids, mask, types } = inputs;
  const { width, layers, heads } = config;
  const [batch, length] = [dimAt(ids, 0), dimAt(ids, 1)];
  const shape = attentionShape(config);
  const likenesses = likenessesOf(config, inputs);
  const rotation = rotationAt(places(inputs), shape);
  const seen = reshape(biasWhere(compare('Equal', mask, 1)), [batch, 1, 1, length]);

  let rows = add(
    add(lookUp(weights('tokens'), flatten(ids)), lookUp(weights('types'), flatten(types))),
    gemm(flatten(hasLike(likenesses, batch, length)), weights('likeness')),
  );
  for (let layer = 0; layer < layers; layer += 1) {
    const of = (name: string): Value => weights(`layers.${layer}.${name}`);
    rows = add(
      rows,
      attention(rows, of, {
        shape,
        batch,
        length,
        rotation,
        bias: headBias(seen, likenesses, of('likeness'), heads),
      }),
    );
    const before = rmsNorm(rows, of('feed_norm'), NORM_EPSILON);
    const gated = mul(silu(linear(before, of('gate'))), linear(before, of('up')));
    rows = add(rows, linear(gated, of('down')));
  }
  const last = reshape(rmsNorm(rows, weights('last_norm'), NORM_EPSILON), [batch, length, width]);
  return head(last, weights, { mask, batch, length });
}

function attention(
  rows: Value,
  of: (name: string) => Value,
  around: {
    readonly shape: DecoderConfig;
    readonly batch: Dim;
    readonly length: Dim;
    readonly rotation: Rotation;
    readonly bias: Value;
  },
): Value {
  const { shape, ...rest } = around;
  const before = rmsNorm(rows, of('attention_norm'), NORM_EPSILON);
  const attended = attend(shape, {
    ...rest,
    queries: linear(before, of('query')),
    keys: linear(before, of('key')),
    values: linear(before, of('value')),
  });
  return linear(attended.rows, of('output'));
}

/** The first token and the mean of all, through one layer: [batch, 1] */
function head(
  rows: Value,
  weights: VerifierWeights,
  { mask, batch, length }: { readonly mask: Value; readonly batch: Dim; readonly length: Dim },
): Value {
  const present = cast(mask, 'float');
  const isFirst = cast(compare('Equal', range(mask, 1), 0), 'float');
  const first = sum(mul(rows, reshape(isFirst, [1, length, 1])), { axes: [1] });
  const total = sum(mul(rows, reshape(present, [batch, length, 1])), { axes: [1] });
  const mean = div(total, sum(present, { axes: [1], keepDims: true }));
  const pooled = silu(linear(concat([first, mean], 1), weights('pool'), weights('pool_bias')));
  return linear(pooled, weights('head'), weights('head_bias'));
}

/** M¹ … M³ as floats [batch, 1, length, length]: only between the two texts, and never of special tokens. */
function likenessesOf({ specials }: VerifierConfig, { ids, types, mask }: VerifierInputs): readonly Value[] {
  const { graph } = ids;
  // Special tokens stand for the edge of a text: two tokens that both begin (or end) a text have that in common.
  const isText = and(compare('GreaterOrEqual', ids, specials), compare('Equal', mask, 1));
  const texts = where(isText, ids, graph.scalar(0, 'int64'));
  const edge = mul(slice(texts, { axis: 1, start: 0, end: 1 }), graph.scalar(0, 'int64'));
  const length = dimAt(ids, 1);
  const before = concat([edge, slice(texts, { axis: 1, start: 0, end: -1 })], 1, length);
  const after = concat([slice(texts, { axis: 1, start: 1 }), edge], 1, length);
  const isOther = not(pairs(types));
  const same = and(and(pairs(texts), isOther), column(compare('Greater', texts, 0)));
  const sameBefore = and(same, pairs(before));
  return [same, sameBefore, and(sameBefore, pairs(after))].map((truth) => cast(truth, 'float'));
}

/** Where two places of a row have the same number: [batch, length] → truth values [batch, 1, length, length]. */
function pairs(x: Value): Value {
  const [batch, length] = [dimAt(x, 0), dimAt(x, 1)];
  return compare('Equal', column(x), reshape(x, [batch, 1, 1, length]));
}

function column(x: Value): Value {
  return reshape(x, [dimAt(x, 0), 1, dimAt(x, 1), 1]);
}

/** For each token, whether the other text has one like it: [batch, length, 3] */
function hasLike(likenesses: readonly Value[], batch: Dim, length: Dim): Value {
  return concat(
    likenesses.map((likeness) => reshape(largest(likeness, -1), [batch, length, 1])),
    2,
  );
}

/** [batch, heads, length, length] */
function headBias(seen: Value, likenesses: readonly Value[], weights: Value, heads: number): Value {
  const parts = likenesses.map((likeness, index) => {
    const kind = reshape(slice(weights, { axis: 1, start: index, end: index + 1 }), [1, heads, 1, 1]);
    return mul(likeness, kind);
  });
  return parts.reduce(add, seen);
}

/** Of each token, counted from the start of its text: int64 [batch, length] */
function places({ types, mask }: VerifierInputs): Value {
  const { graph } = types;
  const isFirst = mul(sub(graph.scalar(1, 'int64'), types), mask);
  const firstLength = sum(isFirst, { axes: [1], keepDims: true });
  const all = reshape(range(types, 1), [1, dimAt(types, 1)]);
  return sub(all, mul(firstLength, types));
}

function attentionShape({ vocabulary, width, heads, inner, layers }: VerifierConfig): DecoderConfig {
  return {
    vocabulary,
    width,
    inner,
    layers,
    heads,
    keyHeads: heads,
    headSize: width / heads,
    normEpsilon: NORM_EPSILON,
    rope: { theta: ROPE_THETA, scaling: undefined },
    biases: [],
    tiesEmbeddings: true,
  };
}
