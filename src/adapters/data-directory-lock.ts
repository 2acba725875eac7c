// One server at a time on a data directory: the board of leases lives in memory, so two would hand out the same groups.
// The lock is SQLite's own on an empty file: the operating system frees it when the process dies, however it dies.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EnvError } from '../core/errors.ts';
import { diskError } from './disk.ts';

export interface DataDirectoryLock {
  release(): void;
}

/**
 * Takes the directory for this process, making it where it does not exist.
 *
 * @throws EnvError `failed_precondition` when another server holds it; what the disk says when it cannot be made or written.
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  const database = openLockFile(directory);
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

function openLockFile(directory: string): DatabaseSync {
  try {
    mkdirSync(directory, { recursive: true });
    return new DatabaseSync(join(directory, 'serve.lock'), { timeout: 0 });
  } catch (error) {
    throw diskError(`Cannot serve "${directory}"`, error);
  }
}
