// `groupwise evaluate`: pass@1 and pass@k of a policy on a split. The options only: what runs is loaded when it is asked for.

import { type Command, InvalidArgumentError, Option } from 'commander';

import { type Device, DEVICES } from '../trainer/engine/devices.ts';
import { finiteNumber, wholeNumber, withJsonOption } from './options.ts';

/** As commander hands them over. */
export interface EvaluateFlags {
  readonly server?: string;
  readonly embedded?: true;
  readonly data?: string;
  readonly token?: string;
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly dataset?: string;
  readonly split: string;
  readonly limit?: number;
  readonly reward?: string;
  readonly promptTemplate: string;
  readonly checkpoint?: string;
  readonly model?: string;
  readonly loraRank?: number;
  readonly loraAlpha?: number;
  readonly device: Device;
  readonly threads?: number;
  readonly apiModel?: string;
  readonly apiUrl?: string;
  readonly apiKeyEnv?: string;
  readonly concurrency: number;
  readonly greedy: boolean;
  readonly samples: number;
  readonly k?: readonly number[];
  readonly temperature: number;
  readonly tokensMax?: number;
  readonly seed: number;
  readonly scoreTimeout: number;
  readonly json?: true;
}

export function registerEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('Measure a policy on a split: pass@1 and pass@k, greedy and sampled')
    .description(
      'Asks a policy the questions of a split, has a server score its completions, and reports pass@1 and pass@k with 95 % intervals over questions. The guide is docs/evaluate.md.',
    );
  withQuestions(command);
  withPolicy(command);
  withMeasure(command);
  withJsonOption(command.optionsGroup('Other:'))
    .addHelpText('after', HELP)
    .action(async (flags: EvaluateFlags) => {
      const { evaluate } = await import('./evaluate/command.ts');
      await evaluate(flags);
    });
}

function withQuestions(command: Command): void {
  command
    .optionsGroup('Where questions come from:')
    .option('--server <host:port>', 'gRPC door of the server')
    .option('--embedded', 'start a server for this evaluation')
    .option(
      '--data <dir>',
      'data directory of the embedded server (default: that of the training in --checkpoint, else a new one with the default task)',
    )
    .option('--token <token>', 'bearer token of the server (GROUPWISE_TOKEN)')
    .option('--tls', 'the server speaks TLS, with a certificate that this system trusts')
    .option(
      '--tls-ca <file>',
      'the server speaks TLS, with a certificate that those in this PEM file vouch for',
    )
    .option('--dataset <name>', 'the dataset; not needed where an embedded server has only one')
    .option('--split <name>', 'split that is asked', 'test')
    .option('--limit <n>', 'so many questions, drawn by the seed (default: all)', positiveWhole)
    .option('--reward <scorer>', 'scorer of all rows (default: what each row names)')
    .option('--prompt-template <name>', 'how the server words the questions', 'plain');
}

function withPolicy(command: Command): void {
  command
    .optionsGroup('Who is asked:')
    .option('--checkpoint <dir>', 'of groupwise train: its --out, one folder of checkpoints/, or policy/')
    .option(
      '--model <dir>',
      'Hugging Face checkpoint, as it is, or as the training in --checkpoint was given it',
    )
    .option('--lora-rank <n>', 'rank of fresh adapters; those in --checkpoint have their own', positiveWhole)
    .option('--lora-alpha <n>', 'their scale, likewise', finiteNumber)
    .addOption(new Option('--device <name>', 'where it is computed').choices(DEVICES).default('auto'))
    .option('--threads <n>', 'threads of the CPU (default: all)', positiveWhole)
    .option('--api-model <name>', 'a model behind an OpenAI-compatible API')
    .option('--api-url <url>', 'with its version path (default: OPENAI_BASE_URL)')
    .option('--api-key-env <variable>', 'environment variable with the key (default: OPENAI_API_KEY)')
    .option('--concurrency <n>', 'calls of the API at once', positiveWhole, 32);
}

function withMeasure(command: Command): void {
  command
    .optionsGroup('What is measured:')
    .option('--no-greedy', 'leave out the completion of likeliest tokens')
    .option('--samples <n>', 'sampled completions of each question; 0: none', wholeNumber, 8)
    .option('--k <list>', 'pass@k for these k, up to --samples (default: 1, 2, 4, … and --samples)', listOfK)
    .option('--temperature <n>', 'of the sampled completions', positive, 1)
    .option(
      '--tokens-max <n>',
      'tokens of a completion (default: 32, with --model 256, with --api-model 4096)',
      positiveWhole,
    )
    .option('--seed <n>', 'of what is drawn', wholeNumber, 1)
    .option(
      '--score-timeout <s>',
      'how long the scoring of one part of the questions may take',
      positive,
      600,
    );
}

function positiveWhole(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('Must be at least 1.');
  return value;
}

function positive(text: string): number {
  const value = finiteNumber(text);
  if (value <= 0) throw new InvalidArgumentError('Must be above 0.');
  return value;
}

function listOfK(text: string): readonly number[] {
  return [...new Set(text.split(',').map((each) => positiveWhole(each.trim())))].toSorted((a, b) => a - b);
}

const HELP = `
Examples:
  groupwise evaluate --embedded --checkpoint runs/sums
  groupwise evaluate --server 127.0.0.1:50051 --dataset questions --model Qwen2.5-0.5B --checkpoint runs/qwen
  groupwise evaluate --server 127.0.0.1:50051 --dataset questions --api-model my-model --api-url http://127.0.0.1:8000/v1`;
