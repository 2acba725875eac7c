// Keeps the books of the audits of one run: the groups do not wait for them, but the run is not put away before they end.

import type { Books } from '../../core/accounting.ts';
import type { QaPair } from '../../core/qa-pair.ts';
import type { AuditedScore, OnAudit } from '../scoring/audit.ts';
import type { RunLedger } from './run-ledger.ts';

export class RunAudits {
  readonly #books: Books;
  readonly #ledger: Pick<RunLedger, 'touch'>;
  #pending = 0;

  constructor(books: Books, ledger: Pick<RunLedger, 'touch'>) {
    this.#books = books;
    this.#ledger = ledger;
  }

  /** Whether a judge still looks at verdicts of this run. */
  get areOpen(): boolean {
    return this.#pending > 0;
  }

  /** For the completions of one row. */
  of(pair: QaPair): OnAudit {
    return (audit) => void this.#book(pair, audit);
  }

  async #book({ domain = '', answerType }: QaPair, audit: Promise<readonly AuditedScore[]>): Promise<void> {
    this.#pending += 1;
    for (const { scorer, ...found } of await audit) {
      this.#books.audited({ place: { scorer, domain, answerType }, ...found });
      this.#ledger.touch();
    }
    this.#pending -= 1;
  }
}
