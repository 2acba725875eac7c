// Grouped-query attention (Ainslie et al., arXiv 2305.13245) with rotary positions: softmax(q·kᵀ/√d + bias)·v. Several heads of
// queries share one head of keys and values: they are multiplied as if they were more rows of one head, so nothing is copied.

import type { Dim, Value } from '../graph.ts';
import { add, compare, mul, where } from '../ops/arithmetic.ts';
import { softmax } from '../ops/functions.ts';
import { range } from '../ops/indexing.ts';
import { dimAt } from '../ops/operands.ts';
import { matMul, swapLast } from '../ops/products.ts';
import { concat, reshape, timesDim, transpose } from '../ops/shapes.ts';
import type { DecoderConfig } from './config.ts';
import { rotate, type Rotation } from './rope.ts';

/** What one layer remembers of the tokens so far: [batch, keyHeads, tokens, headSize] each. */
export interface LayerCache {
  readonly keys: Value;
  readonly values: Value;
}

export interface AttentionInput {
  /** Projected rows: [batch·length, heads·headSize], and of keys and values [batch·length, keyHeads·headSize]. */
  readonly queries: Value;
  readonly keys: Value;
  readonly values: Value;
  readonly batch: Dim;
  readonly length: Dim;
  readonly rotation: Rotation;
  /** Added to the scores: 0 where a token is seen, far below 0 where not; broadcast to [batch, heads, length, tokens]. */
  readonly bias: Value;
  /** Of the tokens before these. */
  readonly past?: LayerCache | undefined;
}

/** Rows [batch·length, heads·headSize], and the cache with these tokens behind those of the past. */
export function attend(
  config: DecoderConfig,
  input: AttentionInput,
): { readonly rows: Value; readonly cache: LayerCache } {
  const { heads, keyHeads, headSize } = config;
  const { batch, length, rotation, bias, past } = input;
  const split = (rows: Value, count: number): Value => reshape(rows, [batch, length, count, headSize]);

  const queries = swapMiddle(rotate(split(input.queries, heads), rotation, headSize));
  const keys = behind(past?.keys, swapMiddle(rotate(split(input.keys, keyHeads), rotation, headSize)));
  const values = behind(past?.values, swapMiddle(split(input.values, keyHeads)));
  const tokens = dimAt(keys, 2);

  const shared = timesDim(heads / keyHeads, length);
  const grouped = reshape(mul(queries, 1 / Math.sqrt(headSize)), [batch, keyHeads, shared, headSize]);
  const scores = reshape(matMul(grouped, swapLast(keys)), [batch, heads, length, tokens]);
  const shares = reshape(softmax(add(scores, bias)), [batch, keyHeads, shared, tokens]);
  const mixed = swapMiddle(reshape(matMul(shares, values), [batch, heads, length, headSize]));
  return { rows: reshape(mixed, [timesDim(batch, length), heads * headSize]), cache: { keys, values } };
}

/** Far enough below any score for its share to be 0 in 32-bit floats. */
const UNSEEN = -1e9;

/** Bias under which each token sees itself and those before it: [length, length]. `tokens` is int64 [batch, length]. */
export function causalBias(tokens: Value): Value {
  const places = range(tokens, 1);
  const length = dimAt(tokens, 1);
  return biasWhere(compare('LessOrEqual', reshape(places, [1, length]), reshape(places, [length, 1])));
}

/** 0 where a token is seen, far below 0 elsewhere. */
export function biasWhere(isSeen: Value): Value {
  const { graph } = isSeen;
  return where(isSeen, graph.scalar(0), graph.scalar(UNSEEN));
}

/** [batch, length, heads, headSize] ↔ [batch, heads, length, headSize] */
function swapMiddle(x: Value): Value {
  return transpose(x, [0, 2, 1, 3]);
}

function behind(past: Value | undefined, now: Value): Value {
  return past === undefined ? now : concat([past, now], 2, `${dimAt(past, 2)}+${dimAt(now, 2)}`);
}
