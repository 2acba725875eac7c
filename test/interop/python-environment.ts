// Python environments in which trainers' own packages are installed, pinned, one for each file in `requirements`. Made once under
// .cache/interop and found again while their file is the same. Where one cannot be made, it says why, and its tests are skipped.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Also of what Python compiles, which would lie in the source tree otherwise. */
export const CACHE = join(ROOT, '.cache', 'interop');
const INSTALL_MS = 900_000;

/** Wheels alone, exactly those of the list: a package can neither run code while it is installed nor bring what is not named. */
const PIP_INSTALL = [
  '-m',
  'pip',
  'install',
  '--quiet',
  '--disable-pip-version-check',
  '--no-cache-dir',
  '--no-compile',
  '--no-deps',
  '--only-binary=:all:',
];

/** By the names of their files: versions 3.x of Python for which all packages have wheels, the best one first. */
export const ENVIRONMENTS = { 'http-clients': [12, 11], 'nemo-gym': [12, 13], trl: [11, 12] } as const;
export type EnvironmentName = keyof typeof ENVIRONMENTS;

export interface PythonEnvironment {
  readonly name: string;
  /** The interpreter; undefined: there is none. */
  readonly python: string | undefined;
  /** Why there is none. */
  readonly missing: string | undefined;
}

export async function preparePython(name: EnvironmentName): Promise<PythonEnvironment> {
  const requirements = fileURLToPath(new URL(`requirements/${name}.txt`, import.meta.url));
  const folder = join(CACHE, name);
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'installed');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)
    return { name, python, missing: undefined };
  try {
    const base = await findPython(ENVIRONMENTS[name]);
    if (base === undefined)
      throw new Error(`no Python of ${ENVIRONMENTS[name].map((minor) => `3.${minor}`).join(', ')}`);
    say(`Installing the packages of ${name} into .cache/interop/${name} (once) …`);
    const startedAt = performance.now();
    rmSync(folder, { recursive: true, force: true });
    await run(base, ['-m', 'venv', folder]);
    await run(python, [...PIP_INSTALL, '--requirement', requirements], { timeout: INSTALL_MS });
    writeFileSync(stamp, wanted);
    say(`… installed in ${Math.round((performance.now() - startedAt) / 1000)} s.`);
    return { name, python, missing: undefined };
  } catch (error) {
    const missing = reasonOf(error);
    say(`SKIPPED, not tried: the packages of ${name} cannot be installed: ${missing}`);
    return { name, python: undefined, missing };
  }
}

/** What the title of a suite ends with when it is skipped. */
export function skipNote({ missing }: PythonEnvironment): string {
  return missing === undefined ? '' : ` (skipped: ${missing})`;
}

async function findPython(minors: readonly number[]): Promise<string | undefined> {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  for (const minor of minors) {
    const installed = globSync(join(versions, `3.${minor}.*`, 'bin', 'python'));
    for (const candidate of [`python3.${minor}`, 'python3', ...installed])
      if (await isVersion(candidate, minor)) return candidate;
  }
  return undefined;
}

async function isVersion(candidate: string, minor: number): Promise<boolean> {
  try {
    const { stdout } = await run(candidate, ['-c', 'import sys, ensurepip; print(sys.version_info[1])']);
    return stdout.trim() === String(minor);
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  const lines = said === '' ? [error instanceof Error ? error.message : String(error)] : said.split('\n');
  return lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? 'no reason';
}

/** Past the reporter of the tests: an installation takes minutes, and nobody should have to guess why it is silent. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
