import { describe, expect, it, onTestFinished } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import type { TensorData } from '../../../../src/trainer/engine/engine.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { tinyModel } from '../../../../src/trainer/models/tiny.ts';
import type { LossPlan, StepMetrics, TokenSequence } from '../../../../src/trainer/policy.ts';
import { EnginePolicy } from '../../../../src/trainer/policy/engine-policy.ts';
import { keptName } from '../../../../src/trainer/policy/update-graphs.ts';
import { BYTE_TOKENIZER } from '../../../../src/trainer/tokenizers/byte.ts';
import { hasWebGpu, WEBGPU_NOTE } from '../../../support/webgpu.ts';

const { end, vocabulary } = BYTE_TOKENIZER;
const encode = (text: string): readonly number[] => BYTE_TOKENIZER.encode(text);
const MODEL = tinyModel({ vocabulary, end, layers: 2, width: 32, heads: 2 });
const LOSS: LossPlan = {
  loss: 'clipped-ratio',
  clip: { low: 0.2, high: 0.28 },
  aggregation: 'token-mean',
  lengthMax: 4,
  klWeight: 0.01,
  temperature: 1,
};
const EXAMPLES: readonly TokenSequence[] = Array.from({ length: 16 }, (_, number) => {
  const [a, b] = [number >> 2, number & 3];
  return { prompt: encode(`${a}+${b}=`), completion: [...encode(String(a + b)), end] };
});

interface Training {
  /** Token ids of each completion, for each step. */
  readonly drawn: readonly (readonly (readonly number[])[])[];
  readonly steps: readonly StepMetrics[];
  readonly kept: Readonly<Record<string, TensorData>>;
  readonly reference: readonly (readonly number[])[];
}

/** Four supervised steps, then three steps on completions that it drew, held to the weights between the two. */
async function train(provider: string): Promise<Training> {
  const engine = await LocalEngine.open({ providers: [provider], threads: 1 });
  const random = createRandom(1);
  const policy = await EnginePolicy.open({ model: MODEL, tokenizer: BYTE_TOKENIZER, engine, random });
  onTestFinished(() => policy.close());
  for (let step = 0; step < 4; step += 1)
    await policy.supervise(EXAMPLES, { learningRate: 1e-3, gradientNormMax: 1 });
  await policy.keepReference();
  const of = EXAMPLES.flatMap((_, prompt) => [prompt, prompt, prompt, prompt]);
  const prompts = EXAMPLES.map(({ prompt }) => prompt);
  const drawn: (readonly (readonly number[])[])[] = [];
  const steps: StepMetrics[] = [];
  for (let step = 0; step < 3; step += 1) {
    const completions = await policy.sample({ prompts, of, tokensMax: 4, temperature: 1, random });
    const sequences = completions.map(({ tokens }, index) => ({
      prompt: prompts[of[index] ?? 0] ?? [],
      completion: tokens,
    }));
    const reference = await policy.logProbabilities(sequences, { temperature: 1, reference: true });
    const lessons = completions.map(({ logProbabilities }, index) => ({
      ...(sequences[index] ?? { prompt: [], completion: [] }),
      old: logProbabilities,
      reference: reference[index],
      advantage: Math.sin(index),
    }));
    steps.push(await policy.train(lessons, LOSS, { learningRate: 1e-3, gradientNormMax: 1 }));
    drawn.push(completions.map(({ tokens }) => tokens));
  }
  const names = MODEL.trained.flatMap(({ name }) => [
    keptName('weight', name),
    keptName('mean', name),
    keptName('variance', name),
  ]);
  return {
    drawn,
    steps,
    kept: await engine.read(names),
    reference: await policy.logProbabilities(EXAMPLES, { temperature: 1, reference: true }),
  };
}

/** Of all numbers of two like results. */
function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(b.length).toBe(a.length);
  return Array.from(a).reduce((largest, value, index) => {
    const difference = Math.abs(value - (b[index] ?? Number.NaN));
    // Math.max would drop nothing here, but a NaN has to show.
    return difference <= largest ? largest : difference;
  }, 0);
}

describe.skipIf(!hasWebGpu)(`EnginePolicy on WebGPU${WEBGPU_NOTE}`, () => {
  it('EnginePolicy draws, scores and learns on WebGPU what it does on the processor', async () => {
    const cpu = await train('cpu');
    const gpu = await train('webgpu');
    expect(gpu.drawn).toEqual(cpu.drawn);
    const differences = Object.entries(cpu.kept).map(([name, { data }]): [string, number] => [
      name,
      largestDifference(Array.from(data, Number), Array.from(gpu.kept[name]?.data ?? [], Number)),
    ]);
    expect(differences.filter(([, difference]) => !(difference < 1e-5))).toEqual([]);
    expect(largestDifference(cpu.reference.flat(), gpu.reference.flat())).toBeLessThan(1e-5);
    cpu.steps.forEach((step, index) => {
      const other = gpu.steps[index];
      expect(other?.loss).toBeCloseTo(step.loss, 5);
      expect(other?.gradientNorm).toBeCloseTo(step.gradientNorm, 5);
      expect(other?.kl).toBeCloseTo(step.kl ?? Number.NaN, 5);
      // The weights have left the reference behind, or its being kept would not be seen.
      expect(step.kl).toBeGreaterThanOrEqual(index === 0 ? 0 : 1e-6);
    });
  }, 300_000);

  it('LocalEngine keeps tensors of every type and shape on WebGPU as they were put', async () => {
    const engine = await LocalEngine.open({ providers: ['webgpu'], threads: 1 });
    onTestFinished(() => engine.close());
    const tensors: Readonly<Record<string, TensorData>> = {
      scalar: { type: 'float32', dims: [], data: Float32Array.of(0.5) },
      vector: { type: 'float32', dims: [3], data: Float32Array.of(1, -2, 3e-30) },
      matrix: { type: 'float32', dims: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      integers: { type: 'int64', dims: [2], data: BigInt64Array.of(-1n, 1n << 40n) },
      truths: { type: 'bool', dims: [2], data: Uint8Array.of(0, 1) },
    };
    await engine.put(tensors);
    expect(await engine.read(Object.keys(tensors))).toEqual(tensors);
    // A copy that is read is the reader's: what is kept stays.
    expect(await engine.read(['matrix'])).toEqual({ matrix: tensors['matrix'] });
    await engine.drop(['matrix']);
    await expect(engine.read(['matrix'])).rejects.toThrow('No tensor is kept as "matrix"');
  }, 60_000);
});
