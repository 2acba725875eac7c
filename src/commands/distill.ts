// `groupwise distill`: a small network that says what a judge would say, learnt from verdicts that are paid for already, and
// written as a reward model that a cascade asks before the judge. It asks nobody and pays nothing.

import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';

import { type Command, Option } from 'commander';

import { createLog } from '../adapters/pino-log.ts';
import { TextTokenizer } from '../adapters/tokenizer.ts';
import { invalidArgument } from '../core/errors.ts';
import type { ModelTexts, RewardModelInput } from '../core/reward-model.ts';
import { modelTexts } from '../services/reward-models/model-texts.ts';
import { BYTE_VOCABULARY, byteTokenizerJson, PAD_ID, SPECIAL_TOKENS } from '../trainer/distil/byte-tokens.ts';
import { distil } from '../trainer/distil/distil.ts';
import type { Asked } from '../trainer/distil/encoding.ts';
import { requireEnough } from '../trainer/distil/enough.ts';
import { distinctAnswers } from '../trainer/distil/labelled-answers.ts';
import { DEFAULT_TRAINING, type Look } from '../trainer/distil/training.ts';
import { EngineThread } from '../trainer/engine/engine-thread.ts';
import { describeDistillation, modelCard } from './distil/describe-distillation.ts';
import { distillationReport } from './distil/distillation-report.ts';
import { writeHeldOut } from './distil/held-out-file.ts';
import { readingNote, readVerdicts } from './distil/read-verdicts.ts';
import { requireFreeFolder, TOKENIZER_CONFIG, writeModelFolder } from './distil/model-folder.ts';
import { ruleFindings } from './distil/rule-beside.ts';
import {
  finiteNumber,
  printJson,
  printLine,
  printNote,
  requireFree,
  share,
  wholeNumber,
  withDataOption,
  withJsonOption,
} from './options.ts';

interface Flags {
  readonly out: string;
  readonly judge?: string;
  readonly run?: readonly string[];
  readonly input: RewardModelInput;
  readonly agreement: number;
  readonly seed: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly width: number;
  readonly layers: number;
  readonly maxTokens: number;
  readonly variants: boolean;
  readonly provider: string;
  readonly threads?: number;
  readonly heldOut?: string;
  readonly overwrite?: true;
  readonly data?: string;
  readonly scorers?: string;
  readonly json?: true;
}

const HEADS = 4;
/** Models that hold an answer against a ground truth. */
const INPUTS = ['ground_truth_answer', 'question_ground_truth_answer'] as const;
/** Of the feed-forward layers, over the width. */
const INNER = 2;
const DEFAULT_TOKENS = { ground_truth_answer: 128, question_ground_truth_answer: 512 } as const;

export function registerDistill(program: Command): void {
  const { stepsMax, learningRate } = DEFAULT_TRAINING;
  const command = program
    .command('distill')
    .summary('Train a small verifier from verdicts that a judge has given')
    .description(
      'Learns what a judge says of an answer beside its ground truth and writes an ONNX reward model with its calibration and ' +
        'what was measured on held-out verdicts, for a cascade to ask before the judge. Verdicts are looked up in the cache ' +
        'for the completions of the data directory’s runs, or of FILE (as "groupwise score" reads it); without --judge the ' +
        'labels of FILE are the verdicts. The judge is not asked.',
    )
    .argument(
      '[file]',
      'completions: .jsonl, .ndjson or .json (also .gz, .zst) or .parquet (default: the runs)',
    )
    .requiredOption('--out <dir>', 'folder of the model; its name is what the printed recipe calls it')
    .option('--judge <name>', 'judge of --scorers whose verdicts are looked up')
    .option(
      '--run <run>',
      'only completions of this run; repeat it for several',
      (value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value],
    )
    .option('--scorers <file>', 'the file that the server has (GROUPWISE_SCORERS)')
    .addOption(
      new Option('--input <kind>', 'what the model reads').choices(INPUTS).default('ground_truth_answer'),
    )
    .option('--agreement <share>', 'expected agreement outside of the undecided band', share, 0.995)
    .option('--seed <number>', 'chooses the parts, the first weights and the order', wholeNumber, 0)
    .option(
      '--steps <count>',
      'updates at most; it ends sooner where the validation loss rises',
      wholeNumber,
      stepsMax,
    )
    .option('--learning-rate <rate>', 'highest learning rate', finiteNumber, learningRate)
    .option('--width <count>', 'numbers for each token, a multiple of 8', wholeNumber, 64)
    .option('--layers <count>', 'layers of the network', wholeNumber, 2)
    .option(
      '--max-tokens <count>',
      'bytes of a pair that the model takes (default: 128, with the question 512)',
      wholeNumber,
    )
    .option('--no-variants', 'learn from the verdicts alone, not from what follows from them')
    .option('--provider <names>', 'execution providers in order of preference, with commas', 'cpu')
    .option('--threads <count>', 'threads of one run on the CPU (default: all cores)', wholeNumber)
    .option(
      '--held-out <file>',
      'write the held-out verdicts, for "groupwise judge evaluate" (.jsonl, also .gz or .zst)',
    )
    .option('--overwrite', 'replace what is there');
  withJsonOption(withDataOption(command)).action((file: string | undefined, flags: Flags) =>
    run(file, flags),
  );
}

async function run(file: string | undefined, flags: Flags): Promise<void> {
  checkFlags(file, flags);
  requireFreeFolder(flags.out, flags.overwrite === true);
  requireFree(flags.heldOut, flags);
  const name = basename(resolve(flags.out));
  const startedAt = performance.now();
  const { read, source } = await readVerdicts(file, flags);
  const { rows, repeated, contradictory } = distinctAnswers(read.rows);
  printNote(readingNote(read, rows));
  const {
    seed,
    agreement: agreementMin,
    variants: usesVariants,
    input,
    threads = availableParallelism(),
  } = flags;
  // Before anything is opened that takes time.
  requireEnough(rows, seed);
  const config = {
    vocabulary: BYTE_VOCABULARY,
    specials: SPECIAL_TOKENS,
    width: flags.width,
    layers: flags.layers,
    heads: HEADS,
    inner: INNER * flags.width,
    tokensMax: flags.maxTokens ?? DEFAULT_TOKENS[input as (typeof INPUTS)[number]],
  };
  const plan = { ...DEFAULT_TRAINING, stepsMax: flags.steps, learningRate: flags.learningRate };
  const textsOf = (asked: Asked): ModelTexts => textsAsServed(input, asked);
  const tokenizer = new TextTokenizer({
    tokenizer: byteTokenizerJson(),
    config: TOKENIZER_CONFIG,
    tokensMax: config.tokensMax,
    typeCount: 2,
  });
  const engine = await EngineThread.open({
    providers: flags.provider.split(',').map((each) => each.trim()),
    threads,
  });
  try {
    const distilled = await distil({
      rows,
      engine,
      config,
      plan,
      encode: (asked) => tokenizer.encode(textsOf(asked)),
      padId: PAD_ID,
      seed,
      agreementMin,
      usesVariants,
      onLook: (look) => printNote(lookNote(look, flags.steps)),
    });
    const ruleSaid = await ruleFindings(
      distilled.heldOut.map(({ row }) => row),
      createLog('warn'),
    );
    const report = distillationReport({
      source,
      read,
      repeated,
      contradictory,
      distilled,
      ruleSaid,
      config,
      plan,
      input,
      seed,
      agreementMin,
      usesVariants,
      provider: engine.provider,
      threads,
      name,
      seconds: (performance.now() - startedAt) / 1000,
    });
    writeModelFolder(flags.out, {
      config,
      weights: distilled.network.weights,
      calibration: distilled.calibration,
      input,
      expected: distilled.probes.map(({ comparison, logit }) => ({ texts: textsOf(comparison), logit })),
      report,
      card: modelCard(report, name),
    });
    if (flags.heldOut !== undefined) await writeHeldOut(flags.heldOut, distilled.heldOut);
    if (flags.json === true) printJson({ out: flags.out, ...report });
    else for (const line of describeDistillation(report)) printLine(line);
  } finally {
    await engine.close();
  }
}

function checkFlags(file: string | undefined, flags: Flags): void {
  if (file === undefined && flags.judge === undefined)
    throw invalidArgument('--judge', 'Cannot distil: say --judge, or give a FILE with labels');
  if (file !== undefined && flags.run !== undefined)
    throw invalidArgument('--run', 'Cannot distil: --run is for completions of runs, and a FILE was given');
  if (flags.width === 0 || flags.width % (2 * HEADS) !== 0)
    throw invalidArgument(
      '--width',
      `Cannot use --width ${flags.width}: it must be a multiple of ${2 * HEADS}`,
    );
  const counts = { '--layers': flags.layers, '--steps': flags.steps, '--threads': flags.threads ?? 1 };
  for (const [flag, count] of Object.entries(counts))
    if (count === 0) throw invalidArgument(flag, `Cannot use ${flag} 0: it must be at least 1`);
  if (flags.maxTokens !== undefined && flags.maxTokens < 8)
    throw invalidArgument('--max-tokens', 'Cannot use --max-tokens: it must be at least 8');
  if (!(flags.learningRate > 0))
    throw invalidArgument('--learning-rate', 'Cannot use --learning-rate: it must be above 0');
}

/** What the scorer of reward models feeds its network with. */
function textsAsServed(input: RewardModelInput, { question, groundTruth, answer }: Asked): ModelTexts {
  const [texts] = modelTexts(input, {
    answer,
    groundTruth: { answer: groundTruth, aliases: [] },
    choices: [],
    promptText: question,
    options: {},
  });
  if (texts === undefined) throw new RangeError('A comparison has one pair of texts');
  return texts;
}

function lookNote({ step, trainingLoss, validationLoss, isBest }: Look, steps: number): string {
  return `update ${step} of ${steps}: loss ${trainingLoss.toFixed(4)}, validation ${validationLoss.toFixed(4)}${isBest ? ', the least so far' : ''}`;
}
