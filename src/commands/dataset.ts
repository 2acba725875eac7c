// `groupwise dataset`: what the data directory holds, shown, exported, described, removed. This is the operator's side:
// ground truths may be printed and exported here.

import { writeFile } from 'node:fs/promises';

import { type Command, Option } from 'commander';

import { SqliteDatasetStore } from '../adapters/sqlite-dataset-store.ts';
import { diskError } from '../adapters/disk.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import type { DatasetInfo } from '../core/calls.ts';
import { datasetCard } from '../core/dataset-card.ts';
import { EnvError } from '../core/errors.ts';
import { EXPORT_SHAPES } from '../core/export-shapes.ts';
import { pairToJson } from '../core/pair-json.ts';
import type { QaPair } from '../core/qa-pair.ts';
import { recipeToJson } from '../core/recipe-json.ts';
import { EXPORT_FORMATS, type ExportFlags, runExport } from './dataset-export.ts';
import {
  dataDirOf,
  formatCount,
  formatCounts,
  printJson,
  printLine,
  requireDataDir,
  wholeNumber,
  withDataOption,
  withJsonOption,
} from './options.ts';

interface Flags {
  readonly data?: string;
  readonly json?: true;
}

/** What the facts of a dataset are in JSON, here and in every command. */
export function infoJson(info: DatasetInfo): object {
  const { name, version, description, createdAt, splits, answerTypes, domains, reward, provenance } = info;
  return {
    name,
    version,
    description,
    created_at: new Date(createdAt).toISOString(),
    splits,
    answer_types: answerTypes,
    domains,
    reward: reward === undefined ? null : recipeToJson(reward),
    provenance,
  };
}

export function registerDataset(program: Command): void {
  const dataset = program
    .command('dataset')
    .description('List, show, export, describe and remove datasets')
    .addHelpText(
      'after',
      '\nFor operators: show and export print ground truths. Rollout clients never get them from the server.',
    );
  registerList(dataset);
  registerShow(dataset);
  registerExport(dataset);
  registerCard(dataset);
  registerRemove(dataset);
}

function registerList(dataset: Command): void {
  withJsonOption(
    withDataOption(dataset.command('list').description('List all datasets, newest versions')),
  ).action((flags: Flags) =>
    withStore(flags, async (store) => {
      const infos = await store.list();
      if (flags.json) return printJson({ datasets: infos.map(infoJson) });
      if (infos.length === 0) printLine(`There are no datasets in "${dataDirOf(flags)}"`);
      for (const { name, version, splits } of infos) {
        printLine(`${name.padEnd(24)} ${version.slice(0, 12)}  ${formatCounts(splits)}`);
      }
    }),
  );
}

function registerShow(dataset: Command): void {
  const show = dataset
    .command('show')
    .description('Print facts about a dataset and its first rows, ground truths included')
    .argument('<name>', 'the dataset');
  withJsonOption(withDataOption(show))
    .option('--rows <n>', 'how many rows to print', wholeNumber, 3)
    .option('--split <name>', 'only rows of this split')
    .action((name: string, flags: Flags & { readonly rows: number; readonly split?: string }) =>
      withStore(flags, async (store) => {
        const info = await existing(store, name, flags.split);
        const rows = await firstRows(store.rows(name, info.version, flags.split), flags.rows);
        const record = (await store.record(name, info.version)) ?? null;
        if (flags.json) return printJson({ ...infoJson(info), record, rows: rows.map(pairToJson) });
        printFacts(info);
        for (const row of rows) printLine(`\n${JSON.stringify(pairToJson(row), null, 2)}`);
      }),
    );
}

function registerExport(dataset: Command): void {
  const command = dataset
    .command('export')
    .description(
      'Write a dataset, ground truths included unless --format is trainer or nemo-gym, to a file or a directory of shards with a card',
    )
    .argument('<name>', 'the dataset')
    .requiredOption(
      '--out <path>',
      'FILE.jsonl or .parquet (.jsonl also with .gz, .zst), or a directory for shards',
    );
  withJsonOption(withDataOption(command))
    .addOption(
      new Option(
        '--format <format>',
        'columns (default: ours, in the format that the name of --out says)',
      ).choices(EXPORT_FORMATS),
    )
    .option('--split <name>', 'only this split')
    .option('--shard-rows <n>', 'most rows of one shard', wholeNumber, 250_000)
    .option('--overwrite', 'replace the file when it is there')
    .addHelpText('after', `\nFormats:\n${formatsHelp()}`)
    .action((name: string, flags: Flags & ExportFlags) =>
      withStore(flags, async (store) => runExport(store, await existing(store, name, flags.split), flags)),
    );
}

function registerCard(dataset: Command): void {
  const card = dataset
    .command('card')
    .description('Print the dataset card (Markdown with YAML front matter), or write it to a file')
    .argument('<name>', 'the dataset');
  withJsonOption(withDataOption(card))
    .option('--out <file>', 'write to this file')
    .action((name: string, flags: Flags & { readonly out?: string }) =>
      withStore(flags, async (store) => {
        const info = await existing(store, name);
        const text = datasetCard({ info, record: await store.record(name, info.version), files: [] });
        if (flags.out !== undefined) await write(flags.out, text);
        if (flags.json)
          return printJson(flags.out === undefined ? { name, card: text } : { name, out: flags.out });
        if (flags.out === undefined) process.stdout.write(text);
      }),
    );
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw diskError(`Cannot write "${path}"`, error);
  }
}

function registerRemove(dataset: Command): void {
  const remove = dataset
    .command('remove')
    .description('Remove a dataset with all its versions; runs on them can no longer lease')
    .argument('<name>', 'the dataset');
  withJsonOption(withDataOption(remove))
    .option('--old-versions', 'keep the newest version')
    .action((name: string, flags: Flags & { readonly oldVersions?: true }) =>
      withStore(flags, async (store) => {
        const versions = await store.remove(name, { keepNewest: flags.oldVersions ?? false });
        if (flags.json) return printJson({ name, versions_removed: versions });
        const count = `${versions} version${versions === 1 ? '' : 's'}`;
        printLine(
          flags.oldVersions
            ? `Removed ${count} of dataset "${name}", kept the newest`
            : `Removed dataset "${name}", ${count}`,
        );
      }),
    );
}

async function withStore(flags: Flags, work: (store: SqliteDatasetStore) => Promise<void>): Promise<void> {
  const dataDir = requireDataDir(flags);
  const clock = new SystemClock();
  const store = new SqliteDatasetStore({ dataDir, now: () => clock.now() });
  try {
    await work(store);
  } finally {
    store.close();
  }
}

/** The newest version; refuses a dataset or a split that is not there, and says what is. */
async function existing(store: SqliteDatasetStore, name: string, split?: string): Promise<DatasetInfo> {
  const info = await store.get(name);
  if (info === undefined) {
    const names = (await store.list()).map((each) => each.name).join(', ') || 'none';
    throw new EnvError('not_found', `There is no dataset "${name}": the data directory holds ${names}`);
  }
  const splits = info.splits.map((each) => each.name);
  if (split !== undefined && !splits.includes(split)) {
    throw new EnvError('not_found', `There is no split "${split}" in "${name}": it has ${splits.join(', ')}`);
  }
  return info;
}

async function firstRows(rows: AsyncIterable<QaPair>, count: number): Promise<readonly QaPair[]> {
  const first: QaPair[] = [];
  if (count === 0) return first;
  for await (const row of rows) {
    first.push(row);
    if (first.length === count) break;
  }
  return first;
}

function printFacts(info: DatasetInfo): void {
  const { source, license, generator } = info.provenance;
  const facts: readonly (readonly [string, string])[] = [
    ['version', info.version],
    ['description', info.description],
    ['made', new Date(info.createdAt).toISOString()],
    ['rows', formatCount(info.splits.reduce((sum, { count }) => sum + count, 0))],
    ['splits', formatCounts(info.splits)],
    ['answer types', formatCounts(info.answerTypes)],
    ['domains', formatCounts(info.domains.slice(0, 10))],
    ['reward', info.reward === undefined ? '' : JSON.stringify(recipeToJson(info.reward))],
    ['source', source],
    ['licence', license],
    ['generator', generator],
  ];
  printLine(`Dataset "${info.name}"`);
  for (const [fact, value] of facts) if (value !== '') printLine(`  ${fact.padEnd(13)} ${value}`);
}

function formatsHelp(): string {
  return EXPORT_SHAPES.map(({ name, summary }) =>
    name === 'native' ? `  jsonl, parquet     ${summary}` : `  ${name.padEnd(18)} ${summary}`,
  ).join('\n');
}
