// What an import did and what it left out: counts by reason, and the first few of each with file and line. Nothing is
// dropped without being counted here.

import type { JsonObject } from '../../core/json.ts';
import type { RejectionReason } from '../../core/layouts/layout.ts';

/** Rejections of one reason that are kept as examples. */
const EXAMPLES_PER_REASON_MAX = 3;

export interface Rejection {
  readonly file: string;
  /** Line of a text file, row of a table; from 1. */
  readonly at: number;
  readonly reason: RejectionReason;
  readonly detail: string;
}

export interface SourceReport {
  readonly file: string;
  /** Name of the layout; "mapping" when the columns were mapped without one. */
  layout: string;
  rowsRead: number;
  rowsAdded: number;
}

export class ImportReport {
  readonly sources: SourceReport[] = [];
  readonly examples: Rejection[] = [];
  readonly #rejected = new Map<RejectionReason, number>();
  rowsRead = 0;
  rowsAdded = 0;

  get rowsRejected(): number {
    return [...this.#rejected.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Counts by reason, most frequent first. */
  get rejected(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#rejected].toSorted(([, one], [, other]) => other - one));
  }

  reject(rejection: Rejection): void {
    const count = this.#rejected.get(rejection.reason) ?? 0;
    this.#rejected.set(rejection.reason, count + 1);
    if (count < EXAMPLES_PER_REASON_MAX) this.examples.push(rejection);
  }

  /** For the dataset's record: what was read, not where it lay. */
  toJson(): JsonObject {
    return {
      sources: this.sources.map(({ file, layout, rowsRead, rowsAdded }) => ({
        file: file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1),
        layout,
        rows_read: rowsRead,
        rows_added: rowsAdded,
      })),
      rows_read: this.rowsRead,
      rows_added: this.rowsAdded,
      rows_rejected: this.rowsRejected,
      rejected: this.rejected,
    };
  }
}
