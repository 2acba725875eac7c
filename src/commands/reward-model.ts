// `groupwise reward-model check`: whether a model gives here what it gave where it was exported. A tokenizer file of
// another version, a pooling that was guessed or a provider's reduced precision shows up in these numbers first.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Command } from 'commander';

import { readModelFolder } from '../adapters/onnx-model-folder.ts';
import { OnnxRewardModel } from '../adapters/onnx-reward-model.ts';
import { createLog } from '../adapters/pino-log.ts';
import { isJsonObject } from '../core/canonical-json.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import { POOLINGS, type ModelTexts } from '../core/reward-model.ts';
import type { RewardModel } from '../ports/reward-model.ts';
import { printJson, printLine, withJsonOption, wholeNumber } from './options.ts';

interface Flags {
  readonly provider: string;
  readonly tolerance: string;
  readonly threads?: number;
  readonly json?: true;
}

/** Texts and what the model gave for them where it was exported. */
interface Expected {
  readonly texts: readonly ModelTexts[];
  readonly logits: readonly (readonly number[])[];
}

interface Difference {
  readonly largest: number;
  /** Which text. */
  readonly at: number;
}

/** Texts of one run: exporters list few, and padding is part of what is checked. */
const BATCH = 8;

export function registerRewardModel(program: Command): void {
  const group = program.command('reward-model').summary('Look at ONNX reward models');
  const check = group
    .command('check')
    .summary('Compare a model with the logits exported beside it')
    .description(
      'Runs the texts of DIR/expected.json through the model in DIR and compares the outputs with those in the file: ' +
        '{"texts": ["…", ["first", "second"]], "logits": [[0.1], [0.2]]}. Exit status 1 when the largest difference is above the tolerance.',
    )
    .argument('<dir>', 'folder with model.onnx, tokenizer.json, config.json and expected.json')
    .option('--provider <names>', 'execution providers in order of preference, with commas', 'cpu')
    .option('--tolerance <difference>', 'largest absolute difference that is taken', '1e-3')
    .option('--threads <count>', 'threads of one run on the CPU (default: all cores)', wholeNumber);
  withJsonOption(check).action((dir: string, flags: Flags) => checkModel(dir, flags));
}

async function checkModel(dir: string, flags: Flags): Promise<void> {
  const tolerance = Number(flags.tolerance);
  if (!(tolerance >= 0) || flags.tolerance.trim() === '')
    throw invalidArgument('--tolerance', 'Cannot use --tolerance: it must be a number that is not below 0');
  const providers = flags.provider.split(',').map((name) => name.trim());
  const files = readModelFolder(dir);
  const expected = readExpected(join(dir, 'expected.json'));
  const pooling = POOLINGS.find((known) => known === files.declared['pooling']);
  const log = createLog('warn');
  const model = await OnnxRewardModel.open({ model: files, pooling, providers, threads: flags.threads, log });
  let difference: Difference;
  try {
    difference = await compare(model, expected);
  } finally {
    await model.close();
  }
  const passes = difference.largest <= tolerance;
  if (!passes) process.exitCode = 1;
  const { provider, failures } = model;
  if (flags.json === true) {
    printJson({
      folder: dir,
      provider,
      failures,
      texts: expected.texts.length,
      largest_difference: difference.largest,
      at_text: difference.at,
      tolerance,
      passes,
    });
    return;
  }
  printLine(
    `${passes ? 'Same' : 'Different'}: largest difference ${difference.largest.toExponential(2)} (text ${difference.at}) ` +
      `over ${expected.texts.length} texts on ${provider}, tolerance ${tolerance}`,
  );
}

async function compare(model: RewardModel, { texts, logits }: Expected): Promise<Difference> {
  const encoded = await model.encode(texts);
  let worst: Difference = { largest: 0, at: 0 };
  for (let from = 0; from < encoded.length; from += BATCH) {
    const rows = await model.run(encoded.slice(from, from + BATCH));
    for (const [index, row] of rows.entries()) {
      const at = from + index;
      const largest = largestDifference(row, logits[at] ?? []);
      // A number that is not finite equals nothing.
      if (!(largest <= worst.largest)) worst = { largest: Number.isNaN(largest) ? Infinity : largest, at };
    }
  }
  return worst;
}

function largestDifference(row: Float32Array, wanted: readonly number[]): number {
  if (row.length !== wanted.length)
    throw new EnvError(
      'failed_precondition',
      `Cannot compare: the model gives ${row.length} numbers for a text, expected.json has ${wanted.length}`,
    );
  return wanted.reduce(
    (largest, value, index) => Math.max(largest, Math.abs(value - (row[index] ?? Number.NaN))),
    0,
  );
}

function readExpected(path: string): Expected {
  const broken = (reason: string, cause?: unknown): EnvError =>
    new EnvError('failed_precondition', `Cannot read "${path}": ${reason}`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw broken(error instanceof Error ? error.message : String(error), error);
  }
  const { texts, logits } = isJsonObject(value) ? value : {};
  if (!Array.isArray(texts) || !Array.isArray(logits) || texts.length === 0 || texts.length !== logits.length)
    throw broken('texts and logits must be lists of the same length, with at least one entry');
  return {
    texts: texts.map(
      (text: unknown, index) => textsOf(text) ?? fail(broken(`texts[${index}] is no text or pair`)),
    ),
    logits: logits.map(
      (row: unknown, index) => numbersOf(row) ?? fail(broken(`logits[${index}] are no numbers`)),
    ),
  };
}

function textsOf(value: unknown): ModelTexts | undefined {
  if (typeof value === 'string') return { first: value };
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [first, second]: readonly unknown[] = value;
  return typeof first === 'string' && typeof second === 'string' ? { first, second } : undefined;
}

function numbersOf(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const numbers = value.filter((each): each is number => typeof each === 'number' && Number.isFinite(each));
  return numbers.length === value.length ? numbers : undefined;
}

function fail(error: Error): never {
  throw error;
}
