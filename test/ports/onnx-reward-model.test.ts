import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { expectedRow } from '../../scripts/models/encoder-reference.ts';
import { makeModelFolder, type MadeModel, type ModelPlanName } from '../../scripts/models/model-folders.ts';
import { readModelFolder } from '../../src/adapters/onnx-model-folder.ts';
import { OnnxRewardModel, type OnnxRewardModelOptions } from '../../src/adapters/onnx-reward-model.ts';
import { createLog } from '../../src/adapters/pino-log.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { openOnnxScorer } from '../../src/commands/onnx-scorer.ts';
import { cosine } from '../../src/core/reward-model.ts';
import type { VerifierInput } from '../../src/core/verifiers/verifier.ts';
import type { LogFields } from '../../src/ports/log.ts';
import { FakeRewardModel } from '../support/fake-reward-model.ts';
import { hasOnnx, ONNX_NOTE } from '../support/onnx-runtime.ts';
import { describeRewardModel } from './reward-model.ts';

const parent = mkdtempSync(join(tmpdir(), 'groupwise-onnx-'));
const made = new Map<ModelPlanName, MadeModel>();

beforeAll(() => {
  for (const name of ['regression', 'classifier', 'cross-encoder', 'embedding'] as const)
    made.set(name, makeModelFolder(parent, name));
});

afterAll(() => {
  rmSync(parent, { recursive: true });
});

function madeModel(name: ModelPlanName): MadeModel {
  const found = made.get(name);
  if (found === undefined) throw new Error(`No model "${name}" was made`);
  return found;
}

function open(name: ModelPlanName, options: Partial<OnnxRewardModelOptions> = {}): Promise<OnnxRewardModel> {
  return OnnxRewardModel.open({ model: readModelFolder(madeModel(name).folder), threads: 1, ...options });
}

describeRewardModel('FakeRewardModel', () => Promise.resolve(new FakeRewardModel()));
// Runs wherever onnxruntime-node is installed and has a build.
describe.skipIf(!hasOnnx)(`with ONNX${ONNX_NOTE}`, () => {
  describeRewardModel('OnnxRewardModel', () => open('regression'));
  describeRewardModel('OnnxRewardModel with two lanes', () => open('embedding', { lanes: 2 }));
});

describe.skipIf(!hasOnnx)(`OnnxRewardModel${ONNX_NOTE}`, () => {
  it.each(['regression', 'classifier', 'cross-encoder', 'embedding'] as const)(
    'run() gives what the %s network gives in plain double precision, padded or not',
    async (name) => {
      const model = await open(name);
      const encoded = await model.encode([
        { first: 'Paris' },
        { first: 'The answer is 42.', second: 'no, 41' },
        { first: 'to be or not to be '.repeat(40) },
      ]);
      expect(encoded.map(({ isTruncated }) => isTruncated)).toEqual([false, false, true]);
      const rows = await model.run(encoded);
      for (const [index, each] of encoded.entries()) {
        const wanted = expectedRow(madeModel(name).weights, each);
        expect(rows[index]).toHaveLength(wanted.length);
        for (const [column, value] of wanted.entries()) expect(rows[index]?.[column]).toBeCloseTo(value, 5);
      }
      await model.close();
    },
  );

  it('open() falls back to the next provider and says so', async () => {
    const warnings: LogFields[] = [];
    const log = {
      ...createLog('silent'),
      warn: (_: string, fields?: LogFields) => void warnings.push(fields ?? {}),
    };
    const model = await open('regression', { providers: ['no-such-provider', 'cpu'], log });
    expect(model.provider).toBe('cpu');
    expect(model.failures).toEqual([
      { provider: 'no-such-provider', reason: expect.stringContaining('not found') as string },
    ]);
    expect(warnings).toEqual([expect.objectContaining({ provider: 'no-such-provider' })]);
    await model.close();
  });

  it('open() never falls back to what was not asked for', async () => {
    await expect(open('regression', { providers: ['no-such-provider'] })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining('no-such-provider') as string,
    });
  });

  it('run() rejects for a token that the network does not have, and goes on', async () => {
    const model = await open('regression');
    const [good] = await model.encode([{ first: 'yes' }]);
    if (good === undefined) throw new Error('Nothing encoded');
    const bad = { ...good, ids: Int32Array.from(good.ids, () => 9_999) };
    await expect(model.run([bad])).rejects.toThrow('Gather');
    expect(await model.run([good])).toHaveLength(1);
    await model.close();
  });

  it('run() after close() rejects', async () => {
    const model = await open('regression');
    const encoded = await model.encode([{ first: 'yes' }]);
    await model.close();
    await expect(model.run(encoded)).rejects.toThrow('ended');
  });

  it('run() leaves the event loop free', async () => {
    const model = await open('embedding');
    const encoded = await model.encode(
      Array.from({ length: 64 }, () => ({ first: 'to be or not '.repeat(20) })),
    );
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    await Promise.all(Array.from({ length: 20 }, () => model.run(encoded)));
    isOver = true;
    // In this thread, each of the twenty runs would be one turn.
    expect(turns).toBeGreaterThan(40);
    await model.close();
  });
});

function softmaxGood(row: readonly number[]): number {
  return Math.exp(row[2] ?? 0) / row.reduce((sum, value) => sum + Math.exp(value), 0);
}

function sigmoid(row: readonly number[]): number {
  return 1 / (1 + Math.exp(-(row[0] ?? Number.NaN)));
}

describe.skipIf(!hasOnnx)(`openOnnxScorer()${ONNX_NOTE}`, () => {
  const input: VerifierInput = {
    answer: 'paris',
    groundTruth: { answer: 'The city of Paris', aliases: [] },
    choices: [],
    promptText: 'Which city is in France?',
    options: {},
  };
  const settings = { queueMax: 100, threads: 1 };
  const parts = { clock: new SystemClock(), log: createLog('silent') };

  it('openOnnxScorer() scores by a classifier, a cross-encoder and embeddings as their formulas say', async () => {
    const cases = [
      ['classifier', { first: input.promptText, second: 'paris' }, softmaxGood],
      ['cross-encoder', { first: `${input.promptText}\nThe city of Paris`, second: 'paris' }, sigmoid],
    ] as const;
    for (const [name, texts, formula] of cases) {
      const { folder, weights } = madeModel(name);
      const { scorer, batcher, close } = await openOnnxScorer({ ...settings, name, folder }, parts);
      const [encoded] = await batcher.model.encode([texts]);
      if (encoded === undefined) throw new Error('Nothing encoded');
      const finding = await scorer.score(input);
      expect(finding).toMatchObject({ kind: 'score' });
      expect(finding.kind === 'score' && finding.score).toBeCloseTo(
        formula(expectedRow(weights, encoded)),
        5,
      );
      await close();
    }
    const { folder, weights } = madeModel('embedding');
    const { scorer, batcher, close } = await openOnnxScorer({ ...settings, name: 'same', folder }, parts);
    const [a, b] = await batcher.model.encode([{ first: 'The city of Paris' }, { first: 'paris' }]);
    if (a === undefined || b === undefined) throw new Error('Nothing encoded');
    const wanted = (1 + cosine(expectedRow(weights, a), expectedRow(weights, b))) / 2;
    const finding = await scorer.score(input);
    expect(finding.kind === 'score' && finding.score).toBeCloseTo(wanted, 5);
    await close();
  });

  it('openOnnxScorer() lets the settings win over the folder', async () => {
    const { folder } = madeModel('classifier');
    const declared = { label: 'bad', input: 'answer' };
    const { scorer, close } = await openOnnxScorer({ ...settings, name: 'x', folder, declared }, parts);
    expect(await scorer.score({ ...input, promptText: '' })).toMatchObject({ kind: 'score' });
    await close();
    const wrong = openOnnxScorer({ ...settings, name: 'x', folder, declared: { label: 'best' } }, parts);
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
