// A file that is one JSON array, as many tools write them, read as if each element were a line. It is held in memory whole,
// so only up to a size; larger ones are for lines.

import { isUtf8 } from 'node:buffer';

import { EnvError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { SourceRow } from '../ports/row-source.ts';

/** Largest array that is read, after decompression. */
const ARRAY_BYTES_MAX = 64 * 1024 * 1024;
const BATCH_ROWS = 1_000;

/** Whether the text that begins with `chunk` is an array rather than lines of objects. */
export function beginsArray(chunk: Buffer): boolean {
  return /^\ufeff?\s*\[/.test(chunk.subarray(0, 1_024).toString('utf8'));
}

export class JsonArrayText {
  readonly #path: string;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws EnvError `data_loss` when the array is too large */
  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > ARRAY_BYTES_MAX) {
      throw this.#refusal(
        `it is one JSON array of more than ${ARRAY_BYTES_MAX} bytes, not one object a line`,
      );
    }
    this.#chunks.push(chunk);
  }

  /** The elements, numbered from 1. @throws EnvError `data_loss` when the text is no JSON array */
  *batches(): Generator<readonly SourceRow[]> {
    const elements = this.#parse();
    for (let from = 0; from < elements.length; from += BATCH_ROWS) {
      yield elements
        .slice(from, from + BATCH_ROWS)
        .map((row, index): SourceRow => ({ kind: 'row', at: from + index + 1, row }));
    }
  }

  #parse(): readonly JsonValue[] {
    const bytes = Buffer.concat(this.#chunks);
    if (!isUtf8(bytes)) throw this.#refusal('it is a JSON array that is not UTF-8');
    try {
      // It begins with a bracket, so it is an array or no JSON at all.
      return JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')) as readonly JsonValue[];
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw this.#refusal(`it begins as a JSON array and is none: ${error.message}`);
    }
  }

  #refusal(why: string): EnvError {
    return new EnvError(
      'data_loss',
      `Cannot read "${this.#path}": ${why} (jq -c '.[]' makes lines of an array)`,
    );
  }
}
