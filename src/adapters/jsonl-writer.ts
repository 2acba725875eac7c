// Writes JSON lines, compressed when the name says so, under a temporary name until they are complete.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';

import { diskError } from './disk.ts';
import type { RowSink } from '../ports/row-sink.ts';

/** `path` ends in .gz or .zst when the lines are to be compressed. */
export function writeJsonLines(path: string): RowSink {
  const partial = `${path}.partial`;
  const file = createWriteStream(partial);
  const encoder = path.endsWith('.gz')
    ? createGzip()
    : path.endsWith('.zst')
      ? createZstdCompress()
      : undefined;
  const input = encoder ?? file;
  encoder?.pipe(file);
  const complete = finished(file);
  // A failed write is reported by the call that meets it; the promise itself must not end the process.
  complete.catch(() => {});
  async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw diskError(`Cannot write "${path}"`, error);
    }
  }
  return {
    write: (rows) =>
      guarded(async () => {
        const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
        if (!input.write(text)) await Promise.race([once(input, 'drain'), complete]);
      }),
    close: () =>
      guarded(async () => {
        input.end();
        await complete;
        await rename(partial, path);
        return (await stat(path)).size;
      }),
    async abort() {
      encoder?.destroy();
      file.destroy();
      await complete.catch(() => {});
      await rm(partial, { force: true });
    },
  };
}
