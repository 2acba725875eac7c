// `groupwise dataset export`: which files are written, under which names, and the card beside them.

import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { diskError } from '../adapters/disk.ts';
import { writeJsonLines } from '../adapters/jsonl-writer.ts';
import { writeParquet } from '../adapters/parquet-writer.ts';
import type { DatasetInfo } from '../core/calls.ts';
import { counted } from '../core/counted.ts';
import { datasetCard } from '../core/dataset-card.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import { EXPORT_SHAPES, type ExportShape } from '../core/export-shapes.ts';
import type { DatasetStore } from '../ports/dataset-store.ts';
import type { RowSink } from '../ports/row-sink.ts';
import { type ExportedFile, exportFile, exportShards } from '../services/datasets/dataset-export.ts';
import { printJson, printLine } from './options.ts';
import { startProgress } from './progress.ts';

export const EXPORT_FORMATS = [
  'jsonl',
  'parquet',
  'verl',
  'webscale-rl',
  'prompt-completion',
  'trainer',
  'nemo-gym',
] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportFlags {
  readonly out: string;
  readonly format?: ExportFormat;
  readonly split?: string;
  readonly shardRows: number;
  readonly overwrite?: true;
  readonly json?: true;
}

const JSON_LINES = /\.(?:jsonl|ndjson|json)(?:\.gz|\.zst)?$/;

/** Names of files that we do not write: a directory of that name is not what was meant. */
const OTHER_FILES = /\.(?:csv|tsv|txt|arrow|feather|xlsx?|gz|zst|zip)$/i;

/** Where an export goes: one file, or a directory of shards. */
interface Target {
  readonly shape: ExportShape;
  /** Undefined: a directory. */
  readonly file: string | undefined;
  readonly extension: 'jsonl' | 'parquet';
}

export async function runExport(store: DatasetStore, info: DatasetInfo, flags: ExportFlags): Promise<void> {
  const target = targetOf(flags);
  const rowsTotal = info.splits
    .filter(({ name }) => name === (flags.split ?? name))
    .reduce((sum, { count }) => sum + count, 0);
  const progress = startProgress(rowsTotal);
  const options = {
    shape: target.shape,
    split: flags.split,
    onProgress: (rows: number): void => progress.update(rows, rows),
  };
  let files: readonly ExportedFile[];
  try {
    files =
      target.file === undefined
        ? await exportDirectory(store, info, flags, target, options)
        : [await exportFile(store, info, options, { path: target.file, sink: sinkFor(target.file, target) })];
  } finally {
    progress.stop();
  }
  if (flags.json) {
    printJson({ name: info.name, version: info.version, format: flags.format ?? target.extension, files });
    return;
  }
  for (const { path, rows, bytes } of files) {
    printLine(`${path}: ${counted(rows, 'row')}, ${counted(bytes, 'byte')}`);
  }
}

async function exportDirectory(
  store: DatasetStore,
  info: DatasetInfo,
  flags: ExportFlags,
  target: Target,
  options: Parameters<typeof exportFile>[2],
): Promise<readonly ExportedFile[]> {
  if (flags.shardRows === 0) throw invalidArgument('--shard-rows', 'A shard holds at least one row');
  try {
    mkdirSync(join(flags.out, 'data'), { recursive: true });
  } catch (error) {
    throw diskError(`Cannot write into "${flags.out}"`, error);
  }
  const shards = await exportShards(store, info, {
    ...options,
    shardRows: flags.shardRows,
    openShard: (split, index, count) => {
      const path = join(
        flags.out,
        'data',
        `${split}-${padded(index)}-of-${padded(count)}.${target.extension}`,
      );
      return { path, sink: sinkFor(path, target) };
    },
  });
  const card = datasetCard({
    info: { ...info, splits: info.splits.filter(({ name }) => name === (flags.split ?? name)) },
    record: await store.record(info.name, info.version),
    files: [...new Set(shards.map(({ split }) => split))].map((split) => ({
      split,
      path: `data/${split}-*.${target.extension}`,
    })),
  });
  await writeFile(join(flags.out, 'README.md'), card);
  return shards;
}

function targetOf({ out, format, overwrite }: ExportFlags): Target {
  const shapeName = format === undefined || format === 'jsonl' || format === 'parquet' ? 'native' : format;
  const shape = EXPORT_SHAPES.find(({ name }) => name === shapeName);
  if (shape === undefined) throw new Error(`Every export format has a shape, ${shapeName} has none`);
  const isThere = existsSync(out);
  const isDirectory = isThere && statSync(out).isDirectory();
  const extension = JSON_LINES.test(out) ? 'jsonl' : out.endsWith('.parquet') ? 'parquet' : undefined;
  if (!isDirectory && extension !== undefined) {
    if ((format === 'jsonl' || format === 'parquet') && format !== extension) {
      throw invalidArgument('--out', `Cannot write ${format} to "${out}": its name says ${extension}`);
    }
    if (isThere && overwrite !== true) {
      throw new EnvError(
        'already_exists',
        `Cannot write "${out}": it is there already (--overwrite replaces it)`,
      );
    }
    return { shape, file: out, extension };
  }
  if (!isDirectory && (isThere || OTHER_FILES.test(out))) {
    throw invalidArgument(
      '--out',
      `Cannot write "${out}": a file is named .jsonl (also .gz, .zst) or .parquet`,
    );
  }
  if (isDirectory && readdirSync(out).length > 0) {
    // Shards of an earlier export would be read together with the new ones.
    throw new EnvError('already_exists', `Cannot write into "${out}": the directory is not empty`);
  }
  return { shape, file: undefined, extension: format === 'jsonl' ? 'jsonl' : 'parquet' };
}

function sinkFor(path: string, { shape, extension }: Target): RowSink {
  return extension === 'parquet' ? writeParquet(path, shape.columns) : writeJsonLines(path);
}

function padded(number: number): string {
  return String(number).padStart(5, '0');
}
