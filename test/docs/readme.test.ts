// What the README shows works: its commands exist with their flags, its request gets the answer that its text suggests, and
// its client code calls methods that there are.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli.ts';
import { EnvClient } from '../../src/client/env-client.ts';
import { startEmbeddedServer, type EmbeddedServer } from '../../src/commands/embedded-server.ts';

const ROOT = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', ROOT), 'utf8');
const blocks = [...readme.matchAll(/^```(?<language>\w+)\n(?<code>[\s\S]*?)^```$/gmu)].map((match) => ({
  language: match.groups?.['language'] ?? '',
  code: match.groups?.['code'] ?? '',
}));
const shell = blocks.filter((block) => block.language === 'bash').map((block) => block.code);
const program = createProgram();

/** Command lines of the shell blocks, comments and continued lines joined away. */
const lines = shell
  .flatMap((code) => code.replaceAll('\\\n', ' ').split('\n'))
  .map((line) => line.replace(/\s+#.*$/u, '').trim())
  .filter((line) => line !== '');

/** What the program does not know of a call of `npx groupwise`. */
function unknownIn(call: string): readonly string[] {
  const [name = '', ...words] = call.split(/\s+/u).slice(2);
  const command = program.commands.find((known) => known.name() === name);
  if (command === undefined) return [name];
  const flags = new Set(command.options.flatMap((option) => [option.long, option.short]));
  return words.filter((word) => word.startsWith('-') && !flags.has(word.split('=')[0]));
}

describe('the README', () => {
  it('names npm scripts that there are', () => {
    const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
    const named = [...readme.matchAll(/\bnpm (?:run (?<script>[\w:-]+)|(?<short>test|start))\b/gu)].map(
      (match) => match.groups?.['script'] ?? match.groups?.['short'],
    );
    expect(named).toEqual(expect.arrayContaining(['demo', 'test', 'start']));
    for (const script of named) expect(manifest).toHaveProperty(['scripts', script ?? '']);
  });

  it('calls commands with flags and arguments that they take', () => {
    const calls = lines.filter((line) => line.startsWith('npx groupwise '));
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.flatMap((call) => unknownIn(call).map((word) => [call, word]))).toEqual([]);
  });

  it('lists the commands that there are', () => {
    const listed = [...readme.matchAll(/^\| `groupwise (?<name>[\w-]+)` +\|/gmu)].map(
      (match) => match.groups?.['name'],
    );
    expect(new Set(listed)).toEqual(new Set(program.commands.map((command) => command.name())));
  });

  it('has client code that calls methods of EnvClient', () => {
    const code = blocks.filter((block) => block.language === 'ts').map((block) => block.code);
    const called = code.flatMap((text) => [...text.matchAll(/\bclient\.(?<name>\w+)\(/gu)]);
    expect(called.length).toBeGreaterThan(0);
    for (const call of called) expect(EnvClient.prototype).toHaveProperty([call.groups?.['name'] ?? '']);
  });
});

describe('the request of the README', () => {
  let server: EmbeddedServer;
  beforeAll(async () => {
    server = await startEmbeddedServer(async () => {});
  });
  afterAll(async () => {
    await server.stop();
  });

  it('gets a reward of 1 for the right answer and 0 for the wrong one', async () => {
    const request = /curl -s localhost:8080(?<path>\S+) .*-d '(?<body>[^']+)'/su.exec(shell.join('\n'));
    const reply = await fetch(`http://${server.http}${request?.groups?.['path']}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: request?.groups?.['body'] ?? '',
    });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({
      estimator: { name: 'grpo:verl' },
      groups: [{ completions: [{ reward: 1 }, { reward: 0 }] }],
    });
  });
});
