// Runs a script of `clients` in its environment: a request in JSON on standard input, what the trainer's own code saw in JSON in a
// file, as trainers print what they like to standard output.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE, type PythonEnvironment } from './python-environment.ts';

const OWN_PACKAGE = fileURLToPath(new URL('../../clients/python', import.meta.url));
const STDERR_CHARS = 4_000;

/** @returns what the script answered; it is of the shape that the script says */
export async function runClient<Seen>(
  { python, name }: PythonEnvironment,
  script: string,
  request: object,
): Promise<Seen> {
  if (python === undefined) throw new Error(`Cannot run "${script}": the environment ${name} is not there`);
  const folder = mkdtempSync(join(tmpdir(), 'groupwise-interop-'));
  const out = join(folder, 'seen.json');
  try {
    const path = fileURLToPath(new URL(`clients/${script}`, import.meta.url));
    const child = spawn(python, [path, out], {
      cwd: folder,
      stdio: ['pipe', 'ignore', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        PYTHONPATH: OWN_PACKAGE,
        PYTHONPYCACHEPREFIX: join(CACHE, 'compiled'),
        // Nothing is fetched from a hub, and nothing is told to anybody.
        HF_HUB_OFFLINE: '1',
        HF_HUB_DISABLE_TELEMETRY: '1',
        WANDB_MODE: 'disabled',
      },
    });
    child.stdin.end(JSON.stringify(request));
    let said = '';
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (said = (said + text).slice(-STDERR_CHARS)));
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (status !== 0) throw new Error(`"${script}" ended with ${status}:\n${said}`);
    return JSON.parse(readFileSync(out, 'utf8')) as Seen;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
