import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/loadtest/report.ts';
import { hasOpenssl, writeCertificate } from '../support/certificate.ts';
import { ServerProcess } from '../support/server-process.ts';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));

interface Ended {
  readonly status: unknown;
  readonly printed: string;
}

/** Runs `groupwise loadtest` for a moment, on a server of its own unless `args` name one. */
async function loadtest(...args: readonly string[]): Promise<Ended> {
  const short = ['--duration', '0.5', '--warmup', '0.2', '--json'];
  const child = spawn(process.execPath, [COMMAND, 'loadtest', ...short, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.on('data', (text: Buffer) => {
    printed += text.toString();
  });
  child.stderr.resume();
  const [status]: unknown[] = await once(child, 'close');
  return { status, printed };
}

describe('groupwise loadtest', () => {
  test.each([
    ['grpc-stream', ['--transport', 'grpc-stream']],
    ['grpc', ['--transport', 'grpc', '--group-size', '3', '--groups-per-request', '2']],
    ['rest', ['--transport', 'rest', '--reward', 'numeric']],
    ['an open loop', ['--transport', 'grpc-stream', '--rate', '200']],
    ['rollout', ['--scenario', 'rollout', '--streams', '2']],
  ])('groupwise loadtest over %s finds every answer right and ends with 0', async (_, args) => {
    const { status, printed } = await loadtest(...args);
    const report: Report = JSON.parse(printed);
    expect({ status, wrong: report.wrong, failed: report.failed }).toEqual({
      status: 0,
      wrong: 0,
      failed: 0,
    });
    expect(report.answered).toBeGreaterThan(0);
    expect(report.books?.balance ?? true).toBe(true);
    expect(printed.trimEnd()).not.toContain('\n');
  });

  // Runs wherever openssl is installed: it makes the certificate.
  describe.skipIf(!hasOpenssl)(`over TLS${hasOpenssl ? '' : ' (skipped: no openssl)'}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'groupwise-loadtest-'));
    let server: ServerProcess;
    let trusted: string;
    beforeAll(async () => {
      const { certificate, key } = writeCertificate(folder);
      trusted = certificate;
      const tls = ['--tls-cert', certificate, '--tls-key', key];
      server = await ServerProcess.start(join(folder, 'data'), ...tls);
    });
    afterAll(async () => {
      await server.kill();
      rmSync(folder, { recursive: true });
    });

    test.each(['grpc-stream', 'grpc', 'rest'])('groupwise loadtest over %s reaches it', async (transport) => {
      const [grpc, http] = [server.grpc, server.http].map((door) => door.replace('127.0.0.1', 'localhost'));
      const doors = ['--grpc', grpc ?? '', '--http', http ?? '', '--transport', transport, '--timeout', '5'];
      const { status, printed } = await loadtest(...doors, '--tls-ca', trusted, '--duration', '2.5');
      const report: Report = JSON.parse(printed);
      expect({ status, wrong: report.wrong, failed: report.failed }).toEqual({
        status: 0,
        wrong: 0,
        failed: 0,
      });
      // Its metrics are read over TLS as well.
      expect(report.server?.residentBytes.length).toBeGreaterThan(0);
      expect((await loadtest(...doors, '--tls')).status).toBe(1);
    });
  });

  test('groupwise loadtest ends with 1 when the scorer does not score what it sends', async () => {
    // Questions without options, scored as multiple choice: no completion can earn its reward.
    const { status, printed } = await loadtest('--reward', 'choice');
    const report: Report = JSON.parse(printed);
    expect(status).toBe(1);
    expect(report.wrong + report.failed).toBeGreaterThan(0);
  });

  test.each([
    ['no server is there', ['--grpc', '127.0.0.1:1'], 1],
    ['an option is wrong', ['--group-size', '0'], 2],
    ['options do not go together', ['--grpc', '127.0.0.1:1', '--transport', 'rollout'], 2],
    ['TLS is asked of the server that it starts itself', ['--tls'], 2],
    ['certificates cannot be read', ['--grpc', '127.0.0.1:1', '--tls-ca', '/nowhere.pem'], 2],
    ['the door of the transport is not named', ['--grpc', '127.0.0.1:1', '--transport', 'rest'], 2],
  ])('groupwise loadtest says so in its status when %s', async (_, args, expected) => {
    expect((await loadtest(...args)).status).toBe(expected);
  });
});
