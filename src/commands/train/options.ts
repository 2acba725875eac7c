// The options of `groupwise train`: names, defaults, help.

import { type Command, InvalidArgumentError, Option } from 'commander';

import { LIMITS } from '../../contract/limits.ts';
import { SAMPLING_KINDS, type SamplingKind } from '../../core/sampling.ts';
import { type Device, DEVICES } from '../../trainer/engine/devices.ts';
import { AGGREGATIONS, type Aggregation } from '../../trainer/losses/aggregation.ts';
import { POLICY_LOSSES, type PolicyLoss } from '../../trainer/losses/policy-terms.ts';
import { TINY_REINFORCEMENT, TINY_WARM_UP } from '../../trainer/policy/defaults.ts';
import { atLeastZero, positive, wholeNumber, withJsonOption } from '../options.ts';
import { LEARNING_RATES, TOKENS_MAX, WARM_UP_LEARNING_RATES } from './settings.ts';

/** As commander hands them over. */
export interface TrainFlags {
  readonly server?: string;
  readonly embedded?: true;
  readonly token?: string;
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly dataset?: string;
  readonly split: string;
  readonly sampling: SamplingKind;
  readonly promptTemplate: string;
  readonly reward?: string;
  readonly epochs?: number;
  readonly seed: number;
  readonly steps: number;
  readonly device: Device;
  readonly threads?: number;
  readonly out?: string;
  readonly resume?: true;
  readonly model?: string;
  readonly loraRank?: number;
  readonly loraAlpha?: number;
  readonly rollouts?: string;
  readonly rolloutsFolder?: string;
  readonly promptsPerStep: number;
  readonly groupSize: number;
  readonly updates: number;
  readonly estimator: string;
  readonly loss: PolicyLoss;
  readonly clipLow: number;
  readonly clipHigh: number;
  readonly klWeight: number;
  readonly aggregation: Aggregation;
  readonly learningRate?: number;
  readonly gradientNormMax: number;
  readonly temperature: number;
  readonly tokensMax?: number;
  readonly warmUp?: string | false;
  readonly warmUpTarget: number;
  readonly warmUpSteps: number;
  readonly warmUpRows: number;
  readonly warmUpLearningRate?: number;
  readonly maxDrift: number;
  readonly evaluate?: string | false;
  readonly checkpointEvery: number;
  readonly checkpointsKept: number;
  readonly patience: number;
  readonly scoreTimeout: number;
  readonly json?: true;
}

const WHERE = 'Where questions come from:';
const WHAT = 'What is trained:';
const HOW = 'How it learns:';
const FIRST = 'Before the first step:';
const MEASURED = 'What is measured:';
const KEPT = 'What is kept:';

export function withTrainOptions(command: Command): Command {
  command
    .optionsGroup(WHERE)
    .option('--server <host:port>', 'gRPC door of the server')
    .option(
      '--embedded',
      'start a server for this training, on sums that are generated from the example documents',
    )
    .option('--token <token>', 'bearer token of the server (GROUPWISE_TOKEN)')
    .option('--tls', 'the server speaks TLS, with a certificate that this system trusts')
    .option(
      '--tls-ca <file>',
      'the server speaks TLS, with a certificate that those in this PEM file vouch for',
    )
    .option('--dataset <name>', 'dataset on the server')
    .option('--split <name>', 'split that is trained on', 'train')
    .addOption(
      new Option('--sampling <kind>', 'which question is next').choices(SAMPLING_KINDS).default('shuffled'),
    )
    .option('--prompt-template <name>', 'how the server words the questions', 'plain')
    .option('--reward <scorer>', 'scorer of all rows (default: what each row names)')
    .option(
      '--epochs <n>',
      'walks over the split, and no more (default: as many as the steps need)',
      between(1, LIMITS.epochsMax),
    );
  command
    .optionsGroup(WHAT)
    .option(
      '--model <dir>',
      'Hugging Face checkpoint of the Llama or Qwen2 shape, trained by LoRA (default: a tiny decoder from scratch)',
    )
    .option('--lora-rank <n>', 'rank of the adapters (default: 16)', atLeast(1))
    .option('--lora-alpha <n>', 'their scale, alpha / rank (default: 32)', positive)
    .option(
      '--rollouts <url>',
      'vLLM or SGLang that serves --model and draws the completions, for example http://gpu-1:8000/v1 (key: OPENAI_API_KEY)',
    )
    .option(
      '--rollouts-folder <dir>',
      'how that server sees the folder of adapters (default: as we do, in --out)',
    )
    .addOption(new Option('--device <name>', 'where it is computed').choices(DEVICES).default('auto'))
    .option(
      '--threads <n>',
      'threads of the CPU (default: all); another number gives other last digits',
      atLeast(1),
    )
    .option('--seed <n>', 'first weights, order of the questions, what is drawn', wholeNumber, 1);
  command
    .optionsGroup(HOW)
    .option('--steps <n>', 'training steps', atLeast(1), TINY_REINFORCEMENT.steps)
    .option('--prompts-per-step <n>', 'groups of one step', between(1, LIMITS.groupsPerLeaseMax), 64)
    .option('--group-size <n>', 'completions of each prompt', between(2, LIMITS.groupSizeMax), 16)
    .option('--updates <n>', 'optimiser updates over the completions of one step', atLeast(1), 2)
    .option('--estimator <name>', 'rewards to advantages, on the server (docs/advantages.md)', 'grpo:verl')
    .addOption(
      new Option('--loss <name>', 'what is made small').choices(POLICY_LOSSES).default('clipped-ratio'),
    )
    .option(
      '--clip-low <share>',
      'the ratio of new to old probability counts down to 1 - this',
      atLeastZero,
      0.2,
    )
    .option('--clip-high <share>', 'and up to 1 + this', atLeastZero, TINY_REINFORCEMENT.loss.clip.high)
    .option(
      '--kl-weight <n>',
      'weight of the divergence from the policy before the first step',
      atLeastZero,
      0,
    )
    .addOption(
      new Option(
        '--aggregation <name>',
        'what counts the same: tokens, completions, or tokens over --tokens-max',
      )
        .choices(AGGREGATIONS)
        .default('token-mean'),
    )
    .option(
      '--learning-rate <n>',
      `of AdamW, at its highest (default: ${LEARNING_RATES.scratch}, with --model ${LEARNING_RATES.adapter})`,
      positive,
    )
    .option('--gradient-norm-max <n>', 'longer gradients are shortened to this', positive, 1)
    .option('--temperature <n>', 'of the drawing', positive, 1)
    .option(
      '--tokens-max <n>',
      `tokens of a completion (default: ${TOKENS_MAX.scratch}, with --embedded ${TOKENS_MAX.embedded}, with --model ${TOKENS_MAX.adapter})`,
      atLeast(1),
    )
    .option(
      '--max-drift <n>',
      'steps that completions may be behind: above 0 they are drawn and scored while a step trains',
      wholeNumber,
      0,
    );
  command
    .optionsGroup(FIRST)
    .option(
      '--warm-up <file>',
      'rows with answers to learn from first, as groupwise dataset export writes them',
    )
    .option('--no-warm-up', 'begin with rewards, also with --embedded')
    .option(
      '--warm-up-target <share>',
      'sampled accuracy on rows held out at which the warm-up ends',
      atMostOne,
      0.2,
    )
    .option('--warm-up-steps <n>', 'updates at most', wholeNumber, TINY_WARM_UP.stepsMax)
    .option('--warm-up-rows <n>', 'rows of one update', atLeast(1), 64)
    .option(
      '--warm-up-learning-rate <n>',
      `(default: ${WARM_UP_LEARNING_RATES.scratch}, with --model ${WARM_UP_LEARNING_RATES.adapter})`,
      positive,
    );
  command
    .optionsGroup(MEASURED)
    .option(
      '--evaluate <split>',
      'measure greedy pass@1 on this split, before the first step and after the last (default: test with --embedded)',
    )
    .option('--no-evaluate', 'measure nothing, also with --embedded');
  command
    .optionsGroup(KEPT)
    .option(
      '--out <dir>',
      'log, report and checkpoints; the same command on the same directory goes on where it was',
    )
    .option('--resume', 'refuse to begin anew: there must be a training in --out')
    .option('--checkpoint-every <steps>', 'how often the training is kept', atLeast(1), 20)
    .option('--checkpoints-kept <n>', 'newest checkpoints that stay', atLeast(1), 2)
    .option('--patience <s>', 'how long the server may be away', atLeastZero, 300)
    .option('--score-timeout <s>', 'how long the scoring of one step may take', positive, 600)
    .optionsGroup('Other:');
  return withJsonOption(command);
}

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text);
    if (value < least) throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    return value;
  };
}

function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text);
    if (value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return value;
  };
}

function atMostOne(text: string): number {
  const value = atLeastZero(text);
  if (value > 1) throw new InvalidArgumentError('It must be from 0 to 1.');
  return value;
}
