import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import { openCheckpoint } from '../../../../src/trainer/models/checkpoint.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { checkpointFolder, expectedNumbers, noTokenizer, scoreTokens } from '../../../support/checkpoints.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

type Json = Readonly<Record<string, unknown>>;

describe('openCheckpoint() of folders that are not right', () => {
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'groupwise-refused-'));
    folder = join(root, 'checkpoint');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function change(file: string, changed: Json): void {
    const path = join(folder, file);
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as Json), ...changed }));
  }

  it.each<[string, () => void, string]>([
    [
      'without weights',
      () => rmSync(join(folder, 'model.safetensors.index.json')),
      'neither model.safetensors nor',
    ],
    ['without a tokenizer', () => rmSync(join(folder, 'tokenizer.json')), 'tokenizer.json'],
    ['without a config', () => rmSync(join(folder, 'config.json')), 'config.json'],
    [
      'that has lost a shard',
      () => rmSync(join(folder, 'model-00002-of-00003.safetensors')),
      'model-00002-of-00003',
    ],
    [
      'whose index leads out of it',
      () => change('model.safetensors.index.json', { weight_map: { a: '../secret.safetensors' } }),
      '"../secret.safetensors" is no name of a file beside it',
    ],
    [
      'whose index is empty',
      () => change('model.safetensors.index.json', { weight_map: {} }),
      'it names no files',
    ],
    ['of another width', () => change('config.json', { hidden_size: 32 }), 'by config.json it is [290, 32]'],
    ['of more layers', () => change('config.json', { num_hidden_layers: 3 }), 'model.layers.2.'],
    [
      'of fewer layers',
      () => change('config.json', { num_hidden_layers: 1 }),
      'says nothing of its weight "model.layers.1',
    ],
    [
      'without an end',
      () => {
        change('generation_config.json', { eos_token_id: null });
        change('config.json', { eos_token_id: null });
        change('tokenizer_config.json', { eos_token: null });
      },
      'which token ends a completion',
    ],
  ])('openCheckpoint() refuses a folder %s, by name', async (_, spoil, words) => {
    cpSync(checkpointFolder('llama-untied'), folder, { recursive: true });
    spoil();
    const opening = openCheckpoint(folder, { tokenizer: noTokenizer });
    await expect(opening).rejects.toThrow(words);
    await expect(opening).rejects.toMatchObject({ name: 'EnvError', message: expect.stringContaining(root) });
  });

  it.each<[string, Json, string]>([
    ['of DoRA', { use_dora: true }, 'use_dora: not supported'],
    ['with ranks of its own for some layers', { rank_pattern: { q_proj: 8 } }, 'rank_pattern: not supported'],
    ['with whole modules beside it', { modules_to_save: ['lm_head'] }, 'modules_to_save: not supported'],
    ['that changes the frozen weights', { init_lora_weights: 'pissa' }, 'init_lora_weights'],
    ['for modules that are none here', { target_modules: ['c_attn'] }, 'target_modules'],
    ['of another rank than its weights', { r: 5 }, 'not [5, 16]'],
    ['for fewer modules than it has', { target_modules: ['q_proj'] }, 'says nothing of its'],
  ])('openCheckpoint() refuses an adapter %s', async (_, changed, words) => {
    cpSync(checkpointFolder('qwen2'), folder, { recursive: true });
    change('adapter/adapter_config.json', changed);
    const opening = openCheckpoint(folder, { adapter: join(folder, 'adapter'), tokenizer: noTokenizer });
    await expect(opening).rejects.toThrow(words);
    await expect(opening).rejects.toMatchObject({ code: 'failed_precondition' });
  });

  it.skipIf(!hasOnnx)(
    `openCheckpoint() follows links into a store, as downloads have them${ONNX_NOTE}`,
    async () => {
      cpSync(checkpointFolder('qwen2'), folder, { recursive: true });
      mkdirSync(join(root, 'blobs'));
      renameSync(join(folder, 'model.safetensors'), join(root, 'blobs', 'abc123'));
      symlinkSync(join('..', 'blobs', 'abc123'), join(folder, 'model.safetensors'));
      const { model } = await openCheckpoint(folder, { tokenizer: noTokenizer });
      const engine = await LocalEngine.open({ providers: ['cpu'], threads: 1, dataFolder: model.dataFolder });
      const { tokens, log_probabilities: expected } = expectedNumbers(folder);
      const scored = await scoreTokens(engine, model, { tokens, values: model.firstValues(createRandom(1)) });
      await engine.close();
      expect(scored.logProbabilities[0]).toBeCloseTo(expected[0]?.[0] ?? NaN, 4);
    },
  );

  it.each<[string, Json, Json, number]>([
    ['the one that the tokenizer names', { eos_token_id: [5, 1] }, { eos_token: '</s>' }, 1],
    ['else the first', { eos_token_id: [5, 4] }, { eos_token: '</s>' }, 5],
    ['else that of config.json', { eos_token_id: null }, {}, 1],
  ])('openCheckpoint() takes of several ends %s', async (_, generation, tokenizer, end) => {
    cpSync(checkpointFolder('qwen2'), folder, { recursive: true });
    change('generation_config.json', generation);
    change('tokenizer_config.json', tokenizer);
    const opened = await openCheckpoint(folder, { tokenizer: noTokenizer });
    expect(opened.tokenizer.end).toBe(end);
  });
});
