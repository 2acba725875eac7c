import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { readModelFolder } from '../../../src/adapters/onnx-model-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'groupwise-folder-'));

afterAll(() => {
  rmSync(parent, { recursive: true });
});

function folderOf(name: string, files: Readonly<Record<string, unknown>>): string {
  const folder = join(parent, name);
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  for (const [file, content] of Object.entries({ 'tokenizer.json': {}, 'config.json': {}, ...files }))
    writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
  return folder;
}

describe('readModelFolder()', () => {
  it('readModelFolder() finds the files that Optimum writes, at the top or in onnx/', () => {
    const top = folderOf('top', { 'model.onnx': '' });
    expect(readModelFolder(top).modelPath).toBe(join(top, 'model.onnx'));
    const inner = folderOf('inner', { 'onnx/model.onnx': '' });
    expect(readModelFolder(inner).modelPath).toBe(join(inner, 'onnx/model.onnx'));
  });

  const limits: readonly (readonly [string, object, object, object, number])[] = [
    ['the positions of the network', { max_position_embeddings: 384 }, {}, {}, 384],
    ['the limit of the tokenizer', { max_position_embeddings: 8192 }, { model_max_length: 256 }, {}, 256],
    [
      'positions that start after the padding',
      { model_type: 'roberta', max_position_embeddings: 514, pad_token_id: 1 },
      {},
      {},
      512,
    ],
    ['512 where nothing says more', {}, { model_max_length: 1e30 }, {}, 512],
    ['a lower limit of our own', { max_position_embeddings: 384 }, {}, { max_tokens: 100 }, 100],
    ['no more than the network has', { max_position_embeddings: 384 }, {}, { max_tokens: 1000 }, 384],
  ];
  it.each(limits)('readModelFolder() takes %s', (name, config, tokenizerConfig, ours, tokensMax) => {
    const folder = folderOf(name.replaceAll(' ', '-'), {
      'model.onnx': '',
      'config.json': config,
      'tokenizer_config.json': tokenizerConfig,
      'groupwise.json': ours,
    });
    expect(readModelFolder(folder).tokenizer.tokensMax).toBe(tokensMax);
  });

  it('readModelFolder() keeps what is not its own for the rules, settings over the folder', () => {
    const folder = folderOf('ours', {
      'model.onnx': '',
      'config.json': { type_vocab_size: 1, pad_token_id: 7 },
      'groupwise.json': { label: 'good', input: 'answer', output: 'scores' },
    });
    const read = readModelFolder(folder, { input: 'question_answer' });
    expect(read).toMatchObject({
      declared: { label: 'good', input: 'question_answer' },
      output: 'scores',
      padId: 7,
      tokenizer: { typeCount: 1 },
    });
    expect(Object.keys(read.declared)).toEqual(['label', 'input']);
  });

  it.each([
    ['no-model', {}, 'has no model.onnx'],
    ['broken', { 'model.onnx': '', 'config.json': '{' }, 'config.json'],
    ['a-list', { 'model.onnx': '', 'tokenizer.json': [] }, 'is no JSON object'],
    ['bad-output', { 'model.onnx': '', 'groupwise.json': { output: 1 } }, 'output must be'],
    ['bad-max', { 'model.onnx': '', 'groupwise.json': { max_tokens: 0 } }, 'max_tokens must be'],
  ])('readModelFolder() refuses %s and says why', (name, files, message) => {
    expect(() => readModelFolder(folderOf(name, files))).toThrow(message);
  });
});
