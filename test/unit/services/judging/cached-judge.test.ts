import { describe, expect, it } from 'vitest';
import { MemoryVerdictCache } from '../../../../src/adapters/verdict-cache-memory.ts';
import { expiryAfter } from '../../../../src/adapters/verdict-expiry.ts';
import type { StoredVerdict, VerdictCache } from '../../../../src/ports/verdict-cache.ts';
import { CachedJudge } from '../../../../src/services/judging/cached-judge.ts';
import type { JudgeOutcome } from '../../../../src/services/judging/judge.ts';
import { VerdictMemory } from '../../../../src/services/judging/verdict-memory.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { CountingJudge, questionWith, verdictWith } from '../../../support/verdicts.ts';

const HOUR_MS = 3_600_000;
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };
const NEVER = new AbortController().signal;
const VERDICT: JudgeOutcome = { kind: 'verdict', verdict: verdictWith() };

function memoryCache(clock: FakeClock, ttlMs?: number): MemoryVerdictCache {
  return new MemoryVerdictCache(
    { entriesMax: 1_000, bytesMax: 1_000_000 },
    expiryAfter(ttlMs, () => clock.now()),
  );
}

function memoryOver(cache: VerdictCache, clock = new FakeClock()): VerdictMemory {
  return new VerdictMemory({ cache, clock, log: SILENT });
}

/** A judge whose answers the test gives, in the order of the askings. */
function heldJudge(): { judge: CountingJudge; answers: PromiseWithResolvers<JudgeOutcome>[] } {
  const answers: PromiseWithResolvers<JudgeOutcome>[] = [];
  const judge = new CountingJudge((_, signal) => {
    const answer = Promise.withResolvers<JudgeOutcome>();
    signal.addEventListener('abort', () => answer.reject(signal.reason));
    answers.push(answer);
    return answer.promise;
  });
  return { judge, answers };
}

/** Lets everything run that is ready to. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}

describe('CachedJudge', () => {
  it('judge() makes 0 calls in a second pass over the same questions', async () => {
    const judge = new CountingJudge(({ answer }) => ({
      kind: 'verdict',
      verdict: verdictWith({ score: Number(answer) % 2 }),
    }));
    const cached = new CachedJudge(judge, memoryOver(memoryCache(new FakeClock())));
    const pass = (): Promise<JudgeOutcome[]> =>
      Promise.all(
        Array.from({ length: 700 }, (_, index) =>
          cached.judge(questionWith({ answer: String(index) }), NEVER),
        ),
      );
    const first = await pass();
    expect(judge.asked).toHaveLength(700);
    const second = await pass();
    expect(judge.asked).toHaveLength(700);
    expect(second).toEqual(first.map((outcome) => ({ ...outcome, isRemembered: true })));
    expect(cached.counters).toEqual({ hits: 700, shared: 0, misses: 700, faults: 0 });
  });

  it('judge() makes 1 call for questions that are asked at the same time', async () => {
    const { judge, answers } = heldJudge();
    const cached = new CachedJudge(judge, memoryOver(memoryCache(new FakeClock())));
    const early = [cached.judge(questionWith(), NEVER), cached.judge(questionWith(), NEVER)];
    await settled();
    const late = cached.judge(questionWith(), NEVER);
    await settled();
    expect(answers).toHaveLength(1);
    answers[0]?.resolve(VERDICT);
    const remembered = { ...VERDICT, isRemembered: true };
    expect(await Promise.all([...early, late])).toEqual([VERDICT, remembered, remembered]);
    expect(cached.counters).toEqual({ hits: 0, shared: 2, misses: 1, faults: 0 });
  });

  it('judge() answers only when the verdict is in the cache', async () => {
    const written = Promise.withResolvers<void>();
    const cache = { ...emptyCache(), set: () => written.promise };
    const cached = new CachedJudge(new CountingJudge(() => VERDICT), memoryOver(cache));
    let isAnswered = false;
    const asking = cached.judge(questionWith(), NEVER).finally(() => {
      isAnswered = true;
    });
    await settled();
    expect(isAnswered).toBe(false);
    written.resolve();
    await asking;
  });

  it('judge() looks up all questions of one turn at once', async () => {
    const lookups: number[] = [];
    const cache: VerdictCache = {
      ...emptyCache(),
      getMany: (keys) => {
        lookups.push(keys.length);
        return Promise.resolve(keys.map(() => verdictWith()));
      },
    };
    const cached = new CachedJudge(new CountingJudge(() => VERDICT), memoryOver(cache));
    const asked = Array.from({ length: 300 }, (_, index) => questionWith({ answer: String(index) }));
    await Promise.all(asked.map((question) => cached.judge(question, NEVER)));
    expect(lookups).toEqual([256, 44]);
  });

  it.each<JudgeOutcome>([
    {
      kind: 'fault',
      cause: 'judge_unavailable',
      detail: 'down',
      costUsd: null,
      promptTokens: 0,
      completionTokens: 0,
    },
    {
      kind: 'fault',
      cause: 'judge_unreadable',
      detail: 'not JSON',
      costUsd: 0.001,
      promptTokens: 9,
      completionTokens: 2,
    },
    {
      kind: 'fault',
      cause: 'judge_budget_exhausted',
      detail: 'spent',
      costUsd: 0,
      promptTokens: 0,
      completionTokens: 0,
    },
    {
      kind: 'fault',
      cause: 'deadline_exceeded',
      detail: 'late',
      costUsd: null,
      promptTokens: 0,
      completionTokens: 0,
    },
    { kind: 'refused', reason: 'empty answer' },
  ])('judge() hands on $kind $cause and never remembers it', async (outcome) => {
    const cache = memoryCache(new FakeClock());
    const outcomes = [outcome, VERDICT];
    const judge = new CountingJudge(() => outcomes.shift() ?? VERDICT);
    const cached = new CachedJudge(judge, memoryOver(cache));
    expect(await cached.judge(questionWith(), NEVER)).toEqual(outcome);
    expect(cache.size).toBe(0);
    expect(await cached.judge(questionWith(), NEVER)).toEqual(VERDICT);
    expect(judge.asked).toHaveLength(2);
    expect(cached.counters.faults).toBe(outcome.kind === 'fault' ? 1 : 0);
  });

  it('judge() lets only the first asking pay for a fault that others wait for as well', async () => {
    const { judge, answers } = heldJudge();
    const cached = new CachedJudge(judge, memoryOver(memoryCache(new FakeClock())));
    const waiting = [1, 2, 3].map(() => cached.judge(questionWith(), NEVER));
    await settled();
    const paid = { costUsd: 0.5, promptTokens: 9, completionTokens: 2 };
    answers[0]?.resolve({ kind: 'fault', cause: 'judge_unreadable', detail: 'not JSON', ...paid });
    expect(await Promise.all(waiting)).toMatchObject([
      paid,
      { costUsd: 0, promptTokens: 0, completionTokens: 0 },
      { costUsd: 0, promptTokens: 0, completionTokens: 0 },
    ]);
  });

  it('judge() asks again when the verdict is older than its time to live', async () => {
    const clock = new FakeClock();
    const judge = new CountingJudge(() => ({ kind: 'verdict', verdict: verdictWith({ at: clock.now() }) }));
    const cached = new CachedJudge(judge, memoryOver(memoryCache(clock, HOUR_MS), clock));
    await cached.judge(questionWith(), NEVER);
    clock.pass(HOUR_MS - 1);
    await cached.judge(questionWith(), NEVER);
    expect(judge.asked).toHaveLength(1);
    clock.pass(1);
    await cached.judge(questionWith(), NEVER);
    expect(judge.asked).toHaveLength(2);
  });

  it('judge() finds nothing of another template version, and still what its own version left', async () => {
    const cache = memoryCache(new FakeClock());
    const ask = async (template: string): Promise<number> => {
      const judge = new CountingJudge(() => VERDICT, template);
      await new CachedJudge(judge, memoryOver(cache)).judge(questionWith(), NEVER);
      return judge.asked.length;
    };
    expect(await ask('equivalence@3-9f86d081')).toBe(1);
    expect(await ask('equivalence@4-9f86d081')).toBe(1);
    expect(await ask('equivalence@3-00000000')).toBe(1);
    expect(await ask('equivalence@3-9f86d081')).toBe(0);
  });

  it('one who leaves does not take the others along', async () => {
    const { judge, answers } = heldJudge();
    const cached = new CachedJudge(judge, memoryOver(memoryCache(new FakeClock())));
    const impatient = new AbortController();
    const first = cached.judge(questionWith(), impatient.signal);
    const second = cached.judge(questionWith(), NEVER);
    await settled();
    impatient.abort(new Error('Gone'));
    await expect(first).rejects.toThrow('Gone');
    expect(judge.asked[0]?.signal.aborted).toBe(false);
    answers[0]?.resolve(VERDICT);
    expect((await second).kind).toBe('verdict');
  });

  it('an asking that all have left is cancelled, and the next one is asked anew', async () => {
    const { judge, answers } = heldJudge();
    const cached = new CachedJudge(judge, memoryOver(memoryCache(new FakeClock())));
    const impatient = new AbortController();
    const askings = [
      cached.judge(questionWith(), impatient.signal),
      cached.judge(questionWith(), impatient.signal),
    ];
    await settled();
    impatient.abort(new Error('Gone'));
    for (const asking of askings) await expect(asking).rejects.toThrow('Gone');
    expect(judge.asked[0]?.signal.aborted).toBe(true);
    const next = cached.judge(questionWith(), NEVER);
    await settled();
    answers[1]?.resolve(VERDICT);
    expect(await next).toEqual(VERDICT);
  });

  it('an asking that all have left before the look-up was answered never reaches the judge', async () => {
    const judge = new CountingJudge(() => VERDICT);
    const cached = new CachedJudge(judge, memoryOver(memoryCache(new FakeClock())));
    const impatient = new AbortController();
    const asking = cached.judge(questionWith(), impatient.signal);
    impatient.abort(new Error('Gone'));
    await expect(asking).rejects.toThrow('Gone');
    await settled();
    expect(judge.asked).toHaveLength(0);
  });

  it('a judge that throws rejects all who wait, and the next asking tries again', async () => {
    const failing = new CountingJudge(() => {
      throw new TypeError('A bug');
    });
    const cached = new CachedJudge(failing, memoryOver(memoryCache(new FakeClock())));
    const askings = [cached.judge(questionWith(), NEVER), cached.judge(questionWith(), NEVER)];
    for (const asking of askings) await expect(asking).rejects.toThrow('A bug');
    await expect(cached.judge(questionWith(), NEVER)).rejects.toThrow('A bug');
    expect(failing.asked).toHaveLength(2);
  });
});

function emptyCache(): VerdictCache {
  return {
    getMany: (keys) => Promise.resolve(keys.map((): StoredVerdict | undefined => undefined)),
    set: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
