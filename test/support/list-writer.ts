// A dataset writer that keeps what it is given in a list, for those who only add.

import type { QaPair } from '../../src/core/qa-pair.ts';
import type { DatasetWriter } from '../../src/ports/dataset-store.ts';

/** Keeps what it is given, and knows duplicates by id as a store does. */
export class ListWriter implements DatasetWriter {
  readonly pairs: QaPair[] = [];

  async add(pairs: readonly QaPair[]): ReturnType<DatasetWriter['add']> {
    const duplicates: number[] = [];
    const conflicts: number[] = [];
    for (const [index, pair] of pairs.entries()) {
      const known = this.pairs.find(({ pairId }) => pairId === pair.pairId);
      if (known === undefined) {
        this.pairs.push(pair);
        continue;
      }
      duplicates.push(index);
      if (known.groundTruth.answer !== pair.groundTruth.answer) conflicts.push(index);
    }
    return { duplicates, conflicts };
  }

  async sharedDocuments(): Promise<never> {
    throw new Error('Adding looks at no documents');
  }

  async commit(): Promise<never> {
    throw new Error('Adding commits nothing');
  }

  async abort(): Promise<void> {
    throw new Error('Adding aborts nothing');
  }
}
