import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/loadtest/report.ts';

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
    ['the door of the transport is not named', ['--grpc', '127.0.0.1:1', '--transport', 'rest'], 2],
  ])('groupwise loadtest says so in its status when %s', async (_, args, expected) => {
    expect((await loadtest(...args)).status).toBe(expected);
  });
});
