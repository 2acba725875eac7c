// Reads rows from files, makes QA pairs of them and hands them to a dataset writer, a batch at a time. It counts
// what is rejected; it does not open files, and it neither commits nor aborts: the caller looks at the report first.

import { isJsonObject } from '../../core/canonical-json.ts';
import { counted } from '../../core/counted.ts';
import { detectLayout, LAYOUTS } from '../../core/dataset-layouts.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { Layout, Row } from '../../core/layouts/layout.ts';
import { valueAt } from '../../core/layouts/mapping.ts';
import type { DatasetWriter } from '../../ports/dataset-store.ts';
import type { RowSource } from '../../ports/row-source.ts';
import { addPairs, type Placed } from './add-pairs.ts';
import { type PairOptions, pairOf } from './import-pair.ts';
import { ImportReport, type SourceReport } from './import-report.ts';

export interface ImportOptions extends PairOptions {
  /** Undefined: each file's own, told from its first rows. */
  readonly layout: Layout | undefined;
  /** Stop after this many pairs. */
  readonly limit: number | undefined;
  /** More rejections than this and the import fails. Undefined: only when nothing is left. */
  readonly rejectedMax: number | undefined;
  /** Called after each batch. */
  readonly onProgress: (report: ImportReport) => void;
  readonly signal: AbortSignal;
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
        file.rowsAdded += await addPairs(placed.splice(0), writer, report);
        if (hasEnough(report, options)) break;
      }
      report.rowsRead += 1;
      file.rowsRead += 1;
      const result = pairOf(row, layout, source.path, options);
      if (result.kind === 'pair') placed.push({ pair: result.pair, file: source.path, at: row.at });
      else report.reject({ file: source.path, at: row.at, reason: result.reason, detail: result.detail });
    }
    file.rowsAdded += await addPairs(placed, writer, report);
    options.onProgress(report);
    options.signal.throwIfAborted();
    refuseTooMany(report, options);
    if (hasEnough(report, options)) return;
  }
}

function hasEnough(report: ImportReport, { limit }: ImportOptions): boolean {
  return limit !== undefined && report.rowsAdded >= limit;
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

function refuseTooMany(report: ImportReport, { rejectedMax }: ImportOptions): void {
  if (rejectedMax === undefined || report.rowsRejected <= rejectedMax) return;
  throw new EnvError(
    'failed_precondition',
    `Cannot import: ${report.rowsRejected} of ${counted(report.rowsRead, 'row')} ${report.rowsRejected === 1 ? 'was' : 'were'} rejected, at most ${rejectedMax} may be${exampleOf(report)}`,
  );
}

/** Refuses an import of which nothing is left. */
export function refuseEmpty(report: ImportReport): void {
  if (report.rowsAdded > 0) return;
  const why =
    report.rowsRead === 0
      ? 'there are no rows'
      : `${report.rowsRead === 1 ? 'the only row was' : `all ${counted(report.rowsRead, 'row')} were`} rejected${exampleOf(report)}`;
  throw new EnvError('failed_precondition', `Cannot import: ${why}`);
}

function exampleOf(report: ImportReport): string {
  const [first] = report.examples;
  return first === undefined ? '' : `; the first is ${first.file}:${first.at}: ${first.detail}`;
}
