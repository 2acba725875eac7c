// Where the server of a data directory listens, in a small file of that directory: whoever has the directory finds the server. It
// says nothing secret. After `kill -9` it stays: what it says is where a server was, and only who asks there knows.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskError } from './disk.ts';

const FILE = 'serve.json';

export interface ServedAt {
  /** HOST:PORT of the doors. */
  readonly grpc: string;
  readonly http: string;
  readonly tls: boolean;
  readonly pid: number;
}

/**
 * Writes the file and returns what removes it.
 *
 * @throws EnvError what the disk says
 */
export function writeServedAt(directory: string, servedAt: ServedAt): () => void {
  const path = join(directory, FILE);
  try {
    // A reader finds the file of before, or the whole new one.
    writeFileSync(`${path}.partial`, `${JSON.stringify(servedAt)}\n`);
    renameSync(`${path}.partial`, path);
  } catch (error) {
    throw diskError(`Cannot write "${path}"`, error);
  }
  return () => rmSync(path, { force: true });
}

/** Undefined where no server has listened, or it has ended in order. */
export function readServedAt(directory: string): ServedAt | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, FILE), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw diskError(`Cannot read where the server of "${directory}" listens`, error);
  }
  const read: unknown = JSON.parse(text);
  // Written above, whole or not at all.
  return read as ServedAt;
}
