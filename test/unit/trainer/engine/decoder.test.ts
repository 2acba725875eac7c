import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { causalBias } from '../../../../src/trainer/engine/decoder/attention.ts';
import { decoderConfigOf } from '../../../../src/trainer/engine/decoder/config.ts';
import { buildDecoder, logitsOf } from '../../../../src/trainer/engine/decoder/decoder.ts';
import { ropeFrequencies } from '../../../../src/trainer/engine/decoder/rope.ts';
import { weightShapes } from '../../../../src/trainer/engine/decoder/weights.ts';
import { Graph, type Value } from '../../../../src/trainer/engine/graph.ts';
import { neg } from '../../../../src/trainer/engine/ops/arithmetic.ts';
import { tokenLogProbabilities, weightedMean } from '../../../../src/trainer/engine/ops/functions.ts';
import { range } from '../../../../src/trainer/engine/ops/indexing.ts';
import { flatten, reshape } from '../../../../src/trainer/engine/ops/shapes.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { referenceLogits } from '../../../support/decoder-reference.ts';
import {
  decoderConfig,
  DECODER_FILES,
  DECODER_NAMES,
  strangeWeights,
  type DecoderName,
  weightInputs,
} from '../../../support/decoders.ts';
import { graphGradientError, integerTensor } from '../../../support/gradient-check.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

const ROWS = [
  [3, 1, 4, 1, 5, 9, 2],
  [12, 0, 7, 7, 7, 8, 11],
];
const TOKENS = integerTensor(ROWS.flat(), [2, 7]);

function trainingGraph(name: (typeof DECODER_NAMES)[number]): {
  readonly graph: Graph;
  readonly logits: Value;
  readonly weights: ReturnType<typeof weightInputs>;
} {
  const config = decoderConfig(name);
  const graph = new Graph();
  const weights = weightInputs(graph, config);
  const tokens = graph.input('tokens', 'int64', ['batch', 'length']);
  const positions = reshape(range(tokens, 1), [1, 'length']);
  const { rows } = buildDecoder(config, weights, { tokens, positions, bias: causalBias(tokens) });
  return { graph, logits: logitsOf(config, weights, rows), weights };
}

/** Logits of `transformers` 5.23 in float64 (its norms and rotations are 32-bit): position 6, tokens 0 to 2; position 3, token 12. */
const GOLDEN: Readonly<Record<DecoderName, readonly number[]>> = {
  'a Llama with as many heads of keys as of queries': [1.4339042, -0.2711296, -1.1212746, -1.1838738],
  'a Llama with grouped heads of their own size, biases and an output layer': [
    0.9966496, 0.0033341, -0.7247589, -1.197421,
  ],
  'a Qwen2 with one head of keys': [-1.4939211, -1.009401, -0.152677, -1.4287779],
};

describe.skipIf(!hasOnnx)(`buildDecoder()${ONNX_NOTE}`, () => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await LocalEngine.open({ providers: ['cpu'], threads: 1 });
  });
  afterAll(() => engine.close());

  it.each(DECODER_NAMES)(
    'buildDecoder() of %s gives the logits of plain loops, and of Hugging Face',
    async (name) => {
      const config = decoderConfig(name);
      const { graph, logits } = trainingGraph(name);
      graph.output('logits', logits);
      const weights = strangeWeights(config, 5);
      const loaded = await engine.load(graph.encode('float64'), { fuse: false });
      const found = await engine.run(loaded, { ...Object.fromEntries(weights), tokens: TOKENS });
      const plain = new Map([...weights].map(([key, { data }]) => [key, data as Float64Array]));
      const expected = ROWS.flatMap((row) => referenceLogits(config, plain, row)).flat();
      const given = [...(found['logits']?.data ?? [])].map(Number);
      expect(given).toHaveLength(expected.length);
      given.forEach((value, index) => expect(value).toBeCloseTo(expected[index] ?? NaN, 9));
      [6 * 13, 6 * 13 + 1, 6 * 13 + 2, 3 * 13 + 12].forEach((at, index) =>
        expect(given[at]).toBeCloseTo(GOLDEN[name][index] ?? NaN, 5),
      );
    },
  );

  it.each(DECODER_NAMES)(
    'gradients() of %s by all weights are those of central differences',
    async (name) => {
      const config = decoderConfig(name);
      const { graph, logits, weights } = trainingGraph(name);
      const targets = graph.input('targets', 'int64', ['batch', 'length']);
      const mask = graph.input('mask', 'float', ['batch', 'length']);
      const loss = neg(weightedMean(tokenLogProbabilities(logits, flatten(targets)), flatten(mask)));
      const data = Float64Array.of(0, 1, 1, 0, 1, 1, 0.5, 1, 1, 0, 0, 0, 0, 0);
      const error = await graphGradientError(engine, {
        loss,
        values: weightShapes(config).map((shape) => weights(shape.name)),
        at: strangeWeights(config, 6),
        batch: {
          tokens: TOKENS,
          targets: integerTensor(ROWS.flat().toReversed(), [2, 7]),
          mask: { type: 'float64', dims: [2, 7], data },
        },
        entriesMax: 6,
      });
      expect(error).toBeLessThan(1e-7);
    },
  );
});

describe('decoderConfigOf()', () => {
  const llama = DECODER_FILES['a Llama with as many heads of keys as of queries'];

  it.each<[string, object, string]>([
    ['another family', { model_type: 'mamba' }, 'model_type'],
    ['another activation', { hidden_act: 'gelu' }, 'hidden_act'],
    [
      'positions that are stretched in an unknown way',
      { rope_scaling: { type: 'dynamic', factor: 2 } },
      'rope_scaling',
    ],
    ['windows', { model_type: 'qwen2', use_sliding_window: true }, 'Sliding windows are not supported'],
    ['heads that cannot be shared', { num_key_value_heads: 3 }, '3 heads of keys cannot serve 4 heads'],
    ['a missing size', { hidden_size: undefined }, 'hidden_size'],
  ])('decoderConfigOf() refuses %s by name', (_, change, words) => {
    expect(() => decoderConfigOf({ ...llama, ...change })).toThrow(words);
  });

  it('decoderConfigOf() takes the base of the positions from either place', () => {
    const older = decoderConfigOf({ ...llama, rope_theta: 7 });
    const newer = decoderConfigOf({
      ...llama,
      rope_theta: 5,
      rope_parameters: { rope_type: 'default', rope_theta: 7 },
    });
    expect([older.rope.theta, newer.rope.theta]).toEqual([7, 7]);
  });

  it('ropeFrequencies() of Llama 3 keep short waves, stretch long ones, and mix between', () => {
    const scaling = {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    };
    const config = decoderConfigOf({ ...llama, head_dim: 64, rope_theta: 500_000, rope_scaling: scaling });
    const plain = ropeFrequencies({ ...config, rope: { theta: 500_000, scaling: undefined } });
    const ratios = ropeFrequencies(config).map((frequency, pair) => frequency / (plain[pair] ?? NaN));
    expect(ratios.slice(0, 15).every((ratio) => ratio === 1)).toBe(true);
    expect(ratios.slice(18).every((ratio) => ratio === 1 / 8)).toBe(true);
    expect(ratios[16]).toBeGreaterThan(1 / 8);
    expect(ratios[16]).toBeLessThan(1);
  });
});
