// Rotary positions (Su et al., arXiv 2104.09864) in the arrangement of Hugging Face's Llama: number i and number i + d/2 of a
// head are one pair, which is turned by position · frequency i.

import type { Graph, Value } from '../graph.ts';
import { add, cast, cos, mul, sin } from '../ops/arithmetic.ts';
import { matMul } from '../ops/products.ts';
import { reshape } from '../ops/shapes.ts';
import type { DecoderConfig } from './config.ts';

export interface Rotation {
  /** [batch or 1, length, 1, headSize], as `sin`. */
  readonly cos: Value;
  readonly sin: Value;
}

/** Frequencies of the pairs, in radians for each position: [headSize / 2] */
export function ropeFrequencies({ headSize, rope }: DecoderConfig): readonly number[] {
  const plain = Array.from({ length: headSize / 2 }, (_, pair) => rope.theta ** ((-2 * pair) / headSize));
  const { scaling } = rope;
  if (scaling === undefined) return plain;
  if (scaling.kind === 'linear') return plain.map((frequency) => frequency / scaling.factor);
  // Llama 3.1: long waves are stretched, short ones stay, and between the two lies a line.
  const { factor, lowFactor, highFactor, positions } = scaling;
  return plain.map((frequency) => {
    const turns = (positions * frequency) / (2 * Math.PI);
    const share = Math.min(1, Math.max(0, (turns - lowFactor) / (highFactor - lowFactor)));
    return ((1 - share) * frequency) / factor + share * frequency;
  });
}

/** @param positions int64 [batch or 1, length] */
export function rotationAt(positions: Value, config: DecoderConfig): Rotation {
  const { graph } = positions;
  const frequencies = ropeFrequencies(config);
  const twice = graph.constant([...frequencies, ...frequencies], [config.headSize]);
  const angles = mul(reshape(cast(positions, 'float'), [...positions.dims, 1, 1]), twice);
  return { cos: cos(angles), sin: sin(angles) };
}

/** y = x·cos + half(x)·sin, where half(a, b) = (−b, a) of the two halves; x [batch, length, heads, headSize] */
export function rotate(x: Value, rotation: Rotation, headSize: number): Value {
  const half = matMul(x, halfTurn(x.graph, headSize));
  return add(mul(x, rotation.cos), mul(half, rotation.sin));
}

/** (a, b) ↦ (−b, a) as a matrix: one product is faster than cutting, negating and joining, there and back. */
function halfTurn(graph: Graph, size: number): Value {
  const matrix = new Float32Array(size * size);
  for (let i = 0; i < size / 2; i += 1) {
    matrix[(i + size / 2) * size + i] = -1;
    matrix[i * size + i + size / 2] = 1;
  }
  return graph.constant(matrix, [size, size]);
}
