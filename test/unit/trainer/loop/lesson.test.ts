// What of a scored batch is learned from, and what is counted.

import { describe, expect, it } from 'vitest';
import type { GroupFlag } from '../../../../src/core/advantages/estimator.ts';
import type { ScoredBatch, ScoredGroup, ScoredMember } from '../../../../src/trainer/loop/batch.ts';
import { lessonOf, metricsOf, rewardsOf, whyNothing } from '../../../../src/trainer/loop/lesson.ts';

/** A member with a reward, or unscorable. */
function member(reward: number | undefined, advantage: number, isCut = false): ScoredMember {
  return {
    completion: {
      tokens: [1, 2],
      logProbabilities: [-0.5, -1.5],
      text: 'x',
      finishReason: isCut ? 'length' : 'stop',
    },
    outcome:
      reward === undefined
        ? { kind: 'unscorable', unscorable: { cause: 'no_answer', scorer: '', detail: '' }, scores: [] }
        : { kind: 'scored', reward, scores: [] },
    advantage,
  };
}

function group(members: readonly ScoredMember[], flags: readonly GroupFlag[] = []): ScoredGroup {
  return { prompt: [{ role: 'user', content: '1+1=' }], tokens: [7], members, flags };
}

function batch(...groups: readonly ScoredGroup[]): ScoredBatch {
  return { number: 0, version: 3, groups, sampleSeconds: 1, scoreSeconds: 2 };
}

const MIXED = batch(
  group([member(1, 1.5), member(0, -0.5), member(undefined, 0), member(0, -0.5, true)]),
  group([member(1, 0), member(1, 0), member(1, 0), member(1, 0)], ['zero_variance']),
);

const NO_KL = { klWeight: 0 };

describe('lessonOf', () => {
  it('lessonOf() keeps scored members of groups with variance, and nothing else', () => {
    expect(lessonOf(MIXED, NO_KL).map(({ advantage }) => advantage)).toEqual([1.5, -0.5, -0.5]);
    expect(lessonOf(MIXED, NO_KL)[0]).toEqual({
      prompt: [7],
      completion: [1, 2],
      old: [-0.5, -1.5],
      advantage: 1.5,
    });
  });

  it('lessonOf() keeps a scored member whose advantage is 0 in a group that has others', () => {
    const lesson = lessonOf(batch(group([member(0.5, 0), member(1, 1), member(0, -1)])), NO_KL);
    expect(lesson.map(({ advantage }) => advantage)).toEqual([0, 1, -1]);
  });

  it('lessonOf() keeps groups without variance where a divergence is weighed, and unscorable members never', () => {
    const lesson = lessonOf(MIXED, { klWeight: 0.04 });
    expect(lesson.map(({ advantage }) => advantage)).toEqual([1.5, -0.5, -0.5, 0, 0, 0, 0]);
  });

  it('whyNothing() tells equal rewards from missing ones', () => {
    const [, flat] = MIXED.groups;
    if (flat === undefined) throw new RangeError('MIXED has two groups');
    const few = group([member(1, 0), member(undefined, 0)], ['insufficient_valid']);
    expect(lessonOf(batch(flat, few), NO_KL)).toEqual([]);
    expect(whyNothing(batch(flat))).toContain('earned the same');
    expect(whyNothing(batch(flat, few))).toContain('1 of 2 groups without variance');
  });
});

describe('metricsOf', () => {
  const update = { loss: 1, gradientNorm: 3, tokens: 6, clippedShare: 0.25, ratioMean: 1 };
  const facts = { learningRate: 1e-3, version: 4, trainSeconds: 1, seconds: 4 };

  it('metricsOf() leaves unscorable members out of the mean and counts them', () => {
    expect(rewardsOf(MIXED)).toEqual([1, 0, 0, 1, 1, 1, 1]);
    expect(metricsOf(MIXED, { ...facts, updates: [update, { ...update, loss: 2 }] })).toEqual({
      mean_reward: 5 / 7,
      pass_rate: 5 / 7,
      zero_variance_share: 0.5,
      unscorable: 1,
      truncated_share: 1 / 8,
      completion_tokens: 2,
      entropy: 1,
      loss: 1.5,
      grad_norm: 3,
      clipped_share: 0.25,
      learning_rate: 1e-3,
      drift: 1,
      tokens: 16,
      tokens_per_s: 4,
      sample_s: 1,
      score_s: 2,
      train_s: 1,
    });
  });

  it('metricsOf() has no loss for a step without an update', () => {
    expect(metricsOf(MIXED, { ...facts, updates: [] })).not.toHaveProperty('loss');
  });
});
