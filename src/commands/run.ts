// `groupwise run`: what the data directory holds of runs, listed, shown, exported. This is the operator's side, and reads
// the store beside a server that may be running; an export has ground truths in it.

import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { writeJsonLines } from '../adapters/jsonl-writer.ts';
import { SqliteDatasetStore } from '../adapters/sqlite-dataset-store.ts';
import { SqliteRunStore } from '../adapters/sqlite-run-store.ts';
import { openDatabase } from '../adapters/sqlite.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import {
  encodeAccounting,
  encodeEstimator,
  encodeRecipe,
  encodeSampling,
} from '../contract/encode-replies.ts';
import { Books } from '../core/accounting.ts';
import type { Accounting } from '../core/calls.ts';
import { EnvError } from '../core/errors.ts';
import type { RunId } from '../core/ids.ts';
import type { RunStore, StoredRun } from '../ports/run-store.ts';
import {
  dataDirOf,
  formatCount,
  printJson,
  printLine,
  requireDataDir,
  withDataOption,
  withJsonOption,
} from './options.ts';
import { storedRollouts } from './run/stored-rollouts.ts';
import { showBooks } from './show-books.ts';

interface Flags {
  readonly data?: string;
  readonly json?: true;
}

interface ExportFlags extends Flags {
  readonly out: string;
  readonly overwrite?: true;
}

/** Lines handed to the writer at a time. */
const LINES_AT_A_TIME = 64;

export function registerRun(program: Command): void {
  const run = program
    .command('run')
    .summary('List, show and export runs')
    .description('Runs of the data directory. For operators: an export holds ground truths.');
  const list = run.command('list').description('List the runs, oldest first');
  withJsonOption(withDataOption(list)).action((flags: Flags) =>
    withStore(flags, (store) => listRuns(store, flags)),
  );
  const show = run
    .command('show')
    .description('Show the settings and the books of one run')
    .argument('<run>');
  withJsonOption(withDataOption(show)).action((runId: string, flags: Flags) =>
    withStore(flags, (store) => showRun(store, runId, flags)),
  );
  const exporting = run
    .command('export')
    .description(
      'Write the completed groups of a run as JSONL: prompt, ground truth, completions, scores, rewards, advantages. `groupwise score` reads it, to score again under another recipe and compare.',
    )
    .argument('<run>')
    .requiredOption('--out <file>', 'file to write (.jsonl, also .gz or .zst)')
    .option('--overwrite', 'replace the file when it is there');
  withJsonOption(withDataOption(exporting)).action((runId: string, flags: ExportFlags) =>
    withStore(flags, (store) => exportRun(store, runId, flags)),
  );
}

async function withStore(flags: Flags, use: (store: RunStore) => Promise<void>): Promise<void> {
  const database = openDatabase(requireDataDir(flags));
  try {
    await use(new SqliteRunStore(database));
  } finally {
    database.close();
  }
}

async function find(store: RunStore, runId: string): Promise<StoredRun> {
  // Whether it is the id of a run is what is asked here.
  const found = await store.find(runId as RunId);
  if (found === undefined) throw new EnvError('not_found', `There is no run "${runId}"`);
  return found;
}

async function listRuns(store: RunStore, flags: Flags): Promise<void> {
  const runs = await store.list();
  if (flags.json === true) {
    printJson({ runs: runs.map(factsOf) });
    return;
  }
  if (runs.length === 0) printLine('No runs yet.');
  for (const { runId, settings, groupsTotal, progress, createdAt } of runs) {
    const done = `${formatCount(progress.books.groups.completed)} of ${formatCount(groupsTotal)} groups`;
    const name = `${settings.dataset}/${settings.split}`;
    printLine(
      `${runId}  ${new Date(createdAt).toISOString()}  ${name}  ${done}${progress.isClosed ? ', closed' : ''}`,
    );
  }
}

async function showRun(store: RunStore, runId: string, flags: Flags): Promise<void> {
  const run = await find(store, runId);
  if (flags.json === true) {
    printJson(factsOf(run));
    return;
  }
  const { settings, progress } = run;
  const lines = [
    ['dataset', `${settings.dataset}/${settings.split}, version ${run.datasetVersion}`],
    ['opened', new Date(run.createdAt).toISOString()],
    ['order', `${settings.sampling.kind}, seed ${settings.seed}, epochs ${settings.epochs}`],
    ['groups', `${formatCount(run.groupsTotal)} of ${settings.groupSize} completions`],
    ['estimator', JSON.stringify(encodeEstimator(settings.estimator))],
    ['reward', settings.reward === undefined ? 'of each row' : JSON.stringify(encodeRecipe(settings.reward))],
    ['policy version', progress.policyVersion === undefined ? '–' : String(progress.policyVersion)],
  ] as const;
  printLine(`${run.runId}${progress.isClosed ? ', closed' : ''}`);
  for (const [name, value] of lines) printLine(`  ${name.padEnd(22)}${value}`);
  printLine('');
  showBooks(booksOf(run));
}

async function exportRun(store: RunStore, runId: string, flags: ExportFlags): Promise<void> {
  const run = await find(store, runId);
  if (flags.overwrite !== true && existsSync(flags.out))
    throw new EnvError(
      'already_exists',
      `Cannot write "${flags.out}": it is there already (--overwrite replaces it)`,
    );
  const clock = new SystemClock();
  const datasets = new SqliteDatasetStore({ dataDir: dataDirOf(flags), now: () => clock.now() });
  const sink = writeJsonLines(flags.out);
  try {
    let groups = 0;
    let lines: Parameters<typeof sink.write>[0][number][] = [];
    for await (const line of storedRollouts(run, store, datasets)) {
      lines.push(line);
      groups += 1;
      if (lines.length < LINES_AT_A_TIME) continue;
      await sink.write(lines);
      lines = [];
    }
    await sink.write(lines);
    const bytes = await sink.close();
    if (flags.json === true) printJson({ run_id: runId, groups, out: flags.out, bytes });
    else
      printLine(
        `${formatCount(groups)} completed groups of ${runId} in ${flags.out} (${formatCount(bytes)} bytes)`,
      );
  } catch (error) {
    await sink.abort();
    throw error;
  } finally {
    datasets.close();
  }
}

/** Settings and books in the wire's manner: what is here under the name of a field of a reply is the same thing. */
function factsOf(run: StoredRun): object {
  const { settings, progress } = run;
  return {
    run_id: run.runId,
    dataset: settings.dataset,
    dataset_version: run.datasetVersion,
    split: settings.split,
    created_at: new Date(run.createdAt).toISOString(),
    is_closed: progress.isClosed,
    group_size: settings.groupSize,
    seed: settings.seed,
    epochs: settings.epochs,
    reward: settings.reward === undefined ? null : encodeRecipe(settings.reward),
    estimator: encodeEstimator(settings.estimator),
    sampling: encodeSampling(settings.sampling),
    lease_ttl_ms: settings.leaseTtlMs,
    max_attempts: settings.maxAttempts,
    max_drift: settings.maxDrift ?? null,
    prompt_template: settings.promptTemplate,
    groups_total: run.groupsTotal,
    policy_version: progress.policyVersion ?? null,
    books: encodeAccounting(booksOf(run)),
  };
}

function booksOf({ progress, groupsTotal }: StoredRun): Accounting {
  return new Books(progress.books).accounting({ groupsTotal });
}
