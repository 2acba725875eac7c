// `groupwise serve` as a process of its own, over a dataset of sums, with a judge behind a model that fails as it is told to. What
// trainers' own clients are pointed at.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../support/command-process.ts';
import { type Behaviour, type ChatBody, startOpenAiServer } from '../support/openai-server.ts';
import { ServerProcess } from '../support/server-process.ts';

export interface Row {
  readonly question: string;
  readonly answers: readonly string[];
}

export interface ServedWorld {
  /** HOST:PORT. */
  readonly grpc: string;
  /** HOST:PORT. */
  readonly http: string;
  /** The retries that `/metrics` counts, of all dialects. */
  retries(): Promise<number>;
  stop(): Promise<void>;
}

export const TOKEN = 'token-of-the-trainers';
/** The same rows three times: scored by rules, by the judge that fails half the time, and by the judge that is down. */
export const DATASET = 'sums';
export const FLAKY_DATASET = 'flaky-sums';
export const DEAD_DATASET = 'dead-sums';

/** A judge for each way of a model to behave. One attempt each: what the model does is what the dialect meets. */
const JUDGES = {
  flaky: { model: 'fails-half-the-time', template: 'equivalence' },
  dead: { model: 'is-down', template: 'equivalence' },
  levels: { model: 'gives-levels', template: 'helpfulness' },
};

/** @param rows of the datasets, in their split `train` */
export async function startServedWorld(rows: readonly Row[]): Promise<ServedWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'groupwise-interop-'));
  const model = await startOpenAiServer(behaviour());
  const common = { price: { input: 1, output: 1 }, attempts_max: 1, endpoints: [{ base_url: model.url }] };
  const judges = Object.fromEntries(
    Object.entries(JUDGES).map(([name, judge]) => [name, { ...judge, ...common }]),
  );
  const scorers = join(folder, 'scorers.yaml');
  // JSON is YAML.
  writeFileSync(scorers, JSON.stringify({ judges, cache: 'memory' }));
  const file = join(folder, 'rows.jsonl');
  writeFileSync(file, rows.map((row) => `${JSON.stringify(importable(row))}\n`).join(''));
  const data = join(folder, 'data');
  const flaky = [FLAKY_DATASET, '--reward', 'flaky'];
  const dead = [DEAD_DATASET, '--reward', 'dead'];
  for (const named of [[DATASET], flaky, dead]) {
    const args = ['import', file, '--data', data, '--scorers', scorers, '--name', ...named];
    const { status, stderr } = await runCommand(args);
    if (status !== 0) throw new Error(`Cannot import the rows: ${stderr}`);
  }
  const server = await ServerProcess.start(data, '--scorers', scorers, '--token', TOKEN);
  return {
    grpc: server.grpc,
    http: server.http,
    async retries() {
      const reply = await fetch(`http://${server.http}/metrics`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      const counts = [
        ...(await reply.text()).matchAll(/^groupwise_compat_retries_total\{[^}]*\} (?<count>\d+)$/gmu),
      ];
      return counts.reduce((sum, { groups }) => sum + Number(groups?.['count']), 0);
    },
    async stop() {
      await server.kill();
      await model.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function importable({ question, answers: [ground_truth, ...aliases] }: Row): object {
  return { question, ground_truth, aliases, split: 'train' };
}

/** What the judge was shown under a name. */
function shown({ messages }: ChatBody, name: string): string {
  const user = messages.at(-1)?.content ?? '';
  return new RegExp(`<(data-\\w+) ${name}>\\n([\\s\\S]*?)\\n</\\1>`, 'u').exec(user)?.[2] ?? '';
}

/** How the model behind the judges behaves, by the name that it is asked under. */
function behaviour(): (body: ChatBody) => Behaviour {
  let calls = 0;
  return (body) => {
    switch (body.model) {
      case JUDGES.levels.model:
        return levelOf(shown(body, 'question'), shown(body, 'answer'));
      case JUDGES.flaky.model:
        return calls++ % 2 === 0 ? { kind: 'status', status: 500 } : equivalent(body);
      default:
        return { kind: 'status', status: 500 };
    }
  };
}

function equivalent(body: ChatBody): Behaviour {
  const verdict = shown(body, 'answer') === shown(body, 'ground_truth') ? 'equivalent' : 'different';
  return { kind: 'reply', text: JSON.stringify({ reasoning: 'compared', verdict }) };
}

/**
 * "0" to "3" are worth 0, 0.2, 0.4 and 0.6; what this judge says of "4" cannot be read, every time. Questions can ask it for more: see
 * the tests of TRL.
 */
function levelOf(question: string, completion: string): Behaviour {
  const isUnreadable =
    completion === '4' ||
    question.includes('unreadable') ||
    (question.includes('only 0') && completion !== '0');
  const level = question.includes('any digit') ? 6 : Number(completion) + 1;
  const text = isUnreadable ? 'Hard to say.' : JSON.stringify({ reasoning: '', verdict: level });
  return { kind: 'reply', text };
}
