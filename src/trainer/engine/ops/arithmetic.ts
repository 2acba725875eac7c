// Elementwise operators under broadcasting, each with its formula. Where an operand was stretched, its gradient is summed
// over the copies.

import type { Dim, ElementType, Value } from '../graph.ts';
import { BOOL, FLOAT, INT64 } from '../onnx-writer.ts';
import { broadcast, graphOf, lift, type Operand } from './operands.ts';
import { sumTo } from './shapes.ts';

/** y = a + b: ∂a = ∂y, ∂b = ∂y */
export function add(left: Operand, right: Operand): Value {
  return elementwise('Add', left, right, (dy) => [dy, dy]);
}

/** y = a − b: ∂a = ∂y, ∂b = −∂y */
export function sub(left: Operand, right: Operand): Value {
  return elementwise('Sub', left, right, (dy) => [dy, neg(dy)]);
}

/** y = a·b: ∂a = ∂y·b, ∂b = ∂y·a */
export function mul(left: Operand, right: Operand): Value {
  return elementwise('Mul', left, right, (dy, a, b) => [mul(dy, b), mul(dy, a)]);
}

/** y = a/b: ∂a = ∂y/b, ∂b = −∂y·a/b² */
export function div(left: Operand, right: Operand): Value {
  return elementwise('Div', left, right, (dy, a, b) => [div(dy, b), neg(div(mul(dy, a), mul(b, b)))]);
}

/** The smaller; ties count as the first: ∂a = ∂y where a ≤ b, ∂b = ∂y elsewhere. */
export function min(left: Operand, right: Operand): Value {
  return elementwise('Min', left, right, (dy, a, b) => {
    const isFirst = compare('LessOrEqual', a, b);
    return [where(isFirst, dy, 0), where(isFirst, 0, dy)];
  });
}

/** The larger; ties count as the first: ∂a = ∂y where a ≥ b, ∂b = ∂y elsewhere. */
export function max(left: Operand, right: Operand): Value {
  return elementwise('Max', left, right, (dy, a, b) => {
    const isFirst = compare('GreaterOrEqual', a, b);
    return [where(isFirst, dy, 0), where(isFirst, 0, dy)];
  });
}

/** Into [low, high]: ∂x = ∂y where low ≤ x ≤ high, 0 elsewhere. */
export function clip(x: Value, low: number, high: number): Value {
  return min(max(x, low), high);
}

/** a where the condition holds, b elsewhere; so go the gradients. */
export function where(condition: Value, left: Operand, right: Operand): Value {
  const [a, b] = lift(left, right);
  return graphOf(condition, a, b).node({
    op: 'Where',
    inputs: [condition, a, b],
    dims: broadcast(condition.dims, broadcast(a.dims, b.dims)),
    type: a.type,
    pullBack: (dy) => [
      undefined,
      sumTo(where(condition, dy, 0), a.dims),
      sumTo(where(condition, 0, dy), b.dims),
    ],
  });
}

/** y = −x: ∂x = −∂y */
export function neg(x: Value): Value {
  return unary('Neg', x, (dy) => neg(dy));
}

/** y = eˣ: ∂x = ∂y·y */
export function exp(x: Value): Value {
  return unary('Exp', x, (dy, y) => mul(dy, y));
}

/** y = ln x: ∂x = ∂y/x */
export function log(x: Value): Value {
  return unary('Log', x, (dy) => div(dy, x));
}

/** y = √x: ∂x = ∂y/(2y) */
export function sqrt(x: Value): Value {
  return unary('Sqrt', x, (dy, y) => div(dy, mul(y, 2)));
}

/** y = 1/x: ∂x = −∂y·y² */
export function reciprocal(x: Value): Value {
  return unary('Reciprocal', x, (dy, y) => neg(mul(dy, mul(y, y))));
}

/** y = 1/(1 + e⁻ˣ): ∂x = ∂y·y·(1 − y) */
export function sigmoid(x: Value): Value {
  return unary('Sigmoid', x, (dy, y) => mul(dy, mul(y, sub(1, y))));
}

/** y = tanh x: ∂x = ∂y·(1 − y²) */
export function tanh(x: Value): Value {
  return unary('Tanh', x, (dy, y) => mul(dy, sub(1, mul(y, y))));
}

/** y = erf x: ∂x = ∂y·2/√π·e^(−x²) */
export function erf(x: Value): Value {
  return unary('Erf', x, (dy) => mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))));
}

/** y = cos x: ∂x = −∂y·sin x */
export function cos(x: Value): Value {
  return unary('Cos', x, (dy) => neg(mul(dy, sin(x))));
}

/** y = sin x: ∂x = ∂y·cos x */
export function sin(x: Value): Value {
  return unary('Sin', x, (dy) => mul(dy, cos(x)));
}

export function square(x: Value): Value {
  return mul(x, x);
}

/** Integers and truth values as floats and back. No gradient passes. */
export function cast(x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  const to = { float: FLOAT, int64: INT64, bool: BOOL }[type];
  return x.graph.node({ op: 'Cast', inputs: [x], dims: x.dims, type, attributes: { to } });
}

export type Comparison = 'Equal' | 'Less' | 'LessOrEqual' | 'Greater' | 'GreaterOrEqual';

/** A truth value for each pair of elements. */
export function compare(op: Comparison, left: Operand, right: Operand): Value {
  const [a, b] = lift(left, right);
  return graphOf(a, b).node({ op, inputs: [a, b], dims: broadcast(a.dims, b.dims), type: 'bool' });
}

export function and(a: Value, b: Value): Value {
  return graphOf(a, b).node({ op: 'And', inputs: [a, b], dims: broadcast(a.dims, b.dims), type: 'bool' });
}

export function or(a: Value, b: Value): Value {
  return graphOf(a, b).node({ op: 'Or', inputs: [a, b], dims: broadcast(a.dims, b.dims), type: 'bool' });
}

export function not(x: Value): Value {
  return x.graph.node({ op: 'Not', inputs: [x], dims: x.dims, type: 'bool' });
}

type Pair = readonly [Value, Value];

function elementwise(
  op: string,
  left: Operand,
  right: Operand,
  pullBack: (dy: Value, a: Value, b: Value) => Pair,
): Value {
  const [a, b] = lift(left, right);
  const dims: readonly Dim[] = broadcast(a.dims, b.dims);
  return graphOf(a, b).node({
    op,
    inputs: [a, b],
    dims,
    type: a.type,
    pullBack: (dy) => {
      const [da, db] = pullBack(dy, a, b);
      return [sumTo(da, a.dims), sumTo(db, b.dims)];
    },
  });
}

function unary(op: string, x: Value, pullBack: (dy: Value, y: Value) => Value): Value {
  const y: Value = x.graph.node({
    op,
    inputs: [x],
    dims: x.dims,
    type: x.type,
    pullBack: (dy) => [pullBack(dy, y)],
  });
  return y;
}
