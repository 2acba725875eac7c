// Takes what a generation run made into a dataset, under the checks that imported rows go through: a ground truth that its
// verifier cannot use, a prompt that is there already. Nothing is left out without being counted.

import { EnvError } from '../../core/errors.ts';
import type { DraftPair } from '../../core/layouts/layout.ts';
import type { DatasetWriter } from '../../ports/dataset-store.ts';
import { addPairs, type Placed } from './add-pairs.ts';
import { checkedPair, type PairChecks } from './import-pair.ts';
import { ImportReport } from './import-report.ts';

const BATCH_PAIRS = 500;

export interface GeneratedOptions extends PairChecks {
  readonly signal: AbortSignal;
}

/**
 * Adds all drafts in their order. It neither commits nor aborts. Rejections name the draft's document and its place among all
 * drafts, from 1.
 */
export async function addGenerated(
  drafts: AsyncIterable<DraftPair>,
  writer: DatasetWriter,
  options: GeneratedOptions,
): Promise<ImportReport> {
  const report = new ImportReport();
  let placed: Placed[] = [];
  for await (const draft of drafts) {
    report.rowsRead += 1;
    const [file, at] = [draft.provenance.documentId ?? '', report.rowsRead];
    const result = checkedDraft(draft, options);
    if (result.kind === 'pair') placed.push({ pair: result.pair, file, at });
    else report.reject({ file, at, reason: result.reason, detail: result.detail });
    if (placed.length < BATCH_PAIRS) continue;
    await addPairs(placed, writer, report);
    placed = [];
    options.signal.throwIfAborted();
  }
  await addPairs(placed, writer, report);
  options.signal.throwIfAborted();
  return report;
}

/** What foreign rows are refused for by their readers, a draft of ours is refused for here. */
function checkedDraft(draft: DraftPair, options: PairChecks): ReturnType<typeof checkedPair> {
  if (typeof draft.question === 'string' && draft.question.trim() === '') {
    return { kind: 'rejected', reason: 'empty_question', detail: 'the question is empty' };
  }
  if (draft.groundTruth.answer.trim() === '') {
    return { kind: 'rejected', reason: 'empty_ground_truth', detail: 'nobody answered the question' };
  }
  return checkedPair(draft, options);
}

/** That a run came to its end and has no row to show for it: what it did and cost is to be told all the same. */
export class NothingGenerated extends EnvError {
  constructor(why: string) {
    super('failed_precondition', `Cannot make the dataset: ${why}`);
  }
}

/** Refuses a dataset of which nothing is left, by `NothingGenerated`. */
export function refuseNothingGenerated(report: ImportReport): void {
  if (report.rowsAdded > 0) return;
  const [first] = report.examples;
  const why =
    first === undefined
      ? 'no question came out of the last stage'
      : `all ${report.rowsRead} questions were rejected; the first: ${first.detail}`;
  throw new NothingGenerated(why);
}
