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
const SCORED = '{"ground_truth":"4","completions":[{"text":"4","is_correct":true}]}\n';

let folder = '';
let taken: Server;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-failures-'));
  writeFileSync(join(folder, 'a-file'), 'not ours');
  writeFileSync(join(folder, 'rows.jsonl'), '{"question":"2 + 2?","answer":"4"}\n');
  writeFileSync(join(folder, 'scored.jsonl'), SCORED);
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
    [
      'serve --data FOLDER/data --grpc 127.0.0.1:0 --http 127.0.0.1:TAKEN',
      1,
      'another program has this port\n',
    ],
    [
      'serve --data FOLDER/data --grpc 127.0.0.1:TAKEN --http 127.0.0.1:0',
      1,
      'another program has this port\n',
    ],
    ['serve --data FOLDER/data --scorers FOLDER/none.yaml', 2, 'none.yaml": no such file or directory\n'],
    ['score FOLDER/scored.jsonl --scorers FOLDER/none.yaml', 2, 'none.yaml": no such file or directory\n'],
    ...['FOLDER/nowhere', 'FOLDER/a-file'].flatMap((prompts): [string, number, string][] =>
      [
        'score FOLDER/scored.jsonl',
        'judge evaluate FOLDER/scored.jsonl --reward math',
        'serve --data FOLDER/data --grpc 127.0.0.1:0 --http 127.0.0.1:0',
        'generate examples/documents --name made --recipe extractive --data FOLDER/data',
      ].map((line) => [`${line} --prompts ${prompts}`, 2, 'Cannot use --prompts: ']),
    ),
    ['serve --data FOLDER/data --grpc 0.0.0.0:0 --http 127.0.0.1:0', 2, 'without a token'],
    ['dataset list --data FOLDER/nowhere', 1, 'There is no data directory'],
    ['run list --data FOLDER/nowhere', 1, 'There is no data directory'],
    ['run export some-run --data FOLDER/nowhere --out FOLDER/out.jsonl', 1, 'There is no data directory'],
    ['score FOLDER/scored.jsonl --out FOLDER/scored.jsonl', 1, 'it is there already'],
    ['score FOLDER/scored.jsonl --out FOLDER/nowhere/out.jsonl', 1, 'no such file or directory'],
    ['score FOLDER/scored.jsonl --data FOLDER/nowhere --dataset sums', 1, 'There is no data directory'],
    ['score FOLDER/scored.jsonl --threshold half', 2, 'Not a number'],
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
    expect(readFileSync(join(folder, 'scored.jsonl'), 'utf8')).toBe(SCORED);
  });

  it('main() refuses to `score` against a dataset that is not there, whether or not a line asks for it', async () => {
    expect(await groupwise('import FOLDER/rows.jsonl --name sums --data FOLDER/data')).toMatchObject({
      status: 0,
    });
    const ended = await groupwise('score FOLDER/scored.jsonl --data FOLDER/data --dataset sum');
    expect(ended).toMatchObject({ status: 1, stdout: '', stderr: 'There is no dataset "sum"\n' });
  });

  it('main() replaces the file of --out only with --overwrite, and then with the whole result', async () => {
    const line = 'score FOLDER/scored.jsonl --out FOLDER/scored.jsonl --overwrite --json';
    const { status, stdout } = await groupwise(line);
    expect({ status, report: JSON.parse(stdout) }).toMatchObject({
      status: 0,
      report: { groups: 1, estimator: { name: 'grpo:verl', ddof: 1, epsilon: 1e-6 } },
    });
    const [completion] = JSON.parse(readFileSync(join(folder, 'scored.jsonl'), 'utf8')).completions;
    expect(completion).toMatchObject({ text: '4', is_correct: true, reward: 1 });
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
