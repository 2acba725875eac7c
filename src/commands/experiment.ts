// `groupwise experiment`: what a paper claims, tried in small. The options only: what runs is loaded when it is asked for.

import { type Command, InvalidArgumentError, Option } from 'commander';

import { type Device, DEVICES } from '../trainer/engine/devices.ts';
import type { ExperimentPlan } from '../trainer/experiment/plan.ts';
import { finiteNumber, share, wholeNumber, withJsonOption } from './options.ts';

/** As commander hands them over. */
export interface ExperimentFlags extends ExperimentPlan {
  readonly seeds: readonly number[];
  readonly out: string;
  readonly device: Device;
  readonly threads?: number;
  readonly json?: true;
}

export function registerExperiment(program: Command): void {
  const group = program.command('experiment').summary('Try in small what a paper claims');
  const command = group
    .command('data-efficiency')
    .summary('Continued pretraining against reinforcement, on the same documents')
    .description(
      'Trains one tiny model on the same documents by continued pretraining and by reinforcement on the questions that are generated from them, and compares both on held-out documents at equal source tokens and at equal compute. The guide is docs/experiment.md.',
    )
    .requiredOption('--out <dir>', 'report, points and finished arms; the same command goes on where it was')
    .option(
      '--seeds <list>',
      'one run of all arms each: documents, weights and order are its own',
      seedList,
      [1, 2, 3],
    );
  withPlanOptions(command)
    .addOption(new Option('--device <name>', 'where it is computed').choices(DEVICES).default('auto'))
    .option('--threads <n>', 'threads of the CPU (default: all)', atLeastOne);
  withJsonOption(command)
    .addHelpText('after', HELP)
    .action(async (flags: ExperimentFlags) => {
      const { runDataEfficiency } = await import('./experiment/data-efficiency.ts');
      await runDataEfficiency(flags);
    });
}

function withPlanOptions(command: Command): Command {
  return command
    .option('--warm-up-documents <n>', 'that the base learns from, before all arms', atLeastTwo, 700)
    .option('--source-documents <n>', 'that the arms learn from', atLeastOne, 1300)
    .option('--held-out-documents <n>', 'that the arms are graded by', atLeastOne, 300)
    .option('--layers <n>', 'of the model', atLeastOne, 2)
    .option('--width <n>', 'of the model', atLeastOne, 128)
    .option('--heads <n>', 'of the model', atLeastOne, 4)
    .option('--warm-up-target <share>', 'sampled accuracy at which the base is made', share, 0.25)
    .option('--warm-up-steps-max <n>', 'updates of the base at most', wholeNumber, 800)
    .option('--warm-up-rows <n>', 'questions of one of these updates', atLeastOne, 32)
    .option('--warm-up-texts <n>', 'texts of one of these updates', wholeNumber, 8)
    .option('--warm-up-learning-rate <n>', 'of these updates', positive, 1e-3)
    .option(
      '--refresh-steps <n>',
      'updates of the warm-up before the second grade of each point',
      wholeNumber,
      10,
    )
    .option('--passes <n>', 'walks of the reinforcement over its questions', atLeastOne, 4)
    .option('--prompts-per-step <n>', 'groups of one training step', atLeastOne, 64)
    .option('--group-size <n>', 'completions of each prompt', atLeastTwo, 16)
    .option('--updates <n>', 'optimiser updates over the completions of one step', atLeastOne, 2)
    .option('--learning-rate <n>', 'of the reinforcement', positive, 5e-4)
    .option('--documents-per-step <n>', 'texts of one update of the pretraining', atLeastOne, 16)
    .option('--pretraining-learning-rate <n>', 'of the pretraining', positive, 5e-4)
    .option('--points <n>', 'times that each arm is graded', atLeastOne, 8);
}

function seedList(text: string): readonly number[] {
  const seeds = text.split(',').map((each) => wholeNumber(each.trim()));
  if (new Set(seeds).size !== seeds.length) throw new InvalidArgumentError('A seed is named twice.');
  return seeds;
}

function atLeastOne(text: string): number {
  return atLeast(text, 1);
}

function atLeastTwo(text: string): number {
  return atLeast(text, 2);
}

function atLeast(text: string, least: number): number {
  const value = wholeNumber(text);
  if (value < least) throw new InvalidArgumentError(`It must be at least ${least}.`);
  return value;
}

function positive(text: string): number {
  const value = finiteNumber(text);
  if (value <= 0) throw new InvalidArgumentError('It must be above 0.');
  return value;
}

const HELP = `
Writes report.html, report.txt, points.csv, points.jsonl and summary.json into the directory. Arms that are finished there are not run
again, so more --seeds can be added later; all other settings must be the same.

Examples:
  groupwise experiment data-efficiency --out efficiency
  groupwise experiment data-efficiency --out efficiency --seeds 1,2,3,4,5 --json`;
