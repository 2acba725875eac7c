import { describe, expect, it } from 'vitest';

import { recipeOf } from '../../../../src/core/recipe.ts';
import type { Recipe, ScorerUse } from '../../../../src/core/recipe.ts';
import type { CompletionOutcome } from '../../../../src/core/score.ts';
import { CORRECT, incorrect } from '../../../../src/core/verifiers/verifier.ts';
import type { Verdict, Verifier, VerifierInput } from '../../../../src/core/verifiers/verifier.ts';
import type { VerifierFault, VerifierPool } from '../../../../src/ports/verifier-pool.ts';
import { verifierScorers } from '../../../../src/services/scoring/scorer.ts';
import type { VerifierScorers } from '../../../../src/services/scoring/scorer.ts';
import { Scoring } from '../../../../src/services/scoring/scoring.ts';
import type { Reference } from '../../../../src/services/scoring/scoring.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** A pool whose answers the test gives when it likes. */
class HandPool implements VerifierPool {
  readonly asked: { input: VerifierInput; answer: (found: Verdict | VerifierFault) => void }[] = [];

  verify(_: string, input: VerifierInput): Promise<Verdict | VerifierFault> {
    return new Promise((resolve) => {
      this.asked.push({ input, answer: resolve });
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const heavyVerifier: Verifier = {
  name: 'heavy',
  summary: '',
  reads: 'answer',
  fallback: 'line',
  parseOptions: (options) => options,
  quick: ({ answer, groundTruth }) => (answer === groundTruth.answer ? CORRECT : undefined),
  verify: () => incorrect('never called here'),
};

const brokenVerifier: Verifier = {
  ...heavyVerifier,
  name: 'broken',
  quick: () => {
    throw new RangeError('on purpose');
  },
};

function scoringOf(verifiers?: readonly Verifier[]): {
  scoring: Scoring;
  pool: HandPool;
  scorers: VerifierScorers;
  clock: FakeClock;
} {
  const clock = new FakeClock();
  const pool = new HandPool();
  const scorers = verifierScorers(verifiers === undefined ? { pool } : { pool, verifiers });
  return { scoring: new Scoring(scorers, clock), pool, scorers, clock };
}

function use(name: string, more: Partial<ScorerUse> = {}): ScorerUse {
  return { name, weight: 1, required: true, when: 'always', options: {}, ...more };
}

function recipe(scorers: readonly ScorerUse[], more: Partial<Recipe> = {}): Recipe {
  return { ...recipeOf('math'), scorers, ...more };
}

function reference(answer: string, more: Partial<Reference> = {}): Reference {
  return { groundTruth: { answer, aliases: [] }, choices: [], promptText: '', ...more };
}

function scoreNow(rules: Recipe, gold: string, text: string): CompletionOutcome {
  const { scoring } = scoringOf();
  const outcome = scoring.score(scoring.prepare(rules), reference(gold), { text });
  if (outcome instanceof Promise) throw new Error('Expected an outcome without a promise');
  return outcome;
}

describe('Scoring', () => {
  it('score() answers without a promise when every verdict is quick', () => {
    const outcome = scoreNow(recipeOf('numeric'), '18', 'It is 18.\n\\boxed{18}');
    expect(outcome).toMatchObject({
      kind: 'scored',
      reward: 1,
      scores: [{ scorer: 'numeric', kind: 'scored', score: 1, answer: '18' }],
    });
  });

  it('score() combines several scorers', () => {
    const rules = recipe([
      use('numeric'),
      use('format', { weight: 0.1, required: false, options: { pattern: 'boxed' } }),
    ]);
    expect(scoreNow(rules, '18', '\\boxed{18}')).toMatchObject({ reward: 1.1 });
    expect(scoreNow(rules, '18', '\\boxed{19}')).toMatchObject({ reward: 0.1 });
  });

  it('score() gives an empty completion what the recipe says', () => {
    expect(scoreNow(recipeOf('numeric'), '18', '')).toMatchObject({
      reward: 0,
      scores: [{ reason: 'no answer' }],
    });
    expect(scoreNow({ ...recipeOf('numeric'), noAnswer: 'unscorable' }, '18', ' ')).toMatchObject({
      unscorable: { cause: 'no_answer', scorer: 'numeric' },
    });
  });

  it('score() calls a ground truth that is no number unscorable, not wrong', () => {
    expect(scoreNow(recipeOf('numeric'), 'Paris', '\\boxed{18}')).toMatchObject({
      unscorable: { cause: 'ground_truth_unusable', scorer: 'numeric' },
    });
  });

  it('score() asks a second scorer only where the first is undecided', () => {
    const rules = recipe([use('numeric'), use('exact', { when: 'undecided' })]);
    const sure = scoreNow(rules, '18', '\\boxed{18}');
    expect(sure.scores.map(({ scorer }) => scorer)).toEqual(['numeric']);
    const unsure = scoreNow(rules, '1024', '\\boxed{2^{10}}');
    expect(unsure.scores.map(({ scorer }) => scorer)).toEqual(['numeric', 'exact']);
  });

  it('score() asks for a second opinion on a no, which stands in for it', () => {
    const rules = recipe([use('exact'), use('numeric', { when: 'incorrect' })]);
    expect(scoreNow(rules, '18', '\\boxed{18.0}')).toMatchObject({
      reward: 1,
      scores: [
        { scorer: 'exact', score: 0, replacedBy: 'numeric' },
        { scorer: 'numeric', score: 1 },
      ],
    });
  });

  it('score() asks nobody after a gate that closed', () => {
    const boxed = use('format', { gate: 1, weight: 0, options: { pattern: 'boxed' } });
    const rules = recipe([boxed, use('numeric')], { floor: -0.5 });
    expect(scoreNow(rules, '18', 'It is \\boxed{18}')).toMatchObject({ reward: 1 });
    const closed = scoreNow(rules, '18', 'It is 18');
    expect(closed).toMatchObject({ reward: -0.5, scores: [{ scorer: 'format', score: 0 }] });
    expect(closed.scores).toHaveLength(1);
  });

  it('score() asks nobody after a required scorer that failed, and the rest after one that is not required', () => {
    const { scoring, pool } = scoringOf([brokenVerifier, heavyVerifier]);
    const score = (required: boolean): unknown => {
      const rules = recipe([use('broken', { required }), use('heavy')]);
      return scoring.score(scoring.prepare(rules), reference('a'), { text: '\\boxed{b}' });
    };
    expect(score(true)).toMatchObject({ kind: 'unscorable', unscorable: { cause: 'verifier_crash' } });
    expect(pool.asked).toHaveLength(0);
    expect(score(false)).toBeInstanceOf(Promise);
    expect(pool.asked).toHaveLength(1);
  });

  it('score() asks nobody after a gate that closed late', async () => {
    const { scoring, pool } = scoringOf([heavyVerifier, brokenVerifier]);
    const prepared = scoring.prepare(recipe([use('heavy', { gate: 1, weight: 0 }), use('broken')]));
    const outcome = scoring.score(prepared, reference('a'), { text: '\\boxed{b}' });
    pool.asked[0]?.answer(incorrect('other'));
    expect(await outcome).toMatchObject({ reward: 0, scores: [{ scorer: 'heavy' }] });
  });

  it('score() makes a scorer that takes too long unscorable, and lets one in time be', async () => {
    const { scoring, pool, clock } = scoringOf([heavyVerifier]);
    const prepared = scoring.prepare(recipe([use('heavy', { timeLimitMs: 100 })]));
    const late = scoring.score(prepared, reference('a'), { text: '\\boxed{b}' });
    const inTime = scoring.score(prepared, reference('a'), { text: '\\boxed{c}' });
    clock.pass(99);
    pool.asked[1]?.answer(CORRECT);
    expect(await inTime).toMatchObject({ reward: 1 });
    clock.pass(1);
    expect(await late).toMatchObject({ unscorable: { cause: 'deadline_exceeded', scorer: 'heavy' } });
    pool.asked[0]?.answer(CORRECT);
    expect(clock.waiting).toBe(0);
  });

  it('score() does not repeat more than a few thousand characters of an answer', () => {
    const outcome = scoreNow(recipeOf('exact'), 'Paris', `\\boxed{${'x'.repeat(10_000)}}`);
    expect(outcome.scores[0]?.answer?.length).toBeLessThan(2_100);
  });

  it('score() sends heavy work to the pool and answers when it does', async () => {
    const { scoring, pool, scorers } = scoringOf([heavyVerifier]);
    const prepared = scoring.prepare(recipeOf('heavy'));
    expect(scoring.score(prepared, reference('a'), { text: '\\boxed{a}' })).toMatchObject({ reward: 1 });
    expect(pool.asked).toHaveLength(0);
    const outcome = scoring.score(prepared, reference('a'), { text: '\\boxed{b}' });
    expect(pool.asked).toHaveLength(1);
    pool.asked[0]?.answer(CORRECT);
    expect(await outcome).toMatchObject({ reward: 1, scores: [{ answer: 'b' }] });
    expect(scorers.heavy).toEqual({ runs: 1, shared: 0, timeouts: 0, crashes: 0 });
  });

  it('score() does the same heavy work in flight once', async () => {
    const { scoring, pool, scorers } = scoringOf([heavyVerifier]);
    const prepared = scoring.prepare(recipeOf('heavy'));
    const texts = ['\\boxed{b}', 'so \\boxed{b}', '\\boxed{c}', '\\boxed{b}'];
    const outcomes = texts.map((text) => scoring.score(prepared, reference('a'), { text }));
    expect(pool.asked.map(({ input }) => input.answer)).toEqual(['b', 'c']);
    for (const { answer } of pool.asked) answer(incorrect('other'));
    for (const outcome of outcomes) expect(await outcome).toMatchObject({ reward: 0 });
    expect(scorers.heavy).toMatchObject({ runs: 2, shared: 2 });
    // What is done is not in flight any more.
    void scoring.score(prepared, reference('a'), { text: '\\boxed{b}' });
    expect(pool.asked).toHaveLength(3);
  });

  it('score() does not take work for another ground truth or other options as the same', () => {
    const { scoring, pool } = scoringOf([heavyVerifier]);
    const plain = scoring.prepare(recipeOf('heavy'));
    const other = scoring.prepare(recipe([use('heavy', { options: { strict: true } })]));
    const text = '\\boxed{b}';
    void scoring.score(plain, reference('a'), { text });
    void scoring.score(plain, reference('x'), { text });
    void scoring.score(plain, reference('a', { choices: ['a'] }), { text });
    void scoring.score(other, reference('a'), { text });
    expect(pool.asked).toHaveLength(4);
  });

  it.each(['verifier_timeout', 'verifier_crash'] as const)(
    'score() makes a %s unscorable, never 0',
    async (cause) => {
      const { scoring, pool, scorers } = scoringOf([heavyVerifier]);
      const outcome = scoring.score(scoring.prepare(recipeOf('heavy')), reference('a'), {
        text: '\\boxed{b}',
      });
      pool.asked[0]?.answer({ kind: 'fault', cause, detail: 'killed' });
      expect(await outcome).toMatchObject({ kind: 'unscorable', unscorable: { cause, scorer: 'heavy' } });
      expect(scorers.heavy.timeouts + scorers.heavy.crashes).toBe(1);
      expect(scoring.counters()).toMatchObject({ scored: 0, unscorable: 1 });
      expect(scoring.counters().unscorableByCause.get(cause)).toBe(1);
    },
  );

  it('score() makes a verifier that throws unscorable, and tells no more than its name', () => {
    const { scoring } = scoringOf([brokenVerifier]);
    const outcome = scoring.score(scoring.prepare(recipeOf('broken')), reference('secret'), {
      text: '\\boxed{b}',
    });
    expect(outcome).toMatchObject({
      unscorable: { cause: 'verifier_crash', detail: 'the verifier "broken" failed' },
    });
  });

  it('score() follows the rule for truncated completions before any scorer', () => {
    const { scoring } = scoringOf([brokenVerifier]);
    const prepared = scoring.prepare({ ...recipeOf('broken'), truncated: 'zero' });
    expect(scoring.score(prepared, reference('a'), { text: 'b', finishReason: 'length' })).toMatchObject({
      reward: 0,
    });
  });

  it('prepare() looks a recipe up once', () => {
    const { scoring } = scoringOf();
    const rules = recipeOf('math');
    expect(scoring.prepare(rules)).toBe(scoring.prepare(rules));
    expect(() => scoring.prepare(recipeOf('judge'))).toThrowError(/Unknown scorer "judge"/u);
  });
});
