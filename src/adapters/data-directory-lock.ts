// One process at a time on what two would spoil for each other: the board of leases of a server lives in memory, the scratch of a
// generation run in one file. The lock is SQLite's own on an empty file: the operating system frees it when the process dies,
// however it dies.

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EnvError } from '../core/errors.ts';
import { diskError } from './disk.ts';

export interface DataDirectoryLock {
  release(): void;
}

/**
 * Takes the directory for this server, making it where it does not exist.
 *
 * @throws EnvError `failed_precondition` when another server holds it; what the disk says when it cannot be made or written.
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  return takeLock(join(directory, 'serve.lock'), {
    refused: `Cannot serve "${directory}"`,
    holder: 'another server holds it',
  });
}

/** The same for the scratch file of a run of `groupwise generate`; the lock lies beside it. */
export function lockScratch(path: string, what: string): DataDirectoryLock {
  return takeLock(`${path}.lock`, {
    refused: `Cannot ${what}`,
    holder: 'another process does just that, on the same data directory',
  });
}

/** The same for the folder of a training, whose log and checkpoints two trainings would mix. */
export function lockTraining(folder: string): DataDirectoryLock {
  return takeLock(join(folder, 'train.lock'), {
    refused: `Cannot train in "${folder}" (--out)`,
    holder: 'another training is at work there',
  });
}

function takeLock(
  path: string,
  { refused, holder }: { readonly refused: string; readonly holder: string },
): DataDirectoryLock {
  const database = openLockFile(path, refused);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!(error instanceof Error && /locked|busy/.test(error.message))) throw diskError(refused, error);
    throw new EnvError('failed_precondition', `${refused}: ${holder}`, { cause: error });
  }
  return { release: () => database.close() };
}

function openLockFile(path: string, refused: string): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw diskError(refused, error);
  }
}
