import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type Ended, runCommandLine } from '../support/command-line.ts';

const SAMPLE = fileURLToPath(new URL('../../examples/sample/questions.jsonl', import.meta.url));
const GSM8K = fileURLToPath(new URL('../../../shared/data/gsm8k/test.jsonl', import.meta.url));
const SAMPLE_ROWS = readFileSync(SAMPLE, 'utf8').trimEnd().split('\n').length;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-cli-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function groupwise(...args: string[]): Promise<Ended> {
  return runCommandLine(...args, '--data', join(folder, 'data'));
}

/** Runs a command that must succeed and print one line of JSON. */
async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await groupwise(...args, '--json');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  const parsed: Record<string, unknown> = JSON.parse(stdout);
  return parsed;
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('groupwise import', () => {
  it('groupwise import and dataset export come back to the same version, in every native form', async () => {
    const { version } = await json('import', SAMPLE, '--name', 'sample', '--reward', 'exact');
    for (const name of ['out.jsonl', 'out.jsonl.gz', 'out.jsonl.zst', 'out.parquet']) {
      const out = join(folder, name);
      await json('dataset', 'export', 'sample', '--out', out);
      expect((await json('import', out, '--name', 'again', '--replace'))['version']).toBe(version);
    }
    const out = join(folder, 'out');
    await json('dataset', 'export', 'sample', '--out', out, '--shard-rows', '100');
    const shards = readdirSync(join(out, 'data')).toSorted();
    expect(shards.length).toBeGreaterThan(3);
    for (const shard of shards) expect(shard).toMatch(/^(?:train|test)-0000\d-of-0000\d\.parquet$/);
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain('path: "data/train-*.parquet"');
    const paths = shards.map((shard) => join(out, 'data', shard));
    expect((await json('import', ...paths, '--name', 'again', '--replace'))['version']).toBe(version);
  });

  it.each(['verl', 'webscale-rl', 'prompt-completion'])(
    'groupwise dataset export --format %s is read back by its own layout, from lines and from Parquet',
    async (format) => {
      const rows = Array.from(
        { length: 20 },
        (_, index) =>
          `${JSON.stringify({ pretrain_text: `t${index}`, question: `q${index}`, answer: `${index}` })}\n`,
      );
      await json('import', file('rows.jsonl', rows.join('')), '--name', 'rows');
      const versions: unknown[] = [];
      for (const extension of ['jsonl', 'parquet']) {
        const out = join(folder, `out.${extension}`);
        await json('dataset', 'export', 'rows', '--format', format, '--out', out);
        const imported = await json('import', out, '--name', extension);
        expect(imported).toMatchObject({ rows_added: 20, rows_rejected: 0, sources: [{ layout: format }] });
        versions.push(imported['version']);
      }
      expect(versions[0]).toBe(versions[1]);
    },
  );

  it.each(['trainer', 'nemo-gym'])(
    'groupwise dataset export --format %s names each row and holds no ground truth',
    async (format) => {
      const rows = [
        { question: 'Which?', ground_truth: 'B', choices: ['left', 'right'], answer_type: 'choice' },
        { messages: [{ role: 'user', content: 'How many?' }], ground_truth: '4711', aliases: ['4,711'] },
      ];
      const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      await json('import', file('rows.jsonl', lines), '--name', 'rows');
      const out = join(folder, 'out.jsonl');
      await json('dataset', 'export', 'rows', '--format', format, '--out', out);
      const text = readFileSync(out, 'utf8');
      expect(text).not.toMatch(/4711|4,711|"B"/);
      const read = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const shown = (await json('dataset', 'show', 'rows'))['rows'] as readonly { pair_id: string }[];
      const prompts = [
        [{ role: 'user', content: 'Which?\nA. left\nB. right' }],
        [{ role: 'user', content: 'How many?' }],
      ];
      const labels = shown.map(({ pair_id }) => ({ dataset: 'rows', pair_id }));
      expect(read).toEqual(
        labels.map((label, index) =>
          format === 'trainer'
            ? {
                prompt: prompts[index],
                label,
                data_source: 'rows',
                reward_model: { style: 'rule', ground_truth: label },
                extra_info: { split: 'train', index },
              }
            : {
                responses_create_params: { input: prompts[index] },
                agent_ref: { type: 'responses_api_agents', name: 'groupwise_simple_agent' },
                ...label,
              },
        ),
      );
    },
  );

  it.skipIf(!existsSync(GSM8K))(
    'groupwise import reads all of GSM8K (skipped where the data is absent)',
    async () => {
      expect(await json('import', GSM8K, '--name', 'gsm8k')).toMatchObject({
        rows_added: 1_319,
        rows_rejected: 0,
        splits: { train: 1_319 },
        answer_types: { number: 1_319 },
      });
    },
  );

  it('groupwise import refuses splits that share a document, unless they are asked for', async () => {
    const rows = ['train', 'test', 'test'].map((split, index) =>
      JSON.stringify({
        question: `q${index}`,
        ground_truth: '1',
        split,
        document_id: index < 2 ? 'd-1' : 'd-2',
      }),
    );
    const path = file('shared.json', `[${rows.join()}]`);
    const mapping = ['--map', 'document_id=document_id'];
    const refused = await groupwise('import', path, '--name', 'shared', ...mapping);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('1 document has rows in more than one split: "d-1" (train, test)');
    expect(refused.stderr).toContain('--allow-shared-documents');
    expect((await groupwise('dataset', 'show', 'shared')).status).toBe(1);

    const kept = await json('import', path, '--name', 'shared', ...mapping, '--allow-shared-documents');
    expect(kept['shared_documents']).toEqual({
      count: 1,
      examples: [{ document_id: 'd-1', splits: ['train', 'test'] }],
    });
    const split = await json('import', path, '--name', 'by-document', ...mapping, '--test-share', '0.5');
    expect(split['shared_documents']).toEqual({ count: 0, examples: [] });
  });

  it('groupwise import refuses a taken name and leaves the dataset as it is', async () => {
    const { version } = await json('import', SAMPLE, '--name', 'sample');
    const again = await groupwise('import', SAMPLE, '--name', 'sample', '--limit', '10');
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('--replace');
    expect((await json('dataset', 'show', 'sample'))['version']).toBe(version);
    const replaced = await json('import', SAMPLE, '--name', 'sample', '--limit', '10', '--replace');
    expect((await json('dataset', 'show', 'sample'))['version']).toBe(replaced['version']);
  });

  it('groupwise import keeps nothing of an import that fails', async () => {
    const path = file('rows.jsonl', '{"question":"one","answer":"1"}\nbroken\nbroken\n');
    const failed = await groupwise('import', path, '--name', 'rows', '--max-rejected', '1');
    expect(failed.status).toBe(1);
    expect(failed.stdout).toBe('');
    expect(failed.stderr).toContain(`${path}:2: is not JSON`);
    expect(await json('dataset', 'list')).toEqual({ datasets: [] });
    expect(readdirSync(join(folder, 'data', 'datasets'))).toEqual([]);
  });

  it('groupwise import says on standard error what it rejected, and where', async () => {
    const path = file(
      'rows.jsonl',
      '{"question":"one","answer":"1"}\nbroken\n{"question":"one","answer":"2"}\n',
    );
    const { status, stderr, stdout } = await groupwise('import', path, '--name', 'rows');
    expect(status).toBe(0);
    expect(stdout).toContain('1 (2 rejected)');
    expect(stderr).toContain('Rejected 1 row: not_json');
    expect(stderr).toContain(`${path}:2: is not JSON`);
    expect(stderr).toContain(`${path}:3: asks what an earlier row asks, with another ground truth`);
  });

  it.each<[string, readonly string[], number, RegExp]>([
    ['no file', ['absent.jsonl', '--name', 'x'], 1, /no such file/],
    ['a directory', [tmpdir(), '--name', 'x'], 2, /is a directory/],
    ['no name', [SAMPLE], 2, /--name/],
    ['a name with a slash', [SAMPLE, '--name', 'a/b'], 2, /Cannot name a dataset/],
    [
      'a layout of its own',
      [SAMPLE, '--name', 'x', '--layout', 'mine'],
      2,
      /Allowed choices are verl, native/,
    ],
    ['an unknown scorer', [SAMPLE, '--name', 'x', '--reward', 'mine'], 2, /Unknown scorer "mine"/],
    ['a share above 1', [SAMPLE, '--name', 'x', '--test-share', '1.5'], 2, /from 0 to 1/],
    [
      'two ways to split',
      [SAMPLE, '--name', 'x', '--test-share', '0.5', '--split', 'a'],
      2,
      /cannot be used with/,
    ],
    ['a column that is not there', [SAMPLE, '--name', 'x', '--map', 'domain=topic'], 2, /no column "topic"/],
  ])('groupwise import refuses %s', async (_what, args, status, message) => {
    const result = await groupwise('import', ...args);
    expect(result.status).toBe(status);
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe('');
  });
});

describe('groupwise dataset', () => {
  it('groupwise dataset list, show, card and remove say what there is', async () => {
    await json(
      'import',
      SAMPLE,
      '--name',
      'sample',
      '--license',
      'CC0-1.0',
      '--description',
      'Made by hand | <b>',
    );
    expect((await groupwise('dataset', 'list')).stdout).toMatch(
      /^sample\s+[0-9a-f]{12} {2}(?:train|test) \d+, (?:train|test) \d+\n$/,
    );
    const shown = await json('dataset', 'show', 'sample', '--rows', '2', '--split', 'test');
    expect(shown).toMatchObject({ name: 'sample', record: { kind: 'import', rows_added: SAMPLE_ROWS } });
    expect(shown['rows']).toEqual([
      expect.objectContaining({ split: 'test', ground_truth: expect.any(String) }),
      expect.objectContaining({ split: 'test' }),
    ]);
    const card = (await groupwise('dataset', 'card', 'sample')).stdout;
    expect(card).toMatch(/^---\nlicense: "cc0-1.0"\n/);
    expect(card).toContain('Made by hand | &lt;b>');
    expect(card).toContain(`| questions.jsonl | native | ${SAMPLE_ROWS} | ${SAMPLE_ROWS} |`);
    expect(await json('dataset', 'remove', 'sample')).toEqual({ name: 'sample', versions_removed: 1 });
    expect(readdirSync(join(folder, 'data', 'datasets'))).toEqual([]);
    expect((await groupwise('dataset', 'remove', 'sample')).status).toBe(1);
  });

  it('groupwise dataset export overwrites nothing that it was not told to', async () => {
    await json('import', SAMPLE, '--name', 'sample');
    const out = file('out.jsonl', 'precious');
    expect((await groupwise('dataset', 'export', 'sample', '--out', out)).status).toBe(1);
    expect(readFileSync(out, 'utf8')).toBe('precious');
    expect(await json('dataset', 'export', 'sample', '--out', out, '--overwrite')).toMatchObject({
      files: [{ path: out, rows: SAMPLE_ROWS }],
    });
    expect((await groupwise('dataset', 'export', 'sample', '--out', folder)).stderr).toContain('not empty');
    expect((await groupwise('dataset', 'export', 'sample', '--out', join(folder, 'out.csv'))).status).toBe(2);
    const dev = await groupwise('dataset', 'export', 'sample', '--split', 'dev', '--out', `${out}.zst`);
    expect(dev.stderr).toMatch(/it has \w+, \w+/);
  });

  it('groupwise dataset export leaves no half file when a row has no place in the format', async () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ];
    await json(
      'import',
      file('rows.jsonl', JSON.stringify({ messages, ground_truth: '1' })),
      '--name',
      'chat',
    );
    const before = readdirSync(folder);
    for (const name of ['out.jsonl', 'out.parquet']) {
      const args = ['dataset', 'export', 'chat', '--format', 'webscale-rl', '--out', join(folder, name)];
      expect((await groupwise(...args)).stderr).toContain('conversation of 3 messages');
    }
    expect(readdirSync(folder)).toEqual(before);
  });
});
