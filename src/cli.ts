// The command line: name → command. Each command file registers itself and builds what it needs when it runs.

import { Command } from 'commander';
import { registerCache } from './commands/cache.ts';
import { registerConnect } from './commands/connect.ts';
import { registerDataset } from './commands/dataset.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDistill } from './commands/distill.ts';
import { registerEvaluate } from './commands/evaluate.ts';
import { reportFailure } from './commands/exit-status.ts';
import { registerExperiment } from './commands/experiment.ts';
import { registerGenerate } from './commands/generate.ts';
import { registerImport } from './commands/import.ts';
import { registerJudge } from './commands/judge.ts';
import { registerLoadtest } from './commands/loadtest.ts';
import { registerRecipe } from './commands/recipe.ts';
import { registerRewardModel } from './commands/reward-model.ts';
import { registerRun } from './commands/run.ts';
import { registerScore } from './commands/score.ts';
import { registerServe } from './commands/serve.ts';
import { registerTrain } from './commands/train.ts';
import { readVersion } from './commands/version.ts';

/** All commands, in the order in which a new user meets them. */
export function createProgram(): Command {
  const program = new Command('groupwise')
    .description('An RL environment server: grouped prompts out, rewards and group-relative advantages back.')
    .version(readVersion(), '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Print help')
    .showHelpAfterError('Run with --help for all options')
    .exitOverride();
  registerServe(program);
  registerGenerate(program);
  registerImport(program);
  registerDataset(program);
  registerRun(program);
  registerConnect(program);
  registerTrain(program);
  registerEvaluate(program);
  registerScore(program);
  registerJudge(program);
  registerRecipe(program);
  registerCache(program);
  registerRewardModel(program);
  registerDistill(program);
  registerExperiment(program);
  registerLoadtest(program);
  registerDemo(program);
  return program;
}

/** Any interval keeps a process alive; a long one costs nothing. */
const ALIVE_MS = 3_600_000;

/** Runs one command line. Exit status: 0 only when the thing asked for was done, 2 for a wrong command line. */
export async function main(argv: readonly string[]): Promise<void> {
  // Timers of the clock keep no process alive: a command that only waits to ask again would end in the middle of its work.
  const alive = setInterval(() => {}, ALIVE_MS);
  try {
    await createProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = reportFailure(error);
  } finally {
    clearInterval(alive);
  }
}
