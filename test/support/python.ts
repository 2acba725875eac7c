// Virtual environments of Python under .cache, made once and kept, for tests that look at the server from there. They need
// Python 3 and packages that pip can install, or has installed; without them such tests are skipped and say why.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const run = promisify(execFile);

export interface PythonNeeds {
  /** A folder of its own for each test file: they run side by side. */
  readonly name: string;
  /** What pip is asked for. */
  readonly packages: readonly string[];
  /** What can be imported when it is there. */
  readonly modules: readonly string[];
}

export interface Python {
  readonly folder: string;
  readonly executable: string;
  /** Why it cannot be used here; undefined when it can. */
  readonly missing: string | undefined;
}

export async function preparePython({ name, packages, modules }: PythonNeeds): Promise<Python> {
  const folder = join(ROOT, '.cache', name);
  const executable = join(folder, 'bin', 'python');
  try {
    if (!existsSync(executable)) await run('python3', ['-m', 'venv', folder]);
    if (!(await canImport(executable, modules))) {
      const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
      await run(executable, [...install, ...packages], { timeout: 300_000 });
    }
    return { folder, executable, missing: undefined };
  } catch (error) {
    return { folder, executable, missing: firstLine(error) };
  }
}

/** What a command of Python says, on both of its outputs. Rejects with all of that when it fails. */
export async function runPython(
  executable: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return run(executable, args, {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
    timeout: 480_000,
    maxBuffer: 64 * 1024 * 1024,
  });
}

async function canImport(executable: string, modules: readonly string[]): Promise<boolean> {
  try {
    await run(executable, ['-c', `import ${modules.join(', ')}`]);
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function firstLine(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? 'no reason') : String(error);
}
