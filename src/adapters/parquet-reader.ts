// Reads Parquet files, one row group at a time, as rows of plain JSON values. The only file that reads through hyparquet.

import { open, type FileHandle } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

import { EnvError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import { diskError } from './disk.ts';
import type { RowSource, SourceRow } from '../ports/row-source.ts';

/** Rows that one step decodes: pages before it are skipped unread, those after it are left. */
const STEP_ROWS_MAX = 10_000;
/** The same where a column is nested: then every step decodes the row group's column anew. */
const NESTED_STEP_ROWS_MAX = 100_000;
/** Largest page that is unpacked, whatever its header says. */
const PAGE_BYTES_MAX = 1024 * 1024 * 1024;
/** Rows handed on at a time. */
const BATCH_ROWS = 1_000;

/** Throws what `stat` throws when the file is not there. */
export function readParquet(path: string): RowSource {
  const bytesTotal = statSync(path).size;
  const progress = { bytes: 0 };
  return {
    path,
    bytesTotal,
    bytesRead: () => progress.bytes,
    batches: () => batches(path, bytesTotal, progress),
  };
}

async function* batches(
  path: string,
  bytesTotal: number,
  progress: { bytes: number },
): AsyncGenerator<readonly SourceRow[]> {
  const handle = await open(path).catch((error: unknown) => {
    throw diskError(`Cannot read "${path}"`, error);
  });
  let done = 0;
  try {
    const file = bufferOver(handle, bytesTotal);
    const metadata = await parquetMetadataAsync(file);
    const rowsTotal = Number(metadata.num_rows);
    for (const { start, end } of steps(metadata)) {
      const rows = await parquetReadObjects({
        file,
        metadata,
        rowStart: start,
        rowEnd: end,
        useOffsetIndex: true,
        compressors: {
          ...compressors,
          GZIP: (bytes, size) => gunzipSync(bytes, { maxOutputLength: pageBytes(size) }),
          ZSTD: (bytes, size) => zstdDecompressSync(bytes, { maxOutputLength: pageBytes(size) }),
        },
      });
      if (rows.length !== end - start) throw new Error(`rows ${start + 1} to ${end} are not all there`);
      for (let from = 0; from < rows.length; from += BATCH_ROWS) {
        yield rows
          .slice(from, from + BATCH_ROWS)
          .map((row, index): SourceRow => ({ kind: 'row', at: start + from + index + 1, row: jsonOf(row) }));
      }
      done = end;
      progress.bytes = Math.round((bytesTotal * done) / rowsTotal);
    }
  } catch (error) {
    if (error instanceof EnvError) throw error;
    const where = done === 0 ? '' : ` after row ${done}`;
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvError('data_loss', `Cannot read "${path}"${where}: ${reason}`, { cause: error });
  } finally {
    await handle.close();
  }
}

/** A page unpacks to what its header says and no further. Zero would mean no limit. */
function pageBytes(size: number): number {
  return Math.min(Math.max(size, 1), PAGE_BYTES_MAX);
}

/** Row ranges that never cross a row group. */
function* steps(metadata: FileMetaData): Generator<{ readonly start: number; readonly end: number }> {
  const isFlat = metadata.schema.slice(1).every((element) => (element.num_children ?? 0) === 0);
  const step = isFlat ? STEP_ROWS_MAX : NESTED_STEP_ROWS_MAX;
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows);
    for (let from = start; from < end; from += step) yield { start: from, end: Math.min(from + step, end) };
    start = end;
  }
}

function bufferOver(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new Error('the file ends too early');
        at += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

/** Parquet's values as JSON has them: 64-bit integers exactly (as text beyond 2^53), times in ISO 8601, no absent members. */
function jsonOf(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object') return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(jsonOf);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, jsonOf(member)]));
}
