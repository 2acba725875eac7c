// How a judge asks, on a clock of the test: what is repeated and when, votes and their agreement, both orders of a comparison,
// and that every way out is a verdict, a fault with its cause, or the caller's own reason.

import { describe, expect, it } from 'vitest';
import { loadJudgePromptFiles } from '../../../../src/adapters/judge-prompt-files.ts';
import { LanguageModelError } from '../../../../src/ports/language-model.ts';
import { assembleJudge, type JudgeSettings } from '../../../../src/services/judging/assemble-judge.ts';
import type { JudgeQuestion } from '../../../../src/services/judging/judge.ts';
import { judgeFinding, judgeScorer } from '../../../../src/services/judging/judge-scorer.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { ScriptedModel, settle, type Script } from '../../../support/scripted-model.ts';

const NEVER = new AbortController().signal;
const QUESTION: JudgeQuestion = { question: 'How many?', groundTruth: '42', aliases: [], answer: '6 · 7' };
const templates = loadJudgePromptFiles();
const saying = (verdict: string) => ({ text: JSON.stringify({ reasoning: 'so', verdict }) });
const fault = (kind: ConstructorParameters<typeof LanguageModelError>[0], details = {}) =>
  new LanguageModelError(kind, 'no', details);

function judgeOf(
  scripts: readonly Script[],
  settings: Partial<JudgeSettings> = {},
  template = 'equivalence',
) {
  const clock = new FakeClock(0);
  const models = scripts.map((script) => new ScriptedModel(clock, script));
  const judge = assembleJudge(
    { name: 'judge', model: 'm', price: { input: 1, output: 1 }, ...settings },
    {
      template: templates.find(template),
      clock,
      endpoints: models.map((model, index) => ({ name: `e${index}`, model, weight: 1 })),
    },
  );
  return { clock, judge, models, model: models[0] ?? new ScriptedModel(clock, () => 'hang') };
}

/** Lets time pass in small steps until `promise` is there; says what it is and when. */
async function eventually<Result>(clock: FakeClock, promise: Promise<Result>) {
  const state = { isThere: false };
  const mark = (): void => void (state.isThere = true);
  promise.then(mark, mark);
  await settle();
  while (!state.isThere) {
    clock.pass(10);
    await settle();
    if (clock.now() > 1e6) throw new Error('it hangs');
  }
  return { result: await promise, at: clock.now() };
}

/** Votes by their seed; a missing one fails. */
const votes =
  (labels: readonly string[]): Script =>
  (request) => {
    const label = labels[(request.seed ?? 0) % 3];
    return label === undefined ? fault('bad_request') : saying(label);
  };

/** Prefers what is good, wherever it stands. */
const fair: Script = ({ messages }) => {
  const text = messages.at(-1)?.content ?? '';
  return saying(text.indexOf('\ngood\n') < text.indexOf('\nbad\n') ? 'first' : 'second');
};

describe('ApiJudge.judge()', () => {
  it('ApiJudge.judge() makes a verdict with what it cost, when and by which template', async () => {
    const { judge, clock } = judgeOf([() => ({ ...saying('equivalent'), afterMs: 30 })]);
    const { result } = await eventually(clock, judge.judge(QUESTION, NEVER));
    expect(result).toEqual({
      kind: 'verdict',
      verdict: {
        label: 'equivalent',
        score: 1,
        agreement: 1,
        costUsd: 110 / 1e6,
        promptTokens: 100,
        completionTokens: 10,
        model: 'm',
        template: templates.find('equivalence').id,
        at: 30,
      },
    });
    expect(clock.waiting).toBe(0);
  });

  it('ApiJudge.judge() takes no verdict from a reply that was cut off', async () => {
    const quoted = {
      text: 'The answer says {"verdict": "equivalent"}, but',
      finishReason: 'length',
    } as const;
    const { judge, clock, model } = judgeOf([(_, index) => (index === 0 ? quoted : saying('different'))]);
    const { result } = await eventually(clock, judge.judge(QUESTION, NEVER));
    expect(result).toMatchObject({ kind: 'verdict', verdict: { score: 0, completionTokens: 20 } });
    expect(model.requests.length).toBe(2);
    const cut = judgeOf([() => quoted]);
    expect((await eventually(cut.clock, cut.judge.judge(QUESTION, NEVER))).result).toMatchObject({
      kind: 'fault',
      cause: 'judge_unreadable',
    });
  });

  it('ApiJudge.judge() asks again no sooner than retry-after says', async () => {
    const { judge, clock, model } = judgeOf([
      (_, index) => (index === 0 ? fault('rate_limited', { retryAfterMs: 5_000 }) : saying('different')),
    ]);
    const { result } = await eventually(clock, judge.judge(QUESTION, NEVER));
    expect(result).toMatchObject({ kind: 'verdict', verdict: { score: 0 } });
    expect(model.times[1]).toBeGreaterThanOrEqual(5_000);
    expect(model.times[1]).toBeLessThan(6_000);
  });

  it('ApiJudge.judge() backs off with full jitter: no delay above its doubling bound, and no two alike', async () => {
    const { judge, clock, model } = judgeOf([() => fault('rate_limited')], { attemptsMax: 6 });
    const { result } = await eventually(clock, judge.judge(QUESTION, NEVER));
    expect(result).toMatchObject({ kind: 'fault', cause: 'judge_unavailable' });
    const delays = model.times.slice(1).map((at, index) => at - (model.times[index] ?? 0));
    expect(delays).toHaveLength(5);
    delays.forEach((delay, index) => expect(delay).toBeLessThanOrEqual(200 * 2 ** index + 10));
    expect(new Set(delays).size).toBeGreaterThan(1);
  });

  it.each<[string, Script]>([
    ['hangs', () => 'hang'],
    ['is overloaded', () => fault('overloaded')],
    ['is rate limited', () => fault('rate_limited')],
    ['asks for patience', () => fault('rate_limited', { retryAfterMs: 700 })],
    ['cuts connections', () => fault('connection')],
    ['is slow', () => ({ ...saying('equivalent'), afterMs: 4_000 })],
  ])(
    'ApiJudge.judge() ends at its deadline at a server that %s, whatever the attempts',
    async (_, script) => {
      const { judge, clock } = judgeOf([script], {
        deadlineMs: 3_000,
        attemptTimeoutMs: 900,
        attemptsMax: 1e9,
      });
      const { result, at } = await eventually(clock, judge.judge(QUESTION, NEVER));
      expect(result.kind).toBe('fault');
      expect(result.kind === 'fault' && ['deadline_exceeded', 'judge_unavailable']).toContain(
        result.kind === 'fault' && result.cause,
      );
      expect(at).toBeLessThanOrEqual(3_000);
      expect(clock.waiting).toBe(0);
    },
  );

  it('ApiJudge.judge() rejects with the reason of a caller that leaves, wherever the question is', async () => {
    const left = new Error('left');
    const scripts: readonly [Script, Partial<JudgeSettings>][] = [
      [() => 'hang', {}],
      [() => fault('rate_limited', { retryAfterMs: 50_000 }), {}],
      [() => fault('overloaded'), {}],
      [() => 'hang', { concurrencyMax: 1 }],
      [() => 'hang', { requestsPerMinute: 1 }],
      [() => 'hang', { budgetUsd: 0.006 }],
    ];
    for (const [script, settings] of scripts) {
      const { judge, clock } = judgeOf([script], settings);
      const controller = new AbortController();
      const asked = [1, 2].map(() => judge.judge(QUESTION, controller.signal));
      const rejected = Promise.allSettled(asked);
      await settle();
      controller.abort(left);
      const reasons = (await rejected).map((one) => (one.status === 'rejected' ? one.reason : one.value));
      expect(reasons).toEqual([left, left]);
      expect(clock.waiting).toBe(0);
    }
  });

  it('ApiJudge.judge() gives every vote another seed, and refuses to decide a tie', async () => {
    const { judge, clock, model } = judgeOf(
      [(_, index) => saying(index % 2 === 0 ? 'equivalent' : 'different')],
      { votes: 4, seed: 100, temperature: 0.7 },
    );
    const { result } = await eventually(clock, judge.judge(QUESTION, NEVER));
    expect(model.requests.map(({ seed }) => seed)).toEqual([100, 101, 102, 103]);
    expect(model.requests.every(({ temperature }) => temperature === 0.7)).toBe(true);
    expect(result).toMatchObject({ verdict: { agreement: 0.5, promptTokens: 400 } });
    expect(judgeFinding(result, 0.5)).toMatchObject({ kind: 'undecided' });
  });

  it('ApiJudge.judge() decides without a vote that failed where the others suffice, and else has its fault', async () => {
    const two = judgeOf([votes(['different', 'different'])], { votes: 3 });
    const { result: decided } = await eventually(two.clock, two.judge.judge(QUESTION, NEVER));
    expect(decided).toMatchObject({ kind: 'verdict', verdict: { score: 0, agreement: 2 / 3 } });
    const one = judgeOf([votes(['equivalent', 'different'])], { votes: 3 });
    const { result: open } = await eventually(one.clock, one.judge.judge(QUESTION, NEVER));
    expect(open).toMatchObject({ kind: 'fault', cause: 'judge_unavailable', costUsd: 220 / 1e6 });
  });

  it('ApiJudge.judge() asks a comparison in both orders: a judge that likes the first place decides nothing', async () => {
    const biased = judgeOf([() => saying('first')], {}, 'pairwise');
    const question = { ...QUESTION, answer: 'good', other: 'bad' };
    const { result } = await eventually(biased.clock, biased.judge.judge(question, NEVER));
    expect(biased.model.requests).toHaveLength(2);
    expect(judgeFinding(result, 0.5)).toMatchObject({ kind: 'undecided' });

    const consistent = judgeOf([fair], {}, 'pairwise');
    const better = await eventually(consistent.clock, consistent.judge.judge(question, NEVER));
    expect(better.result).toMatchObject({ verdict: { label: 'first', score: 1, agreement: 1 } });
    const swapped = { ...question, answer: 'bad', other: 'good' };
    const worse = await eventually(consistent.clock, consistent.judge.judge(swapped, NEVER));
    expect(worse.result).toMatchObject({ verdict: { label: 'second', score: 0, agreement: 1 } });
  });

  it('ApiJudge.judge() sheds what its queue cannot hold, and never has more calls open than allowed', async () => {
    const { judge, clock, model } = judgeOf([() => ({ ...saying('equivalent'), afterMs: 100 })], {
      concurrencyMax: 4,
      queueMax: 10,
    });
    const asked = Promise.all(Array.from({ length: 20 }, () => judge.judge(QUESTION, NEVER)));
    const { result } = await eventually(clock, asked);
    const shed = result.filter((outcome) => outcome.kind === 'fault');
    expect(shed).toHaveLength(6);
    expect(shed[0]).toMatchObject({ cause: 'judge_unavailable', costUsd: 0 });
    expect(model.openMost).toBe(4);
  });

  it('ApiJudge.judge() keeps to its requests for a minute over all endpoints', async () => {
    const { judge, clock, models } = judgeOf([() => saying('equivalent'), () => saying('equivalent')], {
      requestsPerMinute: 60,
      deadlineMs: 600_000,
    });
    const asked = Promise.all(Array.from({ length: 150 }, () => judge.judge(QUESTION, NEVER)));
    await eventually(clock, asked);
    const times = models.flatMap((model) => model.times);
    expect(times).toHaveLength(150);
    for (const start of times) {
      expect(times.filter((at) => at >= start && at < start + 60_000).length).toBeLessThanOrEqual(60);
    }
    expect(models.every((model) => model.times.length > 40)).toBe(true);
  });

  it('ApiJudge.judge() goes past an endpoint that refuses the key or the request, at once', async () => {
    for (const kind of ['unauthorized', 'bad_request'] as const) {
      const { judge, clock } = judgeOf([() => fault(kind), () => saying('equivalent')]);
      for (let index = 0; index < 8; index += 1) {
        const { result, at } = await eventually(clock, judge.judge(QUESTION, NEVER));
        expect(result.kind).toBe('verdict');
        expect(at).toBe(0);
      }
    }
  });

  it('assembleJudge() refuses a budget without a price, and a judge without endpoints', () => {
    const parts = { template: templates.find('equivalence'), clock: new FakeClock(0), endpoints: [] };
    const settings = { name: 'j', model: 'unheard-of', budgetUsd: 1 };
    expect(() => assembleJudge(settings, parts)).toThrow(/price of "unheard-of" is not known/u);
    expect(() => assembleJudge({ name: 'j', model: 'm' }, parts)).toThrow(/at least one endpoint/u);
  });
});

const scorerOf = (script: Script) =>
  judgeScorer({ judge: judgeOf([script]).judge, usesGroundTruth: true, agreement: 0.5, signal: NEVER });

describe('judgeScorer()', () => {
  const input = {
    answer: '6 · 7',
    groundTruth: { answer: '42', aliases: [] },
    choices: [],
    promptText: 'How many?',
    options: {},
  };

  it('judgeScorer() turns a verdict into its score, and a fault into no number', async () => {
    expect(await scorerOf(() => saying('equivalent')).score(input)).toMatchObject({
      kind: 'score',
      score: 1,
    });
    const found = await scorerOf(() => fault('bad_request')).score(input);
    expect(found).toMatchObject({ kind: 'fault', cause: 'judge_unavailable' });
    expect(found).not.toHaveProperty('score');
    expect(found).toMatchObject({ cost: { isCached: false } });
  });

  it('judgeScorer() never tells the ground truth in a reason or a detail', async () => {
    const said = await Promise.all(
      [saying('equivalent'), saying('different'), { text: 'The ground truth is 42' }, fault('refused')].map(
        async (reply) => scorerOf(() => reply).score(input),
      ),
    );
    expect(JSON.stringify(said)).not.toContain('42');
  });

  it('judgeScorer() asks nobody without a ground truth, and takes no other template than its own', async () => {
    const scorer = scorerOf(() => 'hang');
    const empty = { ...input, groundTruth: { answer: ' ', aliases: [] } };
    expect(await scorer.score(empty)).toMatchObject({ kind: 'unusable' });
    expect(scorer.parseOptions({})).toEqual({});
    expect(scorer.parseOptions({ template: 'equivalence' })).toEqual({ template: 'equivalence' });
    expect(() => scorer.parseOptions({ template: 'x' })).toThrow(/has the template "equivalence"/u);
    expect(() => scorer.parseOptions({ votes: 3 })).toThrow(/no option but "template"/u);
  });
});
