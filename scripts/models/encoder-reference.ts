// The encoder in plain double-precision loops, one sequence at a time and without padding: what the runtime's batched
// 32-bit answers are compared with. Written from the architecture, not from the graph.

import type { Dense, EncoderWeights, LayerWeights, Matrix, Norm } from './encoder-weights.ts';

/** [tokens][width] */
type Rows = readonly (readonly number[])[];

/** Logits, or for a bare encoder the last hidden state [tokens][width] in `hidden`. */
export function referenceEncoder(
  weights: EncoderWeights,
  ids: ArrayLike<number>,
  typeIds: ArrayLike<number>,
): { readonly hidden: Rows; readonly logits: readonly number[] | undefined } {
  const embedded = Array.from({ length: ids.length }, (_, token) =>
    add(
      add(rowOf(weights.words, ids[token] ?? 0), rowOf(weights.types, typeIds[token] ?? 0)),
      rowOf(weights.positions, token),
    ),
  );
  let hidden: Rows = embedded.map((row) => normalise(row, weights.norm));
  for (const layer of weights.layers) hidden = runLayer(hidden, layer, weights.shape.heads);
  const { pooler, head } = weights;
  if (pooler === undefined || head === undefined) return { hidden, logits: undefined };
  return { hidden, logits: dense(dense(hidden[0] ?? [], pooler).map(Math.tanh), head) };
}

/** What a model gives for one sequence: logits, or a bare encoder's vectors in their mean. */
export function expectedRow(
  weights: EncoderWeights,
  { ids, typeIds }: { readonly ids: ArrayLike<number>; readonly typeIds: ArrayLike<number> },
): readonly number[] {
  const { hidden, logits } = referenceEncoder(weights, ids, typeIds);
  if (logits !== undefined) return logits;
  const sums = hidden.reduce<readonly number[]>(
    (total, row) => (total.length === 0 ? row : add(total, row)),
    [],
  );
  return sums.map((sum) => sum / hidden.length);
}

function runLayer(hidden: Rows, layer: LayerWeights, heads: number): Rows {
  const queries = hidden.map((row) => dense(row, layer.query));
  const keys = hidden.map((row) => dense(row, layer.key));
  const values = hidden.map((row) => dense(row, layer.value));
  return hidden.map((row, token) => {
    const size = row.length / heads;
    const mixed = Array.from({ length: heads }, (_, head) => {
      const part = (vector: readonly number[] = []): readonly number[] =>
        vector.slice(head * size, (head + 1) * size);
      const scores = keys.map((key) => dot(part(queries[token]), part(key)) / Math.sqrt(size));
      const powers = scores.map(Math.exp);
      const sum = powers.reduce((total, power) => total + power, 0);
      return part(row).map((_unused, column) =>
        values.reduce(
          (total, value, other) => total + ((powers[other] ?? 0) / sum) * (part(value)[column] ?? 0),
          0,
        ),
      );
    });
    const attended = normalise(add(row, dense(mixed.flat(), layer.output)), layer.attentionNorm);
    const inner = dense(dense(attended, layer.up).map(gelu), layer.down);
    return normalise(add(attended, inner), layer.outputNorm);
  });
}

function dense(row: readonly number[], { weight, bias }: Dense): readonly number[] {
  return Array.from({ length: weight.columns }, (_, column) =>
    row.reduce(
      (total, value, index) => total + value * (weight.data[index * weight.columns + column] ?? 0),
      bias.data[column] ?? 0,
    ),
  );
}

function normalise(row: readonly number[], { scale, shift }: Norm): readonly number[] {
  const mean = row.reduce((total, value) => total + value, 0) / row.length;
  const variance = row.reduce((total, value) => total + (value - mean) ** 2, 0) / row.length;
  return row.map(
    (value, column) =>
      ((value - mean) / Math.sqrt(variance + 1e-12)) * (scale.data[column] ?? 1) + (shift.data[column] ?? 0),
  );
}

function gelu(x: number): number {
  return (x * (1 + erf(x / Math.SQRT2))) / 2;
}

/** Maclaurin series; good to 1e-12 for the arguments that occur, and clipped where erf is 1 in doubles. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; n < 120; n += 1) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function rowOf({ columns, data }: Matrix, row: number): readonly number[] {
  return Array.from(data.subarray(row * columns, (row + 1) * columns));
}

function add(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, index) => value + (b[index] ?? 0));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((total, value, index) => total + value * (b[index] ?? 0), 0);
}
