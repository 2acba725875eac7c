// Completions ranked within their group by a judge that compares, as `groupwise serve --scorers` builds it, with the judge
// behind a real API on loopback: rewards, books against what the API billed, faults, and what a second pass costs.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteDatasetStore } from '../../src/adapters/sqlite-dataset-store.ts';
import { EnvClient } from '../../src/client/env-client.ts';
import { type RunningServer, startServer } from '../../src/commands/server.ts';
import { readSettings } from '../../src/config.ts';
import type { CompletionResult, GroupResult, LeasedGroup } from '../../src/core/calls.ts';
import type { RunId } from '../../src/core/ids.ts';
import { pairIdOf } from '../../src/core/pair-id.ts';
import { recipeFromJson } from '../../src/core/recipe-json.ts';
import { runCommandLine } from '../support/command-line.ts';
import {
  type Behaviour,
  type ChatBody,
  type OpenAiServer,
  startOpenAiServer,
} from '../support/openai-server.ts';

const DATASET = 'stories';
const RUN = 'r1' as RunId;
const PRICE = { input: 400, output: 1_600 };
const RANKED = { scorers: [{ name: 'rank', ranking: 'round_robin' }] };
/** The better the story, the higher its number. */
const STORIES = ['story 3', 'story 9', 'story 5', 'story 1'];

/** The text of one fence of the request. */
function shown({ messages }: ChatBody, name: string): string {
  const user = messages.at(-1)?.content ?? '';
  return new RegExp(`<(data-\\w+) ${name}>\\n([\\s\\S]*?)\\n</\\1>`, 'u').exec(user)?.[2] ?? '';
}

function said(verdict: string): Behaviour {
  return { kind: 'reply', text: JSON.stringify({ reasoning: '', verdict }) };
}

function better(body: ChatBody): Behaviour {
  const [first, second] = ['answer', 'other'].map((name) => Number(/\d+/u.exec(shown(body, name))?.[0]));
  if (first === second || first === undefined || second === undefined) return said('tie');
  return said(first > second ? 'first' : 'second');
}

let folder = '';
let scorers = '';
let api: OpenAiServer;
let behave: (body: ChatBody) => Behaviour = better;
let server: RunningServer | undefined;
let client: EnvClient | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-ranked-'));
  behave = better;
  api = await startOpenAiServer((body) => behave(body));
  scorers = join(folder, 'scorers.yaml');
  // JSON is YAML.
  writeFileSync(scorers, JSON.stringify(scorersFile()));
  await writeDataset();
});

afterEach(async () => {
  await stop();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

function scorersFile(): object {
  const endpoints = [{ base_url: api.url }];
  const rank = {
    model: 'm',
    template: 'pairwise',
    endpoints,
    price: PRICE,
    deadline_ms: 2_000,
    attempts_max: 2,
  };
  return { judges: { rank } };
}

async function start(): Promise<EnvClient> {
  const settings = { data: folder, scorers, grpc: '127.0.0.1:0', http: '127.0.0.1:0', drainMs: 1_000 };
  server = await startServer(readSettings(settings, {}), { info: () => {}, warn: () => {}, error: () => {} });
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
  const info = { name: DATASET, description: '', reward: undefined, provenance };
  const writer = await store.create(info, { replace: false });
  const question = 'Tell a story';
  await writer.add([
    {
      pairId: pairIdOf({ question }),
      question,
      groundTruth: { answer: '18', aliases: [] },
      answerType: 'text',
      domain: 'stories',
      provenance: { documentId: 'd-1' },
      split: 'train',
    },
  ]);
  await writer.commit();
  store.close();
}

async function openAndLease(env: EnvClient, reward: object = RANKED, groupSize = 4): Promise<LeasedGroup> {
  await env.call('OpenRun', {
    runId: RUN,
    dataset: DATASET,
    split: 'train',
    groupSize,
    epochs: 9,
    reward: recipeFromJson(reward, 'reward'),
  });
  return leaseOne(env);
}

async function leaseOne(env: EnvClient): Promise<LeasedGroup> {
  const { groups } = await env.call('LeaseGroups', { runId: RUN, groups: 1 });
  if (groups[0] === undefined) throw new Error('There is no group left');
  return groups[0];
}

async function submit(
  env: EnvClient,
  { leaseId }: LeasedGroup,
  texts: readonly (string | undefined)[],
): Promise<GroupResult> {
  const completions = texts.flatMap((text, memberIndex) =>
    text === undefined ? [] : [{ text, memberIndex }],
  );
  const results = await env.call('SubmitCompletions', { runId: RUN, groups: [{ leaseId, completions }] });
  if (results[0] === undefined) throw new Error('There is no result');
  return results[0];
}

function rewardsOf(results: readonly CompletionResult[]): readonly (number | string)[] {
  return results.map(({ outcome }) =>
    outcome.kind === 'scored' ? Math.round(outcome.reward * 1e6) / 1e6 : outcome.unscorable.cause,
  );
}

/** What the API billed, at the price of the file. */
function billed(): number {
  return api.log.reduce((sum, { billed: usage }) => {
    if (usage === undefined) return sum;
    return sum + (usage.prompt_tokens * PRICE.input + usage.completion_tokens * PRICE.output) / 1e6;
  }, 0);
}

describe('groupwise serve --scorers with a judge that compares', () => {
  it('ranks a group when its last member is in, in both orders, and pays for nothing twice', async () => {
    let env = await start();
    const group = await openAndLease(env);
    const partial = await submit(env, group, STORIES.slice(0, 3));
    expect(partial).toMatchObject({ state: 'partial', completions: [], missing: [3] });
    expect(api.log).toHaveLength(0);
    const result = await submit(env, group, STORIES);
    expect(rewardsOf(result.completions)).toEqual([0.333_333, 1, 0.666_667, 0]);
    // Six pairs, two orders.
    expect(api.log).toHaveLength(12);
    expect(await submit(env, group, STORIES)).toEqual(result);

    const books = await env.getAccounting(RUN);
    expect(books.completions).toMatchObject({ submitted: 4, scored: 4, inFlight: 0 });
    expect(books.cache).toEqual({ hits: 0, misses: 6 });
    expect(books.costUsd).toBeCloseTo(billed(), 12);
    const costs = result.completions.flatMap(({ outcome }) =>
      outcome.scores.flatMap(({ cost }) => cost ?? []),
    );
    const tokens = api.log.reduce((sum, call) => sum + (call.billed?.prompt_tokens ?? 0), 0);
    expect(costs.reduce((sum, { promptTokens }) => sum + promptTokens, 0)).toBe(tokens);
    expect(costs.reduce((sum, { verdicts }) => sum + (verdicts?.asked ?? 0), 0)).toBe(6);

    await stop();
    env = await start();
    const again = await submit(env, await leaseOne(env), STORIES.toReversed());
    expect(rewardsOf(again.completions)).toEqual([0, 0.666_667, 1, 0.333_333]);
    expect(api.log).toHaveLength(12);
    expect((await env.getAccounting(RUN)).cache).toEqual({ hits: 6, misses: 6 });
  });

  it('takes a judge that always names the first place for one that sees no difference', async () => {
    behave = () => said('first');
    const env = await start();
    const { completions, flags } = await submit(env, await openAndLease(env), STORIES);
    expect(rewardsOf(completions)).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(flags).toContain('zero_variance');
  });

  it('leaves a completion without a reward whose comparisons fail, with its cause, and pays for them once', async () => {
    // The judge cannot be read about one of the four, and is down for no other.
    behave = (body) => {
      const texts = shown(body, 'answer') + shown(body, 'other');
      return texts.includes('story 1') ? { kind: 'reply', text: 'I would rather not say' } : better(body);
    };
    const env = await start();
    const { completions } = await submit(env, await openAndLease(env), STORIES);
    expect(rewardsOf(completions)).toEqual([0, 1, 0.5, 'judge_unreadable']);
    expect(completions[3]?.advantage).toBe(0);
    const books = await env.getAccounting(RUN);
    expect(books.completions).toMatchObject({
      scored: 3,
      unscorable: 1,
      unscorableByCause: [{ name: 'judge_unreadable', count: 1 }],
    });
    expect(books.costUsd).toBeCloseTo(billed(), 12);
    // Faults are not remembered, verdicts are.
    behave = better;
    const before = api.log.length;
    const again = await submit(env, await leaseOne(env), STORIES);
    expect(rewardsOf(again.completions)).toEqual([0.333_333, 1, 0.666_667, 0]);
    expect(api.log.length - before).toBe(6);
  });

  it('gives no number when the judge is down, or leaves its term out where it is not required', async () => {
    behave = () => ({ kind: 'status', status: 500 });
    const env = await start();
    const all = await submit(env, await openAndLease(env), STORIES);
    expect(rewardsOf(all.completions)).toEqual(Array(4).fill('judge_unavailable'));
    const optional = {
      scorers: [{ name: 'math' }, { name: 'rank', weight: 0.5, required: false }],
    };
    const reply = await env.call('Score', {
      reward: recipeFromJson(optional, 'reward'),
      groups: [scoreGroup(['\\boxed{18} story 1', '\\boxed{17} story 2'])],
    });
    expect(rewardsOf(reply.groups[0]?.completions ?? [])).toEqual([1, 0]);
  });

  it('scores stateless groups by both doors alike, and only those whom a gate lets through', async () => {
    const env = await start();
    const gated = {
      scorers: [
        { name: 'math', gate: true },
        { name: 'rank', time_limit_ms: 5_000 },
      ],
      floor: -1,
    };
    const texts = ['\\boxed{17} story 9', '18 story 3 \\boxed{18}', 'x story 7 \\boxed{18}', '\\boxed{18}'];
    const reply = await env.call('Score', {
      reward: recipeFromJson(gated, 'reward'),
      groups: [scoreGroup(texts.slice(0, 3))],
    });
    const rewards = rewardsOf(reply.groups[0]?.completions ?? []);
    expect(rewards[0]).toBe(-1);
    expect(Number(rewards[1]) + Number(rewards[2])).toBeCloseTo(1, 6);
    expect(api.log).toHaveLength(2);
    const rest = await fetch(`http://${server?.http ?? ''}/v1/score`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        reward: gated,
        groups: [
          {
            prompt: 'Tell a story',
            ground_truth: '18',
            completions: texts.slice(0, 3).map((text) => ({ text })),
          },
        ],
      }),
    });
    expect(rest.status).toBe(200);
    const { groups } = (await rest.json()) as {
      groups: { completions: { reward: number; scores: object[] }[] }[];
    };
    expect(groups[0]?.completions.map(({ reward }) => Math.round(reward * 1e6) / 1e6)).toEqual(rewards);
    // Known by now, which REST tells in the same words.
    expect(api.log).toHaveLength(2);
    const stated = groups[0]?.completions.flatMap(({ scores }) => scores.filter((score) => 'cost' in score));
    expect(stated).toMatchObject([
      { cost: { usd: 0, is_cached: true, verdicts_asked: 0, verdicts_known: 1 } },
    ]);
  });

  it('refuses what cannot be compared, and names the field', async () => {
    const env = await start();
    await expect(openAndLease(env, RANKED, 1)).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'group_size',
    });
    await expect(openAndLease(env, RANKED, 128)).rejects.toMatchObject({ field: 'group_size' });
    await expect(openAndLease(env, { scorers: [{ name: 'rank', ranking: 'elo' }] })).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'reward.scorers[0].ranking',
    });
    const reply = await env.call('Score', {
      reward: recipeFromJson(RANKED, 'reward'),
      groups: [scoreGroup(['story 1'])],
    });
    expect(rewardsOf(reply.groups[0]?.completions ?? [])).toEqual(['not_comparable']);
    await stop();
    writeFileSync(scorers, JSON.stringify({ ...scorersFile(), audit: { share: 1, judge: 'rank' } }));
    await expect(start()).rejects.toMatchObject({ field: 'audit.judge' });
  });
});

function scoreGroup(texts: readonly string[]) {
  return {
    prompt: [{ role: 'user' as const, content: 'Tell a story' }],
    reference: { kind: 'inline' as const, groundTruth: { answer: '18', aliases: [] }, choices: [] },
    completions: texts.map((text, memberIndex) => ({ text, memberIndex })),
  };
}

describe('groupwise score --scorers with a judge that compares', () => {
  it('ranks the groups of a file, and counts every comparison', async () => {
    const file = join(folder, 'rollouts.jsonl');
    const completions = STORIES.map((text) => ({ text }));
    writeFileSync(file, `${JSON.stringify({ prompt: 'Tell a story', ground_truth: '18', completions })}\n`);
    const args = [
      'score',
      file,
      '--data',
      folder,
      '--scorers',
      scorers,
      '--reward',
      JSON.stringify(RANKED),
      '--json',
    ];
    const { stdout } = await runCommandLine(...args);
    const report = JSON.parse(stdout) as { judging: { cost_usd: number } };
    expect(report).toMatchObject({ scored: 4, mean_reward: 0.5, judging: { asked: 6, known: 0 } });
    expect(report.judging.cost_usd).toBeCloseTo(billed(), 12);
  });
});
