import { describe, expect, it } from 'vitest';

import { fillInput, rowsOf, type FlatBatch } from '../../../src/adapters/onnx-tensors.ts';

const BATCH: FlatBatch = {
  ids: Int32Array.of(5, 6, 7, 8, 9),
  typeIds: Uint8Array.of(0, 1, 0, 0, 1),
  lengths: Int32Array.of(2, 3),
};

describe('fillInput()', () => {
  it.each([
    ['input_ids', [5, 6, 99, 7, 8, 9]],
    ['attention_mask', [1, 1, 0, 1, 1, 1]],
    ['token_type_ids', [0, 1, 0, 0, 0, 1]],
    ['position_ids', [0, 1, 0, 0, 1, 2]],
  ] as const)('fillInput() pads %s on the right', (input, values) => {
    expect([...fillInput(new Int32Array(6), input, BATCH, 99)]).toEqual(values);
    expect([...fillInput(new BigInt64Array(6), input, BATCH, 99)]).toEqual(values.map(BigInt));
  });
});

describe('rowsOf()', () => {
  // Two sequences of 2 and 3 tokens, width 2; the padding holds numbers that must not be seen.
  const states = [1, 10, 3, 30, 1000, 1000, 1, 2, 3, 4, 5, 6];
  it.each([
    ['mean', [2, 20, 3, 4]],
    ['cls', [1, 10, 1, 2]],
    ['last', [3, 30, 5, 6]],
  ] as const)('rowsOf() pools the vectors of the tokens by %s, without the padding', (pooling, values) => {
    const rows = rowsOf(states, [2, 3, 2], BATCH.lengths, pooling);
    expect({ ...rows, values: [...rows.values] }).toEqual({ values, width: 2 });
  });

  it('rowsOf() takes logits as they are', () => {
    expect(rowsOf([1, 2, 3, 4], [2, 2], BATCH.lengths, 'mean')).toEqual({
      values: Float32Array.of(1, 2, 3, 4),
      width: 2,
    });
    expect(rowsOf([1, 2], [2], BATCH.lengths, 'mean')).toEqual({ values: Float32Array.of(1, 2), width: 1 });
  });

  it.each([[[3, 2]], [[]], [[2, 1, 1, 1]]])(
    'rowsOf() refuses an output of shape %j for two sequences',
    (dims) => {
      expect(() => rowsOf([1, 2, 3, 4, 5, 6], dims, BATCH.lengths, 'mean')).toThrow(RangeError);
    },
  );
});
