// The server as `groupwise serve` builds it, with a scorers file and a judge behind a real API on loopback: rewards, books,
// what a restart remembers, and what becomes of completions when the judge fails.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli.ts';
import { SqliteDatasetStore } from '../../src/adapters/sqlite-dataset-store.ts';
import { EnvClient } from '../../src/client/env-client.ts';
import { type RunningServer, startServer } from '../../src/commands/server.ts';
import { readSettings } from '../../src/config.ts';
import type { Accounting, CompletionResult, GroupResult } from '../../src/core/calls.ts';
import type { RunId } from '../../src/core/ids.ts';
import { pairIdOf } from '../../src/core/pair-id.ts';
import type { QaPair } from '../../src/core/qa-pair.ts';
import { recipeFromJson } from '../../src/core/recipe-json.ts';
import {
  type Behaviour,
  type ChatBody,
  type OpenAiServer,
  startOpenAiServer,
} from '../support/openai-server.ts';

const DATASET = 'integrals';
const PRICE = { input: 400, output: 1_600 };
/** The rule cannot tell what this is; a judge that can integrate says 18. */
const UNSURE = String.raw`So it is \boxed{\int_0^6 x dx}.`;
const RIGHT = String.raw`So it is \boxed{18}.`;
const WRONG = String.raw`So it is \boxed{17}.`;
const CASCADE = {
  scorers: [{ name: 'math' }, { name: 'judge', template: 'equivalence', when: 'undecided' }],
};

/** The text of one fence of the request. */
function shown({ messages }: ChatBody, name: string): string {
  const user = messages.at(-1)?.content ?? '';
  return new RegExp(`<(data-\\w+) ${name}>\\n([\\s\\S]*?)\\n</\\1>`, 'u').exec(user)?.[2] ?? '';
}

/** It can integrate x from 0 to 6, and calls 17 right: on that it differs from the rule. */
function verdictOn(body: ChatBody): Behaviour {
  const isRight = shown(body, 'ground_truth') === '18' && /int_0\^6|17|18/u.test(shown(body, 'answer'));
  return {
    kind: 'reply',
    text: JSON.stringify({ reasoning: '', verdict: isRight ? 'equivalent' : 'different' }),
  };
}

let folder = '';
let api: OpenAiServer;
let behave: (body: ChatBody) => Behaviour = verdictOn;
let server: RunningServer | undefined;
let client: EnvClient | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-judged-'));
  behave = verdictOn;
  api = await startOpenAiServer((body) => behave(body));
  await writeDataset();
});

afterEach(async () => {
  await stop();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(share: number): Promise<EnvClient> {
  const scorers = join(folder, 'scorers.yaml');
  const judge = {
    model: 'test-judge',
    endpoints: [{ base_url: api.url }],
    price: PRICE,
    deadline_ms: 10_000,
    attempts_max: 2,
  };
  // JSON is YAML.
  writeFileSync(scorers, JSON.stringify({ judges: { judge }, audit: { share, judge: 'judge' } }));
  const settings = { data: folder, scorers, grpc: '127.0.0.1:0', http: '127.0.0.1:0', drainMs: 1_000 };
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  server = await startServer(readSettings(settings, {}), silent);
  client = new EnvClient({ address: server.grpc });
  return client;
}

async function stop(): Promise<void> {
  client?.close();
  await server?.stop();
  [client, server] = [undefined, undefined];
}

async function writeDataset(): Promise<void> {
  const store = new SqliteDatasetStore({ dataDir: folder, now: () => 0 });
  const provenance = { source: 'test', license: 'Apache-2.0', generator: 'test 1' };
  const info = { name: DATASET, description: 'Made for a test', reward: undefined, provenance };
  const writer = await store.create(info, { replace: false });
  const question = 'What is the integral of x from 0 to 6?';
  const pair: QaPair = {
    pairId: pairIdOf({ question }),
    question,
    groundTruth: { answer: '18', aliases: [] },
    answerType: 'math',
    domain: 'calculus',
    provenance: { documentId: 'd-1' },
    split: 'train',
  };
  await writer.add([pair]);
  await writer.commit();
  store.close();
}

function openRun(env: EnvClient, runId: string): Promise<unknown> {
  const reward = recipeFromJson(CASCADE, 'reward');
  return env.call('OpenRun', {
    runId: runId as RunId,
    dataset: DATASET,
    split: 'train',
    groupSize: 4,
    epochs: 9,
    reward,
  });
}

/** One group of the run, scored. */
async function rollOut(
  env: EnvClient,
  runId: string,
  texts: readonly string[],
): Promise<readonly CompletionResult[]> {
  const { groups } = await env.call('LeaseGroups', { runId: runId as RunId, groups: 1 });
  const [group] = groups;
  if (group === undefined) throw new Error('There is no group left');
  const completions = texts.map((text, memberIndex) => ({ text, memberIndex }));
  const submitted = { runId: runId as RunId, groups: [{ leaseId: group.leaseId, completions }] };
  const [result]: readonly GroupResult[] = await env.call('SubmitCompletions', submitted);
  if (result === undefined) throw new Error('There is no result');
  return result.completions;
}

function accountingOf(env: EnvClient, runId: string): Promise<Accounting> {
  return env.getAccounting(runId as RunId);
}

/** What the API billed, at the price of the file. */
function billed(): number {
  return api.log.reduce((sum, { billed: usage }) => {
    if (usage === undefined) return sum;
    return sum + (usage.prompt_tokens * PRICE.input + usage.completion_tokens * PRICE.output) / 1e6;
  }, 0);
}

function billedTokens(kind: 'prompt_tokens' | 'completion_tokens'): number {
  return api.log.reduce((sum, { billed: usage }) => sum + (usage?.[kind] ?? 0), 0);
}

function rewardsOf(results: readonly CompletionResult[]): readonly (number | string)[] {
  return results.map(({ outcome }) =>
    outcome.kind === 'scored' ? outcome.reward : outcome.unscorable.cause,
  );
}

describe('groupwise serve --scorers', () => {
  it('asks the judge only where the rule cannot tell, once for each answer, also after a restart', async () => {
    let env = await start(0);
    await openRun(env, 'r1');
    const results = await rollOut(env, 'r1', [RIGHT, WRONG, UNSURE, `Hm. ${UNSURE}`]);
    expect(rewardsOf(results)).toEqual([1, 0, 1, 1]);
    expect(results[2]?.outcome.scores).toMatchObject([
      { scorer: 'math', kind: 'unscorable', replacedBy: 'judge' },
      { scorer: 'judge', kind: 'scored', score: 1 },
    ]);
    expect(api.log).toHaveLength(1);
    const books = await accountingOf(env, 'r1');
    expect(books.cache).toEqual({ hits: 1, misses: 1 });
    expect(billed()).toBeGreaterThan(0);
    expect(books.costUsd).toBeCloseTo(billed(), 12);
    expect([books.judgePromptTokens, books.judgeCompletionTokens]).toEqual([
      billedTokens('prompt_tokens'),
      billedTokens('completion_tokens'),
    ]);

    await stop();
    env = await start(0);
    expect(await accountingOf(env, 'r1')).toEqual(books);
    expect(rewardsOf(await rollOut(env, 'r1', [UNSURE, UNSURE, WRONG, WRONG]))).toEqual([1, 1, 0, 0]);
    expect(api.log).toHaveLength(1);
    expect(await accountingOf(env, 'r1')).toMatchObject({
      cache: { hits: 3, misses: 1 },
      costUsd: books.costUsd,
    });
  });

  it('makes completions unscorable when the judge fails, with its cause and no advantage, and no number', async () => {
    behave = () => ({ kind: 'status', status: 500 });
    const env = await start(0);
    await openRun(env, 'r1');
    const results = await rollOut(env, 'r1', [RIGHT, WRONG, UNSURE, RIGHT]);
    expect(rewardsOf(results)).toEqual([1, 0, 'judge_unavailable', 1]);
    expect(results[2]).toMatchObject({
      advantage: 0,
      outcome: { kind: 'unscorable', unscorable: { cause: 'judge_unavailable', scorer: 'judge' } },
    });
    // 1, 0 and 1 over a deviation of √(1/3), with nothing in between: the fault left the baseline.
    expect(results.map(({ advantage }) => advantage?.toFixed(3))).toEqual([
      '0.577',
      '-1.155',
      '0.000',
      '0.577',
    ]);
    const books = await accountingOf(env, 'r1');
    expect(books.completions).toMatchObject({
      submitted: 4,
      scored: 3,
      unscorable: 1,
      unscorableByCause: [{ name: 'judge_unavailable', count: 1 }],
    });
    // A fault is not remembered: the next asking tries again.
    behave = verdictOn;
    expect(rewardsOf(await rollOut(env, 'r1', [RIGHT, WRONG, UNSURE, RIGHT]))).toEqual([1, 0, 1, 1]);
  });

  it('holds cheap verdicts against the judge, and leaves the rewards alone', async () => {
    const env = await start(1);
    await openRun(env, 'r1');
    expect(rewardsOf(await rollOut(env, 'r1', [RIGHT, WRONG, UNSURE, RIGHT]))).toEqual([1, 0, 1, 1]);
    let books = await accountingOf(env, 'r1');
    while ((books.audits[0]?.bothYes ?? 0) + (books.audits[0]?.onlyJudge ?? 0) < 3) {
      books = await accountingOf(env, 'r1');
    }
    expect(books.audits).toEqual([
      {
        scorer: 'math',
        domain: 'calculus',
        answerType: 'math',
        bothYes: 2,
        onlyScorer: 0,
        onlyJudge: 1,
        bothNo: 0,
        unjudged: 0,
        agreement: 2 / 3,
        precision: 1,
        recall: 2 / 3,
      },
    ]);
    // Three answers, each asked for once; "18" came twice.
    expect(books.cache).toEqual({ hits: 1, misses: 3 });
    expect(books.costUsd).toBeCloseTo(billed(), 12);
    const metrics = await (await fetch(`http://${server?.http ?? ''}/metrics`)).text();
    expect(metrics).toContain(
      'groupwise_audits_total{scorer="math",domain="calculus",answer_type="math",outcome="only_judge"} 1',
    );
    expect(metrics).toContain('groupwise_verdicts_asked_total 3');
  });

  it('says which scorers there are when a recipe names another', async () => {
    const env = await start(0);
    const reward = recipeFromJson({ scorers: [{ name: 'jugde' }] }, 'reward');
    await expect(
      env.call('OpenRun', { dataset: DATASET, reward, groupSize: 2, split: 'train' }),
    ).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'reward.scorers[0].name',
      message: expect.stringMatching(/Unknown scorer "jugde": there are "math".*"judge"/u) as string,
    });
  });
});

describe('groupwise import --scorers', () => {
  it('takes rows and recipes that name a judge of the file, and refuses one of nobody', async () => {
    await start(0);
    await stop();
    const rows = join(folder, 'rows.jsonl');
    writeFileSync(rows, `${JSON.stringify({ question: 'What is 9 + 9?', answer: '18' })}\n`);
    const say = (...args: string[]) =>
      main([
        'node',
        'groupwise',
        'import',
        rows,
        '--name',
        'judged',
        '--data',
        folder,
        '--reward',
        JSON.stringify(CASCADE),
        ...args,
      ]);
    const spies = (['stdout', 'stderr'] as const).map((stream) =>
      vi.spyOn(process[stream], 'write').mockReturnValue(true),
    );
    try {
      await say();
      expect(process.exitCode).toBe(2);
      process.exitCode = undefined;
      await say('--scorers', join(folder, 'scorers.yaml'));
      expect(process.exitCode).toBeUndefined();
    } finally {
      for (const spy of spies) spy.mockRestore();
      process.exitCode = undefined;
    }
    const env = await start(0);
    const { reward } = await env.getDataset('judged');
    expect(reward?.scorers.map(({ name }) => name)).toEqual(['math', 'judge']);
  });
});

describe('groupwise score --scorers', () => {
  it('scores a file by the same scorers, and says what the judge was asked and what it cost', async () => {
    await start(0);
    await stop();
    const file = join(folder, 'rollouts.jsonl');
    const completions = [RIGHT, WRONG, UNSURE, UNSURE].map((text) => ({ text }));
    writeFileSync(file, `${JSON.stringify({ prompt: 'Integrate', ground_truth: '18', completions })}\n`);
    const recipe = JSON.stringify(CASCADE);
    const scorers = join(folder, 'scorers.yaml');
    const said: string[] = [];
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    try {
      await main([
        'node',
        'groupwise',
        'score',
        file,
        '--data',
        folder,
        '--scorers',
        scorers,
        '--reward',
        recipe,
        '--json',
      ]);
    } finally {
      spy.mockRestore();
    }
    const report = JSON.parse(said.join('')) as { judging: { cost_usd: number } };
    expect(report).toMatchObject({ scored: 4, mean_reward: 0.75, judging: { asked: 1, known: 1 } });
    expect(report.judging.cost_usd).toBeCloseTo(billed(), 12);
  });
});
