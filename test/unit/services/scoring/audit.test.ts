// Cheap verdicts held against a judge's, through scoring itself: rewards stay what they were.

import { describe, expect, it } from 'vitest';
import { Books } from '../../../../src/core/accounting.ts';
import { type Recipe, recipeOf, type ScorerUse } from '../../../../src/core/recipe.ts';
import type { Finding } from '../../../../src/core/reward.ts';
import type { Cost } from '../../../../src/core/score.ts';
import { Audit, type AuditedScore } from '../../../../src/services/scoring/audit.ts';
import { RunAudits } from '../../../../src/services/runs/run-audits.ts';
import { type Scorer, type ScorerLookup, verifierScorers } from '../../../../src/services/scoring/scorer.ts';
import { type Reference, Scoring } from '../../../../src/services/scoring/scoring.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { InlineVerifierPool } from '../../../support/inline-verifier-pool.ts';
import { pairWith } from '../../../support/pairs.ts';

const COST: Cost = { usd: 0.5, isCached: false, promptTokens: 10, completionTokens: 1 };
const REFERENCE: Reference = {
  groundTruth: { answer: '18', aliases: [] },
  choices: [],
  promptText: '9 + 9?',
};

/** A judge that says what the test wants, and remembers the answers that it was shown. */
class StubJudge implements Scorer {
  readonly name = 'judge';
  readonly reads = 'answer';
  readonly fallback = 'line';
  readonly seen: string[] = [];
  finding: () => Finding | Promise<Finding> = () => ({ kind: 'score', score: 1, cost: COST });

  parseOptions(): Record<string, never> {
    return {};
  }

  async score({ answer }: Parameters<Scorer['score']>[0]): Promise<Finding> {
    this.seen.push(answer);
    return this.finding();
  }
}

class World {
  readonly judge = new StubJudge();
  readonly logged: string[] = [];
  readonly audit: Audit;
  readonly scoring: Scoring;
  readonly #audits: Promise<readonly AuditedScore[]>[] = [];

  constructor(share = 1, pendingMax?: number) {
    const log = (message: string): void => void this.logged.push(message);
    this.audit = new Audit({
      share,
      judge: this.judge,
      log: { info: log, warn: log, error: log },
      ...(pendingMax !== undefined && { pendingMax }),
    });
    const verifiers = verifierScorers({ pool: new InlineVerifierPool() });
    const scorers: ScorerLookup = {
      find: (name) => (name === 'judge' ? this.judge : verifiers.find(name)),
      names: () => [...verifiers.names(), 'judge'],
    };
    this.scoring = new Scoring(scorers, new FakeClock(), this.audit);
  }

  score(recipe: Recipe, text: string) {
    return this.scoring.score(this.scoring.prepare(recipe), REFERENCE, { text }, (audit) => {
      this.#audits.push(audit);
    });
  }

  async audited(): Promise<readonly AuditedScore[]> {
    return (await Promise.all(this.#audits)).flat();
  }
}

function use(name: string, more: Partial<ScorerUse> = {}): ScorerUse {
  return { name, weight: 1, required: true, when: 'always', options: {}, ...more };
}

describe('Audit', () => {
  it('Audit shows the judge the answer of a cheap verdict, and the reward does not wait for it', async () => {
    const world = new World();
    const outcome = world.score(recipeOf('numeric'), '\\boxed{17}');
    expect(outcome).toMatchObject({ kind: 'scored', reward: 0, scores: [{ scorer: 'numeric' }] });
    expect(await world.audited()).toEqual([{ scorer: 'numeric', score: 0, judgeScore: 1, cost: COST }]);
    expect(world.judge.seen).toEqual(['17']);
  });

  it('Audit books one asking once, whatever the number of scorers', async () => {
    const world = new World();
    const boxed = use('format', { weight: 0.1, options: { pattern: 'boxed' } });
    void world.score(
      { ...recipeOf('numeric'), scorers: [use('numeric'), use('exact'), boxed] },
      '\\boxed{18}',
    );
    expect(await world.audited()).toEqual([
      { scorer: 'numeric', score: 1, judgeScore: 1, cost: COST },
      { scorer: 'exact', score: 1, judgeScore: 1, cost: undefined },
    ]);
  });

  it.each<[string, Finding, number | undefined, Cost | undefined]>([
    ['a score', { kind: 'score', score: 0.25 }, 0.25, undefined],
    [
      'a fault that was paid',
      { kind: 'fault', cause: 'judge_unreadable', detail: '', cost: COST },
      undefined,
      COST,
    ],
    ['a tie', { kind: 'undecided', reason: 'a tie', cost: COST }, undefined, COST],
  ])('Audit makes of %s what it is', async (_, finding, judgeScore, cost) => {
    const world = new World();
    world.judge.finding = () => finding;
    void world.score(recipeOf('numeric'), '\\boxed{18}');
    expect(await world.audited()).toEqual([{ scorer: 'numeric', score: 1, judgeScore, cost }]);
  });

  it('score() asks for a second opinion where a score is in the range that the recipe calls unsure', async () => {
    const { judge, scoring } = new World(0);
    judge.finding = () => ({ kind: 'score', score: 0.5, cost: COST });
    const unsure = use('judge', { undecidedBetween: [0.4, 0.6] });
    const rules = { ...recipeOf('judge'), scorers: [unsure, use('numeric', { when: 'undecided' })] };
    const outcome = await scoring.score(scoring.prepare(rules), REFERENCE, { text: '\\boxed{18}' });
    expect(outcome).toMatchObject({
      reward: 1,
      scores: [
        { scorer: 'judge', kind: 'unscorable', replacedBy: 'numeric', cost: COST },
        { scorer: 'numeric' },
      ],
    });
  });

  it('Audit leaves alone what is no cheap verdict: no answer, undecided, the format, a judge', async () => {
    const world = new World();
    void world.score(recipeOf('numeric'), '');
    void world.score(recipeOf('numeric'), '\\boxed{2^{10}}');
    void world.score(
      { ...recipeOf('format'), scorers: [use('format', { options: { pattern: 'boxed' } })] },
      '\\boxed{1}',
    );
    await world.score(recipeOf('judge'), '\\boxed{18}');
    expect(await world.audited()).toEqual([]);
    expect(world.judge.seen).toEqual(['18']);
  });

  it('Audit asks nothing under a share of 0, or where nobody keeps the books', async () => {
    const none = new World(0);
    void none.score(recipeOf('numeric'), '\\boxed{18}');
    const { scoring, judge } = new World();
    void scoring.score(scoring.prepare(recipeOf('numeric')), REFERENCE, { text: '\\boxed{18}' });
    expect([await none.audited(), none.judge.seen, judge.seen]).toEqual([[], [], []]);
  });

  it('Audit asks no more at a time than it may, and counts the rest', async () => {
    const world = new World(1, 2);
    const held = Promise.withResolvers<Finding>();
    world.judge.finding = () => held.promise;
    for (const answer of [1, 2, 3]) void world.score(recipeOf('numeric'), `\\boxed{${answer}}`);
    expect([world.judge.seen.length, world.audit.skipped]).toEqual([2, 1]);
    held.resolve({ kind: 'score', score: 0 });
    expect(await world.audited()).toHaveLength(2);
    void world.score(recipeOf('numeric'), '\\boxed{4}');
    expect([world.judge.seen.length, world.audit.skipped]).toEqual([3, 1]);
  });

  it('Audit ends without a verdict, and without an error, when the judge goes away', async () => {
    const world = new World();
    world.judge.finding = () => Promise.reject(new Error('going down'));
    expect(world.score(recipeOf('numeric'), '\\boxed{18}')).toMatchObject({ reward: 1 });
    expect(await world.audited()).toEqual([]);
    expect(world.logged).toEqual(['An audit ended without a verdict']);
  });
});

describe('RunAudits', () => {
  it('RunAudits keeps the books of a row, and is open until they are kept', async () => {
    const books = new Books();
    let touched = 0;
    const audits = new RunAudits(books, { touch: () => void (touched += 1) });
    const held = Promise.withResolvers<readonly AuditedScore[]>();
    audits.of(pairWith({ question: 'Q', domain: 'physics' }))(held.promise);
    expect([audits.areOpen, touched]).toEqual([true, 0]);
    held.resolve([{ scorer: 'numeric', score: 1, judgeScore: 0, cost: COST }]);
    await held.promise;
    await Promise.resolve();
    expect([audits.areOpen, touched]).toEqual([false, 1]);
    expect(books.accounting({ groupsTotal: 1 })).toMatchObject({
      costUsd: 0.5,
      audits: [{ scorer: 'numeric', domain: 'physics', answerType: 'number', onlyScorer: 1 }],
    });
  });
});
