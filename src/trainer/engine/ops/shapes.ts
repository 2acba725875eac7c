// Operators that move numbers, copy them along an axis or sum them up, and change none. Each stands with its pull-back:
// ∂y is the gradient of the loss by the result, and what is handed back are those by the inputs.

import type { Dim, Value } from '../graph.ts';
import { axisOf, broadcast, dimAt, fixedDim, graphOf, isSameShape, show } from './operands.ts';

/** The same numbers, row by row, in another shape: ∂x = ∂y in the shape of x. */
export function reshape(x: Value, dims: readonly Dim[]): Value {
  if (isSameShape(x.dims, dims)) return x;
  return x.graph.node({
    op: 'Reshape',
    inputs: [x, reshapeTarget(x, dims)],
    dims,
    type: x.type,
    pullBack: (dy) => [reshape(dy, x.dims), undefined],
  });
}

/** In a target, 0 keeps the size of the same axis and one −1 is worked out: most shapes with names are constants so. */
function reshapeTarget(x: Value, dims: readonly Dim[]): Value {
  const target = dims.map((dim, axis) => {
    if (typeof dim === 'number') return dim;
    return x.dims[axis] === dim ? 0 : -1;
  });
  const isConstant = target.filter((size) => size === -1).length <= 1;
  return isConstant ? x.graph.integers(target) : x.graph.shape(dims);
}

/** [a, b, c…] → [a·b, c…]. The product of two sizes of which one is a name is a name. */
export function flatten(x: Value): Value {
  const [rows, columns, ...rest] = x.dims;
  if (rows === undefined || columns === undefined) throw new RangeError(`Cannot flatten ${show(x.dims)}`);
  return reshape(x, [timesDim(rows, columns), ...rest]);
}

export function timesDim(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a === 1) return b;
  return b === 1 ? a : `${a}*${b}`;
}

/** Axis i of y is axis perm[i] of x; ∂x goes the way back. */
export function transpose(x: Value, perm: readonly number[]): Value {
  const back = perm.map((_, axis) => perm.indexOf(axis));
  if (perm.length !== x.dims.length || back.includes(-1))
    throw new RangeError(`Cannot transpose ${show(x.dims)} by ${show(perm)}`);
  return x.graph.node({
    op: 'Transpose',
    inputs: [x],
    dims: perm.map((axis) => dimAt(x, axis)),
    type: x.type,
    attributes: { perm },
    pullBack: (dy) => [transpose(dy, back)],
  });
}

/** Copies along axes of size 1, and along new ones in front: ∂x sums the copies up. */
export function expand(x: Value, dims: readonly Dim[]): Value {
  if (isSameShape(x.dims, dims)) return x;
  if (!isSameShape(broadcast(x.dims, dims), dims))
    throw new RangeError(`Cannot expand ${show(x.dims)} to ${show(dims)}`);
  return x.graph.node({
    op: 'Expand',
    inputs: [x, x.graph.shape(dims)],
    dims,
    type: x.type,
    pullBack: (dy) => [sumTo(dy, x.dims), undefined],
  });
}

export interface Reduction {
  readonly axes: readonly number[];
  /** The axes stay, with size 1. Default false. */
  readonly keepDims?: boolean;
}

/** y = Σ x over some axes: ∂x is ∂y, copied along them. */
export function sum(x: Value, { axes, keepDims = false }: Reduction): Value {
  const places = axes.map((axis) => axisOf(x, axis));
  const kept = x.dims.map((dim, axis) => (places.includes(axis) ? 1 : dim));
  return x.graph.node({
    op: 'ReduceSum',
    inputs: [x, x.graph.integers(places)],
    dims: keepDims ? kept : x.dims.filter((_, axis) => !places.includes(axis)),
    type: x.type,
    attributes: { keepdims: Number(keepDims) },
    pullBack: (dy) => [expand(reshape(dy, kept), x.dims), undefined],
  });
}

export function sumAll(x: Value): Value {
  return x.dims.length === 0 ? x : sum(x, { axes: x.dims.map((_, axis) => axis) });
}

/** Sums up what broadcasting copied: the gradient of an operand that had `dims` before. */
export function sumTo(dy: Value, dims: readonly Dim[]): Value {
  const added = dy.dims.length - dims.length;
  const axes = dy.dims.flatMap((dim, axis) =>
    axis < added || (dims[axis - added] === 1 && dim !== 1) ? [axis] : [],
  );
  return axes.length === 0 ? dy : reshape(sum(dy, { axes, keepDims: true }), dims);
}

/** Values one after another along an axis: each ∂ is its part of ∂y. Sizes along the axis are fixed, or `dim` names the sum. */
export function concat(values: readonly Value[], axis: number, dim?: Dim): Value {
  const [first] = values;
  if (first === undefined) throw new RangeError('Cannot concatenate nothing');
  const place = axisOf(first, axis);
  const total = dim ?? values.reduce((size, value) => size + fixedDim(value, place), 0);
  return graphOf(...values).node({
    op: 'Concat',
    inputs: values,
    dims: first.dims.with(place, total),
    type: first.type,
    attributes: { axis: place },
    pullBack: (dy) => {
      let start = 0;
      return values.map((value) => {
        const end = start + fixedDim(value, place);
        const part = slice(dy, { axis: place, start, end });
        start = end;
        return part;
      });
    },
  });
}

export interface Part {
  readonly axis: number;
  /** Of the first that is taken. */
  readonly start: number;
  /** Behind the last that is taken; negative: counted from the end. Default: the end. */
  readonly end?: number;
}

/** A part of one axis: ∂x is ∂y between zeros. */
export function slice(x: Value, part: Part): Value {
  const axis = axisOf(x, part.axis);
  const whole = dimAt(x, axis);
  const { start, end } = part;
  const { graph } = x;
  return graph.node({
    op: 'Slice',
    inputs: [
      x,
      graph.integers([start]),
      graph.integers([end ?? Number.MAX_SAFE_INTEGER]),
      graph.integers([axis]),
    ],
    dims: x.dims.with(axis, partOf(whole, start, end)),
    type: x.type,
    pullBack: (dy) => {
      const after = zerosBehind(whole, end);
      const pads = [
        x.dims.map((_, at) => (at === axis ? start : 0)),
        x.dims.map((_, at) => (at === axis ? after : 0)),
      ];
      return [pad(dy, pads.flat(), x.dims)];
    },
  });
}

function partOf(whole: Dim, start: number, end: number | undefined): Dim {
  if (typeof whole === 'string') return `${whole}[${start}:${end ?? ''}]`;
  const stop = end === undefined ? whole : end < 0 ? whole + end : Math.min(end, whole);
  return Math.max(0, stop - start);
}

function zerosBehind(whole: Dim, end: number | undefined): number {
  if (end === undefined) return 0;
  if (end < 0) return -end;
  if (typeof whole === 'string')
    throw new RangeError(`Cannot differentiate a slice of "${whole}" up to ${end}`);
  return Math.max(0, whole - end);
}

/** Zeros around; used by gradients only. */
function pad(x: Value, pads: readonly number[], dims: readonly Dim[]): Value {
  return x.graph.node({ op: 'Pad', inputs: [x, x.graph.integers(pads)], dims, type: x.type });
}
