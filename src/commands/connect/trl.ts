// TRL: a reward function in the process of the trainer, over gRPC.

import type { Trainer } from './guide.ts';
import { grpcTrust, installPython, quoted, rowFiles, tokenLine } from './spelling.ts';
import type { ServerFacts } from './server-facts.ts';

export const trl: Trainer = {
  name: 'trl',
  title: 'TRL',
  summary: 'a reward function for GRPOTrainer and RLOOTrainer',
  door: 'grpc',
  docs: 'docs/compat.md#trl',
  example: 'examples/trl',
  guide(facts) {
    const rows = rowFiles(facts, { format: 'trainer', extension: 'jsonl' });
    const environment = [...tokenLine(facts), ...grpcTrust(facts)];
    return {
      blocks: [
        installPython(facts, 'trl>=1.16'),
        rows.block,
        { title: 'train.py', language: 'python', text: script(facts, rows.train) },
        { title: 'Train', language: 'bash', text: [...environment, 'python train.py'].join('\n') },
      ],
      traps: [
        'What cannot be scored is None, which GRPOTrainer of TRL 1.16 leaves out of the baseline; for an older TRL say on_unscorable="raise".',
        'TRL drops columns named completion and completion_ids before it calls a reward function: the label has another name.',
      ],
    };
  },
};

function script(facts: ServerFacts, train: string): string {
  return `from datasets import load_dataset
from groupwise.integrations.trl import groupwise_reward
from trl import GRPOConfig, GRPOTrainer

trainer = GRPOTrainer(
    model="Qwen/Qwen2.5-0.5B-Instruct",
    train_dataset=load_dataset("json", data_files=${quoted(train)}, split="train"),
    reward_funcs=groupwise_reward(${rewardArguments(facts).join(', ')}),
    args=GRPOConfig(output_dir="runs/trl", num_generations=8, max_completion_length=512),
)
trainer.train()`;
}

function rewardArguments({ grpc = '', reward, tls }: ServerFacts): readonly string[] {
  return [
    quoted(grpc),
    'ground_truth_column="label"',
    ...(reward === undefined ? [] : [`reward=${quoted(reward)}`]),
    ...(tls !== undefined && tls.ca === undefined ? ['tls=True'] : []),
  ];
}
