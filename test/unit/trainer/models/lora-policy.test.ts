import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PolicyTokenizer } from '../../../../src/adapters/policy-tokenizer.ts';
import { createRandom } from '../../../../src/core/random.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { openCheckpoint } from '../../../../src/trainer/models/checkpoint.ts';
import { EnginePolicy } from '../../../../src/trainer/policy/engine-policy.ts';
import { promptTokens } from '../../../../src/trainer/prompt-tokens.ts';
import { checkpointFolder } from '../../../support/checkpoints.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

const FOLDER = checkpointFolder('llama-tied');

async function openPolicy(adapter?: string, alpha?: number): Promise<EnginePolicy> {
  const { model, tokenizer } = await openCheckpoint(FOLDER, {
    tokenizer: (parts) => new PolicyTokenizer(parts),
    ...(adapter === undefined ? { lora: { rank: 16, ...(alpha !== undefined && { alpha }) } } : { adapter }),
  });
  const engine = await LocalEngine.open({ providers: ['cpu'], threads: 1, dataFolder: model.dataFolder });
  return EnginePolicy.open({ model, tokenizer, engine, random: createRandom(1) });
}

describe.skipIf(!hasOnnx)(`EnginePolicy of a checkpoint with LoRA${ONNX_NOTE}`, () => {
  let folder: string;
  let policy: EnginePolicy;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'groupwise-lora-'));
    policy = await openPolicy();
  });
  afterAll(async () => {
    await policy.close();
    rmSync(folder, { recursive: true });
  });

  it('EnginePolicy of a checkpoint learns by its adapters, draws with them, and its exported adapter is the policy', async () => {
    const { tokenizer } = policy;
    const examples = [
      { prompt: promptTokens(tokenizer, '3+4='), completion: [...tokenizer.encode('7'), tokenizer.end] },
      { prompt: promptTokens(tokenizer, '2+6='), completion: [...tokenizer.encode('8'), tokenizer.end] },
    ];
    const losses: number[] = [];
    for (let step = 0; step < 80; step += 1) {
      const { loss } = await policy.supervise(examples, { learningRate: 0.03, gradientNormMax: 1 });
      losses.push(loss);
    }
    // The frozen output layer and norms of random numbers leave no more room than that.
    expect(losses[0]).toBeGreaterThan(6);
    expect(losses.at(-1)).toBeLessThan(3);

    const prompts = examples.map(({ prompt }) => prompt);
    const of = [0, 1, 1, 0];
    const drawn = await policy.sample({ prompts, of, tokensMax: 6, temperature: 1, random: createRandom(1) });
    const sequences = drawn.map(({ tokens }, index) => ({
      prompt: prompts[of[index] ?? -1] ?? [],
      completion: tokens,
    }));
    const scored = (await policy.logProbabilities(sequences, { temperature: 1 })).flat();
    const recorded = drawn.flatMap(({ logProbabilities }) => logProbabilities);
    expect(recorded.length).toBeGreaterThan(4);
    scored.forEach((each, index) => expect(each).toBeCloseTo(recorded[index] ?? NaN, 4));

    const adapter = join(folder, 'adapter');
    await policy.export(adapter);
    expect(readdirSync(adapter).toSorted()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
    const other = await openPolicy(adapter);
    const scores = await policy.logProbabilities(examples, { temperature: 1 });
    expect(await other.logProbabilities(examples, { temperature: 1 })).toEqual(scores);
    await other.close();
  });

  it('EnginePolicy.restore() refuses adapters that were trained at another scale', async () => {
    const kept = join(folder, 'kept');
    await policy.save(kept);
    const other = await openPolicy(undefined, 64);
    await expect(other.restore(kept)).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringMatching(/"alpha":32.*not with.*"alpha":64/) as string,
    });
    await other.close();
    const same = await openPolicy();
    await same.restore(kept);
    await same.close();
  });
});
