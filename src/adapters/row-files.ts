// Opens a file of rows by what its name says it is. The formats themselves are in the readers.

import { statSync } from 'node:fs';

import { EnvError, invalidArgument } from '../core/errors.ts';
import type { RowSource } from '../ports/row-source.ts';
import { readJsonLines } from './jsonl-reader.ts';
import { readParquet } from './parquet-reader.ts';

const JSON_LINES = /\.(?:jsonl|ndjson|json)(?:\.gz|\.zst)?$/;

/**
 * @throws EnvError `invalid_argument` for a name of no known format or a directory, `not_found` for a file that is not there
 */
export function openRowFile(path: string): RowSource {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new EnvError('not_found', `Cannot read "${path}": there is no such file`);
  if (stats.isDirectory()) {
    throw invalidArgument('source', `Cannot read "${path}": it is a directory, name the files in it`);
  }
  if (stats.size === 0) throw new EnvError('data_loss', `Cannot read "${path}": it is empty`);
  const name = path.toLowerCase();
  if (name.endsWith('.parquet')) return readParquet(path);
  if (JSON_LINES.test(name)) return readJsonLines(path);
  throw invalidArgument(
    'source',
    `Cannot read "${path}": a source is named .jsonl, .ndjson or .json (also with .gz or .zst) or .parquet`,
  );
}
