// Graders of OpenAI, imported by the command and used as a person would: `groupwise score`, rows of a dataset, and a server
// whose trainers speak a dialect, with a judge behind a real API on loopback.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RunningServer, startServer } from '../../src/commands/server.ts';
import { readSettings } from '../../src/config.ts';
import { type Ended, runCommandLine } from '../support/command-line.ts';
import {
  type Behaviour,
  type ChatBody,
  type OpenAiServer,
  startOpenAiServer,
} from '../support/openai-server.ts';

const CHECK = {
  type: 'string_check',
  name: 'city',
  input: '{{ sample.output_text }}',
  reference: '{{ item.reference_answer }}',
  operation: 'ilike',
};
const SIMILAR = {
  type: 'text_similarity',
  name: 'alike',
  input: '{{ sample.output_json.name }}',
  reference: '{{ item.name }}',
  evaluation_metric: 'fuzzy_match',
  pass_threshold: 0.9,
};
const MODEL = {
  type: 'score_model',
  name: 'Quality',
  model: 'o4-mini-2025-04-16',
  range: [0, 10],
  input: [
    { role: 'system', content: 'You are an expert. {% raw %} {"a": 1}\n## user\nStill the system.' },
    { role: 'user', content: 'First.' },
    { role: 'assistant', content: 'Yes?' },
    {
      role: 'user',
      content: 'Reference: {{ item.reference_answer }}. From {{item.source}}: {{ sample.output_text }}',
    },
  ],
  sampling_params: {
    temperature: 1,
    top_p: 0.5,
    max_completions_tokens: 500,
    reasoning_effort: 'low',
    seed: 3,
  },
};

let folder = '';
let api: OpenAiServer;
let behave: (body: ChatBody) => Behaviour;
let server: RunningServer | undefined;
let embeddings: Embeddings;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-graders-'));
  behave = () => grade(7.5);
  api = await startOpenAiServer((body) => behave(body));
  embeddings = await startEmbeddings();
  vi.stubEnv('OPENAI_BASE_URL', api.url);
  vi.stubEnv('OPENAI_API_KEY', '');
  vi.stubEnv('GROUPWISE_DATA', join(folder, 'data'));
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  vi.unstubAllEnvs();
  await api.close();
  await embeddings.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Embeddings {
  readonly url: string;
  readonly asked: unknown[];
  readonly vectors: Map<string, readonly number[]>;
  close(): Promise<void>;
}

/** Vectors of lengths other than 1, and in another order than they were asked for. */
async function startEmbeddings(): Promise<Embeddings> {
  const asked: unknown[] = [];
  const vectors = new Map<string, readonly number[]>([
    ['Ada', [2, 0]],
    ['Bda', [3, 4]],
  ]);
  const listening = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as { readonly input: readonly string[] };
      asked.push(body);
      const data = body.input.map((text, index) => ({ index, embedding: vectors.get(text) ?? [1, 1] }));
      response.end(JSON.stringify({ data: data.toReversed() }));
    });
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  // Listening on a port, so the address is one.
  const { port } = listening.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    vectors,
    close: () =>
      new Promise((resolve) => {
        listening.close(() => resolve());
        listening.closeAllConnections();
      }),
  };
}

function grade(result: unknown): Behaviour {
  return { kind: 'reply', text: JSON.stringify({ steps: [{ description: 'd', conclusion: 'c' }], result }) };
}

function written(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function importOpenAiScorer(grader: unknown, ...more: readonly string[]): Promise<Ended> {
  return runCommandLine(
    'recipe',
    'import',
    written('grader.json', grader),
    '--out',
    join(folder, 'recipe.json'),
    ...more,
  );
}

/** The rewards of one line, or the cause where there is none. */
async function rewardsOf(line: object, ...flags: readonly string[]): Promise<readonly unknown[]> {
  const out = join(folder, `scored-${Math.trunc(performance.now() * 1_000)}.jsonl`);
  const lines = written('lines.jsonl', `${JSON.stringify(line)}\n`);
  const where = ['--out', out, '--data', join(folder, 'data')];
  const recipe = `@${join(folder, 'recipe.json')}`;
  const ended = await runCommandLine('score', lines, '--reward', recipe, ...where, ...flags);
  expect(ended.stderr).toBe('');
  const scored = JSON.parse(readFileSync(out, 'utf8')) as {
    readonly completions: readonly {
      readonly reward?: number;
      readonly unscorable?: { readonly cause: string };
    }[];
  };
  return scored.completions.map(({ reward, unscorable }) => reward ?? unscorable?.cause);
}

const JUDGED = () => ['--scorers', join(folder, 'scorers.yaml'), '--prompts', join(folder, 'prompts')];

describe('groupwise recipe import', () => {
  it('makes a string check that groupwise score uses', async () => {
    await importOpenAiScorer(CHECK);
    const line = { ground_truth: 'Paris', completions: ['It is paris.', 'It is Rome.'] };
    expect(await rewardsOf(line)).toEqual([1, 0]);
  });

  it('makes a text similarity of a column and a part of the completion; a row without the column has no reward', async () => {
    const { stderr } = await importOpenAiScorer(SIMILAR);
    expect(stderr).toContain('--threshold 0.9');
    const completions = ['{"name": "Ada"}', '{"name": "Bda"}', 'prose'];
    expect(await rewardsOf({ ground_truth: 'x', name: 'Ada', completions })).toEqual([1, 2 / 3, 0]);
    expect(await rewardsOf({ ground_truth: 'x', item: { name: 'Ada' }, completions })).toEqual([1, 2 / 3, 0]);
    expect(await rewardsOf({ ground_truth: 'x', completions })).toEqual(
      completions.map(() => 'ground_truth_unusable'),
    );
  });

  it('makes a score model a judge, asked in the grader’s words with its sampling', async () => {
    const { status, stdout } = await importOpenAiScorer(MODEL);
    expect([status, stdout]).toEqual([0, expect.stringContaining('--compat-reward @')]);
    const line = { ground_truth: 'Paris', source: 'the <|im_start|> atlas', completions: ['Paris it is.'] };
    expect(await rewardsOf(line, ...JUDGED())).toEqual([7.5]);
    const { messages, ...body } = api.log[0]?.body ?? { messages: [] };
    expect(body).toMatchObject({
      model: 'o4-mini-2025-04-16',
      temperature: 1,
      top_p: 0.5,
      reasoning_effort: 'low',
      max_tokens: 500,
      seed: 3,
      response_format: { json_schema: { name: 'grade', schema: { required: ['steps', 'result'] } } },
    });
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    const [system, , , user] = messages.map(({ content }) => content);
    expect(system).toContain('You are an expert. {% raw %} {"a": 1}\n## user\nStill the system.');
    expect(user).toMatch(
      /^Reference: <(data-\w+) reference_answer>\nParis\n<\/\1>\. From <\1 source>\nthe < \|im_start\| > atlas\n<\/\1>: <\1 completion>\nParis it is\.\n<\/\1>$/u,
    );
  });

  it('asks once for one text, and again where a column that is shown differs', async () => {
    await importOpenAiScorer(MODEL);
    const line = { ground_truth: 'Paris', source: 'a', completions: ['One.', 'One.', 'Two.'] };
    await rewardsOf(line, ...JUDGED());
    await rewardsOf(line, ...JUDGED());
    expect(api.log).toHaveLength(2);
    await rewardsOf({ ...line, source: 'b' }, ...JUDGED());
    expect(api.log).toHaveLength(4);
  });

  it.each([
    ['a grade above the range', grade(11)],
    ['a grade below the range', grade(-0.5)],
    ['words for a grade', grade('very good')],
    ['no grade', grade(undefined)],
    ['two grades', { kind: 'reply', text: '{"result": 1} or {"result": 9}' }],
    ['prose', { kind: 'reply', text: 'I would say 7.' }],
  ] as const)('calls %s unreadable, after a second asking, and never a number', async (_, behaviour) => {
    await importOpenAiScorer(MODEL);
    behave = () => behaviour;
    const line = { ground_truth: 'Paris', source: 'a', completions: ['One.'] };
    expect(await rewardsOf(line, ...JUDGED())).toEqual(['judge_unreadable']);
    expect(api.log).toHaveLength(2);
  });

  it('makes a multi grader a formula over rules and judges', async () => {
    const graders = { city: CHECK, alike: SIMILAR, quality: MODEL };
    const multi = {
      type: 'multi',
      name: 'All',
      graders,
      calculate_output: '0.5 * max(city, alike) + quality / 20',
    };
    await importOpenAiScorer(multi);
    const line = {
      ground_truth: 'Paris',
      name: 'Ada',
      source: 'a',
      completions: ['Paris', '{"name": "Bda"}'],
    };
    expect(await rewardsOf(line, ...JUDGED())).toEqual([0.5 + 7.5 / 20, expect.closeTo(1 / 3 + 7.5 / 20, 9)]);
    behave = () => ({ kind: 'status', status: 401 });
    const other = { ...line, completions: ['Paris!'] };
    expect(await rewardsOf(other, ...JUDGED())).toEqual(['judge_unavailable']);
  });

  it('makes a cosine a reward model, which asks for both embeddings', async () => {
    const cosine = { ...SIMILAR, name: 'Meaning', evaluation_metric: 'cosine' };
    vi.stubEnv('OPENAI_BASE_URL', `${embeddings.url}/v1`);
    const { stdout } = await importOpenAiScorer({
      type: 'multi',
      name: 'M',
      graders: { c: cosine, city: CHECK },
      calculate_output: 'c + city',
    });
    expect(stdout).toContain('--scorers ');
    expect(stdout).not.toContain('--prompts ');
    const completions = ['{"name": "Bda"}', 'Paris'];
    const line = { ground_truth: 'Paris', name: 'Ada', completions };
    expect(await rewardsOf(line, '--scorers', join(folder, 'scorers.yaml'))).toEqual([
      expect.closeTo(0.6, 9),
      1,
    ]);
    expect(embeddings.asked).toEqual([
      { model: 'text-embedding-3-large', input: ['Ada', 'Bda'], encoding_format: 'float' },
    ]);
    embeddings.vectors.set('Cda', [0, 0]);
    const other = { ...line, completions: ['{"name": "Cda"}'] };
    expect(await rewardsOf(other, '--scorers', join(folder, 'scorers.yaml'))).toEqual([
      'reward_model_unavailable',
    ]);
    expect(
      await rewardsOf({ ground_truth: 'Paris', completions }, '--scorers', join(folder, 'scorers.yaml')),
    ).toEqual(completions.map(() => 'ground_truth_unusable'));
  });

  it('serves what it made: --compat-reward, and rows of a dataset with their columns', async () => {
    const multi = {
      type: 'multi',
      name: 'Both',
      graders: { city: CHECK, alike: SIMILAR },
      calculate_output: 'city - alike',
    };
    await importOpenAiScorer(multi);
    const rows = [{ question: 'Who lives in Paris?', ground_truth: 'Paris', name: 'Ada' }];
    const imported = await runCommandLine(
      'import',
      written('rows.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')),
      '--name',
      'people',
    );
    expect(imported.status).toBe(0);
    const settings = {
      data: join(folder, 'data'),
      compatReward: `@${join(folder, 'recipe.json')}`,
      grpc: '127.0.0.1:0',
      http: '127.0.0.1:0',
      drainMs: 1_000,
    };
    server = await startServer(readSettings(settings), { info: () => {}, warn: () => {}, error: () => {} });
    const ask = async (path: string, body: unknown): Promise<unknown> => {
      const response = await fetch(`http://${server?.http ?? ''}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return response.json();
    };
    const dump = await runCommandLine('dataset', 'export', 'people', '--out', join(folder, 'people.jsonl'));
    expect(dump.status).toBe(0);
    const { pair_id: pairId } = JSON.parse(readFileSync(join(folder, 'people.jsonl'), 'utf8')) as {
      pair_id: string;
    };
    const scored = await ask('/v1/score', {
      reward: JSON.parse(readFileSync(join(folder, 'recipe.json'), 'utf8')) as unknown,
      groups: [
        {
          dataset: 'people',
          pair_id: pairId,
          completions: [{ text: '{"name": "Ada", "in": "Paris"}' }, { text: 'Paris' }],
        },
      ],
    });
    expect(scored).toMatchObject({
      groups: [
        {
          completions: [
            {
              reward: 0,
              scores: [
                { scorer: 'city', score: 1 },
                { scorer: 'alike', score: 1 },
              ],
            },
            {
              reward: 1,
              scores: [
                { scorer: 'city', score: 1 },
                { scorer: 'alike', score: 0 },
              ],
            },
          ],
        },
      ],
    });
    const label = { dataset: 'people', pair_id: pairId };
    const sample = { query: ['Q {"name": "Ada"}'], prompts: ['Q '] };
    const rewarded = await ask(
      `/compat/openrlhf/get_reward?reward=${encodeURIComponent(readFileSync(join(folder, 'recipe.json'), 'utf8'))}`,
      {
        ...sample,
        labels: [label],
      },
    );
    expect(rewarded).toMatchObject({ rewards: [-1] });
    const inline = await fetch(`http://${server.http}/compat/openrlhf/get_reward?hold_ms=0`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...sample, labels: ['Paris'] }),
    });
    // No row, so no column "name": a fault, which this dialect has no number for.
    expect(inline.status).toBeGreaterThanOrEqual(400);
    expect(await inline.text()).not.toContain('"rewards"');
  });

  it('adds to a scorers file without taking anything away, and replaces only what it is told to', async () => {
    const scorers = written(
      'scorers.yaml',
      '# mine\njudges:\n  other: # kept\n    model: m\n    endpoints: [{ base_url: http://127.0.0.1:9/v1 }]\n',
    );
    expect((await importOpenAiScorer(MODEL)).status).toBe(0);
    const text = readFileSync(scorers, 'utf8');
    expect(text).toContain('# mine');
    expect(text).toMatch(/other:\s+# kept\s+model: m/u);
    expect(text).toContain('quality:');
    const again = await importOpenAiScorer(MODEL);
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('is there already')]);
    expect((await importOpenAiScorer(MODEL, '--overwrite', '--model', 'mine-8b')).status).toBe(0);
    expect(readFileSync(scorers, 'utf8')).toContain('model: mine-8b');
  });

  it('prints the recipe alone without --out, and all that it made with --json', async () => {
    const file = written('grader.json', CHECK);
    const printed = await runCommandLine('recipe', 'import', file);
    expect(JSON.parse(printed.stdout)).toMatchObject({ scorers: [{ name: 'string_check' }] });
    const { stdout } = await importOpenAiScorer(MODEL, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      judges: ['quality'],
      recipe: { formula: '(10 * grade)' },
      notes: [],
    });
  });

  it.each([
    ['a grader that runs code', { type: 'python', source: '' }, 'runs no code'],
    ['a judge without --out', MODEL, '--out'],
    ['no JSON', '{', 'it is not JSON'],
    ['a judge with the name of a verifier', { ...MODEL, name: 'math' }, 'name of a verifier'],
  ])('refuses %s and writes nothing', async (what, grader, said) => {
    const file = written('grader.json', grader);
    const out = what.includes('--out') ? [] : ['--out', join(folder, 'recipe.json')];
    const { status, stdout, stderr } = await runCommandLine('recipe', 'import', file, ...out);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
    expect(() => readFileSync(join(folder, 'recipe.json'))).toThrow('ENOENT');
    expect(() => readFileSync(join(folder, 'scorers.yaml'))).toThrow('ENOENT');
  });
});
