// A real judge against a real server that misbehaves in 30 % of its calls, in every way it knows. Every question ends, no
// fault becomes a number, nothing outlives its deadline, and the books balance against the server's own log.

import { afterEach, describe, expect, it } from 'vitest';
import { loadJudgePromptFiles } from '../../src/adapters/judge-prompt-files.ts';
import { OpenAiLanguageModel } from '../../src/adapters/openai-language-model.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { costOf } from '../../src/core/price-table.ts';
import { createRandom } from '../../src/core/random.ts';
import { assembleJudge, type JudgeSettings } from '../../src/services/judging/assemble-judge.ts';
import type { JudgeOutcome, JudgeQuestion } from '../../src/services/judging/judge.ts';
import { judgeFinding } from '../../src/services/judging/judge-scorer.ts';
import {
  completionText,
  startOpenAiServer,
  type Behaviour,
  type ChatBody,
  type OpenAiServer,
} from '../support/openai-server.ts';

const clock = new SystemClock();
const NEVER = new AbortController().signal;
const PRICE = { input: 0.4, output: 1.6 };
const servers: OpenAiServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** The text of one fence of the request. */
function shown(body: ChatBody, name: string): string {
  const user = body.messages.at(-1)?.content ?? '';
  return new RegExp(`<(data-\\w+) ${name}>\\n([\\s\\S]*?)\\n</\\1>`, 'u').exec(user)?.[2] ?? '';
}

/** What an honest judge says: the answer is the ground truth or it is not. */
function honest(body: ChatBody): string {
  const verdict = shown(body, 'answer') === shown(body, 'ground_truth') ? 'equivalent' : 'different';
  return JSON.stringify({ reasoning: 'compared', verdict });
}

/** Each way to go wrong, from cheap refusals to paid nonsense. */
const MISCHIEF: readonly ((body: ChatBody) => Behaviour)[] = [
  () => ({ kind: 'status', status: 429, headers: { 'retry-after-ms': '5' } }),
  () => ({ kind: 'status', status: 429 }),
  () => ({ kind: 'status', status: 500 }),
  () => ({ kind: 'status', status: 503 }),
  () => ({ kind: 'status', status: 529 }),
  () => ({ kind: 'hang' }),
  () => ({ kind: 'cut', after: 'request' }),
  () => ({ kind: 'cut', after: 'headers' }),
  (body) => ({
    kind: 'raw',
    body: completionText(body, { kind: 'reply', text: honest(body) }, undefined).slice(0, 90),
    isBilled: false,
  }),
  () => ({ kind: 'raw', body: '<html>Bad gateway</html>', isBilled: false }),
  () => ({ kind: 'raw', body: '{"choices":[]}', isBilled: false }),
  () => ({ kind: 'reply', text: 'They look alike to me.' }),
  () => ({ kind: 'reply', text: '{"reasoning":"hm","verdict":"perhaps"}' }),
  () => ({ kind: 'reply', text: '{"reasoning":"a very long', finishReason: 'length' }),
  () => ({ kind: 'reply', text: '{"verdict":"equivalent"} or {"verdict":"different"}' }),
  () => ({ kind: 'refusal' }),
  () => ({ kind: 'content_filter' }),
];

async function start(behave: (body: ChatBody, index: number) => Behaviour): Promise<OpenAiServer> {
  const server = await startOpenAiServer(behave);
  servers.push(server);
  return server;
}

function judgeAt(endpoints: readonly OpenAiServer[], settings: Partial<JudgeSettings> = {}) {
  return assembleJudge(
    {
      name: 'judge',
      model: 'test-judge',
      price: PRICE,
      maxTokens: 100,
      deadlineMs: 20_000,
      attemptTimeoutMs: 1_500,
      attemptsMax: 12,
      breaker: { failuresMax: 8, firstWaitMs: 20, waitMsMax: 100 },
      ...settings,
    },
    {
      template: loadJudgePromptFiles().find('equivalence'),
      clock,
      endpoints: endpoints.map(({ url }, index) => ({
        name: `endpoint-${index}`,
        weight: 1,
        model: new OpenAiLanguageModel({ baseUrl: url, clock }),
      })),
    },
  );
}

function questionOf(index: number): JudgeQuestion {
  const truth = String(index);
  return {
    question: `What is ${truth}?`,
    groundTruth: truth,
    aliases: [],
    answer: index % 3 === 0 ? truth : `not ${truth}`,
  };
}

/** Holds the judge's books, the outcomes and the servers' logs against each other. */
function expectBalance(
  judge: ReturnType<typeof judgeAt>,
  logs: readonly OpenAiServer[],
  outcomes: readonly JudgeOutcome[],
) {
  const calls = logs.flatMap(({ log }) => log);
  const billed = calls.flatMap((call) => (call.billed === undefined ? [] : [call.billed]));
  const promptTokens = billed.reduce((sum, usage) => sum + usage.prompt_tokens, 0);
  const completionTokens = billed.reduce((sum, usage) => sum + usage.completion_tokens, 0);
  const unbilled = calls.filter(
    ({ billed: usage, behaviour }) => usage === undefined && behaviour.kind !== 'status',
  );
  const { books } = judge;
  expect(books.calls).toBe(calls.length);
  expect({ promptTokens: books.promptTokens, completionTokens: books.completionTokens }).toEqual({
    promptTokens,
    completionTokens,
  });
  expect(books.costUsd).toBe(costOf({ promptTokens, completionTokens }, PRICE));
  expect(books.callsWithoutUsage).toBe(unbilled.length);
  const spent = outcomes.reduce((sum, outcome) => {
    if (outcome.kind === 'refused') return sum;
    return sum + ((outcome.kind === 'verdict' ? outcome.verdict.costUsd : outcome.costUsd) ?? NaN);
  }, 0);
  expect(spent).toBeCloseTo(books.costUsd ?? NaN, 12);
}

describe('ApiJudge.judge() at a server that misbehaves', () => {
  it('ApiJudge.judge() ends every question with the true verdict or a fault, and with balanced books', async () => {
    const random = createRandom(11);
    const misbehave = (body: ChatBody): Behaviour => {
      if (random.next() >= 0.3) return { kind: 'reply', text: honest(body) };
      return (MISCHIEF[random.below(MISCHIEF.length)] ?? (() => ({ kind: 'hang' })))(body);
    };
    const two = [await start(misbehave), await start(misbehave)];
    const judge = judgeAt(two);
    const questions = Array.from({ length: 600 }, (_, index) => questionOf(index));
    const outcomes = await Promise.all(questions.map((question) => judge.judge(question, NEVER)));
    const found = outcomes.map((outcome) => judgeFinding(outcome, 0.5));
    const untrue = found.filter(
      (finding, index) => finding.kind === 'score' && finding.score !== (index % 3 === 0 ? 1 : 0),
    );
    expect(untrue).toEqual([]);
    const causeless = found.filter(
      (finding) => finding.kind !== 'score' && (finding.kind !== 'fault' || finding.detail.trim() === ''),
    );
    expect(causeless).toEqual([]);
    const verdicts = found.filter(({ kind }) => kind === 'score').length;
    // Two unreadable replies in a row make a fault: about 1 % of the questions here.
    expect(verdicts).toBeGreaterThan(questions.length * 0.9);
    expect(verdicts).toBeLessThan(questions.length);
    expectBalance(judge, two, outcomes);
    const seen = new Set(two.flatMap(({ log }) => log.map(({ behaviour }) => behaviour.kind)));
    expect([...seen].toSorted()).toEqual([
      'content_filter',
      'cut',
      'hang',
      'raw',
      'refusal',
      'reply',
      'status',
    ]);
  }, 60_000);

  it.each<[string, Behaviour, string, Partial<JudgeSettings>]>([
    ['hangs', { kind: 'hang' }, 'deadline_exceeded', { deadlineMs: 300, attemptTimeoutMs: 100 }],
    ['is rate limited for ever', { kind: 'status', status: 429 }, 'judge_unavailable', { attemptsMax: 2 }],
    [
      'asks for more patience than there is',
      { kind: 'status', status: 429, headers: { 'retry-after': '3600' } },
      'judge_unavailable',
      {},
    ],
    ['fails', { kind: 'status', status: 500 }, 'judge_unavailable', { attemptsMax: 2 }],
    ['cuts each connection', { kind: 'cut', after: 'headers' }, 'judge_unavailable', { attemptsMax: 2 }],
    ['refuses the key', { kind: 'status', status: 401 }, 'judge_unavailable', {}],
    ['does not know the model', { kind: 'status', status: 404 }, 'judge_unavailable', {}],
    ['sends HTML', { kind: 'raw', body: '<html>', isBilled: false }, 'judge_unreadable', { attemptsMax: 2 }],
    ['chats', { kind: 'reply', text: 'Looks right!' }, 'judge_unreadable', {}],
    ['refuses', { kind: 'refusal' }, 'judge_unreadable', {}],
    ['is cut at its length', { kind: 'reply', text: '{"re', finishReason: 'length' }, 'judge_unreadable', {}],
  ])(
    'ApiJudge.judge() makes a fault with its cause of a server that always %s',
    async (_, behaviour, cause, settings) => {
      const server = await start(() => behaviour);
      const judge = judgeAt([server], settings);
      const outcome = await judge.judge(questionOf(1), NEVER);
      expect(outcome).toMatchObject({ kind: 'fault', cause });
      expectBalance(judge, [server], [outcome]);
    },
  );

  it('ApiJudge.judge() asks an unreadable judge twice and books both replies', async () => {
    const server = await start(() => ({ kind: 'reply', text: 'Looks right!' }));
    const judge = judgeAt([server]);
    const outcome = await judge.judge(questionOf(1), NEVER);
    expect(server.log).toHaveLength(2);
    expect(new Set(server.log.map(({ body }) => body['seed'])).size).toBe(2);
    expect(outcome.kind === 'fault' && outcome.costUsd).toBe(judge.books.costUsd);
    expect(judge.books.costUsd).toBeGreaterThan(0);
  });

  it('ApiJudge.judge() goes to the other endpoint when one is down, and stays away from it', async () => {
    const down = await start(() => ({ kind: 'status', status: 503 }));
    const up = await start((body) => ({ kind: 'reply', text: honest(body) }));
    const judge = judgeAt([down, up], {
      breaker: { failuresMax: 3, firstWaitMs: 60_000 },
      concurrencyMax: 1,
    });
    for (let index = 0; index < 40; index += 1) {
      expect((await judge.judge(questionOf(index), NEVER)).kind).toBe('verdict');
    }
    expect(down.log).toHaveLength(3);
    expect(up.log).toHaveLength(40);
  });

  it('ApiJudge.judge() stops cleanly at its budget: never above it, and after the first refusal no call', async () => {
    const server = await start((body) => ({ kind: 'reply', text: honest(body) }));
    const budgetUsd = 0.01;
    const judge = judgeAt([server], { budgetUsd });
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) => judge.judge(questionOf(index), NEVER)),
    );
    const kinds = new Set(
      outcomes.map((outcome) => (outcome.kind === 'fault' ? outcome.cause : outcome.kind)),
    );
    expect(kinds).toEqual(new Set(['verdict', 'judge_budget_exhausted']));
    expect(judge.books.costUsd).toBeLessThanOrEqual(budgetUsd);
    const callsBefore = server.log.length;
    const after = await judge.judge(questionOf(99), NEVER);
    expect(after).toMatchObject({ kind: 'fault', cause: 'judge_budget_exhausted', costUsd: 0 });
    expect(server.log).toHaveLength(callsBefore);
    expectBalance(judge, [server], outcomes);
  });

  it('ApiJudge.judge() refuses what is no answer without a call, and rejects only with the reason of its signal', async () => {
    const server = await start(() => ({ kind: 'hang' }));
    const judge = judgeAt([server]);
    const refused = await judge.judge({ ...questionOf(1), answer: 'Thought process:' }, NEVER);
    expect(refused).toEqual({ kind: 'refused', reason: 'the answer only announces one' });
    expect(judgeFinding(refused, 0.5)).toMatchObject({ kind: 'score', score: 0 });
    expect(server.log).toHaveLength(0);
    const reason = new Error('left');
    const controller = new AbortController();
    const pending = judge.judge(questionOf(1), controller.signal);
    while (server.log.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    expect(judge.books).toMatchObject({ calls: 1, callsBy: { given_up: 1 }, callsWithoutUsage: 1 });
  });
});
