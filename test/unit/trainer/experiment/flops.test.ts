// What counts as a token that goes through the network, by hand-worked cases, and how calls become floating-point operations.

import { describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import {
  FlopMeter,
  parametersOf,
  tokensDrawn,
  tokensRead,
} from '../../../../src/trainer/experiment/flops.ts';
import { tinyModel } from '../../../../src/trainer/models/tiny.ts';
import type { Policy, TokenSequence, TrainedCompletion } from '../../../../src/trainer/policy.ts';

const LOSS = {
  loss: 'clipped-ratio',
  clip: { low: 0.2, high: 0.2 },
  aggregation: 'token-mean',
  lengthMax: 4,
  klWeight: 0,
  temperature: 1,
} as const;
const OPTIMISER = { learningRate: 1e-3, gradientNormMax: 1 };

describe('tokensRead()', () => {
  it.each<[string, readonly TokenSequence[], number]>([
    ['nothing', [], 0],
    ['a sequence without its last token', [{ prompt: [1, 2], completion: [3, 4, 5] }], 4],
    [
      'a prompt once for all its completions',
      [
        { prompt: [1, 2], completion: [3, 4, 5] },
        { prompt: [1, 2], completion: [6, 7] },
      ],
      2 + 2 + 1,
    ],
    [
      'two prompts that are not the same twice',
      [
        { prompt: [1, 2], completion: [3] },
        { prompt: [1, 22], completion: [3] },
      ],
      4,
    ],
    [
      'prompts that look the same when they are put together',
      [
        { prompt: [1, 23], completion: [3] },
        { prompt: [12, 3], completion: [3] },
      ],
      4,
    ],
    ['an empty completion as its prompt alone', [{ prompt: [1], completion: [] }], 1],
  ])('counts %s', (_, sequences, tokens) => {
    expect(tokensRead(sequences)).toBe(tokens);
  });
});

describe('tokensDrawn()', () => {
  it('counts each prompt that is continued once, and no prompt that is not', () => {
    const plan = { prompts: [[1, 2, 3], [4], [5, 6]], of: [0, 0, 2] };
    const drawn = [{ tokens: [7, 8, 9] }, { tokens: [7] }, { tokens: [7, 8] }];
    expect(tokensDrawn(plan, drawn)).toBe(3 + 2 + (2 + 0 + 1));
  });
});

describe('parametersOf()', () => {
  it('adds up every weight of a decoder', () => {
    const [vocabulary, width, inner] = [11, 4, 12];
    const layer = 4 * width * width + 3 * width * inner + 2 * width;
    const model = tinyModel({ vocabulary, end: 10, layers: 3, width, heads: 2 });
    expect(parametersOf(model)).toBe(vocabulary * width + 3 * layer + width);
  });
});

describe('FlopMeter', () => {
  it('charges 2·N for a token that is drawn or read and 6·N for one that is learned from, in each update', async () => {
    const meter = new FlopMeter(10);
    const policy = meter.around(fakePolicy());
    const completion: TrainedCompletion = { prompt: [1, 2], completion: [3, 4], old: [0, 0], advantage: 1 };
    await policy.sample({
      prompts: [[1, 2]],
      of: [0, 0],
      tokensMax: 2,
      temperature: 1,
      random: createRandom(1),
    });
    // Two tokens of the prompt, and of each of two completions all but the last of two.
    expect(meter.flops).toBe(2 * 10 * 4);
    await policy.train([completion], LOSS, OPTIMISER);
    await policy.train([completion], LOSS, OPTIMISER);
    expect(meter.flops).toBe(2 * 10 * 4 + 2 * 6 * 10 * 3);
    await policy.supervise([{ prompt: [9], completion: [1, 2, 3] }], OPTIMISER);
    expect(meter.flops).toBe(80 + 360 + 6 * 10 * 3);
    await policy.logProbabilities([{ prompt: [9], completion: [1] }], { temperature: 1 });
    expect(meter.flops).toBe(80 + 360 + 180 + 20);
    expect(meter.updates).toBe(3);
  });

  it('shows the version of the policy as it is now', async () => {
    const inner = fakePolicy();
    const policy = new FlopMeter(1).around(inner);
    await policy.supervise([{ prompt: [9], completion: [1] }], OPTIMISER);
    expect(policy.version).toBe(1);
  });
});

/** Draws two tokens for whatever it is asked, and learns nothing. */
function fakePolicy(): Policy {
  let version = 0;
  const update = async () => {
    version += 1;
    return { loss: 0, gradientNorm: 0, tokens: 1, clippedShare: 0, ratioMean: 1 };
  };
  return {
    description: 'fake',
    tokenizer: { vocabulary: 11, end: 10, encode: () => [], decode: () => '' },
    device: 'cpu',
    get version() {
      return version;
    },
    sample: async ({ of }) =>
      of.map(() => ({ tokens: [3, 4], logProbabilities: [0, 0], text: '', finishReason: 'stop' })),
    logProbabilities: async (sequences) => sequences.map(({ completion }) => completion.map(() => 0)),
    train: update,
    supervise: update,
    keepReference: async () => {},
    save: async () => {},
    export: async () => {},
    restore: async () => {},
    close: async () => {},
  };
}
