// The runtime's tensors as the trainer's, of the four types that its graphs give.

import type { Tensor } from 'onnxruntime-node';

import type { TensorData, TensorType } from './engine.ts';

/** @throws TypeError for a type that graphs do not give */
export function dataOf(tensor: Tensor): TensorData {
  // Of the four types that `typeOf` lets through, the runtime gives these arrays.
  return { type: typeOf(tensor), dims: tensor.dims, data: tensor.data as TensorData['data'] };
}

export function typeOf({ type }: Tensor): TensorType {
  if (type === 'float32' || type === 'float64' || type === 'int64' || type === 'bool') return type;
  throw new TypeError(`Graphs give floats, whole numbers and truth values, not ${type}`);
}
