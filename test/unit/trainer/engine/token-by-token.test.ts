import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import { addGeneration } from '../../../../src/trainer/engine/decoder/generation.ts';
import {
  addFirstToken,
  addFurtherToken,
  generateByToken,
  type GenerationFeeds,
} from '../../../../src/trainer/engine/decoder/token-by-token.ts';
import type { TensorData } from '../../../../src/trainer/engine/engine.ts';
import { Graph } from '../../../../src/trainer/engine/graph.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { decoderConfig, DECODER_NAMES, strangeWeights, weightInputs } from '../../../support/decoders.ts';
import { integerTensor } from '../../../support/gradient-check.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

const END = 7;

/** Prompts of one to four tokens, continued in any order and number. */
const PLANS = fc
  .array(fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 })
  .chain((prompts) =>
    fc.record({
      prompts: fc.constant(prompts),
      of: fc.array(fc.nat(prompts.length - 1), { minLength: 1, maxLength: 5 }),
      rounds: fc.integer({ min: 1, max: 9 }),
      temperature: fc.double({ min: 0.3, max: 3, noNaN: true }),
      seed: fc.nat(1e6),
    }),
  );
type Plan = typeof PLANS extends fc.Arbitrary<infer Value> ? Value : never;

describe.skipIf(!hasOnnx)(`generateByToken()${ONNX_NOTE}`, () => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await LocalEngine.open({ providers: ['cpu'], threads: 1 });
  });
  afterAll(() => engine.close());

  it.each(DECODER_NAMES)('generateByToken() of %s gives what addGeneration() gives', async (name) => {
    const config = decoderConfig(name);
    const weights = Object.fromEntries(strangeWeights(config, 5));
    const build = async (add: (graph: Graph) => Readonly<Record<string, string>> | undefined) => {
      const graph = new Graph();
      const keep = add(graph) ?? {};
      return engine.load(graph.encode('float64'), { fuse: false, keep });
    };
    const whole = await build((graph) => {
      addGeneration(graph, { config, weights: weightInputs(graph, config), end: END });
      return undefined;
    });
    const graphs = {
      first: await build((graph) => addFirstToken(graph, { config, weights: weightInputs(graph, config) })),
      further: await build((graph) =>
        addFurtherToken(graph, { config, weights: weightInputs(graph, config) }),
      ),
      end: END,
      layers: config.layers,
    };
    const lengths = new Set<number>();
    await fc.assert(
      fc.asyncProperty(PLANS, async (plan) => {
        const feeds = feedsOf(plan);
        const expected = await engine.run(whole, { ...feeds, ...weights });
        const { log_probabilities: found, ...drawn } = await generateByToken(engine, graphs, feeds, weights);
        expect(drawn).toEqual({ tokens: expected['tokens'], counts: expected['counts'] });
        const counts = drawn.counts.data;
        const steps = drawn.tokens.dims[1] ?? NaN;
        expect(found.dims).toEqual([plan.of.length, steps]);
        for (let row = 0; row < plan.of.length; row += 1) {
          lengths.add(Number(counts[row]));
          for (let at = row * steps; at < row * steps + Number(counts[row]); at += 1)
            expect(Number(found.data[at])).toBeCloseTo(Number(expected['log_probabilities']?.data[at]), 9);
        }
      }),
      { numRuns: 40 },
    );
    // Some end early and some do not, or the property would say little.
    expect(lengths.size).toBeGreaterThan(2);
    await expect(engine.read(['cache 0'])).rejects.toThrow('No tensor is kept as "cache 0"');
  });
});

function feedsOf({ prompts, of, rounds, temperature, seed }: Plan): GenerationFeeds {
  const random = createRandom(seed);
  const length = Math.max(...prompts.map((prompt) => prompt.length));
  const padded = prompts.flatMap((prompt) => Array.from({ length }, (_, at) => prompt[at] ?? 0));
  return {
    prompts: integerTensor(padded, [prompts.length, length]),
    lengths: integerTensor(prompts.map((prompt) => prompt.length)),
    of: integerTensor(of),
    uniforms: doubles(
      Array.from({ length: rounds * of.length }, () => random.next()),
      [rounds, of.length],
    ),
    rounds: integerTensor([rounds], []),
    temperature: doubles([temperature], []),
  };
}

function doubles(numbers: readonly number[], dims: readonly number[]): TensorData {
  return { type: 'float64', dims, data: Float64Array.from(numbers) };
}
