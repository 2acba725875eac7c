// Golden values: the formulas of the papers in PyTorch 2.15, float64, and its gradients by the log-probabilities.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { TensorData } from '../../../../src/trainer/engine/engine.ts';
import { gradients } from '../../../../src/trainer/engine/gradients.ts';
import { Graph, type Value } from '../../../../src/trainer/engine/graph.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { tokenWeights, type Aggregation } from '../../../../src/trainer/losses/aggregation.ts';
import {
  aggregate,
  k3,
  policyTerms,
  type PolicyTokens,
} from '../../../../src/trainer/losses/policy-terms.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

const RANGE = { low: 0.2, high: 0.28 };
const LENGTHS = [3, 2];
const NEW = [-0.5, -1.2, -2, -0.1, -3, -0.7];
const OLD = [-0.9, -1.2, -1.4, -0.6, -2.2, -0.65];
const REFERENCE = [-0.4, -1.5, -2, -0.3, -2.5, -0.9];
const CASES: readonly (readonly [
  string,
  Aggregation,
  (tokens: PolicyTokens, reference: Value) => Value,
  number,
  readonly number[],
])[] = [
  [
    'clipped-ratio',
    'token-mean',
    (tokens) => policyTerms('clipped-ratio', tokens, RANGE),
    0.086108818,
    [0, -0.16, -0.087809862, 0.36271868, 0, 0],
  ],
  [
    'clipped-ratio',
    'sequence-mean',
    (tokens) => policyTerms('clipped-ratio', tokens, RANGE),
    0.296223465,
    [0, -0.133333333, -0.073174885, 0.453398349, 0, 0],
  ],
  [
    'clipped-ratio',
    'constant',
    (tokens) => policyTerms('clipped-ratio', tokens, RANGE),
    0.026909006,
    [0, -0.05, -0.027440582, 0.113349587, 0, 0],
  ],
  [
    'gspo',
    'sequence-mean',
    (tokens) => policyTerms('gspo', tokens, RANGE),
    0.099186593,
    [-0.124734265, -0.124734265, -0.124734265, 0.236694694, 0.236694694, 0],
  ],
  [
    'cispo',
    'token-mean',
    (tokens) => policyTerms('cispo', tokens, RANGE),
    -0.00576,
    [-0.2048, -0.16, -0.128, 0.2816, 0.176, 0],
  ],
  ['k3', 'token-mean', k3, 0.042688233, [-0.021034184, 0.051836356, 0, 0.036253849, -0.129744254, 0]],
];

describe.skipIf(!hasOnnx)(`policyTerms()${ONNX_NOTE}`, () => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await LocalEngine.open({ providers: ['cpu'], threads: 1 });
  });
  afterAll(() => engine.close());

  async function lossAndGradient(
    aggregation: Aggregation,
    terms: (tokens: PolicyTokens, reference: Value) => Value,
    now: readonly number[] = NEW,
  ): Promise<readonly number[]> {
    const graph = new Graph();
    const input = (name: string): Value => graph.input(name, 'float', ['batch', 'length']);
    const tokens: PolicyTokens = {
      logProbabilities: input('new'),
      old: input('old'),
      advantages: graph.input('advantages', 'float', ['batch', 1]),
      mask: input('mask'),
    };
    const loss = aggregate(terms(tokens, input('reference')), input('weights'));
    graph.output('loss', loss);
    gradients(loss, [tokens.logProbabilities]).forEach((value) => graph.output('gradient', value));
    const loaded = await engine.load(graph.encode('float64'), { fuse: false });
    const rows = LENGTHS.map((length) => [0, 1, 2].map((at) => Number(at < length)));
    const weights = tokenWeights(LENGTHS, { aggregation, lengthMax: 8 });
    const found = await engine.run(loaded, {
      new: table(now),
      old: table(OLD),
      reference: table(REFERENCE),
      advantages: { type: 'float64', dims: [2, 1], data: Float64Array.of(0.8, -1.1) },
      mask: table(rows.flat()),
      weights: table(rows.flatMap((row, index) => row.map((each) => each * (weights[index] ?? NaN)))),
    });
    return [...(found['loss']?.data ?? []), ...(found['gradient']?.data ?? [])].map(Number);
  }

  it.each(CASES)(
    '%s under %s has the loss and the gradient of its paper',
    async (_, how, terms, loss, by) => {
      const found = await lossAndGradient(how, terms);
      expect(found).toHaveLength(7);
      [loss, ...by].forEach((value, index) => expect(found[index]).toBeCloseTo(value, 8));
    },
  );

  it.each(CASES)('%s under %s does not look at tokens that fill up', async (_, how, terms) => {
    const strange = [...NEW.slice(0, 5), -1e5];
    expect(await lossAndGradient(how, terms, strange)).toEqual(await lossAndGradient(how, terms));
  });
});

function table(numbers: readonly number[]): TensorData {
  return { type: 'float64', dims: [2, 3], data: Float64Array.from(numbers) };
}
