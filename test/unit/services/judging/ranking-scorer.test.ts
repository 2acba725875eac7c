import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryVerdictCache } from '../../../../src/adapters/verdict-cache-memory.ts';
import { expiryAfter } from '../../../../src/adapters/verdict-expiry.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { Finding } from '../../../../src/core/reward.ts';
import type { VerifierInput } from '../../../../src/core/verifiers/verifier.ts';
import { CachedJudge } from '../../../../src/services/judging/cached-judge.ts';
import type { Judge, JudgeOutcome, JudgeQuestion } from '../../../../src/services/judging/judge.ts';
import { rankingScorer } from '../../../../src/services/judging/ranking-scorer.ts';
import { VerdictMemory } from '../../../../src/services/judging/verdict-memory.ts';
import type { Scorer } from '../../../../src/services/scoring/scorer.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { CountingJudge, verdictWith } from '../../../support/verdicts.ts';

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };
const NEVER = new AbortController().signal;
const TEMPLATE = 'pairwise@1-12345678';
const COST = { costUsd: 0.25, promptTokens: 30, completionTokens: 4 };

function verdict(score: number, agreement = 1): JudgeOutcome {
  return { kind: 'verdict', verdict: verdictWith({ score, agreement, ...COST }) };
}

function fault(cause: 'judge_unavailable' | 'judge_unreadable' = 'judge_unavailable'): JudgeOutcome {
  return { kind: 'fault', cause, detail: 'down', ...COST };
}

/** "7 apples" is better than "3 apples". */
function byNumber({ answer, other = '' }: JudgeQuestion): JudgeOutcome {
  const difference = Number.parseInt(answer, 10) - Number.parseInt(other, 10);
  return verdict(difference > 0 ? 1 : difference < 0 ? 0 : 0.5);
}

function judgeOf(
  answer: (question: JudgeQuestion, signal: AbortSignal) => JudgeOutcome | Promise<JudgeOutcome>,
) {
  return new CountingJudge(answer, TEMPLATE);
}

function scorerOf(judge: Judge, more: { usesGroundTruth?: boolean; signal?: AbortSignal } = {}): Scorer {
  return rankingScorer({
    judge,
    usesGroundTruth: false,
    agreement: 0.5,
    answerCharsMax: 100,
    signal: NEVER,
    ...more,
  });
}

function inputs(
  scorer: Scorer,
  texts: readonly string[],
  options: JsonObject = {},
): readonly VerifierInput[] {
  const parsed = scorer.parseOptions(options);
  const groundTruth = { answer: '4', aliases: [] };
  return texts.map((answer) => ({
    answer,
    groundTruth,
    choices: [],
    promptText: 'How many?',
    options: parsed,
  }));
}

function rank(
  scorer: Scorer,
  texts: readonly string[],
  options?: JsonObject,
  signal = NEVER,
): Promise<readonly Finding[]> {
  if (scorer.groupWise === undefined) throw new Error('It is not group-wise');
  return scorer.groupWise.scoreGroup(inputs(scorer, texts, options), signal);
}

function numbersOf(findings: readonly Finding[]): readonly (number | string)[] {
  return findings.map((finding) => {
    if (finding.kind === 'score') return Math.round(finding.score * 1e6) / 1e6;
    return finding.kind === 'fault' ? finding.cause : finding.kind;
  });
}

const ALL = { ranking: 'round_robin' };

describe('rankingScorer()', () => {
  it('rankingScorer() gives each completion the share of the group that it beats', async () => {
    const judge = judgeOf(byNumber);
    const findings = await rank(scorerOf(judge), ['3 a', '9 b', '5 c', '1 d'], ALL);
    expect(numbersOf(findings)).toEqual([0.333_333, 1, 0.666_667, 0]);
    expect(judge.asked).toHaveLength(6);
    expect(findings[1]).toMatchObject({ reason: 'won 3 and tied 0 of 3 comparisons' });
  });

  it('rankingScorer() compares equal texts with nobody but once, and ties them', async () => {
    const judge = judgeOf(byNumber);
    const findings = await rank(scorerOf(judge), ['9 b', '5 c', '9 b'], ALL);
    expect(numbersOf(findings)).toEqual([0.75, 0, 0.75]);
    expect(judge.asked).toHaveLength(1);
    // Paid for once, however many have the text.
    const costs = findings.map((finding) => ('cost' in finding ? finding.cost?.usd : undefined));
    expect(costs.filter((usd) => usd !== undefined)).toEqual([0.25]);
    expect(numbersOf(await rank(scorerOf(judge), ['9 b', '9 b', '9 b']))).toEqual([0.5, 0.5, 0.5]);
    expect(judge.asked).toHaveLength(1);
  });

  it.each([
    ['round_robin', 8, 28],
    ['round_robin', 16, 120],
    ['ring', 8, 16],
    ['ring', 16, 32],
    ['ring', 4, 6],
  ])('rankingScorer() asks %s of %i for %i comparisons', async (ranking, size, comparisons) => {
    const judge = judgeOf(byNumber);
    const texts = Array.from({ length: size }, (_, index) => `${index} things`);
    const findings = await rank(scorerOf(judge), texts, { ranking });
    expect(judge.asked).toHaveLength(comparisons);
    const scores = numbersOf(findings) as number[];
    // A ring does not compare the last two with each other, so it may take the one for the other.
    expect(scores[0]).toBeLessThan(0.2);
    expect(scores[size - 1]).toBeGreaterThan(0.8);
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(size / 2, 4);
  });

  it('rankingScorer() takes a verdict that changes with the order for a tie', async () => {
    // Both orders name the first place: half of the votes say this, half that.
    const findings = await rank(scorerOf(judgeOf(() => verdict(1, 0.5))), ['1', '2', '3']);
    expect(numbersOf(findings)).toEqual([0.5, 0.5, 0.5]);
  });

  it('rankingScorer() gives bit by bit the same scores and asks the same questions in any order of the group', async () => {
    const texts = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 2, maxLength: 12 });
    const cases = texts.chain((numbers) =>
      fc.tuple(
        fc.constant(numbers.map((number) => `${number} things`)),
        fc.shuffledSubarray([...numbers.keys()], { minLength: numbers.length, maxLength: numbers.length }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([group, order]) => {
        const [first, second] = [judgeOf(byNumber), judgeOf(byNumber)];
        const before = await rank(scorerOf(first), group);
        const after = await rank(
          scorerOf(second),
          order.map((place) => group[place] ?? ''),
        );
        expect(after).toEqual(order.map((place) => before[place]));
        expect(second.asked.map(({ question }) => question)).toEqual(
          first.asked.map(({ question }) => question),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('rankingScorer() never shows the judge what is no answer: it has lost against all others', async () => {
    const judge = judgeOf(byNumber);
    const group = ['3 a', '', 'Thought process:', '5 b', 'x'.repeat(101)];
    const findings = await rank(scorerOf(judge), group, ALL);
    expect(numbersOf(findings)).toEqual([0.75, 0, 0, 1, 0]);
    expect(findings[1]).toMatchObject({ reason: 'the answer is empty' });
    expect(judge.asked).toHaveLength(1);
  });

  it('rankingScorer() has no number for a completion of which too few comparisons came through', async () => {
    // All comparisons with "1 d" fail; the others stay ranked among themselves.
    const judge = judgeOf((question) =>
      `${question.answer} ${question.other}`.includes('1 d') ? fault('judge_unreadable') : byNumber(question),
    );
    const findings = await rank(scorerOf(judge), ['3 a', '9 b', '5 c', '1 d'], ALL);
    expect(numbersOf(findings)).toEqual([0, 1, 0.5, 'judge_unreadable']);
    expect(findings[3]).toMatchObject({ detail: '3 of 3 comparisons failed: down' });
  });

  it('rankingScorer() has no number at all when the judge is down, and states what was paid', async () => {
    const findings = await rank(scorerOf(judgeOf(() => fault())), ['1', '2', '3', '2']);
    expect(numbersOf(findings)).toEqual([
      'judge_unavailable',
      'judge_unavailable',
      'judge_unavailable',
      'judge_unavailable',
    ]);
    const costs = findings.flatMap((finding) => ('cost' in finding && finding.cost ? [finding.cost] : []));
    const sum = (of: (cost: (typeof costs)[number]) => number): number =>
      costs.reduce((total, cost) => total + of(cost), 0);
    expect(sum(({ usd }) => usd ?? 0)).toBeCloseTo(0.75, 12);
    expect(sum(({ promptTokens }) => promptTokens)).toBe(90);
    expect(sum(({ verdicts }) => verdicts?.asked ?? 0)).toBe(3);
  });

  it('rankingScorer() tells what is known when the time limit passes, and the rest with its cause', async () => {
    const limit = new AbortController();
    const judge = judgeOf(async (question, signal) => {
      if (!`${question.answer} ${question.other}`.includes('1 d')) return byNumber(question);
      return new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    });
    const ranked = rank(scorerOf(judge), ['3 a', '9 b', '5 c', '1 d'], ALL, limit.signal);
    limit.abort(new Error('took longer than 5 ms'));
    expect(numbersOf(await ranked)).toEqual([0, 1, 0.5, 'deadline_exceeded']);
  });

  it('rankingScorer() rejects when the server goes down', async () => {
    const down = new AbortController();
    const judge = judgeOf(
      (_, signal) =>
        new Promise<never>((__, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    const ranked = rank(scorerOf(judge, { signal: down.signal }), ['1', '2']);
    down.abort(new Error('The server is going down'));
    await expect(ranked).rejects.toThrow('going down');
  });

  it('rankingScorer() pays nothing in a second pass, also where one of the group is another', async () => {
    const judge = judgeOf(byNumber);
    const cache = new MemoryVerdictCache(
      { entriesMax: 100, bytesMax: 1e6 },
      expiryAfter(undefined, () => 0),
    );
    const memory = new VerdictMemory({ cache, clock: new FakeClock(), log: SILENT });
    const scorer = scorerOf(new CachedJudge(judge, memory));
    const first = await rank(scorer, ['3 a', '9 b', '5 c', '1 d'], ALL);
    const again = await rank(scorer, ['1 d', '5 c', '9 b', '3 a'], ALL);
    expect(numbersOf(again)).toEqual(numbersOf(first).toReversed());
    expect(judge.asked).toHaveLength(6);
    const known = again.flatMap((finding) => ('cost' in finding && finding.cost ? [finding.cost] : []));
    expect(known.every(({ usd, isCached }) => usd === 0 && isCached)).toBe(true);
    expect(known.reduce((sum, { verdicts }) => sum + (verdicts?.known ?? 0), 0)).toBe(6);
    // Three of the six pairs are new.
    await rank(scorer, ['3 a', '9 b', '5 c', '7 e'], ALL);
    expect(judge.asked).toHaveLength(9);
  });

  it('rankingScorer() calls one alone, and a round robin of a hundred, not comparable', async () => {
    const judge = judgeOf(byNumber);
    const scorer = scorerOf(judge);
    expect(numbersOf(await rank(scorer, ['1 a']))).toEqual(['not_comparable']);
    const [alone] = inputs(scorer, ['1 a']);
    expect(alone && scorer.score(alone)).toMatchObject({ kind: 'fault', cause: 'not_comparable' });
    const many = Array.from({ length: 100 }, (_, index) => `${index}`);
    expect(new Set(numbersOf(await rank(scorer, many, ALL)))).toEqual(new Set(['not_comparable']));
    expect(judge.asked).toEqual([]);
    expect(scorer.groupWise?.sizeProblem(100, ALL)).toContain('4950 comparisons');
    expect(scorer.groupWise?.sizeProblem(100, {})).toBeUndefined();
  });

  it('rankingScorer() shows answers beside the ground truth where the template does', async () => {
    const judge = judgeOf(byNumber);
    const scorer = scorerOf(judge, { usesGroundTruth: true });
    expect(scorer.groupWise?.reads(scorer.parseOptions({}))).toBe('answer');
    await rank(scorer, ['1', '2']);
    expect(judge.asked[0]?.question).toMatchObject({ groundTruth: '4', question: 'How many?' });
    const blank = inputs(scorer, ['1', '2']).map((input) => ({
      ...input,
      groundTruth: { answer: ' ', aliases: [] },
    }));
    expect(numbersOf((await scorer.groupWise?.scoreGroup(blank, NEVER)) ?? [])).toEqual([
      'unusable',
      'unusable',
    ]);
  });

  it.each<[string, JsonObject]>([
    ['ranking', { ranking: 'swiss' }],
    ['comparisons', { comparisons: 1 }],
    ['comparisons', { comparisons: 65 }],
    ['comparisons', { comparisons: 2.5 }],
    ['comparisons', { ranking: 'round_robin', comparisons: 4 }],
    ['compares', { compares: 'prompt' }],
    ['template', { template: 'equivalence' }],
    ['seed', { seed: 1 }],
  ])('parseOptions() names %s in %o', (field, options) => {
    expect(() => scorerOf(judgeOf(byNumber)).parseOptions(options)).toThrow(
      expect.objectContaining({ field }),
    );
  });

  it('parseOptions() fills in all defaults', () => {
    const scorer = scorerOf(judgeOf(byNumber));
    const defaults = { ranking: 'ring', comparisons: 4, compares: 'completion' };
    expect(scorer.parseOptions({})).toEqual(defaults);
    expect(scorer.parseOptions({ template: 'pairwise', compares: 'answer' })).toEqual({
      ...defaults,
      template: 'pairwise',
      compares: 'answer',
    });
    expect(scorer.parseOptions(ALL)).toEqual({ ranking: 'round_robin', compares: 'completion' });
  });
});
