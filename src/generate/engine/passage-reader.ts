// The documents of a run as its first items, counted on the way. What cannot be read is counted too, and the run goes on.

import type { DocumentSource } from '../../ports/document-source.ts';
import { rootKey, type PassageItem } from '../item.ts';
import type { SourceReport } from './funnel.ts';
import { Reasons } from './reasons.ts';

export class PassageReader {
  readonly #source: DocumentSource | undefined;
  readonly #broken = new Reasons();
  #documents = 0;
  #passages = 0;

  /** @param source undefined: there are no documents */
  constructor(source: DocumentSource | undefined) {
    this.#source = source;
  }

  /** All passages, in order. Once: their keys count from the first one. */
  async *read(): AsyncGenerator<PassageItem> {
    if (this.#source === undefined) return;
    for await (const document of this.#source.documents()) {
      this.#documents += 1;
      if (document.kind === 'broken') {
        this.#broken.add(document, document.source, rootKey(this.#documents));
        continue;
      }
      for (const passage of document.passages) {
        const key = rootKey(this.#passages);
        this.#passages += 1;
        yield { kind: 'passage', key, passage, notes: {} };
      }
    }
  }

  report(): SourceReport {
    return {
      documents: this.#documents,
      passages: this.#passages,
      broken: this.#broken.report(),
      bytesRead: this.#source?.bytesRead() ?? 0,
      bytesTotal: this.#source?.bytesTotal ?? 0,
    };
  }
}
