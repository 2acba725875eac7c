// Functions of several operators: softmax and its relatives, activations, means, and the way to give a piece of a graph a
// gradient that is shorter than what its operators would add up to.

import type { Origin, Value } from '../graph.ts';
import {
  add,
  cast,
  compare,
  div,
  erf,
  exp,
  log,
  mul,
  neg,
  reciprocal,
  sigmoid,
  sqrt,
  sub,
} from './arithmetic.ts';
import { axisOf, dimAt, fixedDim, graphOf } from './operands.ts';
import { oneHot, pick } from './indexing.ts';
import { reshape, sum, sumAll, sumTo, type Reduction } from './shapes.ts';

/** The value as a constant: no gradient goes through it. */
export function stopGradient(x: Value): Value {
  return { ...x, origin: undefined };
}

/** The value, whose gradient by `inputs` is `pullBack`, not what its operators say. */
export function withPullBack(value: Value, inputs: readonly Value[], pullBack: Origin['pullBack']): Value {
  return { ...value, origin: { inputs, pullBack } };
}

/** Largest along an axis, which stays with size 1. It has no gradient: use it on constants, to shift or to look. */
export function largest(x: Value, axis: number): Value {
  const place = axisOf(x, axis);
  return x.graph.node({
    op: 'ReduceMax',
    inputs: [x],
    dims: x.dims.with(place, 1),
    type: x.type,
    attributes: { axes: [place], keepdims: 1 },
    pullBack: () => {
      throw new TypeError('The largest of an axis has no gradient here: stop it before');
    },
  });
}

/** Whether any of a row of truth values holds: a truth value without dimensions. */
export function anyOf(x: Value): Value {
  return compare('Greater', sumAll(cast(x, 'int64')), 0);
}

/** Running sums along the last axis. It has no gradient: it is for drawing. */
export function cumulativeSum(x: Value): Value {
  const axis = x.graph.scalar(axisOf(x, -1), 'int64');
  return x.graph.node({
    op: 'CumSum',
    inputs: [x, axis],
    dims: x.dims,
    type: x.type,
    pullBack: () => {
      throw new TypeError('Running sums have no gradient here: stop it before');
    },
  });
}

/** Mean over axes of fixed size. */
export function mean(x: Value, reduction: Reduction): Value {
  const count = reduction.axes.reduce((product, axis) => product * fixedDim(x, axis), 1);
  return mul(sum(x, reduction), 1 / count);
}

/** Σ w·x / Σ w, a scalar; w holds no gradient. Sizes need not be fixed. */
export function weightedMean(x: Value, weights: Value): Value {
  return div(sumAll(mul(x, weights)), sumAll(stopGradient(weights)));
}

/** Over the last axis, yᵢ = e^xᵢ / Σ e^x: ∂x = y·(∂y − Σ ∂y·y) */
export function softmax(x: Value): Value {
  const y: Value = x.graph.node({
    op: 'Softmax',
    inputs: [x],
    dims: x.dims,
    attributes: { axis: -1 },
    pullBack: (dy) => {
      const weighted = mul(dy, y);
      return [sub(weighted, mul(y, sum(weighted, { axes: [-1], keepDims: true })))];
    },
  });
  return y;
}

/** ln Σ e^x over the last axis, which stays with size 1: ∂x = ∂y·softmax(x) */
export function logSumExp(x: Value): Value {
  const shift = largest(stopGradient(x), -1);
  const y = add(log(sum(exp(sub(x, shift)), { axes: [-1], keepDims: true })), shift);
  return withPullBack(y, [x], (dy) => [mul(dy, exp(sub(x, y)))]);
}

/** ln softmax(x) over the last axis: ∂x = ∂y − softmax(x)·Σ ∂y */
export function logSoftmax(x: Value): Value {
  const y = sub(x, logSumExp(x));
  return withPullBack(y, [x], (dy) => [sub(dy, mul(exp(y), sum(dy, { axes: [-1], keepDims: true })))]);
}

/**
 * Log-probability of one token for each row: zₜ − ln Σ e^z, for logits z [rows, vocabulary] and tokens t [rows] → [rows].
 * ∂z = ∂y·(1ₜ − softmax(z))
 */
export function tokenLogProbabilities(logits: Value, tokens: Value): Value {
  const vocabulary = fixedDim(logits, 1);
  const total = logSumExp(logits);
  const y = reshape(sub(pick(logits, tokens), total), [dimAt(logits, 0)]);
  return withPullBack(y, [logits], (dy) => [
    mul(reshape(dy, total.dims), sub(oneHot(tokens, vocabulary), exp(sub(logits, total)))),
  ]);
}

/** Entropy of the softmax of each row, in nats: ln Σ e^z − Σ p·z → [rows] */
export function entropy(logits: Value): Value {
  const total = logSumExp(logits);
  const expected = sum(mul(exp(sub(logits, total)), logits), { axes: [-1], keepDims: true });
  return reshape(sub(total, expected), [dimAt(logits, 0)]);
}

/** y = x·σ(x): ∂x = ∂y·(σ + y·(1 − σ)) */
export function silu(x: Value): Value {
  const s = sigmoid(x);
  const y = mul(x, s);
  return withPullBack(y, [x], (dy) => [mul(dy, add(s, mul(y, sub(1, s))))]);
}

/** y = x·(1 + erf(x/√2))/2 */
export function gelu(x: Value): Value {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

/**
 * Root mean square normalisation over the last axis (Zhang and Sennrich, arXiv 1910.07467): y = w·n with n = r·x,
 * r = 1/√(mean(x²) + ε). With ∂n = ∂y·w: ∂x = r·(∂n − n·mean(∂n·n)), ∂w = Σ ∂y·n over all rows.
 */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  return graphOf(x, weight).node({
    // The runtime's own operator of this name is one pass over x; r and n are worked out where a gradient asks for them.
    op: 'SimplifiedLayerNormalization',
    inputs: [x, weight],
    dims: x.dims,
    attributes: { axis: -1, epsilon: { float: epsilon } },
    pullBack: (dy) => {
      const over = { axes: [-1], keepDims: true };
      const r = reciprocal(sqrt(add(mean(mul(x, x), over), epsilon)));
      const n = mul(x, r);
      const dn = mul(dy, weight);
      return [mul(r, sub(dn, mul(n, mean(mul(dn, n), over)))), sumTo(mul(dy, n), weight.dims)];
    },
  });
}

/** 1 where x > 0, 0 elsewhere, as floats. */
export function isPositive(x: Value): Value {
  return cast(compare('Greater', x, 0), 'float');
}

/** ln(1/(1 + e⁻ˣ)) without overflow: min(x, 0) − ln(1 + e^(−|x|)) */
export function logSigmoid(x: Value): Value {
  const sign = sub(mul(isPositive(x), 2), 1);
  const y = sub(mul(x, sub(1, isPositive(x))), log(add(exp(neg(mul(x, sign))), 1)));
  return withPullBack(y, [x], (dy) => [mul(dy, sub(1, sigmoid(x)))]);
}
