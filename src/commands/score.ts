// `groupwise score`: scores completions that lie in a file, without a server, by the very code that serves. Where the file
// knows more (labels, rewards of an earlier scoring) it compares.

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Command } from 'commander';
import { createLog } from '../adapters/pino-log.ts';
import { openRowFile } from '../adapters/row-files.ts';
import { SqliteDatasetStore } from '../adapters/sqlite-dataset-store.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { WorkerVerifierPool } from '../adapters/verifier-pool.ts';
import { readSettings } from '../config.ts';
import { encodeEstimator, encodeRecipe, encodeScored, type WireScored } from '../contract/encode-replies.ts';
import { LIMITS } from '../contract/limits.ts';
import { PASS_THRESHOLD } from '../core/pass-rate.ts';
import type { ScoreReply } from '../core/calls.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { DatasetStore } from '../ports/dataset-store.ts';
import type { RowSource } from '../ports/row-source.ts';
import { InFlight } from '../services/in-flight.ts';
import { Rewards } from '../services/rewards.ts';
import { verifierScorers } from '../services/scorer.ts';
import { Scoring } from '../services/scoring.ts';
import {
  dataDirOf,
  nameOrJson,
  printJson,
  printLine,
  wholeNumber,
  withDataOption,
  withJsonOption,
} from './options.ts';
import { openScorers } from './scorers.ts';
import { describeReport, ScoringTally } from './score/scoring-report.ts';
import {
  decodeScoreDefaults,
  parseStoredRollout,
  type ScoreDefaults,
  type StoredRollout,
} from './score/stored-rollout.ts';

interface Flags {
  readonly reward?: string;
  readonly estimator?: string;
  readonly dataset?: string;
  readonly scorers?: string;
  readonly data?: string;
  readonly out?: string;
  readonly batchGroups: number;
  readonly threshold: string;
  readonly json?: true;
}

export function registerScore(program: Command): void {
  const command = program
    .command('score')
    .summary('Score completions in a file, without a server')
    .description(
      'Scores groups of completions that lie in a file, one group a line: {"ground_truth": "18", "completions": [{"text": "…"}]}. ' +
        'A "pair_id" may stand for the ground truth (with --dataset). Lines may also have prompt or question, aliases and choices. ' +
        'Completions that have "is_correct", or "reward" of an earlier scoring, are compared with it.',
    )
    .argument('<file>', '.jsonl, .ndjson or .json (also .gz, .zst) or .parquet')
    .option(
      '--reward <recipe>',
      'scorer or recipe (JSON, or @FILE); default: math, or what the dataset row names',
    )
    .option('--scorers <file>', 'judges and reward models that the recipe may use (GROUPWISE_SCORERS)')
    .option('--estimator <name>', 'advantage estimator, a name or JSON (default: grpo:verl)')
    .option('--dataset <name>', 'dataset that the "pair_id" of the lines are rows of')
    .option('--out <file>', 'write each line with its rewards, scores and advantages, as JSONL')
    .option(
      '--batch-groups <count>',
      'groups that form one batch, for estimators that scale by batch',
      wholeNumber,
      64,
    )
    .option('--threshold <reward>', 'rewards of at least this count as right', String(PASS_THRESHOLD));
  withJsonOption(withDataOption(command)).action((file: string, flags: Flags) => score(file, flags));
}

async function score(file: string, flags: Flags): Promise<void> {
  const threshold = Number(flags.threshold);
  if (!Number.isFinite(threshold))
    throw invalidArgument('--threshold', 'Cannot use --threshold: it must be a number');
  if (flags.batchGroups < 1)
    throw invalidArgument('--batch-groups', 'Cannot use --batch-groups: it must be 1 or more');
  const defaults = {
    reward: flags.reward === undefined ? undefined : nameOrJson('--reward', flags.reward),
    estimator: flags.estimator === undefined ? undefined : nameOrJson('--estimator', flags.estimator),
    dataset: flags.dataset,
  };
  const { reward, estimator } = decodeScoreDefaults(defaults);
  const source = openRowFile(file);
  const log = createLog('warn');
  const pool = new WorkerVerifierPool({
    limitMs: LIMITS.verifyMs,
    queueMax: LIMITS.completionsInFlightMax,
    log,
  });
  const datasets = flags.dataset === undefined ? NO_DATASETS : openDatasets(dataDirOf(flags));
  const inFlight = new InFlight(LIMITS.completionsInFlightMax);
  const clock = new SystemClock();
  const settings = readSettings({ data: flags.data, scorers: flags.scorers });
  const scorers = await openScorers(settings, verifierScorers({ pool, log }), { clock, log });
  const rewards = new Rewards({ scoring: new Scoring(scorers, clock), datasets, inFlight });
  const tally = new ScoringTally(threshold);
  const out = flags.out === undefined ? undefined : createWriteStream(flags.out);
  try {
    for await (const batch of batches(source, flags.batchGroups, defaults, tally)) {
      const reply = await rewards.score({ reward, estimator, groups: batch.map(({ group }) => group) });
      await settle(batch, reply, tally, out);
    }
  } finally {
    await scorers.close();
    await pool.close();
    datasets.close();
    if (out !== undefined) await once(out.end(), 'close');
  }
  const report = tally.report();
  const made = {
    estimator: encodeEstimator(estimator),
    ...(reward === undefined ? {} : { reward: encodeRecipe(reward) }),
  };
  if (flags.json === true) printJson({ file, ...made, ...report });
  else for (const line of describeReport(report)) printLine(line);
  if (report.rejected > 0) process.exitCode = 1;
}

/** Groups of the file, so many at a time; lines that are no groups are counted and left out. */
async function* batches(
  source: RowSource,
  size: number,
  defaults: ScoreDefaults,
  tally: ScoringTally,
): AsyncGenerator<readonly StoredRollout[]> {
  let batch: StoredRollout[] = [];
  for await (const rows of source.batches()) {
    for (const row of rows) {
      const at = `${source.path}:${row.at}`;
      if (row.kind === 'broken') {
        tally.reject(at, row.detail);
        continue;
      }
      const rollout = tryParse(row.row, defaults, (reason) => tally.reject(at, reason));
      if (rollout !== undefined) batch.push(rollout);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function tryParse(
  row: JsonValue,
  defaults: ScoreDefaults,
  reject: (reason: string) => void,
): StoredRollout | undefined {
  try {
    return parseStoredRollout(row, defaults);
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    reject(
      error.field === undefined || error.field === '' ? error.message : `${error.field}: ${error.message}`,
    );
    return undefined;
  }
}

async function settle(
  batch: readonly StoredRollout[],
  reply: ScoreReply,
  tally: ScoringTally,
  out: NodeJS.WritableStream | undefined,
): Promise<void> {
  const wire = encodeScored(reply);
  for (const [index, rollout] of batch.entries()) {
    const scored = reply.groups[index];
    const group = wire.groups[index];
    if (scored === undefined || group === undefined) continue;
    tally.addGroup(scored.completions, scored.flags, rollout.known);
    if (out !== undefined && !out.write(`${JSON.stringify(scoredLine(rollout, group))}\n`))
      await once(out, 'drain');
  }
}

/** The line with what was found: rewards of before make room for those of now. */
function scoredLine({ row, completions }: StoredRollout, group: WireScored['groups'][number]): object {
  const scored = group.completions.map((result, index) => {
    const { reward: _reward, unscorable: _unscorable, ...completion } = completions[index] ?? {};
    return { ...completion, ...result };
  });
  return { ...row, ...group, completions: scored };
}

type Datasets = Pick<DatasetStore, 'get' | 'findPair'> & { close(): void };

/** Without --dataset no line can name a row. */
const NO_DATASETS: Datasets = {
  get: () => Promise.resolve(undefined),
  findPair: () => Promise.resolve(undefined),
  close: () => {},
};

function openDatasets(dataDir: string): Datasets {
  const clock = new SystemClock();
  return new SqliteDatasetStore({ dataDir, now: () => clock.now() });
}
