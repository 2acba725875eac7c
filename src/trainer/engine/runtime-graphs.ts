// Two small graphs that the runtime needs for itself: one to try a provider out, one to copy a tensor.

import type { TensorData, TensorType } from './engine.ts';
import { Graph } from './graph.ts';
import { BOOL, DOUBLE, FLOAT, INT64, writeOnnx } from './onnx-writer.ts';
import { matMul } from './ops/products.ts';

/** y = x·x of a matrix. Some providers open a graph that they cannot run, or run it wrongly. */
export const TRIAL: { readonly x: TensorData; readonly y: readonly number[] } = {
  x: { type: 'float32', dims: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
  y: [7, 10, 15, 22],
};

export function trialGraph(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', 'float', [2, 2]);
  graph.output('y', matMul(x, x));
  return graph.encode();
}

/** y = x, of any size. */
export function copyGraph(type: TensorType, rank: number): Uint8Array {
  const number = ({ float32: FLOAT, float64: DOUBLE, int64: INT64, bool: BOOL } as const)[type];
  const dims = Array.from({ length: rank }, (_, axis) => `d${axis}`);
  return writeOnnx({
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
    initializers: [],
    inputs: [{ name: 'x', type: number, dims }],
    outputs: [{ name: 'y', type: number, dims }],
  });
}
