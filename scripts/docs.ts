// Writes what the program can print into the docs: the settings table of the README, the help of every command, the
// tables of verifiers and stages. `npm run docs` writes; a test compares, so that the pages cannot drift from the program.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { createProgram } from '../src/cli.ts';
import { SETTINGS, defaultOf } from '../src/config.ts';
import { STAGE_KINDS } from '../src/generate/table.ts';
import { VERIFIERS } from '../src/core/verifiers/table.ts';

const ROOT = new URL('..', import.meta.url);

/** Each generated page, by its path in the repository, as it should be. */
export function renderDocs(): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', replaceBlock(read('README.md'), 'settings', settingsTable())],
    ['docs/commands.md', commandsPage()],
    [
      'docs/generate.md',
      replaceBlock(
        replaceBlock(read('docs/generate.md'), 'stages', stagesTable()),
        'stage-options',
        stageOptions(),
      ),
    ],
    ['docs/verifiers.md', replaceBlock(read('docs/verifiers.md'), 'verifiers', verifiersTable())],
  ]);
}

function settingsTable(): string {
  const rows = SETTINGS.map((setting) => {
    const fallback = defaultOf(setting);
    return `| \`${setting.flag}\` | \`${setting.variable}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${setting.summary} |`;
  });
  return ['| flag | variable | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function stagesTable(): string {
  const rows = STAGE_KINDS.map(
    ({ name, takes, gives, model, summary }) =>
      `| \`${name}\` | ${takes} → ${gives} | ${model ?? ''} | ${sentence(summary)} |`,
  );
  return ['| stage | takes → gives | asks | what it does |', '|---|---|---|---|', ...rows].join('\n');
}

/** The options of each stage that has some, with their defaults; `…` where a recipe must say. */
function stageOptions(): string {
  return STAGE_KINDS.flatMap(({ name, options }) => {
    const { properties = {} } = z.toJSONSchema(options(), { io: 'input', unrepresentable: 'any' });
    const told = Object.entries(properties).map(([key, form]) => `\`${key}: ${defaultIn(form)}\``);
    return told.length === 0 ? [] : [`- \`${name}\`: ${told.join(', ')}`];
  }).join('\n');
}

/** As a recipe would write it. */
function defaultIn(form: z.core.JSONSchema._JSONSchema): string {
  if (typeof form === 'boolean') return '…';
  const inner = Object.entries(form.properties ?? {});
  if (inner.length > 0) return `{ ${inner.map(([key, each]) => `${key}: ${defaultIn(each)}`).join(', ')} }`;
  const { default: fallback } = form;
  if (fallback === undefined) return '…';
  return Array.isArray(fallback) ? `[${fallback.join(', ')}]` : JSON.stringify(fallback).replaceAll('"', '');
}

function sentence(summary: string): string {
  return `${summary.slice(0, 1).toUpperCase()}${summary.slice(1).replace(/\.$/u, '')}.`;
}

function verifiersTable(): string {
  const rows = VERIFIERS.map(({ name, summary, reads }) => `| \`${name}\` | ${reads} | ${summary} |`);
  return ['| verifier | reads | what it does |', '|---|---|---|', ...rows].join('\n');
}

function commandsPage(): string {
  const program = createProgram();
  const sections = leaves(program).map(({ path, command }) => {
    command.configureHelp({ helpWidth: 110 });
    return `## ${path}\n\n\`\`\`text\n${command.helpInformation().trimEnd()}\n\`\`\``;
  });
  return `# Commands\n\nWhat \`npx groupwise COMMAND --help\` prints.\n\n${sections.join('\n\n')}\n`;
}

function leaves(command: Command, path = 'groupwise'): readonly { path: string; command: Command }[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leaves(child, `${path} ${child.name()}`));
}

function replaceBlock(page: string, name: string, content: string): string {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`Cannot write the docs: no block "${name}"`);
  return `${page.slice(0, from + begin.length)}\n\n${content}\n\n${page.slice(to)}`;
}

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

if (import.meta.main) {
  for (const [path, content] of renderDocs()) writeFileSync(new URL(path, ROOT), content);
}
