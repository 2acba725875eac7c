import { describe, expect, it } from 'vitest';

import { isAsked, replacements, settled } from '../../../src/core/cascade.ts';
import type { ScorerUse } from '../../../src/core/recipe.ts';
import { NO_ANSWER, type Finding, type ScorerReport } from '../../../src/core/reward.ts';

const YES: Finding = { kind: 'correct' };
const NO: Finding = { kind: 'incorrect', reason: 'another number' };
const UNSURE: Finding = { kind: 'undecided', reason: 'a formula' };
const KILLED: Finding = { kind: 'fault', cause: 'verifier_timeout', detail: 'too long' };
const LOW: Finding = { kind: 'score', score: 0.49 };
const HALF: Finding = { kind: 'score', score: 0.5 };

type When = ScorerUse['when'];

function use(name: string, when: When = 'always', more: Partial<ScorerUse> = {}): ScorerUse {
  return { name, weight: 1, required: true, when, options: {}, ...more };
}

/** Reads the answer, unless it is called `format`. */
function said(
  finding: Finding,
  name = 'math',
  when: When = 'always',
  more: Partial<ScorerUse> = {},
): ScorerReport {
  const answer = name === 'format' || finding.kind === 'no_answer' ? undefined : '5';
  return { use: use(name, when, more), finding, answer, answerSource: undefined };
}

const CASES: readonly (readonly [what: string, reports: readonly ScorerReport[], asked: readonly When[]])[] =
  [
    ['nothing yet', [], []],
    ['a yes', [said(YES)], []],
    ['a no', [said(NO)], ['incorrect', 'not_correct']],
    ['an undecided one', [said(UNSURE)], ['undecided', 'not_correct']],
    ['a score below a half', [said(LOW)], ['incorrect', 'not_correct']],
    ['a score of a half', [said(HALF)], []],
    ['a fault', [said(KILLED)], []],
    ['no answer', [said(NO_ANSWER)], []],
    ['a no of the format', [said(NO, 'format')], []],
    ['a no of a gate', [said(LOW, 'quality', 'always', { gate: 0.2, weight: 0 })], []],
    [
      'an undecided one before a yes of another',
      [said(UNSURE), said(YES, 'format')],
      ['undecided', 'not_correct'],
    ],
    ['a second opinion that said yes', [said(UNSURE), said(YES, 'judge', 'undecided')], []],
    [
      'a second opinion that said no',
      [said(UNSURE), said(NO, 'judge', 'undecided')],
      ['incorrect', 'not_correct'],
    ],
    [
      'an undecided second opinion',
      [said(UNSURE), said(UNSURE, 'judge', 'undecided')],
      ['undecided', 'not_correct'],
    ],
    [
      'a second opinion that failed',
      [said(UNSURE), said(KILLED, 'judge', 'undecided')],
      ['undecided', 'not_correct'],
    ],
  ];

describe('isAsked()', () => {
  it('always asks a scorer that is always asked', () => {
    for (const [, reports] of CASES) expect(isAsked(use('exact'), reports)).toBe(true);
  });

  it.each(CASES)('isAsked() after %s', (_, reports, expected) => {
    const whens: readonly When[] = ['undecided', 'incorrect', 'not_correct'];
    expect(whens.filter((when) => isAsked(use('last', when), reports))).toEqual(expected);
  });
});

describe('replacements()', () => {
  it.each<[string, readonly ScorerReport[], readonly (string | undefined)[] | undefined]>([
    ['no second opinion', [said(UNSURE), said(YES, 'exact')], undefined],
    ['a second opinion', [said(UNSURE), said(YES, 'judge', 'undecided')], ['judge']],
    ['a second opinion that failed', [said(UNSURE), said(KILLED, 'judge', 'undecided')], undefined],
    ['an undecided second opinion', [said(UNSURE), said(UNSURE, 'judge', 'undecided')], undefined],
    [
      'a no and an unsure one',
      [said(NO), said(UNSURE, 'exact'), said(YES, 'judge', 'undecided')],
      [undefined, 'judge'],
    ],
    [
      'both at once',
      [said(NO), said(UNSURE, 'exact'), said(YES, 'judge', 'not_correct')],
      ['judge', 'judge'],
    ],
    [
      'an opinion on an opinion',
      [said(NO), said(UNSURE, 'small', 'incorrect'), said(YES, 'large', 'undecided')],
      ['large', 'large'],
    ],
    [
      'a no on an unsure one, overruled',
      [said(UNSURE), said(NO, 'small', 'undecided'), said(YES, 'large', 'incorrect')],
      ['large', 'large'],
    ],
  ])('replacements() of %s', (_, reports, expected) => {
    expect(replacements(reports)).toEqual(expected);
  });
});

describe('settled()', () => {
  const unsure = use('small', 'always', { undecidedBetween: [0.2, 0.8] });

  it.each([
    [0.2, 'score'],
    [0.21, 'undecided'],
    [0.79, 'undecided'],
    [0.8, 'score'],
  ])('settled() makes of a score of %d: %s', (score, kind) => {
    expect(settled(unsure, { kind: 'score', score }).kind).toBe(kind);
  });

  it('settled() keeps the cost, and leaves all else alone', () => {
    const cost = { usd: null, isCached: false, promptTokens: 1, completionTokens: 2 };
    expect(settled(unsure, { kind: 'score', score: 0.5, cost })).toMatchObject({ kind: 'undecided', cost });
    expect(settled(unsure, NO)).toBe(NO);
    expect(settled(use('small'), HALF)).toBe(HALF);
  });
});
