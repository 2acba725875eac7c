// Comparisons as tokens in the tensors that the graphs take, padded on the right as the runtime of reward models pads them.

import type { TensorData } from '../engine/engine.ts';

/** One pair of texts in tokens, special ones included. */
export interface TokenPair {
  readonly ids: ArrayLike<number>;
  readonly typeIds: ArrayLike<number>;
}

export type TokenTensors = Readonly<Record<'input_ids' | 'attention_mask' | 'token_type_ids', TensorData>>;

export function tokenTensors(pairs: readonly TokenPair[], padId: number): TokenTensors {
  const longest = pairs.reduce((most, { ids }) => Math.max(most, ids.length), 1);
  const dims = [pairs.length, longest];
  const filled = (padding: number, at: (pair: TokenPair, column: number) => number): TensorData => {
    const data = new BigInt64Array(pairs.length * longest).fill(BigInt(padding));
    pairs.forEach((pair, row) => {
      for (let column = 0; column < pair.ids.length; column += 1)
        data[row * longest + column] = BigInt(at(pair, column));
    });
    return { type: 'int64', dims, data };
  };
  return {
    input_ids: filled(padId, ({ ids }, column) => ids[column] ?? padId),
    attention_mask: filled(0, () => 1),
    token_type_ids: filled(0, ({ typeIds }, column) => typeIds[column] ?? 0),
  };
}

export function floats(values: readonly number[], dims: readonly number[] = [values.length]): TensorData {
  return { type: 'float32', dims, data: Float32Array.from(values) };
}

/** Indices in chunks of at most `size`, each of pairs about as long: little padding. */
export function byLength(pairs: readonly TokenPair[], size: number): readonly (readonly number[])[] {
  const order = pairs.map((_, index) => index);
  order.sort((a, b) => (pairs[a]?.ids.length ?? 0) - (pairs[b]?.ids.length ?? 0) || a - b);
  const chunks: number[][] = [];
  for (let from = 0; from < order.length; from += size) chunks.push(order.slice(from, from + size));
  return chunks;
}
