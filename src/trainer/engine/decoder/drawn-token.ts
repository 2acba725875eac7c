// One token drawn from logits with a random number that the caller brings: the inverse of the distribution. Sums of 32 bits must neither
// lose the many tokens of a large vocabulary that are hardly likely, nor end below 1 and leave the rest to whichever token is last.

import type { Graph, Value } from '../graph.ts';
import { add, cast, compare, div, log, max, min, mul, sub } from '../ops/arithmetic.ts';
import { cumulativeSum, softmax } from '../ops/functions.ts';
import { pick, range, take } from '../ops/indexing.ts';
import { fixedDim } from '../ops/operands.ts';
import { gemm } from '../ops/products.ts';
import { concat, expand, flatten, reshape, slice, sum } from '../ops/shapes.ts';

export interface DrawnToken {
  /** int64 [batch] */
  readonly token: Value;
  /** ln p of the token: [batch] */
  readonly logProbability: Value;
}

/** Vocabularies of up to so many tokens have their running sums as a product with a triangle of ones, which is faster there. */
const TRIANGLE_MAX = 512;

/** Tokens of a block: each block of a larger vocabulary has running sums of its own. */
const BLOCK = 512;

/** The largest float of 32 bits below 1: what it is multiplied with becomes smaller. */
const BELOW_ONE = 1 - 2 ** -24;

/**
 * Inverse of the distribution: the token before which so many have a running sum of at most u.
 * @param logits [batch, vocabulary], divided by the temperature
 * @param uniforms [batch] in [0, 1)
 */
export function draw(logits: Value, uniforms: Value): DrawnToken {
  const shares = softmax(logits);
  const wanted = reshape(uniforms, ['batch', 1]);
  const token = fixedDim(logits, -1) <= TRIANGLE_MAX ? ofFew(shares, wanted) : ofMany(shares, wanted);
  return { token, logProbability: reshape(log(pick(shares, token)), ['batch']) };
}

function ofFew(shares: Value, wanted: Value): Value {
  const vocabulary = fixedDim(shares, 1);
  const sums = gemm(shares, triangle(shares.graph, vocabulary));
  // Rounding may leave the last sum a little below 1.
  return min(countUpTo(sums, wanted), vocabulary - 1);
}

/**
 * First the block, then the token in it. A running sum over 150,000 tokens stands near 1 most of the way, where whatever adds less than
 * 3e-8 is lost: together easily a thousandth. Sums over blocks lose nothing of note, and are fewer.
 */
function ofMany(shares: Value, wanted: Value): Value {
  const vocabulary = fixedDim(shares, 1);
  const blocks = Math.ceil(vocabulary / BLOCK);
  const zeros = expand(shares.graph.scalar(0, shares.type), ['batch', blocks * BLOCK - vocabulary]);
  const filled = vocabulary % BLOCK === 0 ? shares : concat([shares, zeros], 1);
  const parts = reshape(filled, ['batch', blocks, BLOCK]);
  const sums = sum(parts, { axes: [2] });
  const block = place(sums, wanted);
  const own = take(flatten(parts), add(mul(range(sums, 0), blocks), block.at));
  const rest = max(sub(block.target, sub(pick(block.running, block.at), pick(sums, block.at))), 0);
  return add(mul(block.at, BLOCK), place(own, div(rest, pick(sums, block.at))).at);
}

/** Where in each row the running sum goes past this share [batch, 1] of the row's sum: never where nothing is added. */
function place(
  row: Value,
  part: Value,
): { readonly at: Value; readonly running: Value; readonly target: Value } {
  const running = cumulativeSum(row);
  const whole = slice(running, { axis: 1, start: fixedDim(row, 1) - 1 });
  const target = mul(min(part, BELOW_ONE), whole);
  return { at: countUpTo(running, target), running, target };
}

/** Numbers of each row that are at most as large as this: int64 [batch] */
function countUpTo(sums: Value, limit: Value): Value {
  return cast(sum(cast(compare('LessOrEqual', sums, limit), 'float'), { axes: [-1] }), 'int64');
}

/** 1 where the row is not below the column. */
function triangle(graph: Graph, size: number): Value {
  const ones = Float32Array.from({ length: size * size }, (_, index) =>
    Math.floor(index / size) <= index % size ? 1 : 0,
  );
  return graph.constant(ones, [size, size]);
}
