// `groupwise score`: scores completions that lie in a file, without a server, by the very code that serves. Where the file
// knows more (labels, rewards of an earlier scoring) it compares.

import type { Command } from 'commander';
import { writeJsonLines } from '../adapters/jsonl-writer.ts';
import { openRowFile } from '../adapters/row-files.ts';
import { encodeEstimator, encodeRecipe, encodeScored, type WireScored } from '../contract/encode-replies.ts';
import { resolveEstimator, statedChoice } from '../core/advantages/table.ts';
import { PASS_THRESHOLD } from '../core/pass-rate.ts';
import type { ScoreReply } from '../core/calls.ts';
import { invalidArgument } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { RowSink } from '../ports/row-sink.ts';
import {
  finiteNumber,
  nameOrJson,
  printJson,
  printLine,
  requireFree,
  wholeNumber,
  withDataOption,
  withJsonOption,
} from './options.ts';
import { withOfflineRewards } from './score/offline-rewards.ts';
import { rolloutBatches } from './score/rollout-batches.ts';
import { describeReport, ScoringTally } from './score/scoring-report.ts';
import { decodeScoreDefaults, parseStoredRollout, type StoredRollout } from './score/stored-rollout.ts';

interface Flags {
  readonly reward?: string;
  readonly estimator?: string;
  readonly dataset?: string;
  readonly scorers?: string;
  readonly prompts?: string;
  readonly data?: string;
  readonly out?: string;
  readonly overwrite?: true;
  readonly batchGroups: number;
  readonly threshold: number;
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
    .option('--prompts <dir>', 'folder with prompt templates of your own (GROUPWISE_PROMPTS)')
    .option('--estimator <name>', 'advantage estimator, a name or JSON (default: grpo:verl)')
    .option('--dataset <name>', 'dataset that the "pair_id" of the lines are rows of')
    .option(
      '--out <file>',
      'write each line with its rewards, scores and advantages (.jsonl, also .gz or .zst)',
    )
    .option('--overwrite', 'replace the file of --out when it is there')
    .option(
      '--batch-groups <count>',
      'groups that form one batch, for estimators that scale by batch',
      wholeNumber,
      64,
    )
    .option('--threshold <reward>', 'rewards of at least this count as right', finiteNumber, PASS_THRESHOLD);
  withJsonOption(withDataOption(command)).action((file: string, flags: Flags) => score(file, flags));
}

async function score(file: string, flags: Flags): Promise<void> {
  if (flags.batchGroups < 1)
    throw invalidArgument('--batch-groups', 'Cannot use --batch-groups: it must be 1 or more');
  const defaults = {
    reward: flags.reward === undefined ? undefined : nameOrJson('--reward', flags.reward),
    estimator: flags.estimator === undefined ? undefined : nameOrJson('--estimator', flags.estimator),
    dataset: flags.dataset,
  };
  const { reward, estimator } = decodeScoreDefaults(defaults);
  requireFree(flags.out, flags);
  const tally = new ScoringTally(flags.threshold);
  await withOfflineRewards(flags, async ({ rewards }) => {
    const source = openRowFile(file);
    const out = flags.out === undefined ? undefined : writeJsonLines(flags.out);
    try {
      const reading = {
        size: flags.batchGroups,
        parse: (row: JsonValue) => parseStoredRollout(row, defaults),
        reject: (at: string, reason: string) => tally.reject(at, reason),
      };
      for await (const batch of rolloutBatches(source, reading)) {
        const reply = await rewards.score({ reward, estimator, groups: batch.map(({ group }) => group) });
        await settle(batch, reply, tally, out);
      }
      await out?.close();
    } catch (error) {
      await out?.abort();
      throw error;
    }
  });
  const report = tally.report();
  const made = {
    estimator: encodeEstimator(statedChoice(resolveEstimator(estimator))),
    ...(reward === undefined ? {} : { reward: encodeRecipe(reward) }),
  };
  if (flags.json === true) printJson({ file, ...made, ...report });
  else for (const line of describeReport(report)) printLine(line);
  if (report.rejected > 0) process.exitCode = 1;
}

async function settle(
  batch: readonly StoredRollout[],
  reply: ScoreReply,
  tally: ScoringTally,
  out: RowSink | undefined,
): Promise<void> {
  const wire = encodeScored(reply);
  const lines: JsonObject[] = [];
  for (const [index, rollout] of batch.entries()) {
    const scored = reply.groups[index];
    const group = wire.groups[index];
    if (scored === undefined || group === undefined) continue;
    tally.addGroup(scored.completions, scored.flags, rollout.known);
    if (out !== undefined) lines.push(scoredLine(rollout, group));
  }
  await out?.write(lines);
}

/** The line with what was found: rewards of before make room for those of now. */
function scoredLine({ row, completions }: StoredRollout, group: WireScored['groups'][number]): JsonObject {
  const scored = group.completions.map((result, index) => {
    const { reward: _reward, unscorable: _unscorable, ...completion } = completions[index] ?? {};
    return { ...completion, ...result };
  });
  // What goes over the wire is JSON; TypeScript gives no index signature to interfaces.
  return { ...row, ...group, completions: scored } as unknown as JsonObject;
}
