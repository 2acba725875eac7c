// Verdicts to a file and back: one JSON object a line, the verdict's own fields and its key.

import { existsSync } from 'node:fs';

import { writeJsonLines } from '../adapters/jsonl-writer.ts';
import { openRowFile } from '../adapters/row-files.ts';
import { verdictFromJson, verdictToJson } from '../adapters/verdict-cache-codec.ts';
import { isJsonObject } from '../core/canonical-json.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { SourceRow } from '../ports/row-source.ts';
import type { VerdictArchive, VerdictEntry } from '../ports/verdict-cache.ts';

const JSON_LINES = /\.(?:jsonl|ndjson|json)(?:\.gz|\.zst)?$/;
const KEY = /^[\w-]{43}$/;
const BATCH = 1_000;

/** Writes all verdicts; a file that could not be completed is not there. */
export async function exportVerdicts(
  archive: VerdictArchive,
  file: string,
  { mayReplace }: { readonly mayReplace: boolean },
): Promise<{ readonly verdicts: number; readonly bytes: number }> {
  if (!JSON_LINES.test(file))
    throw invalidArgument('file', `Cannot write "${file}": name it .jsonl, also with .gz or .zst`);
  if (!mayReplace && existsSync(file))
    throw new EnvError(
      'already_exists',
      `Cannot write "${file}": it is there already (--overwrite replaces it)`,
    );
  const sink = writeJsonLines(file);
  let verdicts = 0;
  let rows: JsonObject[] = [];
  const flush = async (): Promise<void> => {
    await sink.write(rows);
    verdicts += rows.length;
    rows = [];
  };
  try {
    for await (const { key, verdict } of archive.entries()) {
      rows.push({ key, ...verdictToJson(verdict) });
      if (rows.length === BATCH) await flush();
    }
    await flush();
    return { verdicts, bytes: await sink.close() };
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/**
 * Adds the verdicts of a file; how many. What was read before a broken line stays: importing again changes nothing of it.
 *
 * @throws EnvError `data_loss` that names the first line that is no verdict.
 */
export async function importVerdicts(archive: VerdictArchive, file: string): Promise<number> {
  const source = openRowFile(file);
  let verdicts = 0;
  for await (const rows of source.batches()) {
    for (let from = 0; from < rows.length; from += BATCH) {
      const entries = rows.slice(from, from + BATCH).map((row) => entryOf(file, row));
      await archive.setMany(entries);
      verdicts += entries.length;
    }
  }
  return verdicts;
}

function entryOf(file: string, source: SourceRow): VerdictEntry {
  const row = source.kind === 'row' && isJsonObject(source.row) ? source.row : {};
  const verdict = verdictFromJson(row);
  const { key } = row;
  if (verdict !== undefined && typeof key === 'string' && KEY.test(key)) return { key, verdict };
  const why = source.kind === 'broken' ? source.detail : 'is no verdict with its key';
  throw new EnvError('data_loss', `Cannot import "${file}": line ${source.at} ${why}`);
}
