// Reads rows from files, makes QA pairs of them and hands them to a dataset writer, a batch at a time. It decides what is
// rejected and says why; it does not open files, and it neither commits nor aborts: the caller looks at the report first.

import { inferAnswerType } from '../core/answer-type.ts';
import { isJsonObject } from '../core/canonical-json.ts';
import { detectLayout, draftOf, LAYOUTS } from '../core/dataset-layouts.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import type { DraftPair, Layout, RejectionReason, Row } from '../core/layouts/layout.ts';
import { type ColumnMapping, valueAt } from '../core/layouts/mapping.ts';
import { whyUnusable } from '../core/ground-truth-check.ts';
import { pairIdOf } from '../core/pair-id.ts';
import type { AnswerType, QaPair } from '../core/qa-pair.ts';
import type { Recipe } from '../core/recipe.ts';
import { type ScorerNames, validateRecipe } from '../core/recipe-check.ts';
import { splitOf, splitOfFileName } from '../core/split.ts';
import type { DatasetWriter } from '../ports/dataset-store.ts';
import type { RowSource, SourceRow } from '../ports/row-source.ts';
import { ImportReport, type SourceReport } from './import-report.ts';

export interface ImportOptions {
  /** Undefined: each file's own, told from its first rows. */
  readonly layout: Layout | undefined;
  readonly mapping: ColumnMapping | undefined;
  /** Undefined: what the row says, else what its ground truth looks like. */
  readonly answerType: AnswerType | undefined;
  /** All rows into this split. */
  readonly split: string | undefined;
  /** This share of all documents into `test`, the others into `train`. */
  readonly testShare: number | undefined;
  /** Stop after this many pairs. */
  readonly limit: number | undefined;
  /** More rejections than this and the import fails. Undefined: only when nothing is left. */
  readonly rejectedMax: number | undefined;
  /** The dataset's own recipe. */
  readonly reward: Recipe | undefined;
  /** The scorers that rows may name. */
  readonly scorers: ScorerNames;
  readonly charsMax: { readonly question: number; readonly answer: number; readonly choices: number };
  /** Called after each batch. */
  readonly onProgress: (report: ImportReport) => void;
  readonly signal: AbortSignal;
}

interface Placed {
  readonly pair: QaPair;
  readonly at: number;
}

/**
 * Adds all rows of the sources.
 *
 * @throws EnvError `invalid_argument` when a file's layout cannot be told or a mapped column is not there,
 *   `failed_precondition` when no row or too few could be used, `data_loss` when a file is damaged, `cancelled`
 */
export async function importRows(
  sources: readonly RowSource[],
  writer: DatasetWriter,
  options: ImportOptions,
): Promise<ImportReport> {
  const report = new ImportReport();
  for (const source of sources) {
    if (hasEnough(report, options)) break;
    await importFile(source, writer, options, report);
  }
  return report;
}

async function importFile(
  source: RowSource,
  writer: DatasetWriter,
  options: ImportOptions,
  report: ImportReport,
): Promise<void> {
  const file: SourceReport = { file: source.path, layout: '', rowsRead: 0, rowsAdded: 0 };
  report.sources.push(file);
  let layout: Layout | undefined;
  for await (const batch of source.batches()) {
    if (file.layout === '') {
      const rows = batch.flatMap((row) => (row.kind === 'row' && isJsonObject(row.row) ? [row.row] : []));
      if (rows.length > 0) {
        layout = layoutOf(source.path, rows, options);
        file.layout = layout?.name ?? 'mapping';
      }
    }
    const placed: Placed[] = [];
    for (const row of batch) {
      if (options.limit !== undefined && report.rowsAdded + placed.length >= options.limit) {
        // Duplicates among these may make room again.
        await addPairs(placed.splice(0), writer, file, report);
        if (hasEnough(report, options)) break;
      }
      report.rowsRead += 1;
      file.rowsRead += 1;
      const pair = pairOf(row, layout, source.path, options, report);
      if (pair !== undefined) placed.push({ pair, at: row.at });
    }
    await addPairs(placed, writer, file, report);
    options.onProgress(report);
    options.signal.throwIfAborted();
    refuseTooMany(report, options);
    if (hasEnough(report, options)) return;
  }
}

function hasEnough(report: ImportReport, { limit }: ImportOptions): boolean {
  return limit !== undefined && report.rowsAdded >= limit;
}

async function addPairs(
  placed: readonly Placed[],
  writer: DatasetWriter,
  file: SourceReport,
  report: ImportReport,
): Promise<void> {
  if (placed.length === 0) return;
  const { duplicates, conflicts } = await writer.add(placed.map(({ pair }) => pair));
  const conflicting = new Set(conflicts);
  for (const index of duplicates) {
    const isConflict = conflicting.has(index);
    report.reject({
      file: file.file,
      at: placed[index]?.at ?? 0,
      reason: isConflict ? 'conflicting_ground_truth' : 'duplicate_prompt',
      detail: isConflict
        ? 'asks what an earlier row asks, with another ground truth'
        : 'asks what an earlier row asks',
    });
  }
  file.rowsAdded += placed.length - duplicates.length;
  report.rowsAdded += placed.length - duplicates.length;
}

/** The layout of a file by its first rows. */
function layoutOf(path: string, rows: readonly Row[], options: ImportOptions): Layout | undefined {
  for (const column of Object.values(options.mapping ?? {})) {
    if (rows.some((row) => valueAt(row, column) !== undefined)) continue;
    throw invalidArgument('--map', `Cannot read "${path}": it has no column "${column}", ${columnsOf(rows)}`);
  }
  if (options.layout !== undefined) return options.layout;
  const { question, ground_truth: groundTruth } = options.mapping ?? {};
  if (question !== undefined && groundTruth !== undefined) return undefined;
  const detected = detectLayout(rows);
  if (detected !== undefined) return detected;
  const known = LAYOUTS.map((layout) => layout.name).join(', ');
  throw invalidArgument(
    '--layout',
    `Cannot tell the layout of "${path}" (known: ${known}): ${columnsOf(rows)}; say which columns to read with --map question=COLUMN,ground_truth=COLUMN`,
  );
}

function columnsOf(rows: readonly Row[]): string {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return `its columns are ${[...names].slice(0, 40).join(', ')}`;
}

/** The pair of a row; undefined when the row is rejected, which the report then knows. */
function pairOf(
  row: SourceRow,
  layout: Layout | undefined,
  file: string,
  options: ImportOptions,
  report: ImportReport,
): QaPair | undefined {
  const reject = (reason: RejectionReason, detail: string): undefined => {
    report.reject({ file, at: row.at, reason, detail });
  };
  if (row.kind === 'broken') return reject(row.reason, row.detail);
  const result = draftOf(row.row, layout, options.mapping);
  if (result.kind === 'rejected') return reject(result.reason, result.detail);
  const { draft } = result;
  const tooLong = whatIsTooLong(draft, options.charsMax);
  if (tooLong !== undefined) return reject('too_long', tooLong);
  const unusable = whatIsWrongWith(draft, options.scorers);
  if (unusable !== undefined) return reject('unusable_field', unusable);
  const { type, problem } = answerTypeOf(draft, options);
  if (problem !== undefined) return reject('unusable_ground_truth', `as a ${type}: ${problem}`);
  const pairId = pairIdOf(draft);
  const document = draft.provenance.documentId ?? pairId;
  return {
    ...draft,
    pairId,
    answerType: type,
    split:
      options.split ??
      (options.testShare === undefined
        ? (draft.split ?? splitOfFileName(file) ?? 'train')
        : splitOf(document, options.testShare)),
  };
}

/**
 * The type that was asked for, that the row states, or that its ground truth looks like; and why that type's verifier
 * cannot use the ground truth. A guess that the verifier cannot use was a wrong guess: then it is text.
 */
function answerTypeOf(
  draft: DraftPair,
  options: ImportOptions,
): { readonly type: AnswerType; readonly problem?: string | undefined } {
  const { groundTruth, choices } = draft;
  const stated = options.answerType ?? draft.answerType;
  const type = stated ?? inferAnswerType(groundTruth.answer, choices);
  // A recipe of the row or of the dataset takes the place of the type's own verifier.
  if ((draft.reward ?? options.reward) !== undefined) return { type };
  const problem = whyUnusable(type, groundTruth, choices);
  if (stated !== undefined || choices !== undefined) return { type, problem };
  return { type: problem === undefined ? type : 'text' };
}

function whatIsTooLong(draft: DraftPair, charsMax: ImportOptions['charsMax']): string | undefined {
  const { question, groundTruth, choices = [] } = draft;
  const chars =
    typeof question === 'string'
      ? question.length
      : question.reduce((sum, message) => sum + message.content.length, 0);
  if (chars > charsMax.question)
    return `the question has ${chars} characters, ${charsMax.question} is the limit`;
  const answers = [groundTruth.answer, ...groundTruth.aliases, ...choices];
  const longest = Math.max(...answers.map((answer) => answer.length));
  if (longest > charsMax.answer)
    return `an answer has ${longest} characters, ${charsMax.answer} is the limit`;
  return choices.length > charsMax.choices ? `there are more than ${charsMax.choices} choices` : undefined;
}

/** A recipe that no run could be opened with. It is kept as it was written: defaults are filled in when it is used. */
function whatIsWrongWith({ reward }: DraftPair, scorers: ScorerNames): string | undefined {
  if (reward === undefined) return undefined;
  try {
    validateRecipe(reward, scorers);
    return undefined;
  } catch (error) {
    if (error instanceof EnvError) return error.message;
    throw error;
  }
}

function refuseTooMany(report: ImportReport, { rejectedMax }: ImportOptions): void {
  if (rejectedMax === undefined || report.rowsRejected <= rejectedMax) return;
  throw new EnvError(
    'failed_precondition',
    `Cannot import: ${report.rowsRejected} of ${report.rowsRead} rows were rejected, at most ${rejectedMax} may be${exampleOf(report)}`,
  );
}

/** Refuses an import of which nothing is left. */
export function refuseEmpty(report: ImportReport): void {
  if (report.rowsAdded > 0) return;
  const why =
    report.rowsRead === 0
      ? 'there are no rows'
      : `all ${report.rowsRead} rows were rejected${exampleOf(report)}`;
  throw new EnvError('failed_precondition', `Cannot import: ${why}`);
}

function exampleOf(report: ImportReport): string {
  const [first] = report.examples;
  return first === undefined ? '' : `; the first is ${first.file}:${first.at}: ${first.detail}`;
}
