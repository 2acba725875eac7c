// The program as a process of its own, for what must hold from one process to the next.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ended } from './command-line.ts';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));

/** What `groupwise ARGS…` prints and how it ends, with nothing in its environment of the machine's own models. */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', ...env },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const status = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    // A signal ends nothing here but what has gone wrong.
    child.once('close', (code) => resolve(code ?? -1));
  });
  return { status, ...said };
}
