// `groupwise evaluate` of policies on disk: as a training keeps them, and as it exports them for others. Both are the same policy.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PolicyTokenizer } from '../../src/adapters/policy-tokenizer.ts';
import { createRandom } from '../../src/core/random.ts';
import { LocalEngine } from '../../src/trainer/engine/runtime.ts';
import { openCheckpoint } from '../../src/trainer/models/checkpoint.ts';
import { tinyModel } from '../../src/trainer/models/tiny.ts';
import { EnginePolicy } from '../../src/trainer/policy/engine-policy.ts';
import { promptTokens } from '../../src/trainer/prompt-tokens.ts';
import { BYTE_TOKENIZER } from '../../src/trainer/tokenizers/byte.ts';
import { runCommandLine } from '../support/command-line.ts';
import { hasOnnx, ONNX_NOTE } from '../support/onnx-runtime.ts';
import { openTinyPolicy } from '../support/tiny-policies.ts';

const MODEL = fileURLToPath(new URL('../fixtures/checkpoints/llama-tied', import.meta.url));
const TINY = tinyModel({ vocabulary: BYTE_TOKENIZER.vocabulary, end: BYTE_TOKENIZER.end });

let folder = '';
let data = '';

beforeAll(async () => {
  if (!hasOnnx) return;
  folder = mkdtempSync(join(tmpdir(), 'groupwise-evaluate-'));
  data = join(folder, 'data');
  const rows = join(folder, 'rows.jsonl');
  const sums = Array.from({ length: 8 }, (_, n) => ({ question: `${n}+2=`, answer: String(n + 2) }));
  writeFileSync(rows, sums.map((row) => `${JSON.stringify({ ...row, split: 'test' })}\n`).join(''));
  const made = await runCommandLine('import', rows, '--name', 'sums', '--data', data);
  if (made.status !== 0) throw new Error(made.stderr);
  for (const seed of [1, 2]) await keep(await openTinyPolicy({ model: TINY, seed }), `tiny-${seed}`);
  await keep(await adaptedPolicy(), 'adapted');
});

afterAll(() => {
  if (hasOnnx) rmSync(folder, { recursive: true, force: true });
});

/** As a training leaves its folder. */
async function keep(policy: EnginePolicy, name: string): Promise<void> {
  await policy.save(join(folder, name, 'saved'));
  await policy.export(join(folder, name, 'policy'));
  await policy.close();
}

/** Of a rank and scale that are not the default ones, and no longer what the checkpoint is without it. */
async function adaptedPolicy(): Promise<EnginePolicy> {
  const lora = { rank: 3, alpha: 11 };
  const { model, tokenizer } = await openCheckpoint(MODEL, {
    lora,
    tokenizer: (parts) => new PolicyTokenizer(parts),
  });
  const engine = await LocalEngine.open({ providers: ['cpu'], threads: 1, dataFolder: model.dataFolder });
  const policy = await EnginePolicy.open({ model, tokenizer, engine, random: createRandom(1) });
  const example = { prompt: promptTokens(tokenizer, '3+2='), completion: [tokenizer.end] };
  for (let step = 0; step < 10; step += 1)
    await policy.supervise([example], { learningRate: 0.1, gradientNormMax: 1 });
  return policy;
}

const SMALL = '--device cpu --threads 1 --samples 4 --tokens-max 12 --json'.split(' ');

/** What was measured of a policy, without what a clock or a nonce says. */
async function measured(...flags: readonly string[]): Promise<object> {
  const ended = await runCommandLine('evaluate', '--embedded', '--data', data, ...flags, ...SMALL);
  expect(ended).toMatchObject({ status: 0 });
  const walk = { run_id: '', wall_s: 0 };
  // What the command has just printed.
  const { greedy, sampled } = JSON.parse(ended.stdout) as {
    readonly greedy: object;
    readonly sampled: object;
  };
  return { greedy: { ...greedy, ...walk }, sampled: { ...sampled, ...walk } };
}

async function refusal(...flags: readonly string[]): Promise<string> {
  const ended = await runCommandLine('evaluate', '--embedded', '--data', data, ...flags, ...SMALL);
  expect(ended.status).not.toBe(0);
  expect(ended.stdout).toBe('');
  return ended.stderr;
}

const at = (...names: readonly string[]): string => join(folder, ...names);

describe.skipIf(!hasOnnx)(`groupwise evaluate --checkpoint${ONNX_NOTE}`, () => {
  it('measures an exported policy as the checkpoint that it was exported from', async () => {
    const [saved, exported, other] = [
      await measured('--checkpoint', at('tiny-1', 'saved')),
      await measured('--checkpoint', at('tiny-1', 'policy')),
      await measured('--checkpoint', at('tiny-2', 'policy')),
    ];
    expect(exported).toEqual(saved);
    expect(other).not.toEqual(saved);
  });

  it('reads the rank and scale of adapters from their folder, saved or exported', async () => {
    const saved = await measured('--model', MODEL, '--checkpoint', at('adapted', 'saved'));
    const said = ['--lora-rank', '3', '--lora-alpha', '11'];
    expect(await measured('--model', MODEL, '--checkpoint', at('adapted', 'policy'))).toEqual(saved);
    expect(await measured('--model', MODEL, '--checkpoint', at('adapted', 'saved'), ...said)).toEqual(saved);
    expect(await measured('--model', MODEL)).not.toEqual(saved);
  });

  it('refuses folders that do not belong together, and says what would', async () => {
    const adapted = ['--model', MODEL, '--checkpoint', at('adapted', 'policy')];
    expect(await refusal(...adapted, '--lora-rank', '4')).toContain('were trained with 3');
    expect(await refusal(...adapted, '--lora-alpha', '4')).toContain('were trained with 11');
    expect(await refusal('--checkpoint', at('adapted', 'policy'))).toContain('--model names the checkpoint');
    expect(await refusal('--model', MODEL, '--checkpoint', at('tiny-1', 'saved'))).toContain('no adapters');
    expect(await refusal('--checkpoint', MODEL)).toContain('its config.json is of another model');
    mkdirSync(at('empty'));
    expect(await refusal('--checkpoint', at('empty'))).toContain("has none, nor a training's checkpoints");
  });
});
