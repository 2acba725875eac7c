import { describe, expect, it } from 'vitest';

import { recipeOf } from '../../../src/core/recipe.ts';
import type { Recipe, ScorerUse } from '../../../src/core/recipe.ts';
import {
  isStillUndecided,
  lengthPenaltyOf,
  NO_ANSWER,
  outcomeOf,
  truncatedOutcome,
} from '../../../src/core/reward.ts';
import type { Finding, ScorerReport } from '../../../src/core/reward.ts';
import type { CompletionOutcome } from '../../../src/core/score.ts';

const RIGHT: Finding = { kind: 'correct' };
const WRONG: Finding = { kind: 'incorrect', reason: 'a different number' };
const UNSURE: Finding = { kind: 'undecided', reason: 'a formula' };
const UNUSABLE: Finding = { kind: 'unusable', reason: 'not a number' };
const KILLED: Finding = { kind: 'fault', cause: 'verifier_timeout', detail: 'too long' };

function use(name: string, more: Partial<ScorerUse> = {}): ScorerUse {
  return { name, weight: 1, required: true, when: 'always', options: {}, ...more };
}

function report(finding: Finding, scorer: ScorerUse = use('math')): ScorerReport {
  return { use: scorer, finding, answer: '5', answerSource: 'boxed' };
}

function recipe(more: Partial<Recipe> = {}): Recipe {
  return { ...recipeOf('math'), ...more };
}

/** The reward, or the cause why there is none. */
function result(outcome: CompletionOutcome): number | string {
  return outcome.kind === 'scored' ? outcome.reward : outcome.unscorable.cause;
}

const optional = use('format', { weight: 0.1, required: false });
const second = use('judge', { when: 'undecided' });
const lenient = use('judge', { when: 'undecided', required: false });
const strictRules: Partial<Recipe> = { undecided: 'unscorable', noAnswer: 'unscorable' };

const CASES: readonly (readonly [
  what: string,
  recipe: Partial<Recipe>,
  reports: readonly ScorerReport[],
  expected: number | string,
])[] = [
  ['a right answer', {}, [report(RIGHT)], 1],
  ['a wrong answer', {}, [report(WRONG)], 0],
  ['a score between', {}, [report({ kind: 'score', score: 0.25 })], 0.25],
  ['a weight as given', {}, [report(RIGHT, use('math', { weight: 3 }))], 3],
  ['a negative weight', {}, [report(RIGHT, use('math', { weight: -0.5 }))], -0.5],
  ['a negative weight on a score of 0', {}, [report(WRONG, use('math', { weight: -1 }))], 0],
  ['the weighted sum', {}, [report(RIGHT), report(RIGHT, optional)], 1.1],
  [
    'the weighted product',
    { combine: 'product' },
    [report(RIGHT, use('a', { weight: 2 })), report(RIGHT, optional)],
    0.2,
  ],
  ['a product with a 0', { combine: 'product' }, [report(WRONG), report(RIGHT, optional)], 0],
  // Undecided.
  ['undecided under "zero"', {}, [report(UNSURE)], 0],
  ['undecided under "unscorable"', strictRules, [report(UNSURE)], 'undecided'],
  ['a second opinion that says yes', {}, [report(UNSURE), report(RIGHT, second)], 1],
  ['a second opinion that says no', strictRules, [report(UNSURE), report(WRONG, second)], 0],
  [
    'a second opinion with its own weight',
    {},
    [report(UNSURE), report(RIGHT, use('judge', { when: 'undecided', weight: 0.5 }))],
    0.5,
  ],
  ['two undecided under "zero"', {}, [report(UNSURE), report(UNSURE, second)], 0],
  ['two undecided under "unscorable"', strictRules, [report(UNSURE), report(UNSURE, second)], 'undecided'],
  ['a third opinion', strictRules, [report(UNSURE), report(UNSURE, second), report(RIGHT, second)], 1],
  [
    'a second opinion beside another scorer',
    {},
    [report(UNSURE), report(RIGHT, optional), report(RIGHT, second)],
    1.1,
  ],
  ['a second opinion that failed', {}, [report(UNSURE), report(KILLED, second)], 'verifier_timeout'],
  ['an optional second opinion that failed', {}, [report(UNSURE), report(KILLED, lenient)], 0],
  ['a product of a replaced scorer', { combine: 'product' }, [report(UNSURE), report(RIGHT, second)], 1],
  // No answer.
  ['no answer under "zero"', {}, [report(NO_ANSWER)], 0],
  ['no answer under "unscorable"', strictRules, [report(NO_ANSWER)], 'no_answer'],
  ['no answer in good format', {}, [report(NO_ANSWER), report(RIGHT, optional)], 0.1],
  // What failed.
  ['an unusable ground truth', {}, [report(UNUSABLE)], 'ground_truth_unusable'],
  ['a required scorer that failed', {}, [report(KILLED), report(RIGHT, optional)], 'verifier_timeout'],
  ['an optional scorer that failed: its term is left out', {}, [report(RIGHT), report(KILLED, optional)], 1],
  ['an optional factor that failed', { combine: 'product' }, [report(RIGHT), report(KILLED, optional)], 1],
  ['nothing but an optional scorer that failed', {}, [report(KILLED, optional)], 'verifier_timeout'],
  [
    'the first required one that failed',
    {},
    [report(KILLED, optional), report(UNUSABLE), report(KILLED)],
    'ground_truth_unusable',
  ],
];

describe('outcomeOf()', () => {
  it.each(CASES)('for %s', (_, more, reports, expected) => {
    expect(result(outcomeOf(recipe(more), reports, undefined))).toBe(expected);
  });

  it('never gives a negative zero', () => {
    const wrong = [report(WRONG, use('math', { weight: -1 }))];
    const outcome = outcomeOf(recipe({ combine: 'product' }), wrong, undefined);
    expect(outcome.kind === 'scored' && Object.is(outcome.reward, 0)).toBe(true);
  });

  it('says of each scorer what it found, and of what', () => {
    const outcome = outcomeOf(
      recipe(),
      [report(UNSURE), report(WRONG, second), report(KILLED, optional)],
      undefined,
    );
    expect(outcome.scores).toEqual([
      {
        scorer: 'math',
        kind: 'unscorable',
        unscorable: { cause: 'undecided', scorer: 'math', detail: 'a formula' },
        answer: '5',
        answerSource: 'boxed',
      },
      {
        scorer: 'judge',
        kind: 'scored',
        score: 0,
        answer: '5',
        answerSource: 'boxed',
        reason: 'a different number',
      },
      {
        scorer: 'format',
        kind: 'unscorable',
        unscorable: { cause: 'verifier_timeout', scorer: 'format', detail: 'too long' },
        answer: '5',
        answerSource: 'boxed',
      },
    ]);
  });

  it.each([Number.NaN, -0.1, 1.1, Number.POSITIVE_INFINITY])(
    'throws on a scorer that gives %d: that is a bug',
    (score) => {
      expect(() => outcomeOf(recipe(), [report({ kind: 'score', score })], undefined)).toThrowError(
        RangeError,
      );
    },
  );

  it('adds the length penalty to what the scorers gave', () => {
    const lengthPenalty = { maxTokens: 100, bufferTokens: 20, factor: 0.5 };
    const rewards = [80, 90, 101].map((tokens) =>
      result(outcomeOf(recipe({ lengthPenalty }), [report(RIGHT)], tokens)),
    );
    expect(rewards).toEqual([1, 0.75, 0.5]);
  });

  it('calls a completion unscorable when the length penalty does not know its length', () => {
    const lengthPenalty = { maxTokens: 100, bufferTokens: 20, factor: 1 };
    const outcome = outcomeOf(recipe({ lengthPenalty }), [report(RIGHT)], undefined);
    expect(outcome).toMatchObject({ unscorable: { cause: 'length_unknown', scorer: 'length_penalty' } });
    expect(outcome.scores).toHaveLength(1);
  });
});

describe('isStillUndecided()', () => {
  it.each([
    ['nothing yet', [], false],
    ['a verdict', [report(RIGHT)], false],
    ['an undecided one', [report(UNSURE)], true],
    ['an undecided one before another scorer', [report(UNSURE), report(RIGHT, optional)], true],
    ['a second opinion', [report(UNSURE), report(RIGHT, second)], false],
    ['an undecided second opinion', [report(UNSURE), report(UNSURE, second)], true],
    ['a failed second opinion', [report(UNSURE), report(KILLED, second)], true],
    ['a fault', [report(KILLED)], false],
    ['no answer', [report(NO_ANSWER)], false],
  ] as const)('after %s', (_, reports, expected) => {
    expect(isStillUndecided(reports)).toBe(expected);
  });
});

describe('truncatedOutcome()', () => {
  const truncated = { text: 'x', finishReason: 'length', tokenCount: 101 } as const;

  it('leaves a completion alone that is not truncated, or that the recipe scores like any other', () => {
    expect(truncatedOutcome(recipe({ truncated: 'zero' }), { text: 'x' })).toBeUndefined();
    expect(
      truncatedOutcome(recipe({ truncated: 'zero' }), { text: 'x', finishReason: 'stop' }),
    ).toBeUndefined();
    expect(truncatedOutcome(recipe({ truncated: 'score' }), truncated)).toBeUndefined();
  });

  it('gives zero, with the penalty, or calls it unscorable', () => {
    const lengthPenalty = { maxTokens: 100, bufferTokens: 20, factor: 1 };
    const zero = truncatedOutcome(recipe({ truncated: 'zero' }), truncated);
    expect(zero).toMatchObject({ reward: 0, scores: [{ scorer: 'math', score: 0, reason: 'truncated' }] });
    expect(truncatedOutcome(recipe({ truncated: 'zero', lengthPenalty }), truncated)).toMatchObject({
      reward: -1,
    });
    expect(truncatedOutcome(recipe({ truncated: 'unscorable' }), truncated)).toMatchObject({
      unscorable: { cause: 'truncated' },
    });
  });
});

describe('lengthPenaltyOf()', () => {
  // DAPO's own setting, scaled down: L_max 20,480 with a cache of 4,096 tokens.
  it.each([
    [0, 0],
    [16_384, 0],
    [16_385, -1 / 4_096],
    [18_432, -0.5],
    [20_480, -1],
    [20_481, -1],
    [1_000_000, -1],
  ])('of %d tokens is %d', (tokens, expected) => {
    expect(lengthPenaltyOf({ maxTokens: 20_480, bufferTokens: 4_096, factor: 1 }, tokens)).toBe(expected);
  });
});
