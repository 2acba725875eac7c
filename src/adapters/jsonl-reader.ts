// Reads files of JSON lines, plain or compressed, a batch of lines at a time. A line that is not JSON is a broken row with
// its number; a damaged file is an error. Never holds more than one chunk and one line. A file that is one array is
// `json-array.ts`'s.

import { isUtf8 } from 'node:buffer';
import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { EnvError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { RowSource, SourceRow } from '../ports/row-source.ts';
import { beginsArray, JsonArrayText } from './json-array.ts';
import { zstdText } from './zstd-frames.ts';

/** Longest line that is read; a longer one is a broken row, however long it is. */
const LINE_BYTES_MAX = 64 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

/** `path` ends in .gz or .zst when it is compressed. Throws what `stat` throws when it is not there. */
export function readJsonLines(path: string): RowSource {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  return {
    path,
    bytesTotal: statSync(path).size,
    bytesRead: () => file.bytesRead,
    batches: () => batches(path, file),
  };
}

async function* batches(path: string, file: Readable): AsyncGenerator<readonly SourceRow[]> {
  const lines = new LineSplitter();
  const text = decompressed(path, file);
  try {
    let array: JsonArrayText | undefined;
    let isFirst = true;
    for await (const chunk of text) {
      if (isFirst && beginsArray(chunk)) array = new JsonArrayText(path);
      isFirst = false;
      if (array !== undefined) {
        array.push(chunk);
        continue;
      }
      const batch = rowsOf(lines.push(chunk));
      if (batch.length > 0) yield batch;
    }
    if (array !== undefined) yield* array.batches();
  } catch (error) {
    if (error instanceof EnvError) throw error;
    throw new EnvError('data_loss', `Cannot read "${path}" after line ${lines.count}: ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    file.destroy();
  }
  yield rowsOf(lines.end());
}

interface Line {
  readonly at: number;
  /** Undefined: longer than a line may be. */
  readonly bytes: Buffer | undefined;
}

/** Cuts chunks into lines by bytes, so that a character across two chunks stays whole. */
class LineSplitter {
  count = 0;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #isTooLong = false;

  push(chunk: Buffer): readonly Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, at));
      lines.push(this.#take());
      start = at + 1;
    }
    this.#keep(chunk.subarray(start));
    return lines;
  }

  /** The last line, when no newline ends it. */
  end(): readonly Line[] {
    return this.#restBytes > 0 || this.#isTooLong ? [this.#take()] : [];
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0 || this.#isTooLong) return;
    this.#rest.push(piece);
    this.#restBytes += piece.length;
    if (this.#restBytes > LINE_BYTES_MAX) {
      this.#rest = [];
      this.#isTooLong = true;
    }
  }

  #take(): Line {
    this.count += 1;
    const [only] = this.#rest;
    const bytes = this.#rest.length === 1 && only !== undefined ? only : Buffer.concat(this.#rest);
    const line: Line = { at: this.count, bytes: this.#isTooLong ? undefined : bytes };
    this.#rest = [];
    this.#restBytes = 0;
    this.#isTooLong = false;
    return line;
  }
}

/** Blank lines are no rows. */
function rowsOf(lines: readonly Line[]): readonly SourceRow[] {
  return lines.map(rowOf).filter((row) => row !== undefined);
}

function rowOf({ at, bytes }: Line): SourceRow | undefined {
  if (bytes === undefined) {
    return { kind: 'broken', at, reason: 'line_too_long', detail: `is longer than ${LINE_BYTES_MAX} bytes` };
  }
  if (!isUtf8(bytes)) return { kind: 'broken', at, reason: 'not_utf8', detail: 'is not UTF-8' };
  const decoded = bytes.toString('utf8');
  const text = at === 1 && decoded.startsWith(BYTE_ORDER_MARK) ? decoded.slice(1) : decoded;
  try {
    const row: JsonValue = JSON.parse(text);
    return { kind: 'row', at, row };
  } catch (error) {
    if (text.trim() === '') return undefined;
    return { kind: 'broken', at, reason: 'not_json', detail: `is not JSON: ${messageOf(error)}` };
  }
}

/** The text of a file that may be compressed, as its name says. */
export function decompressed(path: string, file: Readable): AsyncIterable<Buffer> {
  const name = path.toLowerCase();
  if (name.endsWith('.zst')) return zstdText(file);
  if (!name.endsWith('.gz')) return file;
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  file.once('error', (error) => gunzip.destroy(error));
  return file.pipe(gunzip);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
