// `groupwise judge evaluate`: how far a scorer or a recipe can be trusted, and what it costs, on completions whose labels
// are known.

import type { Command } from 'commander';
import { readSettings } from '../config.ts';
import { PASS_THRESHOLD } from '../core/pass-rate.ts';
import { recipeOf } from '../core/recipe.ts';
import { describeEvaluation } from './judge/describe-evaluation.ts';
import { evaluate } from './judge/evaluate.ts';
import {
  finiteNumber,
  nameOrJson,
  printJson,
  printLine,
  requireFree,
  withDataOption,
  withJsonOption,
} from './options.ts';
import { decodeScoreDefaults } from './score/stored-rollout.ts';
import { scorerConfigOf } from './scorer-config.ts';

interface Flags {
  readonly reward?: readonly string[];
  readonly scorers?: string;
  readonly prompts?: string;
  readonly dataset?: string;
  readonly data?: string;
  readonly disagreements?: string;
  readonly overwrite?: true;
  readonly threshold: number;
  readonly json?: true;
}

export function registerJudge(program: Command): void {
  const judge = program.command('judge').description('Measure judges, other scorers and recipes');
  const command = judge
    .command('evaluate')
    .summary('Measure scorers and recipes against labelled verdicts')
    .description(
      'Scores labelled completions and holds the rewards against the labels: confusion table, accuracy, precision, recall, ' +
        'agreement, unscorable completions by cause, per scorer, answer type and domain; and what judges were asked, what ' +
        'that cost, and how many askings were avoided, and by whom. Lines are those of "groupwise score" with labels: ' +
        '{"question": "…", "ground_truth": "18", "completion": "…", "label": true}, or "completions" with "is_correct" each; ' +
        '"answer" stands for a completion that says nothing else.',
    )
    .argument('<file>', '.jsonl, .ndjson or .json (also .gz, .zst) or .parquet')
    .option(
      '--reward <recipe>',
      'scorer or recipe (JSON, or @FILE), default: math; repeat it to put several side by side',
      (value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value],
    )
    .option('--scorers <file>', 'judges and reward models that the recipes may use (GROUPWISE_SCORERS)')
    .option('--prompts <dir>', 'folder with prompt templates of your own (GROUPWISE_PROMPTS)')
    .option('--dataset <name>', 'dataset that the "pair_id" of the lines are rows of')
    .option(
      '--disagreements <file>',
      'write each completion whose reward and label differ, with what every scorer said (.jsonl, also .gz or .zst)',
    )
    .option('--overwrite', 'replace the file of --disagreements when it is there')
    .option('--threshold <reward>', 'rewards of at least this count as right', finiteNumber, PASS_THRESHOLD);
  withJsonOption(withDataOption(command)).action((file: string, flags: Flags) => run(file, flags));
}

async function run(file: string, flags: Flags): Promise<void> {
  requireFree(flags.disagreements, flags);
  const defaults = { reward: undefined, estimator: undefined, dataset: flags.dataset };
  const rewards = (flags.reward ?? []).map((text) => nameOrJson('--reward', text));
  const recipes = rewards.map(
    (reward) => decodeScoreDefaults({ ...defaults, reward }).reward ?? recipeOf('math'),
  );
  const settings = readSettings({ data: flags.data, scorers: flags.scorers });
  const report = await evaluate({
    file,
    recipes: recipes.length === 0 ? [recipeOf('math')] : recipes,
    defaults,
    estimator: decodeScoreDefaults(defaults).estimator,
    threshold: flags.threshold,
    judges: scorerConfigOf(settings).judges.map(({ name }) => name),
    offline: flags,
    disagreements: flags.disagreements,
  });
  if (flags.json === true) printJson(report);
  else for (const line of describeEvaluation(report)) printLine(line);
  if (report.rejected > 0) process.exitCode = 1;
}
