// `groupwise train`: the reference trainer. The options only: what runs is loaded when it is asked for.

import type { Command } from 'commander';

import { type TrainFlags, withTrainOptions } from './train/options.ts';

export function registerTrain(program: Command): void {
  const command = program
    .command('train')
    .summary('Train a policy on a dataset of a server: the reference trainer')
    .description(
      'Trains a policy by group-relative policy optimisation: leases groups of prompts over gRPC, draws completions, hands them in, and learns from the advantages that come back. The guide is docs/train.md.',
    )
    .addHelpText('after', helpText());
  withTrainOptions(command).action(async (flags: TrainFlags) => {
    const { runTrain } = await import('./train/command.ts');
    await runTrain(flags);
  });
}

function helpText(): string {
  return `
Examples:
  groupwise train --embedded                                       a tiny policy learns to add, in minutes
  groupwise train --server 127.0.0.1:50051 --dataset sums --warm-up sums.jsonl --out runs/sums
  groupwise train --server 127.0.0.1:50051 --dataset questions --model Qwen2.5-0.5B --out runs/qwen

Ctrl-C finishes the step and keeps it. The same command on the same --out goes on where the training was, also after a crash.`;
}
