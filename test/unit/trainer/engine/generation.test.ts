import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import { addGeneration } from '../../../../src/trainer/engine/decoder/generation.ts';
import type { TensorData } from '../../../../src/trainer/engine/engine.ts';
import { Graph } from '../../../../src/trainer/engine/graph.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { referenceLogits } from '../../../support/decoder-reference.ts';
import {
  decoderConfig,
  DECODER_NAMES,
  strangeWeights,
  weightInputs,
  type DecoderName,
} from '../../../support/decoders.ts';
import { integerTensor } from '../../../support/gradient-check.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

const PROMPTS = [[3, 1, 4], [5], [9, 2, 6, 5]];
const OF = [0, 0, 1, 2, 2, 2];
const END = 7;
const ROUNDS = 10;

interface Completion {
  readonly tokens: readonly number[];
  readonly logProbabilities: readonly number[];
}

/** One completion, each token by the logits of everything before it, read from the start. */
function referenceCompletion(
  name: DecoderName,
  prompt: readonly number[],
  uniforms: readonly number[],
  temperature: number,
): Completion {
  const weights = new Map(
    [...strangeWeights(decoderConfig(name), 5)].map(([key, { data }]) => [key, data as Float64Array]),
  );
  const [tokens, logProbabilities]: [number[], number[]] = [[], []];
  for (const uniform of uniforms) {
    const logits = referenceLogits(decoderConfig(name), weights, [...prompt, ...tokens]).at(-1) ?? [];
    const shares = logits.map((logit) => Math.exp(logit / temperature));
    const total = shares.reduce((sum, share) => sum + share, 0);
    let rest = uniform * total;
    const token = shares.findIndex((share) => (rest -= share) < 0);
    tokens.push(token);
    logProbabilities.push(Math.log((shares[token] ?? NaN) / total));
    if (token === END) break;
  }
  return { tokens, logProbabilities };
}

describe.skipIf(!hasOnnx)(`addGeneration()${ONNX_NOTE}`, () => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await LocalEngine.open({ providers: ['cpu'], threads: 1 });
  });
  afterAll(() => engine.close());

  async function generate(
    name: DecoderName,
    plan: {
      readonly uniforms: readonly (readonly number[])[];
      readonly temperature: number;
      readonly fill: number;
    },
  ): Promise<{ readonly completions: readonly Completion[]; readonly steps: number }> {
    const graph = new Graph();
    const config = decoderConfig(name);
    addGeneration(graph, { config, weights: weightInputs(graph, config), end: END });
    const loaded = await engine.load(graph.encode('float64'), { fuse: false });
    const padded = PROMPTS.flatMap((prompt) => [0, 1, 2, 3].map((at) => prompt[at] ?? plan.fill));
    const rows = plan.uniforms[0]?.length ?? 0;
    const found = await engine.run(loaded, {
      ...Object.fromEntries(strangeWeights(config, 5)),
      prompts: integerTensor(padded, [3, 4]),
      lengths: integerTensor(PROMPTS.map(({ length }) => length)),
      of: integerTensor(OF),
      // The graph has one row for each round.
      uniforms: doubles(
        Array.from({ length: rows }, (_, round) => plan.uniforms.map((row) => row[round] ?? NaN)).flat(),
        [rows, OF.length],
      ),
      rounds: integerTensor([rows], []),
      temperature: doubles([plan.temperature], []),
    });
    const steps = found['tokens']?.dims[1] ?? NaN;
    const rowOf = (output: string, row: number): readonly number[] => {
      const count = Number(found['counts']?.data[row]);
      return Array.from(found[output]?.data.slice(row * steps, row * steps + count) ?? [], Number);
    };
    return {
      steps,
      completions: OF.map((_, row) => ({
        tokens: rowOf('tokens', row),
        logProbabilities: rowOf('log_probabilities', row),
      })),
    };
  }

  it.each(DECODER_NAMES)(
    'addGeneration() of %s draws the tokens of a decoder without cache',
    async (name) => {
      const random = createRandom(3);
      const uniforms = OF.map(() => Array.from({ length: ROUNDS }, () => random.next()));
      const { completions } = await generate(name, { uniforms, temperature: 1.3, fill: 0 });
      const expected = OF.map((prompt, row) =>
        referenceCompletion(name, PROMPTS[prompt] ?? [], uniforms[row] ?? [], 1.3),
      );
      expect(completions.map(({ tokens }) => tokens)).toEqual(expected.map(({ tokens }) => tokens));
      // Some end before the others, some not at all: both are needed for the test to mean something.
      const lengths = new Set(expected.map(({ tokens }) => tokens.length));
      expect(lengths.size).toBeGreaterThan(1);
      completions.forEach(({ logProbabilities }, row) =>
        logProbabilities.forEach((value, at) =>
          expect(value).toBeCloseTo(expected[row]?.logProbabilities[at] ?? NaN, 9),
        ),
      );
    },
  );

  it('addGeneration() does not look at what fills a prompt up', async () => {
    const [name] = DECODER_NAMES;
    if (name === undefined) throw new Error('No decoder');
    const uniforms = OF.map((_, row) => [0.1 * row, 0.5, 0.9]);
    const [zeros, others] = [
      await generate(name, { uniforms, temperature: 1, fill: 0 }),
      await generate(name, { uniforms, temperature: 1, fill: 11 }),
    ];
    expect(others).toEqual(zeros);
  });

  it('addGeneration() stops when all completions have ended', async () => {
    const [name] = DECODER_NAMES;
    if (name === undefined) throw new Error('No decoder');
    // A uniform in the middle of the end token's share, for each row.
    const uniforms = OF.map((prompt) => [middleOfEnd(name, PROMPTS[prompt] ?? []), 0.5, 0.5, 0.5]);
    const { completions, steps } = await generate(name, { uniforms, temperature: 1, fill: 0 });
    expect(completions.map(({ tokens }) => tokens)).toEqual(OF.map(() => [END]));
    expect(steps).toBe(1);
  });

  it('addGeneration() gives the likeliest tokens at a low temperature', async () => {
    const [name] = DECODER_NAMES;
    if (name === undefined) throw new Error('No decoder');
    const uniforms = OF.map((_, row) => [0.1 + 0.1 * row]);
    const { completions } = await generate(name, { uniforms, temperature: 1e-3, fill: 0 });
    const expected = OF.map((prompt) => {
      const logits = logitsAfter(name, PROMPTS[prompt] ?? []);
      return [logits.indexOf(Math.max(...logits))];
    });
    expect(completions.map(({ tokens }) => tokens)).toEqual(expected);
  });
});

function logitsAfter(name: DecoderName, prompt: readonly number[]): readonly number[] {
  const weights = [...strangeWeights(decoderConfig(name), 5)].map(
    ([key, { data }]) => [key, data as Float64Array] as const,
  );
  return referenceLogits(decoderConfig(name), new Map(weights), prompt).at(-1) ?? [];
}

function middleOfEnd(name: DecoderName, prompt: readonly number[]): number {
  const shares = logitsAfter(name, prompt).map(Math.exp);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const before = shares.slice(0, END).reduce((sum, share) => sum + share, 0);
  return (before + (shares[END] ?? NaN) / 2) / total;
}

function doubles(numbers: readonly number[], dims: readonly number[]): TensorData {
  return { type: 'float64', dims, data: Float64Array.from(numbers) };
}
