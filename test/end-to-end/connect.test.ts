// `groupwise connect` against servers that run, and against what is none; lines that can be run here are run as they are printed.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/adapters/pino-log.ts';
import { readServedAt } from '../../src/adapters/served-at.ts';
import type { Guide } from '../../src/commands/connect/guide.ts';
import { TRAINERS } from '../../src/commands/connect/trainers.ts';
import { freeAddress } from '../../src/commands/embedded-server.ts';
import { type RunningServer, startServer } from '../../src/commands/server.ts';
import { readSettings } from '../../src/config.ts';
import { hasOpenssl, writeCertificate } from '../support/certificate.ts';
import { runCommandLine } from '../support/command-line.ts';

const TOKEN = 'a-token-that-nobody-may-see';
const CLIENT = fileURLToPath(new URL('../../src/client/env-client.ts', import.meta.url));
const PYTHON_CLIENT = fileURLToPath(new URL('../../clients/python', import.meta.url));

let folder = '';
let data = '';
let server: RunningServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-connect-'));
  data = join(folder, 'data');
  writeFileSync(
    join(folder, 'sums.jsonl'),
    '{"question":"9 + 9?","answer":"18"}\n{"question":"2 + 2?","answer":"4"}\n',
  );
  await importAs('sums', data);
  server = await serve({ data });
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function importAs(name: string, dir: string): Promise<void> {
  const ended = await runCommandLine('import', join(folder, 'sums.jsonl'), '--name', name, '--data', dir);
  expect(ended.status).toBe(0);
}

function serve(flags: Readonly<Record<string, unknown>>): Promise<RunningServer> {
  const free = { grpc: '127.0.0.1:0', http: '127.0.0.1:0', drainMs: 1_000 };
  return startServer(readSettings({ ...free, ...flags }, {}), createLog('silent'));
}

interface Told extends Guide {
  readonly server: { readonly grpc: string; readonly http: string; readonly needs_token: boolean };
  readonly dataset: { readonly name: string };
}

async function told(...args: readonly string[]): Promise<Told> {
  const { status, stdout, stderr } = await runCommandLine('connect', ...args, '--json');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as Told;
}

/** Runs a script without holding up the server, which lives in this process. */
async function run(program: string, args: readonly string[], script: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(program, args, { env: { PATH: process.env['PATH'], ...env }, cwd: folder });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  child.stdin.end(script);
  const [status] = (await once(child, 'close')) as [number];
  return { status, ...said };
}

function textOf({ blocks }: Guide, language: string): string {
  const texts = blocks.flatMap((block) => (block.language === language ? [block.text] : []));
  return texts.join('\n');
}

describe('groupwise connect', () => {
  it('groupwise connect finds the server of a data directory, with its addresses and its dataset', async () => {
    const found = await told('trl', '--data', data);
    expect(found.server).toMatchObject({ grpc: server.grpc, http: `http://${server.http}` });
    expect(found.dataset.name).toBe('sums');
    expect(textOf(found, 'python')).toContain(`groupwise_reward("${server.grpc}"`);
    expect(textOf(found, 'bash')).toContain(`dataset export sums --data ${data} --format trainer`);
  });

  it('groupwise connect takes addresses, and knows no data directory then', async () => {
    const found = await told('openrlhf', '--http', server.http, '--grpc', server.grpc, '--reward', 'numeric');
    const lines = textOf(found, 'bash');
    expect(lines).toContain(`http://${server.http}/compat/openrlhf/get_reward?reward=numeric`);
    expect(lines).not.toContain('--data ');
  });

  it.each(TRAINERS.map(({ name }) => name))('groupwise connect %s prints for people', async (name) => {
    const { status, stdout } = await runCommandLine('connect', name, '--data', data);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^.+ with Groupwise \d.*\nDataset "sums" \(train 2\)\n\n1\. /);
    expect(stdout).toMatch(/\nMind: .*\nMore: docs\//);
  });

  it('groupwise connect without a trainer prints the list', async () => {
    const { status, stdout } = await runCommandLine('connect');
    expect(status).toBe(0);
    for (const { name } of TRAINERS) expect(stdout).toContain(`  ${name} `);
  });

  it('groupwise connect curl: the lines run as they are', async () => {
    const lines = textOf(await told('curl', '--data', data), 'bash');
    const { status, stdout } = await run('bash', ['-e'], lines);
    expect(status).toBe(0);
    expect(stdout).toContain('"reward":1');
    expect(stdout).toContain('"lease_id":');
  });

  it('groupwise connect reasoning-gym: the lines run as they are', async () => {
    const lines = textOf(await told('reasoning-gym', '--data', data), 'bash');
    const { status, stdout } = await run('bash', ['-e'], lines);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ scores: [expect.any(Number)] });
  });

  it('groupwise connect typescript: the lines run as they are', async () => {
    const lines = textOf(await told('typescript', '--data', data), 'typescript');
    const script = lines.replace("'groupwise/client'", JSON.stringify(CLIENT));
    const { stderr, stdout } = await run(process.execPath, ['--input-type=module-typescript', '-'], script);
    expect(stderr.replaceAll(/^.*(?:Warning|--trace).*\n/gm, '')).toBe('');
    expect(stdout).toMatch(/\?\n.*"advantage":/);
  });

  // Runs again where python3 has grpcio: it is what the client is made for.
  it.skipIf(spawnSync('python3', ['-c', 'import grpc, google.protobuf']).status !== 0)(
    'groupwise connect python: the lines run as they are',
    async () => {
      const lines = textOf(await told('python', '--data', data), 'python');
      const { status, stdout } = await run('python3', ['-'], lines, { PYTHONPATH: PYTHON_CLIENT });
      expect(status).toBe(0);
      expect(stdout).toMatch(/\?\n[01]\.0 -?[\d.]+\n[01]\.0 -?[\d.]+\n/);
    },
  );

  it('groupwise connect asks with the token, and never prints it', async () => {
    const guarded = join(folder, 'guarded');
    await importAs('secret', guarded);
    const own = await serve({ data: guarded, token: TOKEN, http: '0.0.0.0:0' });
    try {
      const refused = await runCommandLine('connect', 'curl', '--data', guarded);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/wants a token: set GROUPWISE_TOKEN/);
      for (const { name } of TRAINERS) {
        const { status, stdout } = await runCommandLine('connect', name, '--data', guarded, '--token', TOKEN);
        expect(status).toBe(0);
        expect(stdout).not.toContain(TOKEN);
        expect(stdout).toContain('elsewhere, put the name of this machine in place of 127.0.0.1.');
      }
      const lines = textOf(await told('curl', '--data', guarded, '--token', TOKEN), 'bash');
      const { stdout } = await run('bash', ['-e'], lines, { GROUPWISE_TOKEN: TOKEN });
      expect(stdout).toContain('"lease_id":');
    } finally {
      await own.stop();
    }
  });

  it.skipIf(!hasOpenssl)('groupwise connect asks over TLS, and says who is to be believed', async () => {
    const { certificate, key } = writeCertificate(folder);
    const own = await serve({ data: join(folder, 'tls'), tlsCert: certificate, tlsKey: key });
    try {
      await importAs('sums', join(folder, 'tls'));
      const refused = await runCommandLine('connect', 'curl', '--data', join(folder, 'tls'));
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/name who vouches for it with --tls-ca FILE/);
      // The certificate is for this name.
      const places = ['--grpc', own.grpc, '--http', own.http].map((word) =>
        word.replace('127.0.0.1', 'localhost'),
      );
      const found = await told('curl', ...places, '--tls-ca', certificate);
      const { stdout } = await run('bash', ['-e'], textOf(found, 'bash'));
      expect(stdout).toContain('"lease_id":');
      expect((await told('trl', ...places, '--tls-ca', certificate)).server.grpc).toMatch(/^localhost:/);
    } finally {
      await own.stop();
    }
  });

  it('groupwise connect says so where nobody answers, and forgets a server that has ended', async () => {
    const [grpc, http] = [await freeAddress(), await freeAddress()];
    const { status, stderr } = await runCommandLine('connect', 'trl', '--grpc', grpc, '--http', http);
    expect(status).toBe(1);
    expect(stderr).toContain(
      `No server answers at http://${http} (ECONNREFUSED): start it with groupwise serve`,
    );
    const ended = join(folder, 'ended');
    await (await serve({ data: ended })).stop();
    expect(readServedAt(ended)).toBeUndefined();
  });

  it('groupwise connect wants the gRPC door only of those who use it', async () => {
    const nobody = await freeAddress();
    const { status, stderr } = await runCommandLine(
      'connect',
      'trl',
      '--grpc',
      nobody,
      '--http',
      server.http,
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/scored over gRPC, and no gRPC door answers/);
    expect((await told('slime', '--grpc', nobody, '--http', server.http)).server.grpc).toBeNull();
  });

  it('groupwise connect knows another server when it meets one', async () => {
    const other = createServer((_, response) => response.end('<html></html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const http = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { status, stderr } = await runCommandLine('connect', 'curl', '--http', http);
    other.close();
    expect(status).toBe(1);
    expect(stderr).toContain(`What answers at http://${http} is no Groupwise server`);
  });

  it.each([
    [['keras'], 2, 'Unknown trainer "keras": known are trl, '],
    [['trl', '--dataset', 'nope'], 2, 'has no dataset "nope": it has sums'],
    [['trl', '--reward', '{"scorers":'], 2, 'Cannot read --reward'],
    [['openrlhf', '--reward', 'bogus'], 2, 'has no scorer "bogus": it has math, numeric, '],
    [['openrlhf', '--reward', 'maths'], 2, 'has no scorer "maths": is it math?'],
    [['trl', '--reward', '{"scorers":["math",{"name":"nummeric"}]}'], 2, 'is it numeric?'],
    [['trl', '--reward', '{"scorers":["math"],"combined":"product"}'], 2, 'has no member "combined"'],
    [
      ['trl', '--reward', '{"scorers":[{"name":"regex","patern":"x"}]}'],
      2,
      'Cannot use --reward.scorers[0].patern: ',
    ],
    [['trl', '--reward', '@/nowhere.json'], 2, 'Cannot read --reward'],
    [['trl', '--tls-ca', '/nowhere.pem'], 2, '"/nowhere.pem" cannot be read'],
  ])('groupwise connect %j ends with %i', async (args, status, says) => {
    const ended = await runCommandLine('connect', ...args, '--data', data);
    expect(ended.stderr).toContain(says);
    expect(ended.status).toBe(status);
  });

  it('groupwise connect says how a dataset is made where there is none', async () => {
    const own = await serve({ data: join(folder, 'empty') });
    const { status, stderr } = await runCommandLine('connect', 'trl', '--data', join(folder, 'empty'));
    await own.stop();
    expect(status).toBe(1);
    expect(stderr).toMatch(/has no dataset yet: groupwise import FILE --name NAME makes one/);
  });
});
