import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { openCheckpoint, type Checkpoint } from '../../../../src/trainer/models/checkpoint.ts';
import { readSafetensors, type FloatTensor } from '../../../../src/trainer/models/safetensors.ts';
import { writeWeights } from '../../../../src/trainer/policy/saved-policy.ts';
import {
  checkpointFolder,
  CHECKPOINTS,
  expectedNumbers,
  hasPeft,
  noTokenizer,
  PEFT_NOTE,
  runReference,
  scoreTokens,
  type CheckpointName,
} from '../../../support/checkpoints.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

function largestDifference(found: readonly number[], expected: readonly number[]): number {
  expect(found).toHaveLength(expected.length);
  return Math.max(...found.map((value, index) => Math.abs(value - (expected[index] ?? NaN))));
}

/** Largest difference, relative to the largest number. */
function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const [a, b] = [Array.from(found), Array.from(expected)];
  return largestDifference(a, b) / Math.max(...b.map(Math.abs));
}

async function scoreCheckpoint(checkpoint: Checkpoint, tokens: readonly (readonly number[])[]) {
  const { model } = checkpoint;
  const engine = await LocalEngine.open({ providers: ['cpu'], threads: 1, dataFolder: model.dataFolder });
  try {
    return await scoreTokens(engine, model, { tokens, values: model.firstValues(createRandom(3)) });
  } finally {
    await engine.close();
  }
}

interface Differences {
  /** Largest, of log-probabilities: of the checkpoint, and with its adapter. */
  readonly plain: number;
  readonly adapted: number;
  /** Of the gradients by each matrix, relative to its largest. */
  readonly gradients: Readonly<Record<string, number>>;
}

/** How far a folder of `reference.py` is from what is computed here. */
async function differences(folder: string): Promise<Differences> {
  const expected = expectedNumbers(folder);
  const plain = await openCheckpoint(folder, { lora: { rank: 3 }, tokenizer: noTokenizer });
  const fresh = await scoreCheckpoint(plain, expected.tokens);
  const adapted = await openCheckpoint(folder, { adapter: join(folder, 'adapter'), tokenizer: noTokenizer });
  const scored = await scoreCheckpoint(adapted, expected.tokens);
  const { tensors } = await readSafetensors(join(folder, 'gradients.safetensors'));
  return {
    plain: largestDifference(fresh.logProbabilities, expected.log_probabilities.flat()),
    adapted: largestDifference(scored.logProbabilities, expected.adapted_log_probabilities.flat()),
    gradients: Object.fromEntries(
      [...scored.gradients].map(([name, found]) => [
        name,
        relativeError(found, tensors.get(name)?.data ?? []),
      ]),
    ),
  };
}

/** 7 matrices of two layers, A and B of each. */
const GRADIENTS = 28;

function expectAlike({ plain, adapted, gradients }: Differences): void {
  expect(plain).toBeLessThan(1e-4);
  expect(adapted).toBeLessThan(1e-4);
  expect(Object.keys(gradients)).toHaveLength(GRADIENTS);
  expect(Object.entries(gradients).filter(([, error]) => !(error < 1e-3))).toEqual([]);
}

describe.skipIf(!hasOnnx)(`openCheckpoint() on the engine${ONNX_NOTE}`, () => {
  it.each(CHECKPOINTS)(
    'openCheckpoint() of %s gives the log-probabilities of transformers and the gradients of peft',
    async (name) => {
      expectAlike(await differences(checkpointFolder(name)));
      expect.hasAssertions();
    },
  );
});

describe.skipIf(!hasOnnx || !hasPeft)(`openCheckpoint() beside Python${PEFT_NOTE}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'groupwise-checkpoints-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(CHECKPOINTS)(
    'openCheckpoint() of %s with other weights still gives what transformers and peft give, and an adapter written here loads there',
    { timeout: 120_000 },
    async (name: CheckpointName) => {
      const made = join(folder, name);
      runReference('make', name, made, '--seed', '77');
      expectAlike(await differences(made));

      const { tokens } = expectedNumbers(made);
      const lora = {
        rank: 5,
        alpha: 7,
        isRankStabilised: true,
        projections: ['q_proj', 'v_proj', 'down_proj'],
      } as const;
      const fresh = await openCheckpoint(made, { lora, tokenizer: noTokenizer });
      const random = createRandom(9);
      const values = fresh.model.trained.map(({ name: key, dims }): [string, FloatTensor] => {
        const data = new Float32Array(dims.reduce((size, dim) => size * dim, 1));
        return [key, { dims, data: data.map(() => random.next() - 0.5) }];
      });
      const adapter = join(folder, `${name}-adapter`);
      await writeWeights(adapter, fresh.model, new Map(values));
      const ours = await scoreCheckpoint(
        await openCheckpoint(made, { adapter, tokenizer: noTokenizer }),
        tokens,
      );
      const theirs = JSON.parse(runReference('score', made, adapter, JSON.stringify(tokens))) as number[][];
      expect(largestDifference(ours.logProbabilities, theirs.flat())).toBeLessThan(1e-4);
    },
  );
});
