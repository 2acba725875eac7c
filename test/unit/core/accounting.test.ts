import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Books, type BooksRecord } from '../../../src/core/accounting.ts';
import { LEASE_STATES } from '../../../src/core/lease.ts';
import type { CompletionOutcome, Cost } from '../../../src/core/score.ts';

const BESIDE = { groupsTotal: 9 };

function scored(reward: number) {
  return { kind: 'scored' as const, reward, scores: [] };
}

describe('Books', () => {
  it('Books balances its leases after any moves', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...LEASE_STATES)), (moves) => {
        const books = new Books();
        let state: (typeof LEASE_STATES)[number] | undefined;
        for (const to of moves) {
          books.leaseMoved(state, to);
          state = to;
        }
        const { leased, ...ends } = books.accounting(BESIDE).leases;
        expect(Object.values(ends).reduce((a, b) => a + b, 0)).toBe(leased);
        expect(Object.values(ends).every((count) => count >= 0)).toBe(true);
      }),
    );
  });

  it('Books has no mean, pass rate or share before there is anything', () => {
    const { meanReward, passRate, zeroVarianceShare, passThreshold } = new Books().accounting(BESIDE);
    expect([meanReward, passRate, zeroVarianceShare, passThreshold]).toEqual([
      undefined,
      undefined,
      undefined,
      0.5,
    ]);
  });

  it('Books takes the mean without losing digits', () => {
    const books = new Books();
    for (const reward of [1e16, 1, 1, -1e16]) books.completionEnded(scored(reward));
    expect(books.accounting(BESIDE).meanReward).toBe(0.5);
  });

  it('Books goes on from its snapshot, and a snapshot does not change', () => {
    const books = new Books();
    books.completionEnded(scored(0.5));
    const snapshot = books.snapshot();
    books.completionEnded(scored(0));
    const again = new Books(snapshot);
    again.completionEnded(scored(0));
    expect(again.accounting(BESIDE)).toEqual(books.accounting(BESIDE));
    expect(new Books(snapshot).accounting(BESIDE).passRate).toBe(1);
  });

  it('Books counts drifts one by one up to 256, and larger ones under the power of two below', () => {
    const books = new Books();
    for (const drift of [0, 256, 257, 511, 512, 2 ** 40 + 5, undefined]) {
      books.completionSubmitted({ isTruncated: false, drift });
    }
    expect(books.accounting(BESIDE).drift).toEqual([
      { drift: 0, completions: 1 },
      { drift: 256, completions: 3 },
      { drift: 512, completions: 1 },
      { drift: 2 ** 40, completions: 1 },
    ]);
  });

  it('Books counts for the total as well, from when it was made', () => {
    const total = new Books();
    const old = new Books();
    old.groupIssued();
    const books = new Books(old.snapshot(), total);
    books.groupIssued();
    books.leaseMoved(undefined, 'open');
    books.leaseMoved('open', 'expired');
    books.leaseMoved('expired', 'handed_in');
    expect(books.groups.issued).toBe(2);
    expect([total.groups.issued, total.expirations]).toEqual([1, 1]);
  });

  it('Books counts verdicts that were known and those that were paid for, also of completions without a reward', () => {
    const books = new Books();
    books.completionEnded(judged({ usd: 0.25, isCached: false }));
    books.completionEnded(judged({ usd: 0, isCached: true }));
    const unscorable = { cause: 'judge_unreadable' as const, scorer: 'judge', detail: 'no JSON' };
    const { scores } = judged({ usd: 0.5, isCached: false });
    books.completionEnded({ kind: 'unscorable', unscorable, scores });
    const { cache, costUsd, completions } = new Books(books.snapshot()).accounting(BESIDE);
    expect(cache).toEqual({ hits: 1, misses: 2 });
    expect(costUsd).toBe(0.75);
    expect(completions.unscorable).toBe(1);
  });

  it('Books does not know what judging cost once a price was unknown, and it is never 0', () => {
    const books = new Books();
    expect(books.accounting(BESIDE).costUsd).toBe(0);
    books.completionEnded(judged({ usd: 0.25, isCached: false }));
    books.completionEnded(judged({ usd: null, isCached: false }));
    expect(books.accounting(BESIDE)).toMatchObject({ costUsd: undefined, cache: { misses: 2 } });
  });

  it('Books sums what judges read and wrote, also for completions without a reward and for audits', () => {
    const cost = { usd: 0.25, isCached: false, promptTokens: 100, completionTokens: 7 };
    const books = new Books();
    const [score] = judged(cost).scores;
    if (score === undefined) throw new Error('No score');
    const unscorable = { cause: 'judge_unreadable' as const, scorer: 'judge', detail: 'no JSON' };
    books.completionEnded({ kind: 'unscorable', unscorable, scores: [{ ...score, cost }] });
    const place = { scorer: 'math', domain: '', answerType: 'math' };
    books.audited({ place, score: 1, judgeScore: 1, cost });
    expect(new Books(books.snapshot()).accounting(BESIDE)).toMatchObject({
      judgePromptTokens: 200,
      judgeCompletionTokens: 14,
    });
  });

  it('Books reads books that were written before the tokens of judges were counted', () => {
    const { judging, ...rest } = new Books().snapshot();
    const { promptTokens: _prompt, completionTokens: _completion, ...old } = judging;
    const books = new Books({ ...rest, judging: { ...old, hits: 2 } as BooksRecord['judging'] });
    expect(books.accounting(BESIDE)).toMatchObject({ cache: { hits: 2 }, judgePromptTokens: 0 });
  });

  it('Books reads books that were written before there were judges', () => {
    const { judging: _, ...old } = new Books().snapshot();
    const books = new Books(old as BooksRecord);
    books.completionEnded(judged({ usd: 1, isCached: false }));
    expect(books.accounting(BESIDE)).toMatchObject({ costUsd: 1, audits: [] });
  });

  it('Books holds cheap verdicts against those of a judge, place by place', () => {
    const total = new Books();
    const books = new Books(undefined, total);
    const number = { scorer: 'math', domain: 'physics', answerType: 'number' };
    const pairs: readonly (readonly [number, number | undefined])[] = [
      [1, 1],
      [0.5, 0.5],
      [1, 0.49],
      [0, 1],
      [0, 0],
      [0, undefined],
    ];
    for (const [score, judgeScore] of pairs) books.audited({ place: number, score, judgeScore, cost: COST });
    books.audited({ place: { ...number, answerType: 'date' }, score: 0, judgeScore: 0, cost: undefined });
    const { audits, costUsd, cache } = books.accounting(BESIDE);
    expect(audits).toEqual([
      {
        ...number,
        bothYes: 2,
        onlyScorer: 1,
        onlyJudge: 1,
        bothNo: 1,
        unjudged: 1,
        agreement: 0.6,
        precision: 2 / 3,
        recall: 2 / 3,
      },
      {
        ...number,
        answerType: 'date',
        bothYes: 0,
        onlyScorer: 0,
        onlyJudge: 0,
        bothNo: 1,
        unjudged: 0,
        agreement: 1,
        precision: undefined,
        recall: undefined,
      },
    ]);
    expect([costUsd, cache.misses]).toEqual([6 * 0.125, 6]);
    expect(total.accounting(BESIDE).audits).toEqual(audits);
  });

  it('Books keeps a few hundred places apart and counts the rest together, losing none', () => {
    const books = new Books();
    for (let index = 0; index < 1_000; index += 1) {
      const place = { scorer: 'math', domain: `d${index}`, answerType: 'number' };
      books.audited({ place, score: 1, judgeScore: 1, cost: undefined });
    }
    const { audits } = books.accounting(BESIDE);
    expect(audits).toHaveLength(257);
    expect(audits.at(-1)).toMatchObject({ domain: '(other)', bothYes: 744 });
  });
});

const COST: Cost = { usd: 0.125, isCached: false, promptTokens: 10, completionTokens: 2 };

function judged(cost: Pick<Cost, 'usd' | 'isCached'>): Extract<CompletionOutcome, { kind: 'scored' }> {
  const score = { scorer: 'judge', kind: 'scored' as const, score: 1, cost: { ...COST, ...cost } };
  return { kind: 'scored', reward: 1, scores: [score] };
}
