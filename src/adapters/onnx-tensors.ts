// Between batches of tokens and the flat arrays that a network takes and gives. Pure, and no package: the padding and the
// pooling are where a silent mistake would cost most.

import type { Pooling } from '../core/reward-model.ts';

/** Sequences one after another in flat arrays: cheap to hand to another thread. */
export interface FlatBatch {
  readonly ids: Int32Array;
  readonly typeIds: Uint8Array;
  /** Tokens of each sequence. */
  readonly lengths: Int32Array;
}

export type TokenInput = 'input_ids' | 'attention_mask' | 'token_type_ids' | 'position_ids';
export const TOKEN_INPUTS: readonly TokenInput[] = [
  'input_ids',
  'attention_mask',
  'token_type_ids',
  'position_ids',
];

/** Fills one input, [sequences, longest] row by row, padded on the right. */
export function fillInput<Data extends BigInt64Array | Int32Array>(
  data: Data,
  input: TokenInput,
  { ids, typeIds, lengths }: FlatBatch,
  padId: number,
): Data {
  const convert = (data instanceof BigInt64Array ? BigInt : Number) as (value: number) => Data[number];
  const longest = longestOf(lengths);
  if (input === 'input_ids' && padId !== 0) data.fill(convert(padId) as never);
  let from = 0;
  for (let row = 0; row < lengths.length; row += 1) {
    const length = lengths[row] ?? 0;
    for (let column = 0; column < length; column += 1) {
      data[row * longest + column] = convert(valueAt(input, ids, typeIds, from + column, column));
    }
    from += length;
  }
  return data;
}

export function longestOf(lengths: Int32Array): number {
  let longest = 0;
  for (const length of lengths) longest = Math.max(longest, length);
  return longest;
}

function valueAt(
  input: TokenInput,
  ids: Int32Array,
  typeIds: Uint8Array,
  at: number,
  column: number,
): number {
  switch (input) {
    case 'input_ids':
      return ids[at] ?? 0;
    case 'attention_mask':
      return 1;
    case 'token_type_ids':
      return typeIds[at] ?? 0;
    case 'position_ids':
      return column;
    default:
      return input satisfies never;
  }
}

/** One row of numbers for each sequence. */
export interface FlatRows {
  readonly values: Float32Array;
  readonly width: number;
}

/**
 * Rows of an output: [sequences] and [sequences, width] as they are; [sequences, tokens, width] pooled over the tokens that
 * are no padding.
 *
 * @throws RangeError when the shape is none of these
 */
export function rowsOf(
  data: ArrayLike<number>,
  dims: readonly number[],
  lengths: Int32Array,
  pooling: Pooling,
): FlatRows {
  const [sequences, second, third] = dims;
  if (sequences !== lengths.length || dims.length > 3)
    throw new RangeError(`The model gave [${dims.join(', ')}] for ${lengths.length} sequences`);
  if (third === undefined) return { values: Float32Array.from(data), width: second ?? 1 };
  return { values: pool(data, { longest: second ?? 0, width: third }, lengths, pooling), width: third };
}

function pool(
  data: ArrayLike<number>,
  { longest, width }: { readonly longest: number; readonly width: number },
  lengths: Int32Array,
  pooling: Pooling,
): Float32Array {
  const values = new Float32Array(lengths.length * width);
  for (let row = 0; row < lengths.length; row += 1) {
    const length = lengths[row] ?? 0;
    const first = pooling === 'last' ? length - 1 : 0;
    const end = pooling === 'cls' ? 1 : length;
    for (let column = 0; column < width; column += 1) {
      let sum = 0;
      for (let token = first; token < end; token += 1)
        sum += data[(row * longest + token) * width + column] ?? Number.NaN;
      values[row * width + column] = sum / (end - first);
    }
  }
  return values;
}
