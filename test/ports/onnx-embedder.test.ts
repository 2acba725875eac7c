import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeModelFolder } from '../../scripts/models/model-folders.ts';
import { OnnxEmbedder } from '../../src/adapters/onnx-embedder.ts';
import { readModelFolder } from '../../src/adapters/onnx-model-folder.ts';
import { OnnxRewardModel } from '../../src/adapters/onnx-reward-model.ts';
import { unitVector } from '../../src/core/unit-vector.ts';
import { hasOnnx, ONNX_NOTE } from '../support/onnx-runtime.ts';

const NEVER = new AbortController().signal;
const parent = mkdtempSync(join(tmpdir(), 'groupwise-embedder-'));
let embedder: OnnxEmbedder;
let folder = '';

beforeAll(async () => {
  folder = makeModelFolder(parent, 'embedding').folder;
  embedder = await OnnxEmbedder.open({ folder, threads: 1 });
});

afterAll(async () => {
  await embedder.close();
  rmSync(parent, { recursive: true });
});

// Runs wherever onnxruntime-node is installed and has a build.
describe.skipIf(!hasOnnx)(`OnnxEmbedder${ONNX_NOTE}`, () => {
  it('embed() gives the pooled vectors of the network at length 1, in the order of the texts', async () => {
    const texts = ['Paris', 'to be or not to be '.repeat(9), 'The answer is 42.', 'Paris'];
    const vectors = await embedder.embed(texts, NEVER);
    const model = await OnnxRewardModel.open({ model: readModelFolder(folder), threads: 1 });
    for (const [index, text] of texts.entries()) {
      const [row = new Float32Array()] = await model.run(await model.encode([{ first: text }]));
      const wanted = unitVector(row);
      expect(vectors[index]).toHaveLength(embedder.dimensions);
      for (const [at, component] of wanted.entries()) expect(vectors[index]?.[at]).toBeCloseTo(component, 5);
    }
    await model.close();
  });

  it('embed() gives the very same numbers for the same texts again, also for many', async () => {
    const texts = Array.from({ length: 1_300 }, (_, index) => `text ${index} ${'word '.repeat(index % 7)}`);
    const first = await embedder.embed(texts, NEVER);
    expect(await embedder.embed(texts, NEVER)).toEqual(first);
    expect(first).toHaveLength(1_300);
  });

  it('embed() leaves with its caller', async () => {
    await expect(embedder.embed(['a'], AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  it('open() refuses a network with a head: its numbers are scores', async () => {
    const classifier = makeModelFolder(parent, 'classifier').folder;
    await expect(OnnxEmbedder.open({ folder: classifier })).rejects.toThrow(/has a head/);
  });
});
