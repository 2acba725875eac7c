// The dialects behind a real REST door, over real scoring: all verifiers, a judge that asks a real server on loopback, and a
// scorer whose verdict is written in the completion. Waiting costs no time here: a pause ends at once, and the clock is then
// as far as the pause was long.

import { loadJudgePromptFiles } from '../../src/adapters/judge-prompt-files.ts';
import { OpenAiLanguageModel } from '../../src/adapters/openai-language-model.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { expiryAfter } from '../../src/adapters/verdict-expiry.ts';
import { MemoryVerdictCache } from '../../src/adapters/verdict-cache-memory.ts';
import { createRandom } from '../../src/core/random.ts';
import { recipeOf } from '../../src/core/recipe.ts';
import { compatOf } from '../../src/edges/compat/dialects.ts';
import type { Retry } from '../../src/edges/compat/held-scoring.ts';
import { RestServer } from '../../src/edges/rest/server.ts';
import { InFlight } from '../../src/services/in-flight.ts';
import { CachedJudge } from '../../src/services/judging/cached-judge.ts';
import { assembleJudge } from '../../src/services/judging/assemble-judge.ts';
import { judgeScorer } from '../../src/services/judging/judge-scorer.ts';
import { VerdictMemory } from '../../src/services/judging/verdict-memory.ts';
import { Rewards } from '../../src/services/rewards.ts';
import { type ScorerLookup, verifierScorers } from '../../src/services/scoring/scorer.ts';
import { Scoring } from '../../src/services/scoring/scoring.ts';
import { loadPromptFiles } from '../../src/adapters/prompt-files.ts';
import { ServedRows } from '../../src/services/datasets/served-rows.ts';
import type { DatasetStore } from '../../src/ports/dataset-store.ts';
import { EchoScorer } from './echo-scorer.ts';
import { FixedDataset } from './fixed-dataset.ts';
import { createFakeServices } from './fake-service.ts';
import { InlineVerifierPool } from './inline-verifier-pool.ts';
import { type Behaviour, type ChatBody, type OpenAiServer, startOpenAiServer } from './openai-server.ts';

/** Longer waits are deadlines, which never come here. */
const PAUSE_MS_MAX = 10_000;

export interface CompatWorld {
  readonly url: string;
  readonly retries: Retry[];
  readonly callsEnded: { readonly call: string; readonly code: string }[];
  readonly echo: EchoScorer;
  readonly judge: OpenAiServer;
  /** How far the clock has come, in milliseconds. */
  waitedMs(): number;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** The reward of POST /v1/score; null for an unscorable. */
  rewardOf(reward: unknown, groundTruth: string, text: string): Promise<number | null>;
  /** Stops the door as a server does that is told to. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface CompatWorldOptions {
  readonly behave?: (body: ChatBody, index: number) => Behaviour;
  readonly token?: string;
  readonly inFlightMax?: number;
  readonly datasets?: DatasetStore;
}

export async function startCompatWorld(options: CompatWorldOptions = {}): Promise<CompatWorld> {
  const {
    behave = (body) => honestReply(body),
    token,
    inFlightMax = 1_000,
    datasets = new FixedDataset('empty', []),
  } = options;
  const api = await startOpenAiServer(behave);
  const echo = new EchoScorer();
  const scoring = new Scoring(scorersOf(api, echo), new SystemClock());
  const rewards = new Rewards({ scoring, datasets, inFlight: new InFlight(inFlightMax) });
  const retries: Retry[] = [];
  const callsEnded: CompatWorld['callsEnded'] = [];
  let nowMs = 0;
  const clock = {
    now: () => nowMs,
    after: (ms: number, run: () => void) => {
      if (ms > PAUSE_MS_MAX) return () => {};
      const immediate = setImmediate(() => {
        nowMs += ms;
        run();
      });
      return () => clearImmediate(immediate);
    },
  };
  const compat = compatOf({
    rewards,
    rows: new ServedRows({ datasets, templates: loadPromptFiles() }),
    clock,
    reward: recipeOf('math'),
    scorers: () => scoring.scorerNames(),
    random: createRandom(1),
    onRetry: (retry) => void retries.push(retry),
  });
  const rest = new RestServer({
    services: { ...createFakeServices(), rewards },
    observer: {
      callEnded: ({ call, code }) => void callsEnded.push({ call, code }),
      bugMet: ({ error }) => {
        throw error;
      },
    },
    token,
    version: '0.0.0-test',
    mounted: compat.calls,
    sockets: compat.sockets,
  });
  const { host, port } = await rest.listen('127.0.0.1', 0);
  const url = `http://${host}:${port}`;
  const post: CompatWorld['post'] = (path, body, headers = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    url,
    retries,
    callsEnded,
    echo,
    judge: api,
    waitedMs: () => nowMs,
    post,
    async rewardOf(reward, groundTruth, text) {
      const groups = [{ ground_truth: groundTruth, completions: [{ text }] }];
      const reply = (await (await post('/v1/score', { reward, groups })).json()) as {
        groups: { completions: { reward?: number }[] }[];
      };
      return reply.groups[0]?.completions[0]?.reward ?? null;
    },
    stop: () => rest.drain(1_000),
    async close() {
      rest.close();
      await api.close();
    },
  };
}

/**
 * Each failure of the judge's server is a fault at once: the tries that count here are those of the dialect. Verdicts are
 * remembered, as they are on a server.
 */
function scorersOf(api: OpenAiServer, echo: EchoScorer): ScorerLookup {
  const clock = new SystemClock();
  const judge = assembleJudge(
    {
      name: 'judge',
      model: 'test-judge',
      price: undefined,
      maxTokens: 100,
      deadlineMs: 20_000,
      attemptTimeoutMs: 10_000,
      attemptsMax: 1,
      breaker: { failuresMax: 1_000_000 },
    },
    {
      template: loadJudgePromptFiles().find('equivalence'),
      clock,
      endpoints: [{ name: 'one', weight: 1, model: new OpenAiLanguageModel({ baseUrl: api.url, clock }) }],
    },
  );
  const signal = new AbortController().signal;
  const bounds = { entriesMax: 10_000, bytesMax: 10_000_000 };
  const cache = new MemoryVerdictCache(bounds, expiryAfter(undefined, Date.now));
  const memory = new VerdictMemory({ cache, clock, log: { info() {}, warn() {}, error() {} } });
  const judged = judgeScorer({
    judge: new CachedJudge(judge, memory),
    usesGroundTruth: true,
    agreement: 0.5,
    signal,
  });
  const verifiers = verifierScorers({ pool: new InlineVerifierPool() });
  return {
    find: (name) => (name === 'judge' ? judged : (echo.find(name) ?? verifiers.find(name))),
    names: () => [...verifiers.names(), ...echo.names(), 'judge'],
  };
}

/** The text of one fence of the request. */
function shown({ messages }: ChatBody, name: string): string {
  const user = messages.at(-1)?.content ?? '';
  return new RegExp(`<(data-\\w+) ${name}>\\n([\\s\\S]*?)\\n</\\1>`, 'u').exec(user)?.[2] ?? '';
}

/** The answer is the ground truth or it is not. */
export function honestReply(body: ChatBody): Behaviour {
  const verdict = shown(body, 'answer') === shown(body, 'ground_truth') ? 'equivalent' : 'different';
  return { kind: 'reply', text: JSON.stringify({ reasoning: 'compared', verdict }) };
}

/** Every other request fails, beginning with the first. */
export function failingHalfTheTime(body: ChatBody, index: number): Behaviour {
  return index % 2 === 0 ? { kind: 'status', status: 500 } : honestReply(body);
}
