// `groupwise generate` from the command line to the exported rows, without a model and with models behind a real local API.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Ended, runCommandLine } from '../support/command-line.ts';
import { generationModel, type Handlers } from '../support/generation-model.ts';
import { type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts';
import { RIVER_TEACHER, riverDocuments, SUM_MODELS } from '../support/river-model.ts';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));

interface Reported {
  readonly version: string | null;
  readonly documents: number;
  readonly generated: number;
  readonly kept: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly calls: number;
  readonly cached: number;
  readonly cost_usd: number | null;
  readonly used_usd: number | null;
  readonly unfinished: number;
  readonly splits: Readonly<Record<string, number>>;
  readonly stopped: { readonly reason: string } | null;
}

interface ExportedRow {
  readonly question: string;
  readonly ground_truth: string;
  readonly answer_type: string;
  readonly pass_rate?: number;
  readonly persona?: string;
  readonly domain?: string;
  readonly split: string;
  readonly provenance: Readonly<Record<string, unknown>> & {
    readonly document_id?: string;
    readonly span?: { readonly start: number; readonly end: number };
  };
}

let folder = '';
let docs = '';
let api: OpenAiServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-generate-'));
  docs = join(folder, 'rivers');
  mkdirSync(docs);
  for (const { name, text } of riverDocuments()) writeFileSync(join(docs, name), text);
  // Whatever the machine has set.
  for (const name of [
    'OPENAI_API_KEY',
    'OPENAI_BASE_URL',
    'GROUPWISE_GENERATOR_MODEL',
    'GROUPWISE_POLICY_MODEL',
  ])
    vi.stubEnv(name, '');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await api?.close();
  api = undefined;
  rmSync(folder, { recursive: true });
});

async function serve(handlers: Handlers): Promise<OpenAiServer> {
  const server = await startOpenAiServer(generationModel(handlers));
  api = server;
  vi.stubEnv('OPENAI_BASE_URL', server.url);
  vi.stubEnv('GROUPWISE_GENERATOR_MODEL', 'gpt-4.1-mini');
  return server;
}

function generate(data: string, ...args: readonly string[]): Promise<Ended> {
  return runCommandLine('generate', ...args, '--name', 'made', '--data', join(folder, data));
}

function reported({ stdout }: Ended): Reported {
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Reported;
}

async function exported(data: string, name = 'made'): Promise<string> {
  const out = join(folder, `${data}.jsonl`);
  const args = [name, '--data', join(folder, data), '--format', 'jsonl', '--out', out, '--overwrite'];
  expect(await runCommandLine('dataset', 'export', ...args)).toMatchObject({ status: 0 });
  return readFileSync(out, 'utf8');
}

function rowsOf(text: string): readonly ExportedRow[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ExportedRow);
}

/** A recipe in a file of its own. */
function recipe(text: string): string {
  const path = join(folder, 'recipe.yaml');
  writeFileSync(path, text);
  return path;
}

/** The command as a process of its own. */
function spawnCommand(args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
}

function taskFile(): string {
  const path = join(folder, 'sums.yaml');
  writeFileSync(
    path,
    'description: Add two whole numbers\ninput_format: A question\noutput_format: "Answer: N"\nanswer_type: number\n',
  );
  return path;
}

describe('groupwise generate without a model', () => {
  it('makes the same dataset of the same documents, byte for byte', async () => {
    const first = await generate('one', docs, '--json');
    expect(first).toMatchObject({ status: 0 });
    const report = reported(first);
    expect(report).toMatchObject({ documents: 8, calls: 0, cost_usd: 0, unfinished: 0, stopped: null });
    expect(report.kept).toBeGreaterThanOrEqual(7);
    const second = reported(await generate('two', docs, '--json'));
    expect(second.version).toBe(report.version);
    const text = await exported('one');
    expect(await exported('two')).toBe(text);
    const rows = rowsOf(text);
    expect(rows).toHaveLength(report.kept);
    expect(rows.map(({ ground_truth: answer }) => answer).join(' ')).toContain('812');
  });

  it('holds the answer in the bytes that each row names', async () => {
    await generate('one', docs);
    const texts = riverDocuments().map(({ text }) => Buffer.from(text));
    const rows = rowsOf(await exported('one'));
    const lengths = rows.filter(({ ground_truth: answer }) => /^\d{3,4}/u.test(answer));
    expect(lengths.length).toBeGreaterThanOrEqual(7);
    for (const { ground_truth: answer, provenance } of lengths) {
      const { start = 0, end = 0 } = provenance.span ?? {};
      const number = answer.replaceAll(/\D/gu, '');
      expect(
        texts.some((text) => text.subarray(start, end).toString().replaceAll(',', '').includes(number)),
      ).toBe(true);
    }
  });

  it('tells people what it did, and reads no more documents than --limit', async () => {
    const ended = await generate('one', docs, '--limit', '2');
    expect(ended).toMatchObject({ status: 0 });
    expect(ended.stderr).toContain('Read 2 documents, 2 passages');
    expect(ended.stderr).toContain('asked no model');
    expect(ended.stdout).toContain('Dataset "made", version');
  });

  it('writes its report as text, JSON and one page', async () => {
    expect(await generate('one', docs, '--report', join(folder, 'report'))).toMatchObject({ status: 0 });
    const read = (name: string): string => readFileSync(join(folder, 'report', name), 'utf8');
    expect(read('report.txt')).toContain('What each stage did');
    expect(JSON.parse(read('report.json'))).toMatchObject({
      name: 'made',
      recipe: 'extractive',
      source: { documents: 8, bytes_total: expect.any(Number) as number },
      figures: { diversity: { median_words: expect.any(Number) as number } },
    });
    expect(read('report.html')).toContain('<svg');
  });

  it('says what became of documents that no question came of, as text, JSON and a report', async () => {
    writeFileSync(join(folder, 'empty.txt'), '');
    const told = await generate('none', join(folder, 'empty.txt'));
    expect(told).toMatchObject({ status: 1, stdout: '' });
    expect(told.stderr).toContain('not readable: empty 1');
    expect(told.stderr).toContain('no question came out of the last stage');
    const asJson = ['--json', '--report', join(folder, 'report')];
    const ended = await generate('none', join(folder, 'empty.txt'), ...asJson);
    expect(ended.status).toBe(1);
    expect(reported(ended)).toMatchObject({ version: null, documents: 1, broken: { empty: 1 }, kept: 0 });
    expect(readFileSync(join(folder, 'report', 'report.txt'), 'utf8')).toContain('empty.txt: has no text');
  });

  it('refuses a name that is taken before it does anything, and replaces it with --replace', async () => {
    expect(await generate('one', docs)).toMatchObject({ status: 0 });
    const again = await generate('one', docs);
    expect(again).toMatchObject({ status: 1 });
    expect(again.stderr).toContain('there is one already');
    expect(await generate('one', docs, '--replace')).toMatchObject({ status: 0 });
  });
});

describe('groupwise generate with a teacher', () => {
  it('goes through the stages of Webscale-RL, and pays for nothing twice', async () => {
    const server = await serve(RIVER_TEACHER);
    const ended = await generate('one', docs, '--json');
    expect(ended.stderr).toContain('Estimate: ');
    expect(ended).toMatchObject({ status: 0 });
    const report = reported(ended);
    expect(report).toMatchObject({
      documents: 8,
      generated: 16,
      kept: 8,
      cached: 0,
      unfinished: 0,
      stopped: null,
    });
    expect(report.dropped).toMatchObject({ leaks_answer: 8 });
    expect(report.calls).toBe(server.log.length);
    const billed = server.log.reduce(
      (sum, call) =>
        sum + (call.billed?.prompt_tokens ?? 0) * 0.4 + (call.billed?.completion_tokens ?? 0) * 1.6,
      0,
    );
    expect(report.cost_usd).toBeCloseTo(billed / 1e6, 12);

    const before = server.log.length;
    const again = reported(await generate('one', docs, '--replace', '--json'));
    expect(server.log).toHaveLength(before);
    expect(again).toMatchObject({ version: report.version, calls: 0, cached: report.calls, cost_usd: 0 });
    expect(again.used_usd).toBeCloseTo(report.cost_usd ?? 0, 12);
  });

  it('makes a control of as many pairs, drawn before any filter, with --control', async () => {
    await serve(RIVER_TEACHER);
    const made = reported(await generate('one', docs, '--control', '--json'));
    const rows = rowsOf(await exported('one', 'made-control'));
    expect(rows).toHaveLength(made.kept);
    const kept = new Set(rowsOf(await exported('one')).map(({ question }) => question));
    expect(rows.filter(({ question }) => !kept.has(question)).length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ question }) => question)).size).toBe(rows.length);
    // The same run draws the same control.
    await generate('one', docs, '--control', '--replace');
    expect(rowsOf(await exported('one', 'made-control'))).toEqual(rows);
  });

  it('writes rows that say where they come from', async () => {
    await serve(RIVER_TEACHER);
    const report = reported(await generate('one', docs, '--json'));
    const rows = rowsOf(await exported('one'));
    const alba = rows.find(({ question }) => question.includes('Alba'));
    expect(alba).toMatchObject({
      ground_truth: '812',
      answer_type: 'number',
      persona: 'geography student',
      domain: 'Natural Science',
      provenance: {
        generator: 'generate',
        model: 'gpt-4.1-mini',
        prompt_version: expect.stringMatching(/^generate\/pairs@\d+-[0-9a-f]{8}$/u) as string,
        extra: { source: 'rivers/alba.md' },
      },
    });
    const { start = 0, end = 0 } = alba?.provenance.span ?? {};
    const [document] = riverDocuments();
    expect(
      Buffer.from(document?.text ?? '')
        .subarray(start, end)
        .toString(),
    ).toContain('is 812 kilometres long');
    expect(rows.every(({ provenance }) => Number(provenance['cost_usd']) > 0)).toBe(true);
    const splits = Object.groupBy(rows, ({ split }) => split);
    const counts = Object.fromEntries(Object.entries(splits).map(([split, of]) => [split, of?.length]));
    expect(counts).toEqual(report.splits);
  });

  it('prints the plan with its estimate, and asks nothing, with --plan', async () => {
    const server = await serve(RIVER_TEACHER);
    const ended = await generate('one', docs, '--plan', '--json');
    expect(ended).toMatchObject({ status: 0 });
    expect(JSON.parse(ended.stdout)).toMatchObject({ documents: 8, passages: 8, recipe: 'webscale-rl' });
    expect((JSON.parse(ended.stdout) as { calls: number }).calls).toBeGreaterThan(16);
    expect(server.log).toEqual([]);
  });

  it('stops when the budget is spent, says so, and goes on from there', async () => {
    const server = await serve(RIVER_TEACHER);
    const path = recipe(`
models: {teacher: {model: custom, price: {input: 1000, output: 1000}, max_tokens: 200, concurrency_max: 1}}
stages: [filter, {generate: {shots: 0}}]`);
    const short = await generate('one', docs, '--recipe', path, '--budget', '12', '--json');
    expect(short).toMatchObject({ status: 1 });
    expect(short.stderr).toMatch(/Stopped: The budget is spent.*the same command goes on from there/u);
    const stopped = reported(short);
    expect(stopped).toMatchObject({ version: null, stopped: { reason: 'budget_spent' } });
    expect(stopped.cost_usd).toBeLessThanOrEqual(12);
    const bought = server.log.length;
    expect(bought).toBeGreaterThan(0);
    const whole = reported(await generate('one', docs, '--recipe', path, '--json'));
    expect(whole).toMatchObject({ kept: 8, stopped: null, calls: 16 - bought });
    expect(server.log).toHaveLength(16);
  });

  it('keeps what a model that is down did not answer as unfinished, and makes no dataset without it', async () => {
    const path = recipe(`
models: {teacher: {model: custom, endpoints: [{base_url: "http://127.0.0.1:1/v1"}], attempts_max: 1}}
stages: [filter, {generate: {shots: 0}}]`);
    const down = await generate('one', docs, '--recipe', path, '--limit', '3', '--json');
    expect(down).toMatchObject({ status: 1 });
    expect(reported(down)).toMatchObject({ version: null, unfinished: 3, kept: 0 });
    expect(down.stderr).toMatch(/3 items got no reply, and max_unfinished is 0/u);
  });

  it('awaits what is under way after Ctrl-C, and the same command goes on', async () => {
    const server = await serve(RIVER_TEACHER);
    const path = recipe(`
models: {teacher: {model: custom, concurrency_max: 1, requests_per_minute: 1200}}
stages: [filter, identify, {generate: {shots: 0}}, check]`);
    const args = [
      'generate',
      docs,
      '--name',
      'made',
      '--data',
      join(folder, 'one'),
      '--recipe',
      path,
      '--json',
    ];
    const child = spawnCommand(args);
    let said = '';
    let report = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.stdout.setEncoding('utf8').on('data', (text: string) => (report += text));
    await vi.waitUntil(() => server.log.length >= 5, { timeout: 20_000 });
    child.kill('SIGINT');
    const [status]: unknown[] = await once(child, 'close');
    expect(status).toBe(1);
    expect(said).toContain('the same command goes on from there');
    expect(JSON.parse(report)).toMatchObject({ version: null, stopped: { reason: 'interrupted' } });
    const whole = reported(await generate('one', docs, '--recipe', path, '--json'));
    expect(whole.stopped).toBeNull();
    const bodies = server.log.map(({ body }) => JSON.stringify(body));
    expect(new Set(bodies).size).toBe(bodies.length);
  });
});

describe('groupwise generate, killed', () => {
  it(
    'makes the same rows in the end, and repeats no request but the one that was under way',
    { timeout: 90_000 },
    async () => {
      const server = await serve(RIVER_TEACHER);
      const path = recipe(`
models: {teacher: {model: custom, concurrency_max: 1, price: {input: 1, output: 2}}}
stages: [filter, identify, {generate: {shots: 0}}, repair, string_checks, check]`);
      reported(await generate('undisturbed', docs, '--recipe', path, '--json'));
      const asked = server.log.length;
      const args = ['generate', docs, '--name', 'made', '--data', join(folder, 'killed'), '--recipe', path];
      const kills = 4;
      for (let kill = 1; kill <= kills; kill += 1) {
        const child = spawnCommand(args);
        const until = asked + kill * 7;
        await vi.waitUntil(() => server.log.length >= until || child.exitCode !== null, {
          timeout: 20_000,
          interval: 1,
        });
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
      expect(await generate('killed', docs, '--recipe', path, '--replace')).toMatchObject({ status: 0 });
      expect(await exported('killed')).toBe(await exported('undisturbed'));
      expect(server.log.length).toBeLessThanOrEqual(2 * asked + kills);
    },
  );
});

describe('groupwise generate --task', () => {
  it('makes questions with pass rates of a task definition, grounded in the sources, the same ones again', async () => {
    const server = await serve(SUM_MODELS);
    vi.stubEnv('GROUPWISE_POLICY_MODEL', 'policy');
    const ended = await generate('one', docs, '--task', taskFile(), '--json');
    expect(ended).toMatchObject({ status: 0 });
    const report = reported(ended);
    expect(ended.stderr).toContain('Indexed 8 passages');
    expect(report.kept).toBeGreaterThan(2);
    // The policy has no known price: then the sum is not known, rather than wrong.
    expect(report.cost_usd).toBeNull();
    const rows = rowsOf(await exported('one'));
    for (const { question, ground_truth: answer, pass_rate: passRate } of rows) {
      const [, a = '', b = ''] = /What is (\d+) \+ (\d+)\?/u.exec(question) ?? [];
      expect(Number(answer)).toBe(Number(a) + Number(b));
      expect(passRate).toBeCloseTo((Number(a) % 5) / 4, 9);
    }
    const before = server.log.length;
    expect(reported(await generate('one', docs, '--task', taskFile(), '--replace', '--json'))).toMatchObject({
      version: report.version,
      calls: 0,
    });
    expect(server.log).toHaveLength(before);
  });

  it('refuses a task without a model, and one whose file is wrong, by file and key', async () => {
    const without = await generate('one', '--task', taskFile());
    expect(without).toMatchObject({ status: 2 });
    expect(without.stderr).toContain('GROUPWISE_GENERATOR_MODEL');
    const path = join(folder, 'wrong.yaml');
    writeFileSync(path, 'description: x\nanswer_type: essay');
    const wrong = await generate('one', '--task', path);
    expect(wrong).toMatchObject({ status: 2 });
    expect(wrong.stderr).toMatch(/wrong\.yaml": answer_type: must be one of/u);
  });
});

describe('groupwise generate with what cannot be used', () => {
  it.each([
    [
      'a recipe that is not there',
      ['--recipe', 'magic'],
      /Cannot find the recipe "magic": there are .*extractive/u,
    ],
    ['no documents', [], /takes passages, and there are no documents/u],
    ['documents that are not there', ['nowhere/'], /"nowhere\/"/u],
    ['a budget that is no money', ['docs', '--budget', 'lots'], /Not an amount of dollars/u],
  ])('refuses %s', async (_, args, message) => {
    const ended = await generate('one', ...args);
    expect(ended.status).not.toBe(0);
    expect(ended.stderr).toMatch(message);
    expect(ended.stdout).toBe('');
  });

  it.each([
    ['a stage that is none', 'stages: [filtre]', 'stages[0].filtre: There is no stage "filtre"'],
    [
      'an option that the stage lacks',
      'stages: [extract, {string_checks: {speed: 1}}]',
      'stages[1].string_checks',
    ],
    ['stages in no order', 'stages: [string_checks]', 'stages[0].string_checks'],
    ['a model that is not there', 'stages: [filter]', 'asks the model "teacher", and the recipe has none'],
    ['a key that is none', 'stages: [extract]\nspeed: 1', 'speed: there is no such key'],
    [
      'a file of a stage that is not there',
      'stages: [extract, {decontaminate: {against: [no.jsonl]}}]',
      'no.jsonl',
    ],
    [
      'a key of an API that is not set',
      'stages: [filter, generate]\nmodels: {teacher: {model: x, endpoints: [{base_url: "http://127.0.0.1:1", api_key_env: NO_SUCH_KEY}]}}',
      'NO_SUCH_KEY',
    ],
    [
      'a budget without a price',
      'stages: [filter, generate]\nbudget_usd: 1\nmodels: {teacher: {model: x, endpoints: [{base_url: "http://127.0.0.1:1"}]}}',
      'the price of "x" is not known',
    ],
  ])('refuses a recipe with %s, by file and key', async (_, text, message) => {
    const ended = await generate('one', docs, '--recipe', recipe(text));
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toContain(message);
  });
});
