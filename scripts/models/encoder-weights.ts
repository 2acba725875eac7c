// Seeded weights of a small BERT-like encoder, shared by the graph that is written and by the plain reference that checks
// it. The numbers mean nothing; they are large enough for different texts to get clearly different outputs.

import { Random } from '../../src/core/random.ts';

export interface EncoderShape {
  readonly vocabulary: number;
  readonly positions: number;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly inner: number;
  /** Outputs of the head; 0 for a bare encoder. */
  readonly labels: number;
}

/** Matrices are [rows, columns], row by row; vectors have one row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

export interface LayerWeights {
  readonly query: Dense;
  readonly key: Dense;
  readonly value: Dense;
  readonly output: Dense;
  readonly attentionNorm: Norm;
  readonly up: Dense;
  readonly down: Dense;
  readonly outputNorm: Norm;
}

/** x · weight + bias */
export interface Dense {
  readonly weight: Matrix;
  readonly bias: Matrix;
}

export interface Norm {
  readonly scale: Matrix;
  readonly shift: Matrix;
}

export interface EncoderWeights {
  readonly shape: EncoderShape;
  readonly words: Matrix;
  readonly positions: Matrix;
  readonly types: Matrix;
  readonly norm: Norm;
  readonly layers: readonly LayerWeights[];
  /** Of the first token, with tanh; undefined for a bare encoder. */
  readonly pooler: Dense | undefined;
  readonly head: Dense | undefined;
}

export function makeEncoderWeights(shape: EncoderShape, seed: number): EncoderWeights {
  const random = new Random([seed, 1, 2, 3]);
  const { width, inner, labels } = shape;
  const dense = (rows: number, columns: number): Dense => ({
    weight: gaussian(random, rows, columns, 1 / Math.sqrt(rows)),
    bias: gaussian(random, 1, columns, 0.1),
  });
  const norm = (): Norm => ({
    scale: { rows: 1, columns: width, data: new Float32Array(width).fill(1) },
    shift: gaussian(random, 1, width, 0.1),
  });
  return {
    shape,
    words: gaussian(random, shape.vocabulary, width, 1),
    positions: gaussian(random, shape.positions, width, 0.3),
    types: gaussian(random, 2, width, 0.3),
    norm: norm(),
    layers: Array.from({ length: shape.layers }, () => ({
      query: dense(width, width),
      key: dense(width, width),
      value: dense(width, width),
      output: dense(width, width),
      attentionNorm: norm(),
      up: dense(width, inner),
      down: dense(inner, width),
      outputNorm: norm(),
    })),
    pooler: labels === 0 ? undefined : dense(width, width),
    head: labels === 0 ? undefined : dense(width, labels),
  };
}

/** Box–Muller, cosine half only. */
function gaussian(random: Random, rows: number, columns: number, deviation: number): Matrix {
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < data.length; i += 1) {
    const u = (random.uint32() + 1) / 2 ** 32;
    const v = random.uint32() / 2 ** 32;
    data[i] = deviation * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  }
  return { rows, columns, data };
}
