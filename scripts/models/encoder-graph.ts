// The encoder as an ONNX graph, with the inputs and outputs that Optimum's exports have: `input_ids`, `attention_mask`,
// `token_type_ids` in; `logits`, or `last_hidden_state` of a bare encoder, out.

import type { Dense, EncoderWeights, Matrix, Norm } from './encoder-weights.ts';
import {
  FLOAT,
  INT64,
  writeOnnx,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
} from '../../src/trainer/engine/onnx-writer.ts';

const TOKENS: readonly string[] = ['batch', 'sequence'];
/** Far enough below any score for its weight to be 0 in 32-bit floats. */
const MASKED = -10_000;

/** The bytes of a `model.onnx`. */
export function writeEncoder(weights: EncoderWeights): Buffer {
  const graph = new GraphBuilder();
  const hidden = writeBody(graph, weights);
  const { width, labels } = weights.shape;
  const isBare = weights.head === undefined || weights.pooler === undefined;
  if (isBare) graph.name(hidden, 'last_hidden_state');
  else {
    const first = graph.add('Gather', [hidden, graph.integers([0], [])], { axis: 1 });
    const pooled = graph.add('Tanh', [graph.dense(first, weights.pooler)]);
    graph.name(graph.dense(pooled, weights.head), 'logits');
  }
  return writeOnnx({
    nodes: graph.nodes,
    initializers: graph.tensors,
    inputs: ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => ({
      name,
      type: INT64,
      dims: TOKENS,
    })),
    outputs: [
      isBare
        ? { name: 'last_hidden_state', type: FLOAT, dims: [...TOKENS, width] }
        : { name: 'logits', type: FLOAT, dims: ['batch', labels] },
    ],
  });
}

function writeBody(graph: GraphBuilder, weights: EncoderWeights): string {
  const { width, heads } = weights.shape;
  const length = graph.add('Gather', [graph.add('Shape', ['input_ids']), graph.integers([1], [])]);
  const places = graph.add('Range', [graph.integers([0], []), length, graph.integers([1], [])]);
  const words = graph.add('Gather', [graph.matrix(weights.words), 'input_ids']);
  const types = graph.add('Gather', [graph.matrix(weights.types), 'token_type_ids']);
  const positions = graph.add('Gather', [graph.matrix(weights.positions), places]);
  const summed = graph.add('Add', [graph.add('Add', [words, types]), positions]);
  let hidden = graph.norm(summed, weights.norm);

  const mask = graph.add('Cast', ['attention_mask'], { to: FLOAT });
  const hiddenAway = graph.add('Mul', [graph.add('Sub', [graph.scalar(1), mask]), graph.scalar(MASKED)]);
  const bias = graph.add('Unsqueeze', [hiddenAway, graph.integers([1, 2])]);

  const size = width / heads;
  const split = (value: string, perm: readonly number[]): string =>
    graph.add('Transpose', [graph.add('Reshape', [value, graph.integers([0, 0, heads, size])])], { perm });
  for (const layer of weights.layers) {
    const query = split(graph.dense(hidden, layer.query), [0, 2, 1, 3]);
    const key = split(graph.dense(hidden, layer.key), [0, 2, 3, 1]);
    const value = split(graph.dense(hidden, layer.value), [0, 2, 1, 3]);
    const scores = graph.add('Mul', [graph.add('MatMul', [query, key]), graph.scalar(1 / Math.sqrt(size))]);
    const shares = graph.add('Softmax', [graph.add('Add', [scores, bias])], { axis: -1 });
    const mixed = graph.add('Transpose', [graph.add('MatMul', [shares, value])], { perm: [0, 2, 1, 3] });
    const joined = graph.add('Reshape', [mixed, graph.integers([0, 0, width])]);
    const attended = graph.add('Add', [hidden, graph.dense(joined, layer.output)]);
    const middle = graph.norm(attended, layer.attentionNorm);
    const inner = graph.dense(graph.gelu(graph.dense(middle, layer.up)), layer.down);
    hidden = graph.norm(graph.add('Add', [middle, inner]), layer.outputNorm);
  }
  return hidden;
}

class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly tensors: OnnxTensor[] = [];
  #count = 0;

  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    const output = this.#next();
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /** Gives a value the name that the outside knows it by. */
  name(value: string, name: string): void {
    this.nodes.push({ op: 'Identity', inputs: [value], outputs: [name] });
  }

  dense(value: string, { weight, bias }: Dense): string {
    return this.add('Add', [this.add('MatMul', [value, this.matrix(weight)]), this.vector(bias)]);
  }

  norm(value: string, { scale, shift }: Norm): string {
    const attributes = { axis: -1, epsilon: { float: 1e-12 } };
    return this.add('LayerNormalization', [value, this.vector(scale), this.vector(shift)], attributes);
  }

  /** x · (1 + erf(x / √2)) / 2 */
  gelu(value: string): string {
    const erf = this.add('Erf', [this.add('Div', [value, this.scalar(Math.SQRT2)])]);
    const half = this.add('Mul', [value, this.scalar(0.5)]);
    return this.add('Mul', [half, this.add('Add', [erf, this.scalar(1)])]);
  }

  matrix({ rows, columns, data }: Matrix): string {
    return this.#tensor([rows, columns], data);
  }

  vector({ columns, data }: Matrix): string {
    return this.#tensor([columns], data);
  }

  scalar(value: number): string {
    return this.#tensor([], Float32Array.of(value));
  }

  integers(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.#tensor(dims, BigInt64Array.from(values, BigInt));
  }

  #tensor(dims: readonly number[], data: Float32Array | BigInt64Array): string {
    const name = this.#next();
    this.tensors.push({ name, dims, data });
    return name;
  }

  #next(): string {
    this.#count += 1;
    return `v${this.#count}`;
  }
}
