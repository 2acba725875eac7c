// One server at a time on a data directory: the board of leases lives in memory, so two would hand out the same groups.
// The lock is SQLite's own on an empty file: the operating system frees it when the process dies, however it dies.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EnvError } from '../core/errors.ts';

export interface DataDirectoryLock {
  release(): void;
}

/**
 * Takes the directory for this process, making it where it does not exist.
 *
 * @throws EnvError `failed_precondition` when another server holds it.
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(join(directory, 'serve.lock'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!(error instanceof Error && /locked|busy/.test(error.message))) throw error;
    throw new EnvError('failed_precondition', `Cannot serve "${directory}": another server holds it`, {
      cause: error,
    });
  }
  return { release: () => database.close() };
}
