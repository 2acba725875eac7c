import { describe, expect, test } from 'vitest';
import { Comparison } from '../../../src/core/comparison.ts';
import type { CompletionOutcome } from '../../../src/core/score.ts';

const scored = (reward: number): CompletionOutcome => ({ kind: 'scored', reward, scores: [] });
const unscorable: CompletionOutcome = {
  kind: 'unscorable',
  unscorable: { cause: 'verifier_timeout', scorer: 'math', detail: 'Took too long' },
  scores: [],
};

describe('Comparison', () => {
  test('labels() counts agreement, both kinds of error, and unscorable completions apart', () => {
    const comparison = new Comparison(1);
    comparison.addGroup([
      { outcome: scored(1), isCorrect: true },
      { outcome: scored(0), isCorrect: false },
      { outcome: scored(1), isCorrect: false },
      { outcome: scored(0.5), isCorrect: true },
      { outcome: unscorable, isCorrect: true },
      { outcome: scored(1) },
    ]);
    expect(comparison.labels()).toEqual({
      labelled: 5,
      agree: 2,
      falsePositives: 1,
      falseNegatives: 1,
      unscorable: 1,
      share: 0.4,
    });
  });

  test('labels() and rewards() are undefined when nothing was known before', () => {
    const comparison = new Comparison(1);
    comparison.addGroup([{ outcome: scored(1) }]);
    expect(comparison.labels()).toBeUndefined();
    expect(comparison.rewards()).toBeUndefined();
  });

  test('rewards() counts changes and takes means only where both scorings gave a reward', () => {
    const comparison = new Comparison(1);
    comparison.addGroup([
      { outcome: scored(1), earlierReward: 1 },
      { outcome: scored(0.25), earlierReward: 1 },
      { outcome: unscorable, earlierReward: 1 },
      { outcome: scored(1), earlierReward: null },
      { outcome: unscorable, earlierReward: null },
    ]);
    expect(comparison.rewards()).toEqual({
      compared: 5,
      changed: 3,
      meanBefore: 1,
      meanAfter: 0.625,
      largestChange: 0.75,
      groupsReordered: 1,
    });
  });

  test.each([
    { before: [0, 1], after: [0, 0.5], reordered: 0 },
    { before: [0, 1], after: [1, 0], reordered: 1 },
    { before: [0, 1], after: [1, 1], reordered: 1 },
    { before: [1, 1], after: [0, 1], reordered: 1 },
    { before: [1, 0, 1], after: [2, 1, 2], reordered: 0 },
    { before: [0, 1, 2], after: [0, 2, 1], reordered: 1 },
  ])(
    'rewards() sees whether a group of $before became another order as $after',
    ({ before, after, reordered }) => {
      const comparison = new Comparison(1);
      comparison.addGroup(
        after.map((reward, index) => ({ outcome: scored(reward), earlierReward: before[index] })),
      );
      expect(comparison.rewards()?.groupsReordered).toBe(reordered);
    },
  );
});
