// `groupwise import`: files of questions become a dataset. Reads options, opens files and the store, and reports; what a
// row means is decided in the core, what is rejected in the import service.

import { type Command, Option } from 'commander';

import { openRowFile } from '../adapters/row-files.ts';
import { SqliteDatasetStore } from '../adapters/sqlite-dataset-store.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { readSettings } from '../config.ts';
import { LIMITS } from '../contract/limits.ts';
import type { DatasetInfo } from '../core/calls.ts';
import { counted } from '../core/counted.ts';
import { findLayout, LAYOUTS } from '../core/dataset-layouts.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import { MAPPABLE_FIELDS, parseMapping } from '../core/layouts/mapping.ts';
import { ANSWER_TYPES, type AnswerType } from '../core/qa-pair.ts';
import { type ScorerNames, validateRecipe } from '../core/recipe-check.ts';
import { recipeFromJson } from '../core/recipe-json.ts';
import { findVerifier, VERIFIERS } from '../core/verifiers/table.ts';
import type { SharedDocuments } from '../ports/dataset-store.ts';
import { importRows, refuseEmpty } from '../services/datasets/dataset-import.ts';
import type { ImportReport } from '../services/datasets/import-report.ts';
import { checkSharedDocuments, describeShared, sharedToJson } from '../services/datasets/shared-documents.ts';
import {
  dataDirOf,
  formatCount,
  formatCounts,
  nameOrJson,
  printJson,
  printLine,
  printNote,
  share,
  wholeNumber,
  withDataOption,
  withJsonOption,
} from './options.ts';
import { startProgress } from './progress.ts';
import { scorerNamesOf } from './scorer-config.ts';

/** As commander hands them over. */
interface Flags {
  readonly name: string;
  readonly data?: string;
  readonly layout?: string;
  readonly map?: string;
  readonly answerType?: AnswerType;
  readonly split?: string;
  readonly testShare?: number;
  readonly reward?: string;
  readonly scorers?: string;
  readonly description?: string;
  readonly license?: string;
  readonly source?: string;
  readonly limit?: number;
  readonly maxRejected?: number;
  readonly replace?: true;
  readonly allowSharedDocuments?: true;
  readonly json?: true;
}

const VERIFIER_NAMES: ScorerNames = { find: findVerifier, names: () => VERIFIERS.map(({ name }) => name) };

export function registerImport(program: Command): void {
  const command = program
    .command('import')
    .description('Make a dataset of files of questions with ground truths')
    .argument(
      '<source...>',
      '.jsonl, .ndjson or .json (one object a line, or one array; also .gz, .zst) or .parquet',
    )
    .requiredOption('--name <name>', 'name of the dataset: letters, digits, ".", "_" and "-"');
  withJsonOption(withDataOption(command))
    .addOption(
      new Option('--layout <layout>', 'what the columns mean (default: told from the first rows)').choices(
        LAYOUTS.map((layout) => layout.name),
      ),
    )
    .option('--map <field=column,...>', 'read fields from other columns; dots lead into nested ones')
    .addOption(
      new Option(
        '--answer-type <type>',
        'answer type of all rows (default: what a row says or looks like)',
      ).choices(ANSWER_TYPES),
    )
    .addOption(new Option('--split <name>', 'put all rows into this split').conflicts('testShare'))
    .option(
      '--test-share <share>',
      'split by document: this share into "test", the others into "train"',
      share,
    )
    .option('--reward <recipe>', 'scorer or recipe (JSON, or @FILE) for rows that name none')
    .option('--scorers <file>', 'judges and reward models that recipes may name (GROUPWISE_SCORERS)')
    .option('--description <text>', 'what the dataset is')
    .option('--license <id>', 'licence of the rows, for example CC-BY-4.0')
    .option('--source <text>', 'where the rows come from, for example a link')
    .option('--limit <n>', 'stop after this many rows', wholeNumber)
    .option('--max-rejected <n>', 'fail when more rows are rejected (default: when all are)', wholeNumber)
    .option('--allow-shared-documents', 'keep splits of the source though they share documents')
    .option('--replace', 'make a new version of a dataset of this name; its runs keep the old one')
    .addHelpText('after', helpText())
    .action(runImport);
}

async function runImport(paths: readonly string[], flags: Flags): Promise<void> {
  const scorers = scorerNamesOf(readSettings({ scorers: flags.scorers }), VERIFIER_NAMES);
  const options = {
    layout: flags.layout === undefined ? undefined : findLayout(flags.layout),
    mapping: flags.map === undefined ? undefined : parseMapping(flags.map),
    answerType: flags.answerType,
    split: flags.split === undefined ? undefined : checkedSplit(flags.split),
    testShare: flags.testShare,
    limit: flags.limit,
    rejectedMax: flags.maxRejected,
    scorers,
    charsMax: { question: LIMITS.promptCharsMax, answer: LIMITS.answerCharsMax, choices: LIMITS.choicesMax },
  };
  const reward =
    flags.reward === undefined ? undefined : recipeFromJson(nameOrJson('--reward', flags.reward), '--reward');
  if (reward !== undefined) validateRecipe(reward, scorers, '--reward');
  const sources = paths.map(openRowFile);
  const clock = new SystemClock();
  const startedAt = clock.now();
  const store = new SqliteDatasetStore({ dataDir: dataDirOf(flags), now: () => clock.now() });
  const interrupt = interruptible();
  const progress = startProgress(sources.reduce((sum, source) => sum + source.bytesTotal, 0));
  try {
    const provenance = { source: flags.source ?? '', license: flags.license ?? '', generator: '' };
    const writer = await store.create(
      { name: flags.name, description: flags.description ?? '', reward, provenance },
      { replace: flags.replace ?? false },
    );
    try {
      const report = await importRows(sources, writer, {
        ...options,
        reward,
        signal: interrupt.signal,
        onProgress: (sofar) =>
          progress.update(
            sources.reduce((sum, source) => sum + source.bytesRead(), 0),
            sofar.rowsRead,
          ),
      });
      refuseEmpty(report);
      const shared = await checkSharedDocuments(writer, { isAllowed: flags.allowSharedDocuments ?? false });
      const info = await writer.commit({
        kind: 'import',
        at: clock.now(),
        ...report.toJson(),
        ...(shared.count === 0 ? {} : { shared_documents: sharedToJson(shared) }),
        ...(flags.testShare === undefined ? {} : { test_share: flags.testShare }),
        ...(flags.map === undefined ? {} : { mapping: flags.map }),
      });
      progress.stop();
      print(info, { report, shared }, (clock.now() - startedAt) / 1000, flags);
    } catch (error) {
      await writer.abort();
      throw error;
    }
  } finally {
    progress.stop();
    interrupt.stop();
    store.close();
  }
}

interface Imported {
  readonly report: ImportReport;
  readonly shared: SharedDocuments;
}

function print(info: DatasetInfo, { report, shared }: Imported, seconds: number, flags: Flags): void {
  if (flags.json) {
    const { name, version, splits, answerTypes } = info;
    printJson({
      name,
      version,
      splits: Object.fromEntries(splits.map((split) => [split.name, split.count])),
      answer_types: Object.fromEntries(answerTypes.map((type) => [type.name, type.count])),
      ...report.toJson(),
      rejected_examples: report.examples,
      shared_documents: sharedToJson(shared),
      seconds,
    });
    return;
  }
  for (const { file, layout, rowsRead } of report.sources) {
    printNote(`${file}: ${counted(rowsRead, 'row')} read, layout ${layout === '' ? 'unknown' : layout}`);
  }
  printRejections(report);
  if (shared.count > 0) printNote(`Kept as asked: ${describeShared(shared)}`);
  printLine(`Dataset "${info.name}", version ${info.version}`);
  printLine(
    `  rows          ${formatCount(report.rowsAdded)} (${formatCount(report.rowsRejected)} rejected)`,
  );
  printLine(`  splits        ${formatCounts(info.splits)}`);
  printLine(`  answer types  ${formatCounts(info.answerTypes)}`);
  printLine(`  took          ${seconds.toFixed(1)} s`);
}

function printRejections(report: ImportReport): void {
  for (const [reason, count] of Object.entries(report.rejected)) {
    printNote(`Rejected ${counted(count, 'row')}: ${reason}`);
    for (const { file, at, detail } of report.examples.filter((each) => each.reason === reason)) {
      printNote(`  ${file}:${at}: ${detail}`);
    }
  }
}

/** Ctrl-C ends the import between two batches, so that nothing is left behind; a second one ends the process. */
function interruptible(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onInterrupt = (): void =>
    controller.abort(new EnvError('cancelled', 'Import interrupted: nothing was kept'));
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  return {
    signal: controller.signal,
    stop: () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onInterrupt);
    },
  };
}

function checkedSplit(name: string): string {
  if (/^[A-Za-z0-9._-]{1,128}$/.test(name)) return name;
  throw invalidArgument('--split', `Cannot name a split "${name}": use letters, digits, ".", "_" and "-"`);
}

function helpText(): string {
  const layouts = LAYOUTS.map((layout) => `  ${layout.name.padEnd(18)} ${layout.summary}`).join('\n');
  return `
Layouts:
${layouts}

Fields for --map: ${MAPPABLE_FIELDS.join(', ')}

A row without a usable question or ground truth is rejected, and so is one that asks what an earlier row asks. Rejected rows
are counted by reason, with file and line of the first ones. Nothing is visible before the import is complete. Splits that the
source brings are refused when a document (document_id) has rows in more than one of them.

Examples:
  groupwise import train.jsonl.zst --name maths --test-share 0.1 --license MIT
  groupwise import data/*.parquet --name maths --layout webscale-rl --json
  groupwise import rows.jsonl --name maths --map question=prompt.text,ground_truth=label,document_id=url`;
}
