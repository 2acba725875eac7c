// Numbers of a step as tensors for the engine.

import type { TensorData } from '../engine/engine.ts';

/** Whole numbers, row by row; one number without dimensions for `[]`. */
export function int64(dims: readonly number[], numbers: ArrayLike<number>): TensorData {
  return { type: 'int64', dims, data: BigInt64Array.from(Array.from(numbers), BigInt) };
}

export function float32(dims: readonly number[], numbers: ArrayLike<number>): TensorData {
  return {
    type: 'float32',
    dims,
    data: numbers instanceof Float32Array ? numbers : Float32Array.from(numbers),
  };
}

/** The numbers of an output, whose name is known. */
export function numbersOf(outputs: Readonly<Record<string, TensorData>>, name: string): readonly number[] {
  const tensor = outputs[name];
  if (tensor === undefined) throw new TypeError(`The graph gave no "${name}"`);
  return Array.from(tensor.data, Number);
}
