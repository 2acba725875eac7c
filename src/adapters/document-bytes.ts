// The bytes of a file that is one document, decompressed, up to a limit: a small file that unpacks to a large one stops at the
// limit and not at the end of the memory. Files of rows are read by their own readers.

import { createReadStream } from 'node:fs';

import { decompressed } from './jsonl-reader.ts';
import { diskError } from './disk.ts';
import { EnvError } from '../core/errors.ts';
import type { Unreadable } from './document-text.ts';

/** Throws nothing that is about the file: what is wrong with one document must not stop the others. */
export async function readDocumentBytes(
  path: string,
  options: { readonly bytesMax: number; readonly onBytes: (bytesRead: number) => void },
): Promise<Buffer | Unreadable> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of decompressed(path, file)) {
      options.onBytes(file.bytesRead);
      bytes += piece.length;
      if (bytes > options.bytesMax) {
        const detail = `has more than ${options.bytesMax} bytes${/\.(?:gz|zst)$/iu.test(path) ? ' when unpacked' : ''}`;
        return { kind: 'unreadable', reason: 'too_large', detail };
      }
      pieces.push(piece);
    }
    return Buffer.concat(pieces, bytes);
  } catch (error) {
    const refusal = diskError('cannot be read', error);
    if (refusal instanceof EnvError) {
      return { kind: 'unreadable', reason: 'unreadable', detail: refusal.message };
    }
    if (isDecompressionError(error)) {
      return { kind: 'unreadable', reason: 'damaged', detail: `cannot be unpacked: ${error.message}` };
    }
    throw error;
  } finally {
    file.destroy();
  }
}

/** Node's zlib says `Z_…` of gzip and `ZSTD_…` of Zstandard, and `ERR_…` of a frame that ends too early. */
function isDecompressionError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^(?:Z_|ZSTD_|ERR_ZSTD|ERR_ZLIB)/u.test(error.code)
  );
}
