// Reads the groups of a file, so many at a time. Lines that are no groups are told and left out: a file of a million lines
// is not lost for one.

import { EnvError } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import type { RowSource } from '../../ports/row-source.ts';

export interface RolloutReading<Rollout> {
  /** Groups at a time. */
  readonly size: number;
  /** Throws `EnvError` that names the field for a row that is no group. `at`: file and line. */
  readonly parse: (row: JsonValue, at: string) => Rollout;
  readonly reject: (at: string, reason: string) => void;
}

export async function* rolloutBatches<Rollout>(
  source: RowSource,
  { size, parse, reject }: RolloutReading<Rollout>,
): AsyncGenerator<readonly Rollout[]> {
  let batch: Rollout[] = [];
  for await (const rows of source.batches()) {
    for (const row of rows) {
      const at = `${source.path}:${row.at}`;
      if (row.kind === 'broken') {
        reject(at, row.detail);
        continue;
      }
      try {
        batch.push(parse(row.row, at));
      } catch (error) {
        if (!(error instanceof EnvError)) throw error;
        reject(at, reasonOf(error));
      }
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function reasonOf({ field, message }: EnvError): string {
  return field === undefined || field === '' ? message : `${field}: ${message}`;
}
