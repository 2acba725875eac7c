import { describe, expect, it } from 'vitest';

import type { RewardModelRules } from '../../../../src/core/reward-model.ts';
import type { VerifierInput } from '../../../../src/core/verifiers/verifier.ts';
import { RewardModelBatcher } from '../../../../src/services/reward-models/batcher.ts';
import { GROUND_TRUTHS_MAX, modelTexts } from '../../../../src/services/reward-models/model-texts.ts';
import { RewardModelScorer } from '../../../../src/services/reward-models/reward-model-scorer.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { FakeRewardModel, type FakeRewardModelOptions } from '../../../support/fake-reward-model.ts';

const RULES: RewardModelRules = {
  reading: { head: 'regression' },
  input: 'answer',
  reads: 'completion',
  calibration: { kind: 'min_max', min: 0, max: 10 },
  tooLong: 'truncate',
};

const INPUT: VerifierInput = {
  answer: 'it is Paris',
  groundTruth: { answer: 'Paris', aliases: ['City of Light'] },
  choices: [],
  promptText: 'Which city?',
  options: {},
};

function setUp(rules: Partial<RewardModelRules> = {}, fake: FakeRewardModelOptions = {}, queueMax = 100) {
  const model = new FakeRewardModel(fake);
  const clock = new FakeClock();
  const limits = { paddedTokensMax: 100, sequencesMax: 100, fillMin: 0, lingerMs: 0, queueMax };
  const batcher = new RewardModelBatcher({ model, clock, ...limits });
  return {
    model,
    batcher,
    scorer: new RewardModelScorer({ name: 'quality', rules: { ...RULES, ...rules }, batcher }),
  };
}

/** One row where the first text is Paris, another elsewhere. */
function rowIfParis(
  paris: readonly number[],
  elsewhere: readonly number[],
): FakeRewardModelOptions['row'] & {} {
  return ({ first }) => (first === 'Paris' ? paris : elsewhere);
}

describe('modelTexts()', () => {
  it.each([
    ['answer', [{ first: 'it is Paris' }]],
    ['question_answer', [{ first: 'Which city?', second: 'it is Paris' }]],
    [
      'ground_truth_answer',
      [
        { first: 'Paris', second: 'it is Paris' },
        { first: 'City of Light', second: 'it is Paris' },
      ],
    ],
    [
      'question_ground_truth_answer',
      [
        { first: 'Which city?\nParis', second: 'it is Paris' },
        { first: 'Which city?\nCity of Light', second: 'it is Paris' },
      ],
    ],
  ] as const)('modelTexts() of %s', (input, texts) => {
    expect(modelTexts(input, INPUT)).toEqual(texts);
  });

  it('modelTexts() tries no more ground truths than are worth it', () => {
    const aliases = Array.from({ length: 1000 }, (_, index) => `alias ${index}`);
    const many = { ...INPUT, groundTruth: { answer: 'Paris', aliases } };
    expect(modelTexts('ground_truth_answer', many)).toHaveLength(GROUND_TRUTHS_MAX);
  });
});

describe('RewardModelScorer', () => {
  it('score() maps the raw output by the declared calibration', async () => {
    const { scorer } = setUp();
    expect(await scorer.score(INPUT)).toEqual({
      kind: 'score',
      score: 0.3,
      reason: 'raw 3.00000',
    });
  });

  it('score() takes the best of the ground truths', async () => {
    const row = rowIfParis([2], [8]);
    const { scorer } = setUp({ input: 'ground_truth_answer' }, { row });
    expect(await scorer.score(INPUT)).toMatchObject({ kind: 'score', score: 0.8 });
  });

  it('score() compares embeddings by their cosine', async () => {
    const row = rowIfParis([1, 0], [1, 1]);
    const { scorer, model } = setUp(
      {
        reading: { head: 'embedding', pooling: 'mean' },
        input: 'ground_truth_answer',
        calibration: { kind: 'min_max', min: -1, max: 1 },
      },
      { row },
    );
    const finding = await scorer.score({ ...INPUT, groundTruth: { answer: 'Paris', aliases: [] } });
    expect(finding).toMatchObject({ kind: 'score' });
    expect(finding.kind === 'score' ? finding.score : 0).toBeCloseTo((1 + Math.SQRT1_2) / 2, 7);
    expect(model.batches.flat()).toHaveLength(2);
  });

  it.each([[Number.NaN], [Infinity], [-Infinity]])(
    'score() makes a fault of a raw output of %d',
    async (value) => {
      const { scorer } = setUp({}, { row: () => [value] });
      const finding = await scorer.score(INPUT);
      expect(finding).toMatchObject({ kind: 'fault', cause: 'reward_model_unavailable' });
    },
  );

  it('score() makes a fault of one bad number among several ground truths', async () => {
    const row = rowIfParis([9], [Number.NaN]);
    const { scorer } = setUp({ input: 'ground_truth_answer' }, { row });
    expect(await scorer.score(INPUT)).toMatchObject({ kind: 'fault' });
  });

  it('score() makes a fault of a network that fails, and of an output of another width', async () => {
    const poisoned = setUp({}, { poison: 'Paris' }).scorer;
    expect(await poisoned.score(INPUT)).toMatchObject({ kind: 'fault', cause: 'reward_model_unavailable' });
    const wide = setUp({}, { row: () => [1, 2] }).scorer;
    expect(await wide.score(INPUT)).toMatchObject({ kind: 'fault', cause: 'reward_model_unavailable' });
  });

  it('score() makes a fault of a question that it needs and does not have', async () => {
    const { scorer } = setUp({ input: 'question_answer' });
    expect(await scorer.score({ ...INPUT, promptText: '' })).toMatchObject({ kind: 'fault' });
    expect(await scorer.score(INPUT)).toMatchObject({ kind: 'score' });
  });

  it('score() says that a text was cut, or refuses to score it, or leaves it to another scorer', async () => {
    const long = { ...INPUT, answer: 'a long text' };
    expect(await setUp().scorer.score(long)).toMatchObject({
      kind: 'score',
      reason: expect.stringContaining('cut') as string,
    });
    expect(await setUp({ tooLong: 'unscorable' }).scorer.score(long)).toMatchObject({ kind: 'fault' });
    expect(await setUp({ tooLong: 'unscorable' }).scorer.score(INPUT)).toMatchObject({ kind: 'score' });
    expect(await setUp({ tooLong: 'undecided' }).scorer.score(long)).toMatchObject({ kind: 'undecided' });
    expect(await setUp({ tooLong: 'undecided' }).scorer.score(INPUT)).toMatchObject({ kind: 'score' });
  });

  it('score() passes on that too much waits, that it is closed, and that nobody waits any more', async () => {
    const full = setUp({}, { isHeld: true }, 0);
    await expect(full.scorer.score(INPUT)).rejects.toMatchObject({ code: 'resource_exhausted' });
    const closed = setUp();
    await closed.batcher.close();
    await expect(closed.scorer.score(INPUT)).rejects.toMatchObject({ code: 'unavailable' });
    const reason = new Error('deadline');
    await expect(setUp().scorer.score(INPUT, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('parseOptions() has none', () => {
    expect(setUp().scorer.parseOptions({})).toEqual({});
    expect(() => setUp().scorer.parseOptions({ label: 'good' })).toThrow('this scorer has none');
  });
});
