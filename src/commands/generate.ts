// `groupwise generate`: documents, or a task definition, become a dataset. Reads options, says what it is about to do and what that
// will likely cost, runs, and reports; what a question is and which are good is decided by the stages of the recipe.

import { type Command, InvalidArgumentError } from 'commander';
import { builtInRecipes } from '../adapters/recipe-file.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { defaultOf, GENERATE_SETTINGS, readSettings, SETTINGS } from '../config.ts';
import { EnvError } from '../core/errors.ts';
import { forecastRun, measureInput } from '../generate/engine/estimate.ts';
import { listenForInterrupt } from './generate/interrupt.ts';
import { prepareGeneration, type Preparation } from './generate/prepare.ts';
import { reportToJson } from './generate/report-json.ts';
import { type GenerationResult, runGeneration, whyNotMade } from './generate/run-generation.ts';
import { type Forecast, formatUsd, showPlan } from './generate/show-plan.ts';
import { showReport } from './generate/show-report.ts';
import { standingOf } from './generate/standing.ts';
import { printJson, printNote, wholeNumber, withDataOption, withJsonOption } from './options.ts';
import { watchProgress } from './progress.ts';

/** As commander hands them over. */
interface Flags {
  readonly name: string;
  readonly data?: string;
  readonly task?: string;
  readonly recipe?: string;
  readonly plan?: true;
  readonly yes?: true;
  readonly budget?: number;
  readonly limit?: number;
  readonly prompts?: string;
  readonly generatorModel?: string;
  readonly policyModel?: string;
  readonly modelUrl?: string;
  readonly description?: string;
  readonly replace?: true;
  readonly json?: true;
}

/** Documents beyond so many bytes of files are not read for the estimate. */
const MEASURED_BYTES_MAX = 16 * 1024 * 1024;

export function registerGenerate(program: Command): void {
  const command = program
    .command('generate')
    .summary('Make a dataset from documents, or from a task definition')
    .description(
      'Makes a dataset of verifiable questions from documents, or from a task definition. Without a model, by rules alone. Every reply of a model is on disk before it is used: a run that was stopped goes on when the same command is given again, and pays for nothing twice.',
    )
    .argument('[source...]', 'files and folders: .txt, .md, .html, .pdf, .jsonl, .parquet, also .gz and .zst')
    .requiredOption('--name <name>', 'name of the dataset: letters, digits, ".", "_" and "-"');
  withJsonOption(withDataOption(command))
    .option('--task <file>', 'task definition (YAML): questions without documents')
    .option(
      '--recipe <name|file>',
      `stages, models, options: a YAML file, or one of ${builtInRecipes().join(', ')}`,
    )
    .option('--plan', 'check everything, print the plan with its estimate, and stop')
    .option('--yes', 'begin although the cost is not known, or likely above the budget')
    .option('--budget <usd>', 'most US dollars to spend in this start of the command', dollars)
    .option('--limit <n>', 'read so many documents at most', wholeNumber);
  const prompts = SETTINGS.find(({ key }) => key === 'prompts');
  for (const setting of [...(prompts === undefined ? [] : [prompts]), ...GENERATE_SETTINGS]) {
    const fallback = defaultOf(setting);
    const noted = fallback === '' ? setting.variable : `${setting.variable}, default: ${fallback}`;
    command.option(setting.flag, `${setting.summary} (${noted})`);
  }
  command
    .option('--description <text>', 'what the dataset is')
    .option('--replace', 'make a new version of a dataset of this name; its runs keep the old one')
    .addHelpText('after', HELP)
    .action(generate);
}

async function generate(paths: readonly string[], flags: Flags): Promise<void> {
  const settings = readSettings({ ...flags });
  const preparation = prepareGeneration(paths, flags, settings);
  const forecast = await forecastOf(preparation, flags.plan === true);
  showPlan(preparation, forecast);
  if (flags.plan === true) {
    if (flags.json === true) printJson(planToJson(preparation, forecast));
    return;
  }
  if (flags.yes !== true && isTerminal()) refuseUnknown(preparation, forecast);
  const interrupt = listenForInterrupt(printNote);
  let stopWatching: (() => void) | undefined;
  try {
    const result = await runGeneration(preparation, {
      name: flags.name,
      description: flags.description,
      mayReplace: flags.replace ?? false,
      settings,
      clock: new SystemClock(),
      interrupt,
      say: printNote,
      onStart: (report) => {
        stopWatching = watchProgress(() => standingOf(report(), forecast?.run));
      },
    });
    stopWatching?.();
    print(flags, result);
    const refusal = whyNotMade(result, preparation.recipe.unfinishedMax);
    if (refusal !== undefined) throw refusal;
  } finally {
    stopWatching?.();
    interrupt.stop();
  }
}

/** Undefined where no model is asked: then there is nothing to spend, and documents need not be read twice. */
async function forecastOf(
  { stages, documents, prices }: Preparation,
  isPlanOnly: boolean,
): Promise<Forecast | undefined> {
  if (!isPlanOnly && stages.every(({ model }) => model === undefined)) return undefined;
  const input =
    documents === undefined
      ? { documents: 0, passages: 0, textBytes: 0, isCounted: true }
      : await measureInput(documents, MEASURED_BYTES_MAX);
  return { input, run: forecastRun(stages, input, prices) };
}

function isTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Where a person looks on, nothing is begun whose price nobody knows. */
function refuseUnknown({ budgetUsd }: Preparation, forecast: Forecast | undefined): void {
  if (forecast === undefined) return;
  const { costUsd } = forecast.run;
  if (costUsd === null) {
    throw new EnvError(
      'failed_precondition',
      'Not begun: what this will cost is not known. Give the price of the model in the recipe, or --yes to begin all the same',
    );
  }
  if (budgetUsd !== undefined && costUsd > budgetUsd) {
    throw new EnvError(
      'failed_precondition',
      `Not begun: the estimate is ${formatUsd(costUsd)}, the budget ${formatUsd(budgetUsd)}. Raise --budget, or give --yes to begin and stop when it is spent`,
    );
  }
}

function print(flags: Flags, result: GenerationResult): void {
  if (flags.json !== true) {
    showReport(result);
    return;
  }
  const { report, made } = result;
  const { stopped } = report;
  printJson({
    name: flags.name,
    version: made?.info.version ?? null,
    splits: Object.fromEntries((made?.info.splits ?? []).map(({ name, count }) => [name, count])),
    answer_types: Object.fromEntries((made?.info.answerTypes ?? []).map(({ name, count }) => [name, count])),
    stopped: stopped === undefined ? null : { reason: stopped.reason, detail: stopped.detail },
    ...reportToJson(report, made?.checked),
  });
}

function planToJson({ recipe, budgetUsd }: Preparation, forecast: Forecast | undefined): object {
  const { input, run } = forecast ?? {};
  return {
    recipe: recipe.name,
    documents: input?.documents ?? null,
    passages: input?.passages ?? null,
    pairs: run?.pairs ?? null,
    calls: run?.calls ?? 0,
    prompt_tokens: run?.promptTokens ?? 0,
    completion_tokens: run?.completionTokens ?? 0,
    cost_usd: run === undefined ? 0 : run.costUsd,
    budget_usd: budgetUsd ?? null,
    stages: (run?.stages ?? []).map(({ name, model, items, calls, costUsd }) => ({
      name,
      model: model ?? null,
      items,
      calls,
      cost_usd: costUsd,
    })),
  };
}

/** Parser of an option that is an amount of money. */
function dollars(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/u.test(text) || !Number.isFinite(value))
    throw new InvalidArgumentError('Not an amount of dollars.');
  return value;
}

const HELP = `
Without --recipe: "extractive" where no model is named, "webscale-rl" where --generator-model (or its variable) names one,
"synthetic-data-rl" with --task. Sources on the command line take the place of those of the recipe.

Ctrl-C stops asking, keeps what is under way, and leaves no dataset; the same command goes on from there. The status is 0 only
when the dataset was made.

Examples:
  groupwise generate docs/ --name handbook
  groupwise generate wiki.parquet --name wiki --generator-model gpt-4.1 --plan
  groupwise generate wiki.parquet --name wiki --generator-model gpt-4.1 --budget 20
  groupwise generate --task task.yaml --name sums --recipe my-recipe.yaml --json`;
