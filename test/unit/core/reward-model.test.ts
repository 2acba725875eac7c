import { describe, expect, it } from 'vitest';

import type { JsonObject } from '../../../src/core/json.ts';
import { cosine, rawOf } from '../../../src/core/reward-model.ts';
import { networkFacts, rewardModelRules, type NetworkFacts } from '../../../src/core/reward-model-json.ts';

const SIGMOID = { kind: 'sigmoid', scale: 1, shift: 0 } as const;

describe('rawOf()', () => {
  it('rawOf() takes the one number of a regression head', () => {
    expect(rawOf({ head: 'regression' }, [-2.5])).toBe(-2.5);
  });

  it('rawOf() gives the probability of a classifier label', () => {
    const row = [0, Math.log(3)];
    expect(rawOf({ head: 'classifier', label: 1, labelCount: 2 }, row)).toBeCloseTo(0.75, 12);
    expect(rawOf({ head: 'classifier', label: 0, labelCount: 2 }, row)).toBeCloseTo(0.25, 12);
  });

  it('rawOf() does not overflow for large logits', () => {
    expect(rawOf({ head: 'classifier', label: 1, labelCount: 2 }, [1e4, 1e4])).toBe(0.5);
  });

  it('rawOf() gives the expected value over all labels', () => {
    const reading = { head: 'classifier', values: [0, 1, 5], labelCount: 3 } as const;
    expect(rawOf(reading, [0, 0, Math.log(2)])).toBeCloseTo(0.25 + 2.5, 12);
  });

  it('rawOf() passes on what is not finite', () => {
    expect(rawOf({ head: 'regression' }, [Number.NaN])).toBeNaN();
    expect(rawOf({ head: 'classifier', label: 0, labelCount: 2 }, [Number.NaN, 1])).toBeNaN();
    expect(rawOf({ head: 'classifier', label: 0, labelCount: 2 }, [Infinity, 1])).toBeNaN();
  });

  it('rawOf() refuses a row of another width', () => {
    expect(() => rawOf({ head: 'regression' }, [1, 2])).toThrow('2 numbers, not 1');
    expect(() => rawOf({ head: 'classifier', label: 0, labelCount: 3 }, [1, 2])).toThrow(RangeError);
  });
});

describe('cosine()', () => {
  it.each([
    [[1, 0], [2, 0], 1],
    [[1, 0], [0, 3], 0],
    [[1, 1], [-2, -2], -1],
    [[1, 2, 3], [4, 5, 6], 32 / Math.sqrt(14 * 77)],
  ])('cosine() of %j and %j is %d', (a, b, cos) => {
    expect(cosine(a, b)).toBeCloseTo(cos, 12);
  });

  it('cosine() of a vector without direction is no number', () => {
    expect(cosine([0, 0], [1, 0])).toBeNaN();
  });
});

const REGRESSION: NetworkFacts = { labels: ['LABEL_0'], isEncoder: false };
const CLASSIFIER: NetworkFacts = { labels: ['bad', 'good'], isEncoder: false };
const ENCODER: NetworkFacts = { labels: [], isEncoder: true };

describe('rewardModelRules()', () => {
  it('rewardModelRules() fills in what the network settles', () => {
    expect(rewardModelRules({ calibration: SIGMOID }, REGRESSION, 'm')).toEqual({
      reading: { head: 'regression' },
      input: 'question_answer',
      reads: 'completion',
      calibration: SIGMOID,
      tooLong: 'truncate',
    });
    expect(rewardModelRules({ label: 'good' }, CLASSIFIER, 'm')).toMatchObject({
      reading: { head: 'classifier', label: 1, labelCount: 2 },
      calibration: { kind: 'identity' },
    });
    expect(rewardModelRules({}, ENCODER, 'm')).toMatchObject({
      reading: { head: 'embedding', pooling: 'mean' },
      input: 'ground_truth_answer',
      reads: 'answer',
      calibration: { kind: 'min_max', min: -1, max: 1 },
    });
  });

  it('rewardModelRules() lets a cross-encoder read the answer alone, or the whole completion', () => {
    const declared = { input: 'question_ground_truth_answer', calibration: SIGMOID };
    expect(rewardModelRules(declared, REGRESSION, 'm').reads).toBe('answer');
    expect(rewardModelRules({ ...declared, reads: 'completion' }, REGRESSION, 'm').reads).toBe('completion');
  });

  const refused: readonly (readonly [JsonObject, NetworkFacts, string])[] = [
    [{}, REGRESSION, 'm.calibration'],
    [{ values: [0, 1] }, CLASSIFIER, 'm.calibration'],
    [{}, CLASSIFIER, 'm.label'],
    [{ label: 'great' }, CLASSIFIER, 'm.label'],
    [{ label: 2 }, CLASSIFIER, 'm.label'],
    [{ label: 0.5 }, CLASSIFIER, 'm.label'],
    [{ label: 'good', values: [0, 1] }, CLASSIFIER, 'm.values'],
    [{ values: [0, 1, 2], calibration: SIGMOID }, CLASSIFIER, 'm.values'],
    [{ values: [0, 'one'], calibration: SIGMOID }, CLASSIFIER, 'm.values'],
    [{ head: 'classifier', label: 0 }, REGRESSION, 'm.head'],
    [{ label: 0, calibration: SIGMOID }, REGRESSION, 'm.label'],
    [{ pooling: 'cls', calibration: SIGMOID }, REGRESSION, 'm.pooling'],
    [{ label: 'x' }, ENCODER, 'm.label'],
    [{ pooling: 'max' }, ENCODER, 'm.pooling'],
    [{ input: 'question_answer' }, ENCODER, 'm.input'],
    [{ input: 'question_ground_truth_answer' }, ENCODER, 'm.input'],
    [{ inputs: 'answer' }, REGRESSION, 'm.inputs'],
    [{ head: 'value', calibration: SIGMOID }, REGRESSION, 'm.head'],
    [{ reads: 'all', calibration: SIGMOID }, REGRESSION, 'm.reads'],
    [{ too_long: 'score', calibration: SIGMOID }, REGRESSION, 'm.too_long'],
  ];
  it.each(refused)('rewardModelRules() refuses %j for %j and names %s', (declared, facts, field) => {
    expect(() => rewardModelRules(declared, facts, 'm')).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }) as Error,
    );
  });
});

describe('networkFacts()', () => {
  it.each([
    [{ architectures: ['BertModel'] }, ENCODER],
    [{ architectures: ['BertForSequenceClassification'], id2label: { 0: 'bad', 1: 'good' } }, CLASSIFIER],
    [{ id2label: { 0: 'LABEL_0' } }, REGRESSION],
    [{ architectures: ['Qwen2RewardModel'] }, { labels: [], isEncoder: false }],
    [{}, { labels: [], isEncoder: false }],
  ])('networkFacts() of %j', (config, facts) => {
    expect(networkFacts(config)).toEqual(facts);
  });
});
