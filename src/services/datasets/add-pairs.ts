// Hands pairs to a dataset writer and books what it refused: prompts that are there already, with or without the same ground
// truth. Where pairs come from is not known here.

import type { QaPair } from '../../core/qa-pair.ts';
import type { DatasetWriter } from '../../ports/dataset-store.ts';
import type { ImportReport } from './import-report.ts';

/** A pair and where it was found. */
export interface Placed {
  readonly pair: QaPair;
  readonly file: string;
  readonly at: number;
}

/** Adds them in order; returns how many were added. */
export async function addPairs(
  placed: readonly Placed[],
  writer: DatasetWriter,
  report: ImportReport,
): Promise<number> {
  if (placed.length === 0) return 0;
  const { duplicates, conflicts } = await writer.add(placed.map(({ pair }) => pair));
  const conflicting = new Set(conflicts);
  for (const index of duplicates) {
    const { file = '', at = 0 } = placed[index] ?? {};
    const isConflict = conflicting.has(index);
    report.reject({
      file,
      at,
      reason: isConflict ? 'conflicting_ground_truth' : 'duplicate_prompt',
      detail: isConflict
        ? 'asks what an earlier row asks, with another ground truth'
        : 'asks what an earlier row asks',
    });
  }
  const added = placed.length - duplicates.length;
  report.rowsAdded += added;
  return added;
}
