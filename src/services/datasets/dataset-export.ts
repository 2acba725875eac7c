// Writes the rows of a dataset into files, in constant memory, a file or a shard at a time. It decides which rows go into
// which file; formats are the sinks' own.

import type { DatasetInfo } from '../../core/calls.ts';
import type { ExportShape } from '../../core/export-shapes.ts';
import type { JsonObject } from '../../core/json.ts';
import type { DatasetStore } from '../../ports/dataset-store.ts';
import type { RowSink } from '../../ports/row-sink.ts';

const BATCH_ROWS = 500;

export interface ExportOptions {
  readonly shape: ExportShape;
  /** Undefined: all splits. */
  readonly split: string | undefined;
  readonly onProgress: (rows: number) => void;
}

export interface ExportedFile {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface ExportedShard extends ExportedFile {
  readonly split: string;
}

/** All rows, in order of import, into one file. */
export async function exportFile(
  store: DatasetStore,
  info: DatasetInfo,
  options: ExportOptions,
  target: { readonly path: string; readonly sink: RowSink },
): Promise<ExportedFile> {
  const rows = exportRows(store, info, options);
  const counter = { rows: 0 };
  return fill(target, rows, Infinity, counter, options);
}

/** Shards of at most `shardRows` rows, split by split, each opened by its split, index and the number of shards. */
export async function exportShards(
  store: DatasetStore,
  info: DatasetInfo,
  options: ExportOptions & {
    readonly shardRows: number;
    readonly openShard: (
      split: string,
      index: number,
      shards: number,
    ) => { readonly path: string; readonly sink: RowSink };
  },
): Promise<readonly ExportedShard[]> {
  const written: ExportedShard[] = [];
  const counter = { rows: 0 };
  for (const { name, count } of info.splits.filter(({ name: each }) => each === (options.split ?? each))) {
    const shards = Math.ceil(count / options.shardRows);
    const rows = exportRows(store, info, { ...options, split: name });
    for (let index = 0; index < shards; index += 1) {
      const target = options.openShard(name, index, shards);
      written.push({ split: name, ...(await fill(target, rows, options.shardRows, counter, options)) });
    }
  }
  return written;
}

/** Takes up to `rowsMax` rows off the iterator and completes the file with them. */
async function fill(
  { path, sink }: { readonly path: string; readonly sink: RowSink },
  rows: AsyncIterator<JsonObject>,
  rowsMax: number,
  counter: { rows: number },
  options: ExportOptions,
): Promise<ExportedFile> {
  let written = 0;
  try {
    let batch: JsonObject[] = [];
    while (written + batch.length < rowsMax) {
      const next = await rows.next();
      if (next.done === true) break;
      batch.push(next.value);
      if (batch.length < BATCH_ROWS) continue;
      await sink.write(batch);
      written += batch.length;
      counter.rows += batch.length;
      options.onProgress(counter.rows);
      batch = [];
    }
    await sink.write(batch);
    written += batch.length;
    counter.rows += batch.length;
    return { path, rows: written, bytes: await sink.close() };
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

async function* exportRows(
  store: DatasetStore,
  info: DatasetInfo,
  { shape, split }: ExportOptions,
): AsyncGenerator<JsonObject> {
  const ordinals = new Map<string, number>();
  for await (const pair of store.rows(info.name, info.version, split)) {
    const ordinal = ordinals.get(pair.split) ?? 0;
    ordinals.set(pair.split, ordinal + 1);
    yield shape.rowOf(pair, { dataset: info.name, reward: info.reward, ordinal });
  }
}
