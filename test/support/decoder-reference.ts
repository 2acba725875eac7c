// Llama's and Qwen2's decoder in plain loops over doubles, one token at a time, read beside the formulas of the papers. Slow, and
// shares nothing with the graphs that it is compared with but the names of the weights.

import type { DecoderConfig } from '../../src/trainer/engine/decoder/config.ts';

export type ReferenceWeights = ReadonlyMap<string, ArrayLike<number>>;
type Row = readonly number[];

/** Logits of each position of one sequence: [length][vocabulary] */
export function referenceLogits(
  config: DecoderConfig,
  weights: ReferenceWeights,
  tokens: readonly number[],
): readonly Row[] {
  const { width, vocabulary } = config;
  const embeddings = tensor(weights, 'model.embed_tokens.weight');
  let stream = tokens.map((token) => rowOf(embeddings, token, width));
  for (let layer = 0; layer < config.layers; layer += 1) {
    const name = `model.layers.${layer}`;
    const normed = stream.map((row) =>
      norm(row, tensor(weights, `${name}.input_layernorm.weight`), config.normEpsilon),
    );
    const attended = attention(config, weights, `${name}.self_attn`, normed);
    stream = stream.map((row, position) => plus(row, attended[position] ?? []));
    stream = stream.map((row) => {
      const x = norm(row, tensor(weights, `${name}.post_attention_layernorm.weight`), config.normEpsilon);
      const up = project(weights, `${name}.mlp.up_proj`, x);
      const gated = project(weights, `${name}.mlp.gate_proj`, x).map(
        (value, index) => (value / (1 + Math.exp(-value))) * (up[index] ?? NaN),
      );
      return plus(row, project(weights, `${name}.mlp.down_proj`, gated));
    });
  }
  const output = config.tiesEmbeddings ? embeddings : tensor(weights, 'lm_head.weight');
  return stream.map((row) => {
    const last = norm(row, tensor(weights, 'model.norm.weight'), config.normEpsilon);
    return Array.from({ length: vocabulary }, (_, token) => dot(rowOf(output, token, width), last));
  });
}

function attention(
  config: DecoderConfig,
  weights: ReferenceWeights,
  name: string,
  rows: readonly Row[],
): readonly Row[] {
  const { heads, keyHeads, headSize } = config;
  const headOf = (row: Row, head: number): Row => row.slice(head * headSize, (head + 1) * headSize);
  const queries = rows.map((row) => project(weights, `${name}.q_proj`, row));
  const keys = rows.map((row) => project(weights, `${name}.k_proj`, row));
  const values = rows.map((row) => project(weights, `${name}.v_proj`, row));
  return rows.map((_, position) => {
    const mixed = Array.from({ length: heads }, (__, head) => {
      const keyHead = Math.floor((head * keyHeads) / heads);
      const query = turned(config, headOf(queries[position] ?? [], head), position);
      const scores = rows
        .slice(0, position + 1)
        .map(
          (___, before) =>
            dot(query, turned(config, headOf(keys[before] ?? [], keyHead), before)) / Math.sqrt(headSize),
        );
      const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
      return scores
        .map((score, before): Row =>
          headOf(values[before] ?? [], keyHead).map((value) => (value * Math.exp(score)) / total),
        )
        .reduce((sum, share) => plus(sum, share));
    });
    return project(weights, `${name}.o_proj`, mixed.flat());
  });
}

/** Pair (i, i + d/2) turned by position · θ^(−2i/d). Unscaled positions only. */
function turned({ headSize, rope }: DecoderConfig, head: Row, position: number): Row {
  const half = headSize / 2;
  return head.map((value, index) => {
    const angle = position * rope.theta ** ((-2 * (index % half)) / headSize);
    const other = index < half ? -(head[index + half] ?? NaN) : (head[index - half] ?? NaN);
    return value * Math.cos(angle) + other * Math.sin(angle);
  });
}

function project(weights: ReferenceWeights, name: string, x: Row): Row {
  const matrix = tensor(weights, `${name}.weight`);
  const bias = weights.get(`${name}.bias`);
  return Array.from(
    { length: matrix.length / x.length },
    (_, row) => dot(rowOf(matrix, row, x.length), x) + (bias?.[row] ?? 0),
  );
}

function norm(row: Row, weight: ArrayLike<number>, epsilon: number): Row {
  const size = Math.sqrt(dot(row, row) / row.length + epsilon);
  return row.map((value, index) => (value / size) * (weight[index] ?? NaN));
}

function tensor(weights: ReferenceWeights, name: string): ArrayLike<number> {
  const found = weights.get(name);
  if (found === undefined) throw new Error(`No weight ${name}`);
  return found;
}

function rowOf(matrix: ArrayLike<number>, row: number, width: number): Row {
  return Array.from({ length: width }, (_, column) => matrix[row * width + column] ?? NaN);
}

function plus(a: Row, b: Row): Row {
  return a.map((value, index) => value + (b[index] ?? NaN));
}

function dot(a: Row, b: Row): number {
  return a.reduce((total, value, index) => total + value * (b[index] ?? NaN), 0);
}
