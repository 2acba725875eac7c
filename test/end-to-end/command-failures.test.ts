import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { main } from '../../src/cli.ts';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));

let folder = '';
let taken: Server;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-failures-'));
  writeFileSync(join(folder, 'a-file'), 'not ours');
  writeFileSync(join(folder, 'rows.jsonl'), '{"question":"2 + 2?","answer":"4"}\n');
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
});
afterEach(() => {
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One command line, run by the program's own entry point in this process; FOLDER and TAKEN stand for what a test made. */
async function groupwise(line: string): Promise<{ status: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    }),
  );
  const words = line
    .split(' ')
    .map((word) => word.replace('FOLDER', folder).replace('TAKEN', String(portOf(taken))));
  try {
    await main(['node', 'groupwise', ...words]);
    return { status: Number(process.exitCode ?? 0), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

describe('main()', () => {
  it.each<[line: string, status: number, says: string]>([
    ['serve --data FOLDER/a-file --grpc 127.0.0.1:0 --http 127.0.0.1:0', 1, 'file already exists'],
    ['serve --data FOLDER/a-file/below --grpc 127.0.0.1:0 --http 127.0.0.1:0', 1, 'not a directory'],
    ['serve --data FOLDER/data --grpc 127.0.0.1:0 --http 127.0.0.1:TAKEN', 1, 'Cannot listen on 127.0.0.1:'],
    ['serve --data FOLDER/data --grpc 0.0.0.0:0 --http 127.0.0.1:0', 2, 'without a token'],
    ['dataset list --data FOLDER/nowhere', 1, 'There is no data directory'],
    ['run list --data FOLDER/nowhere', 1, 'There is no data directory'],
    ['run export some-run --data FOLDER/nowhere --out FOLDER/out.jsonl', 1, 'There is no data directory'],
    ['loadtest --write-dataset FOLDER/nowhere/questions.jsonl', 1, 'no such file or directory'],
    ['loadtest --embedded --grpc 127.0.0.1:TAKEN', 2, 'Cannot test both'],
    ['loadtest --http 127.0.0.1:TAKEN --transport grpc', 2, '--grpc HOST:PORT is missing'],
  ])('main() ends "%s" with %i and says: %s', async (line, status, says) => {
    const ended = await groupwise(line);
    expect(ended).toMatchObject({ status, stdout: '' });
    expect(ended.stderr).toContain(says);
    expect(ended.stderr).not.toContain('Unexpected fault');
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
    expect(readFileSync(join(folder, 'a-file'), 'utf8')).toBe('not ours');
  });

  it('main() ends the process of a `serve` that could not have its second address', async () => {
    const args = ['serve', '--data', join(folder, 'data'), '--grpc', '127.0.0.1:0'].concat(
      '--http',
      `127.0.0.1:${portOf(taken)}`,
    );
    // A process of its own: a door that stays open keeps it alive, whatever it says.
    const child = spawn(process.execPath, [COMMAND, ...args], { stdio: 'ignore' });
    try {
      const [status] = (await once(child, 'exit')) as [number];
      expect(status).toBe(1);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
