// The examples of trainers, as far as they can be held to something without the trainers: their pages call commands with flags that
// there are, their files parse, and what they name of ours is there.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../src/cli.ts';
import { EXPORT_SHAPES } from '../../src/core/export-shapes.ts';

const FOLDERS = ['trl', 'verl', 'openrlhf', 'slime', 'nemo-rl'] as const;
const EXAMPLES = new URL('../../examples/', import.meta.url);
const hasPython = spawnSync('python3', ['--version']).status === 0;
const program = createProgram();

function filesOf(folder: string): readonly string[] {
  return readdirSync(new URL(`${folder}/`, EXAMPLES), { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.includes('__pycache__'))
    .map((path) => `${folder}/${path}`);
}

function read(path: string): string {
  return readFileSync(new URL(path, EXAMPLES), 'utf8');
}

const FILES = FOLDERS.flatMap(filesOf);
const ending = (end: string): readonly string[] => FILES.filter((path) => path.endsWith(end));

/** Lines of the page's shell blocks that call this program, as words. */
function callsIn(page: string): readonly (readonly string[])[] {
  const blocks = [...page.matchAll(/^```bash\n(?<code>[\s\S]*?)^```$/gmu)];
  return blocks
    .flatMap((block) => (block.groups?.['code'] ?? '').split('\n'))
    .map((line) => line.replace(/\s+#.*$/u, '').trim())
    .filter((line) => line.startsWith('npx groupwise '))
    .map((line) => line.split(/\s+/u).slice(2));
}

/** What the program does not know of these words. */
function unknownIn(words: readonly string[], command: Command = program): readonly string[] {
  const [name, ...rest] = words;
  const inner = command.commands.find((each) => each.name() === name);
  if (inner !== undefined) return unknownIn(rest, inner);
  const flags = new Set(command.options.flatMap(({ long, short }) => [long, short]));
  return words.filter((word) => word.startsWith('-') && !flags.has(word));
}

describe('the examples of trainers', () => {
  it.each(FOLDERS)('%s: its page calls commands with flags that they take', (folder) => {
    const calls = callsIn(read(`${folder}/README.md`));
    expect(calls.map(([name]) => name)).toEqual(expect.arrayContaining(['import', 'serve', 'dataset']));
    expect(calls.flatMap((call) => unknownIn(call))).toEqual([]);
  });

  it.each(FOLDERS)('%s: its page says which version it is of, and what has been run', (folder) => {
    const page = read(`${folder}/README.md`);
    expect(page).toMatch(/ \d+\.\d+\.\d+/);
    expect(page).toMatch(/\n## What has been run\n\n\S/);
  });

  it.each(FOLDERS)('%s: rows are of a format that hands out no ground truth', (folder) => {
    const formats = [...read(`${folder}/README.md`).matchAll(/--format ([\w-]+)/g)].map(([, name]) => name);
    const known = EXPORT_SHAPES.filter(({ summary }) => summary.includes('without ground truths'));
    expect(known.map(({ name }) => name)).toEqual(expect.arrayContaining([...new Set(formats)]));
    expect(formats.length).toBeGreaterThan(0);
  });

  it.each(ending('.sh'))('%s parses', (path) => {
    expect(spawnSync('bash', ['-n'], { input: read(path), encoding: 'utf8' }).stderr).toBe('');
  });

  it.each(ending('.yaml'))('%s parses', (path) => {
    expect(parse(read(path))).toBeTypeOf('object');
  });

  it.skipIf(!hasPython).each(ending('.py'))('%s compiles (skipped without python3)', (path) => {
    const compiled = spawnSync('python3', ['-c', 'import sys; compile(sys.stdin.read(), "x", "exec")'], {
      input: read(path),
      encoding: 'utf8',
    });
    expect(compiled.stderr).toBe('');
  });

  it('nemo-rl: rows name the agent server of its configuration', () => {
    const shape = EXPORT_SHAPES.find(({ name }) => name === 'nemo-gym');
    const row = shape?.rowOf(
      {
        pairId: 'p' as never,
        question: 'Q?',
        groundTruth: { answer: 'A', aliases: [] },
        answerType: 'text',
        provenance: {},
        split: 'train',
      },
      { dataset: 'd', reward: undefined, ordinal: 0 },
    );
    const servers: unknown = parse(read('nemo-rl/resources_servers/groupwise/configs/groupwise.yaml'));
    const agent = row?.['agent_ref'] as { readonly name: string } | undefined;
    expect(servers).toHaveProperty([agent?.name ?? '', 'responses_api_agents', 'simple_agent']);
  });
});
