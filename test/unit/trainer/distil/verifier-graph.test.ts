import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import { TextTokenizer } from '../../../../src/adapters/tokenizer.ts';
import { tokenTensors, type TokenPair } from '../../../../src/trainer/distil/batches.ts';
import { BYTE_VOCABULARY, byteTokenizerJson, PAD_ID } from '../../../../src/trainer/distil/byte-tokens.ts';
import { lossOf, servedGraph } from '../../../../src/trainer/distil/training-graphs.ts';
import {
  DEFAULT_TRAINING,
  type Lesson,
  NetworkTrainer,
  type TrainedNetwork,
} from '../../../../src/trainer/distil/training.ts';
import {
  firstValues,
  type VerifierConfig,
  verifierWeights,
} from '../../../../src/trainer/distil/verifier-config.ts';
import type { TensorData } from '../../../../src/trainer/engine/engine.ts';
import { Graph, type Value } from '../../../../src/trainer/engine/graph.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { graphGradientError } from '../../../support/gradient-check.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

const CONFIG: VerifierConfig = {
  vocabulary: 12,
  specials: 4,
  width: 8,
  layers: 2,
  heads: 2,
  inner: 12,
  tokensMax: 16,
};

/** [CLS] first [SEP] second [SEP] */
function pair(first: readonly number[], second: readonly number[]): TokenPair {
  return {
    ids: [2, ...first, 3, ...second, 3],
    typeIds: [0, ...first.map(() => 0), 0, ...second.map(() => 1), 1],
  };
}

const PAIRS = [pair([5, 6, 7], [5, 6, 7, 8]), pair([9], [4, 9]), pair([10, 11], [11, 10])];

function weightsOf(config: VerifierConfig, seed: number): ReadonlyMap<string, Float32Array<ArrayBuffer>> {
  return firstValues(verifierWeights(config), createRandom(seed));
}

function float64(...values: readonly number[]): TensorData {
  return { type: 'float64', dims: [values.length], data: Float64Array.from(values) };
}

/** Pairs of three random tokens, half of them the same twice. */
function trained(engine: LocalEngine): Promise<TrainedNetwork> {
  const random = createRandom(5);
  const plan = {
    ...DEFAULT_TRAINING,
    stepsMax: 120,
    batchSize: 32,
    warmUpSteps: 10,
    lookEvery: 40,
    learningRate: 5e-3,
  };
  const trainer = new NetworkTrainer({ engine, config: CONFIG, plan, padId: PAD_ID, random });
  const text = (): readonly number[] => Array.from({ length: 3 }, () => 4 + random.below(8));
  const draw = (): Lesson => {
    const isEquivalent = random.next() < 0.5;
    const first = text();
    return { pair: pair(first, isEquivalent ? first : text()), isEquivalent };
  };
  const validation = Array.from({ length: 64 }, draw);
  return trainer.train({ draw, validation }, () => {});
}

describe.skipIf(!hasOnnx)(`buildVerifier()${ONNX_NOTE}`, () => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await LocalEngine.open({ providers: ['cpu'], threads: 1 });
  });
  afterAll(() => engine.close());

  async function logitsOf(pairs: readonly TokenPair[], seed = 1): Promise<readonly number[]> {
    const graph = await engine.load(servedGraph(CONFIG, weightsOf(CONFIG, seed)).encode());
    const { logits } = await engine.run(graph, tokenTensors(pairs, PAD_ID));
    await engine.unload(graph);
    return Array.from(logits?.data ?? [], Number);
  }

  it('gradients() of a verifier by all weights are those of central differences', async () => {
    const graph = new Graph();
    const plans = verifierWeights(CONFIG);
    const inputs = new Map(plans.map(({ name, dims }) => [name, graph.input(name, 'float', dims)]));
    const weight = (name: string): Value => {
      const input = inputs.get(name);
      if (input === undefined) throw new Error(`No weight ${name}`);
      return input;
    };
    const loss = lossOf(graph, CONFIG, weight);
    const first = weightsOf(CONFIG, 2);
    const at = new Map(
      plans.map(({ name, dims }): [string, TensorData] => [
        name,
        { type: 'float64', dims, data: Float64Array.from(first.get(name) ?? []) },
      ]),
    );
    const batch = { ...tokenTensors(PAIRS, PAD_ID), verdicts: float64(1, 0, 1), counts: float64(1, 2, 1) };
    const values = plans.map(({ name }) => weight(name));
    expect(await graphGradientError(engine, { loss, values, at, batch, entriesMax: 6 })).toBeLessThan(1e-6);
  });

  it('buildVerifier() gives a pair the same logit alone, and beside longer ones with padding', async () => {
    const together = await logitsOf(PAIRS);
    for (const [index, each] of PAIRS.entries())
      expect((await logitsOf([each]))[0]).toBeCloseTo(together[index] ?? Number.NaN, 5);
  });

  it('buildVerifier() tells the two texts, the order in them and what they share apart', async () => {
    const [same, turned, swapped, strange] = await logitsOf([
      pair([5, 6, 7], [5, 6, 7]),
      pair([5, 6, 7], [7, 6, 5]),
      pair([5, 6, 7, 5], [6, 7]),
      pair([5, 6, 7], [8, 9, 10]),
    ]);
    expect(new Set([same, turned, swapped, strange].map((logit) => logit?.toFixed(3))).size).toBe(4);
  });

  it('train() learns from few pairs whether two texts are the same, and gives the same for the same seed', async () => {
    const [one, other] = [await trained(engine), await trained(engine)];
    expect(one.looks.at(-1)?.validationLoss).toBeLessThan(0.3);
    expect(other.looks).toEqual(one.looks);
    expect(other.weights).toEqual(one.weights);
  });
});

describe('byteTokenizerJson()', () => {
  const tokenizer = new TextTokenizer({
    tokenizer: byteTokenizerJson(),
    config: {},
    tokensMax: 40,
    typeCount: 2,
  });

  it.each([
    ['digits', '18', [2, 4 + 49, 4 + 56, 3]],
    ['capitals', 'A', [2, 4 + 97, 3]],
    ['a letter of two bytes', 'é', [2, 4 + 0xc3, 4 + 0xa9, 3]],
    ['the name of a special token', '[SEP]', [2, 95, 119, 105, 116, 97, 3]],
    ['nothing', '', [2, 3]],
  ])('byteTokenizerJson() makes the bytes of %s to tokens', (_, text, ids) => {
    expect([...tokenizer.encode({ first: text }).ids]).toEqual(ids);
  });

  it('byteTokenizerJson() lays a pair out as [CLS] first [SEP] second [SEP], and says where it was cut', () => {
    const { ids, typeIds } = tokenizer.encode({ first: '1', second: '2 a' });
    expect([...ids]).toEqual([2, 53, 3, 54, 36, 101, 3]);
    expect([...typeIds]).toEqual([0, 0, 0, 1, 1, 1, 1]);
    expect(tokenizer.encode({ first: 'x'.repeat(50), second: 'y' }).isTruncated).toBe(true);
    expect(Math.max(...tokenizer.encode({ first: '\u00ff\u{1F600}' }).ids)).toBeLessThan(BYTE_VOCABULARY);
  });
});
