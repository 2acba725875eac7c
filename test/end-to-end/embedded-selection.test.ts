// Stages that need vectors, by the command, with an ONNX network: a small one of random weights, so that the vectors
// mean nothing; that they are the network's, that the stages go by them, and that two runs agree, is what is tested.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeModelFolder } from '../../scripts/models/model-folders.ts';
import { OnnxEmbedder } from '../../src/adapters/onnx-embedder.ts';
import { cosine } from '../../src/core/similarity/vectors.ts';
import { runCommandLine } from '../support/command-line.ts';
import { hasOnnx, ONNX_NOTE } from '../support/onnx-runtime.ts';

const folder = mkdtempSync(join(tmpdir(), 'groupwise-embedder-'));
const docs = fileURLToPath(new URL('../../examples/documents', import.meta.url));
const NEVER = new AbortController().signal;

interface Report {
  readonly kept: number;
  readonly calls: number;
  readonly dropped: Readonly<Record<string, number>>;
}

beforeAll(() => {
  makeModelFolder(folder, 'embedding');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function generate(
  stages: string,
  embedder = 'embedder: {kind: onnx, folder: embedding}',
): Promise<{ readonly report: Report; readonly questions: readonly string[] }> {
  const recipe = join(folder, 'recipe.yaml');
  writeFileSync(recipe, `${embedder}\nstages: [heuristics, extract, ${stages}]\n`);
  const data = ['--data', join(folder, 'data')];
  const from = [docs, '--limit', '2', '--recipe', recipe];
  const args = ['generate', ...from, '--name', 'made', ...data, '--replace', '--json'];
  const made = await runCommandLine(...args);
  expect(made).toMatchObject({ status: 0 });
  const out = join(folder, 'made.jsonl');
  const file = ['--format', 'jsonl', '--out', out, '--overwrite'];
  expect(await runCommandLine('dataset', 'export', 'made', ...data, ...file)).toMatchObject({ status: 0 });
  const rows = readFileSync(out, 'utf8').trimEnd().split('\n');
  return {
    report: JSON.parse(made.stdout) as Report,
    questions: rows.map((row) => (JSON.parse(row) as { readonly question: string }).question),
  };
}

// Runs wherever onnxruntime-node is installed and has a build.
describe.skipIf(!hasOnnx)(`groupwise generate with an ONNX embedder${ONNX_NOTE}`, () => {
  it('embedding_similarity drops the questions that the network puts near an earlier one, and no others', async () => {
    const all = await generate('string_checks');
    expect(all.questions.length).toBeGreaterThan(15);
    const embedder = await OnnxEmbedder.open({ folder: join(folder, 'embedding') });
    const vectors = await embedder.embed(all.questions, NEVER);
    await embedder.close();
    expect(vectors.map(({ length }) => length)).toEqual(all.questions.map(() => 32));
    // A limit in the middle of what these questions have, so that some go and some stay.
    const pairs = vectors.flatMap((one, index) => vectors.slice(0, index).map((other) => cosine(one, other)));
    const limit = pairs.toSorted((a, b) => a - b)[Math.floor(pairs.length * 0.9)] ?? NaN;
    const stays: number[] = [];
    for (const [index, vector] of vectors.entries()) {
      if (stays.every((other) => cosine(vector, vectors[other] ?? vector) <= limit + 1e-6)) stays.push(index);
    }
    expect(stays.length).toBeGreaterThan(1);
    expect(stays.length).toBeLessThan(all.questions.length);
    const { report, questions } = await generate(`embedding_similarity: {max: ${limit + 1e-6}}`);
    expect(questions).toEqual(stays.map((index) => all.questions[index]));
    expect(report).toMatchObject({
      calls: 0,
      dropped: { similar_meaning: all.questions.length - stays.length },
    });
  }, 60_000);

  it('k_center and qdit choose as many as they are told, and the same ones again', async () => {
    const chosen = new Set<string>();
    for (const stage of ['k_center: {size: 5, first: 2}', 'qdit: {size: 5, quality_share: 0}']) {
      const first = await generate(stage);
      expect(first.questions).toHaveLength(5);
      expect(first.report.dropped['not_selected']).toBeGreaterThan(10);
      expect(await generate(stage)).toMatchObject({ questions: first.questions });
      chosen.add(first.questions.join('|'));
    }
    expect(chosen.size).toBe(2);
  }, 60_000);

  it('groupwise generate refuses a stage that needs vectors where the recipe names no embedder', async () => {
    const recipe = join(folder, 'none.yaml');
    writeFileSync(recipe, 'stages: [extract, {k_center: {size: 5}}]\n');
    const args = ['generate', docs, '--name', 'none', '--data', join(folder, 'data'), '--recipe', recipe];
    const ended = await runCommandLine(...args);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain('stages[1].k_center');
    expect(ended.stderr).toContain('needs an embedder: name one');
  });
});
