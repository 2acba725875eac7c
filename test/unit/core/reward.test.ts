import { describe, expect, it } from 'vitest';

import { recipeOf } from '../../../src/core/recipe.ts';
import type { Recipe, ScorerUse } from '../../../src/core/recipe.ts';
import {
  endsAsking,
  lengthPenaltyOf,
  NO_ANSWER,
  outcomeOf,
  truncatedOutcome,
} from '../../../src/core/reward.ts';
import type { Finding, ScorerReport } from '../../../src/core/reward.ts';
import type { CompletionOutcome, Cost } from '../../../src/core/score.ts';

const RIGHT: Finding = { kind: 'correct' };
const WRONG: Finding = { kind: 'incorrect', reason: 'a different number' };
const UNSURE: Finding = { kind: 'undecided', reason: 'a formula' };
const UNUSABLE: Finding = { kind: 'unusable', reason: 'not a number' };
const COST: Cost = { usd: 0.002, isCached: false, promptTokens: 90, completionTokens: 4 };
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
const recheck = use('judge', { when: 'incorrect' });
const gate = use('format', { gate: 0.5, weight: 0 });
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
  // A second opinion on a no.
  ['a no that is overruled', {}, [report(WRONG), report(RIGHT, recheck)], 1],
  ['a no that is upheld', {}, [report(WRONG), report(WRONG, recheck)], 0],
  ['a score for a no', {}, [report(WRONG), report({ kind: 'score', score: 0.75 }, recheck)], 0.75],
  ['a no and a recheck that failed', {}, [report(WRONG), report(KILLED, recheck)], 'verifier_timeout'],
  [
    'a no and an optional recheck that failed',
    {},
    [report(WRONG), report(KILLED, { ...recheck, required: false })],
    0,
  ],
  [
    'an unsure recheck, decided by a third',
    {},
    [report(WRONG), report(UNSURE, recheck), report(RIGHT, second)],
    1,
  ],
  [
    'a recheck of another scorer than the one that said yes',
    {},
    [report(WRONG), report(RIGHT), report(RIGHT, recheck)],
    2,
  ],
  // Gates.
  ['an open gate, which adds nothing', {}, [report(RIGHT, gate), report(RIGHT)], 1],
  ['an open gate in a product', { combine: 'product' }, [report(RIGHT, gate), report(RIGHT)], 1],
  ['a closed gate', {}, [report(WRONG, gate)], 0],
  ['a closed gate under a floor', { floor: -1 }, [report(WRONG, gate)], -1],
  ['a score under the gate', { floor: -1 }, [report({ kind: 'score', score: 0.49 }, gate)], -1],
  ['a score at the gate', { floor: -1 }, [report({ kind: 'score', score: 0.5 }, gate), report(RIGHT)], 1],
  ['a gate that failed', {}, [report(KILLED, gate)], 'verifier_timeout'],
  [
    'an optional gate that failed: as if it were not there',
    {},
    [report(KILLED, { ...gate, required: false }), report(RIGHT)],
    1,
  ],
  [
    'a gate that closed after a required scorer failed',
    {},
    [report(KILLED), report(WRONG, gate)],
    'verifier_timeout',
  ],
  ['a gate that closed after an optional one failed', {}, [report(KILLED, optional), report(WRONG, gate)], 0],
  [
    'a closed gate without a length penalty',
    { lengthPenalty: { maxTokens: 100, bufferTokens: 20, factor: 1 } },
    [report(WRONG, gate)],
    0,
  ],
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
        replacedBy: 'judge',
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

  it.each<[string, Finding]>([
    ['a score', { kind: 'score', score: 1, cost: COST }],
    ['no verdict', { kind: 'undecided', reason: 'a tie', cost: COST }],
    ['a fault', { kind: 'fault', cause: 'judge_unreadable', detail: 'no JSON', cost: COST }],
  ])('keeps what %s cost', (_, finding) => {
    expect(outcomeOf(recipe(), [report(finding)], undefined).scores[0]?.cost).toEqual(COST);
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

describe('endsAsking()', () => {
  it.each([
    ['a scorer that is no gate', report(WRONG), {}, false],
    ['a required scorer that failed', report(KILLED), {}, true],
    ['a required second opinion that failed', report(KILLED, use('judge', { when: 'incorrect' })), {}, true],
    ['an optional scorer that failed', report(KILLED, use('judge', { required: false })), {}, false],
    ['a ground truth that cannot be used', report(UNUSABLE), {}, true],
    ['a scorer that cannot tell, as another may', report(UNSURE), { undecided: 'unscorable' }, false],
    ['an answer that is missing and worth 0', report(NO_ANSWER), {}, false],
    ['an answer that is missing and no score', report(NO_ANSWER), { noAnswer: 'unscorable' }, true],
    ['an open gate', report(RIGHT, gate), {}, false],
    ['a closed gate', report(WRONG, gate), {}, true],
    ['a gate that cannot tell', report(UNSURE, gate), {}, true],
    ['a gate that found no answer', report(NO_ANSWER, gate), {}, true],
    ['a gate that failed', report(KILLED, gate), {}, true],
    ['an optional gate that failed', report(KILLED, { ...gate, required: false }), {}, false],
  ] as const)('after %s', (_, last, more, expected) => {
    expect(endsAsking(recipe(more), last)).toBe(expected);
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
