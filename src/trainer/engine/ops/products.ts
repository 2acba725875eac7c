// Matrix products. The layers keep their activations as rows, [rows, width], so that each weight is one flat product there
// and back; only attention multiplies in batches.

import type { Dim, Value } from '../graph.ts';
import { add } from './arithmetic.ts';
import { broadcast, dimAt, graphOf, show } from './operands.ts';
import { sumTo, transpose } from './shapes.ts';

export interface Transposed {
  readonly a?: boolean;
  readonly b?: boolean;
}

/** y = a'·b', where ' transposes those that are named; both have two axes. */
export function gemm(a: Value, b: Value, { a: ta = false, b: tb = false }: Transposed = {}): Value {
  const inner = dimAt(a, ta ? 0 : 1);
  if (a.dims.length !== 2 || b.dims.length !== 2 || inner !== dimAt(b, tb ? 1 : 0))
    throw new RangeError(`Cannot multiply ${show(a.dims)} and ${show(b.dims)}`);
  return graphOf(a, b).node({
    op: 'Gemm',
    inputs: [a, b],
    dims: [dimAt(a, ta ? 1 : 0), dimAt(b, tb ? 0 : 1)],
    attributes: { transA: Number(ta), transB: Number(tb) },
    // y = a·b: ∂a = ∂y·bᵀ, ∂b = aᵀ·∂y; the other three follow by transposing both sides.
    pullBack: (dy) => [
      ta ? gemm(b, dy, { a: tb, b: true }) : gemm(dy, b, { b: !tb }),
      tb ? gemm(dy, a, { a: true, b: ta }) : gemm(a, dy, { a: !ta }),
    ],
  });
}

/** y = x·Wᵀ + c, as Hugging Face stores it: x [rows, in], W [out, in], c [out]. */
export function linear(x: Value, weight: Value, bias?: Value): Value {
  const product = gemm(x, weight, { b: true });
  return bias === undefined ? product : add(product, bias);
}

/** y = a·b over the last two axes, axes in front are broadcast: ∂a = ∂y·bᵀ, ∂b = aᵀ·∂y */
export function matMul(a: Value, b: Value): Value {
  if (dimAt(a, -1) !== dimAt(b, -2))
    throw new RangeError(`Cannot multiply ${show(a.dims)} and ${show(b.dims)}`);
  const front: readonly Dim[] = broadcast(a.dims.slice(0, -2), b.dims.slice(0, -2));
  return graphOf(a, b).node({
    op: 'MatMul',
    inputs: [a, b],
    dims: [...front, dimAt(a, -2), dimAt(b, -1)],
    pullBack: (dy) => [sumTo(matMul(dy, swapLast(b)), a.dims), sumTo(matMul(swapLast(a), dy), b.dims)],
  });
}

/** Transposes the last two axes. */
export function swapLast(x: Value): Value {
  const rank = x.dims.length;
  const perm = x.dims.map((_, axis) => axis);
  return transpose(x, [...perm.slice(0, -2), rank - 1, rank - 2]);
}
