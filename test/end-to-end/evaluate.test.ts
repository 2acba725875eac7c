// `groupwise evaluate` from the command line: a model behind an API on a dataset of an embedded server, and what is refused.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { runCommandLine } from '../support/command-line.ts';
import { hasOnnx, ONNX_NOTE } from '../support/onnx-runtime.ts';
import { type Behaviour, type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts';

const CHECKPOINT = fileURLToPath(new URL('../fixtures/checkpoints/qwen2', import.meta.url));

const ROWS = [
  { question: 'What is 2 + 3?', ground_truth: '5', answer_type: 'number', domain: 'sums', split: 'test' },
  { question: 'What is 4 + 4?', ground_truth: '8', answer_type: 'number', domain: 'sums', split: 'test' },
  { question: 'Is ice water?', ground_truth: 'yes', answer_type: 'boolean', domain: 'things', split: 'test' },
  { question: 'What is 1 + 1?', ground_truth: '2', answer_type: 'number', domain: 'sums', split: 'train' },
];

interface Measured {
  readonly questions: number;
  readonly completions: number;
  readonly unanswered: number;
  readonly mean_reward: number | null;
  readonly truncated_share: number | null;
  readonly pass_at: readonly { readonly k: number; readonly share: number; readonly questions: number }[];
  readonly places: readonly {
    readonly answer_type: string;
    readonly domain: string;
    readonly questions: number;
    readonly pass_at: readonly { readonly share: number }[];
  }[];
}

let folder = '';
let data = '';
let api: OpenAiServer;

/** Knows one sum, is unsure of the other, and gives nothing on ice. */
function answerTo(prompt: string, temperature: unknown): Behaviour {
  if (prompt.includes('ice')) return { kind: 'status', status: 400, error: { message: 'too strange' } };
  if (prompt.includes('2 + 3')) return { kind: 'reply', text: 'Answer: 5' };
  if (temperature === 0) return { kind: 'reply', text: 'Answer: 7' };
  unsure += 1;
  return { kind: 'reply', text: `Answer: ${unsure % 2 === 0 ? 8 : 7}` };
}
let unsure = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-evaluate-'));
  data = join(folder, 'data');
  const rows = join(folder, 'rows.jsonl');
  writeFileSync(rows, ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const made = await runCommandLine('import', rows, '--name', 'mixed', '--data', data);
  if (made.status !== 0) throw new Error(made.stderr);
  api = await startOpenAiServer((body) =>
    body.model === 'broken'
      ? { kind: 'status', status: 401 }
      : answerTo(body.messages.at(-1)?.content ?? '', body['temperature']),
  );
  vi.stubEnv('OPENAI_API_KEY', '');
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await api.close();
  rmSync(folder, { recursive: true });
});

const evaluate = (...more: readonly string[]): ReturnType<typeof runCommandLine> =>
  runCommandLine('evaluate', ...more);
const model = (): readonly string[] => ['--api-model', 'some-model', '--api-url', api.url];

describe('groupwise evaluate', () => {
  it('measures a model behind an API, greedy and sampled, by kind of question, and counts what it left unanswered', async () => {
    const ended = await evaluate('--embedded', '--data', data, ...model(), '--samples', '2', '--json');
    expect(ended.stderr).not.toContain('Error');
    expect(ended.status).toBe(0);
    // What the command has just printed.
    const { greedy, sampled, ...head } = JSON.parse(ended.stdout) as {
      readonly greedy: Measured;
      readonly sampled: Measured;
    };
    expect(head).toMatchObject({
      dataset: 'mixed',
      split: 'test',
      policy: `some-model at ${new URL(api.url).host}`,
    });
    expect(greedy).toMatchObject({ questions: 2, completions: 2, unanswered: 1, mean_reward: 0.5 });
    expect(greedy.pass_at).toMatchObject([{ k: 1, share: 0.5, questions: 2 }]);
    expect(sampled).toMatchObject({ questions: 2, completions: 4, unanswered: 1 });
    expect(sampled.pass_at).toMatchObject([
      { k: 1, share: 0.75 },
      { k: 2, share: 1 },
    ]);
    expect(greedy.places).toMatchObject([{ answer_type: 'number', domain: 'sums', questions: 2 }]);
    const asked = api.log.map(({ body }) => body.messages.at(-1)?.content ?? '');
    expect(asked.filter((prompt) => prompt.includes('1 + 1'))).toEqual([]);
    // Samples of one question are told apart.
    const seeds = api.log.filter(({ body }) => body['temperature'] === 1).map(({ body }) => body['seed']);
    expect(new Set(seeds).size).toBe(6);
  });

  it('says it in words', async () => {
    const ended = await evaluate('--embedded', '--data', data, ...model(), '--samples', '0');
    expect(ended.status).toBe(0);
    expect(ended.stdout).toMatch(/pass@1 0\.500 \(95 %: 0\.095 to 0\.905\), 2 questions/u);
    expect(ended.stdout).toContain('1 question stayed unanswered and without weight in any figure');
    expect(ended.stdout).not.toContain('Sampled');
  });

  it.skipIf(!hasOnnx)(
    `measures a Hugging Face checkpoint as it is, and calls it so${ONNX_NOTE}`,
    async () => {
      const small = ['--device', 'cpu', '--limit', '1', '--samples', '2', '--tokens-max', '4', '--json'];
      const ended = await evaluate('--embedded', '--data', data, '--model', CHECKPOINT, ...small);
      expect(ended).toMatchObject({ status: 0 });
      expect(JSON.parse(ended.stdout)).toMatchObject({
        policy: 'qwen2 as it is on cpu',
        greedy: { questions: 1, completions: 1 },
        sampled: { questions: 1, completions: 2 },
      });
    },
  );

  it('ends with an error where the model answers nothing', async () => {
    const ended = await evaluate('--embedded', '--data', data, '--api-model', 'broken', '--api-url', api.url);
    expect(ended.status).not.toBe(0);
    expect(ended.stderr).toContain('the model gives no completions');
    expect(ended.stdout).toBe('');
  });

  it.each([
    [['--embedded'], '--checkpoint'],
    [['--api-model', 'm'], '--embedded'],
    [['--server', 'h:1', '--api-model', 'm'], '--dataset'],
    [['--server', 'h:1', '--dataset', 'd', '--data', 'x', '--api-model', 'm'], '--data'],
    [['--embedded', '--api-model', 'm', '--checkpoint', 'x'], '--api-model'],
    [['--embedded', '--api-model', 'm', '--samples', '0', '--no-greedy'], '--samples'],
    [['--embedded', '--api-model', 'm', '--samples', '4', '--k', '1,8'], 'pass@8'],
    [['--embedded', '--api-model', 'm', '--k', '0'], 'at least 1'],
    [['--embedded', '--api-model', 'm', '--api-url', 'nowhere'], '--api-url'],
    [['--embedded', '--checkpoint', '/nowhere/at/all'], 'There is no checkpoint'],
    [
      ['--embedded', '--api-model', 'm', '--api-url', 'http://127.0.0.1:9/v1', '--data', '/nowhere/at/all'],
      'There is no data directory',
    ],
  ])('refuses %j by naming what is at fault', async (flags, words) => {
    const ended = await evaluate(...flags);
    expect(ended.status).not.toBe(0);
    expect(ended.stderr).toContain(words);
  });
});
