// What all operators share: numbers as operands, shapes under NumPy's broadcasting, and the words for shapes that do not fit.

import type { Dim, Graph, Value } from '../graph.ts';

/** A number stands for a constant without dimensions. */
export type Operand = Value | number;

/** The graph that a node over these values belongs to: the innermost, which sees the values of those around it. */
export function graphOf(...values: readonly Value[]): Graph {
  const [first, ...rest] = values;
  if (first === undefined) throw new RangeError('An operator needs a value');
  return rest.reduce((graph, value) => (value.graph.depth > graph.depth ? value.graph : graph), first.graph);
}

/** Both operands as values. At least one of them must be one. */
export function lift(a: Operand, b: Operand): readonly [Value, Value] {
  if (typeof a !== 'number') return [a, typeof b === 'number' ? scalarFor(a, b) : b];
  if (typeof b !== 'number') return [scalarFor(b, a), b];
  throw new RangeError('An operator needs a value');
}

export function scalarFor(value: Value, number: number): Value {
  return value.graph.scalar(number, value.type === 'int64' ? 'int64' : 'float');
}

/** Shape of an elementwise result: aligned at the end, 1 stretches. */
export function broadcast(a: readonly Dim[], b: readonly Dim[]): readonly Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, index) => {
    const left = a[index - rank + a.length] ?? 1;
    const right = b[index - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new RangeError(`Shapes ${show(a)} and ${show(b)} do not fit`);
  });
}

export function dimAt(value: Value, axis: number): Dim {
  const dim = value.dims.at(axis);
  if (dim === undefined) throw new RangeError(`Shape ${show(value.dims)} has no axis ${axis}`);
  return dim;
}

/** A dimension whose size is known while the graph is built. */
export function fixedDim(value: Value, axis: number): number {
  const dim = dimAt(value, axis);
  if (typeof dim === 'string')
    throw new RangeError(`Axis ${axis} of ${show(value.dims)} has to be of fixed size here`);
  return dim;
}

/** Counted from the front. */
export function axisOf(value: Value, axis: number): number {
  dimAt(value, axis);
  return axis < 0 ? axis + value.dims.length : axis;
}

export function isSameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

export function show(dims: readonly Dim[]): string {
  return `[${dims.join(', ')}]`;
}
