// What `groupwise generate` does: reads settings, prints the checked plan with its estimate, runs, reports. What a question is and which
// are good is decided by the stages of the recipe.

import { join } from 'node:path';
import { SystemClock } from '../../adapters/system-clock.ts';
import { readSettings } from '../../config.ts';
import { EnvError } from '../../core/errors.ts';
import { forecastRun, measureInput, measureRows } from '../../generate/engine/estimate.ts';
import type { GenerateFlags } from '../generate.ts';
import { printJson, printNote } from '../options.ts';
import { watchProgress } from '../progress.ts';
import { listenForInterrupt } from './interrupt.ts';
import { prepareGeneration, type Preparation } from './prepare.ts';
import { writeReport } from './report-files.ts';
import { reportToJson } from './report-json.ts';
import { type GenerationResult, runGeneration, whyNotMade } from './run-generation.ts';
import { type Forecast, formatUsd, showPlan } from './show-plan.ts';
import { showReport } from './show-report.ts';
import { standingOf } from './standing.ts';

/** Documents beyond so many bytes of files are not read for the estimate. */
const MEASURED_BYTES_MAX = 16 * 1024 * 1024;

/** Says what it is about to do and what that will likely cost, runs, and reports. */
export async function generate(paths: readonly string[], flags: GenerateFlags): Promise<void> {
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
      makesControl: flags.control ?? false,
      settings,
      clock: new SystemClock(),
      interrupt,
      say: printNote,
      onStart: (report) => {
        stopWatching = watchProgress(() => standingOf(report(), forecast?.run));
      },
    });
    stopWatching?.();
    if (flags.report !== undefined) {
      const folder = writeReport(flags.report, { name: flags.name, recipe: preparation.recipe.name, result });
      printNote(`Report: ${join(folder, 'report.html')}`);
    }
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
  { stages, documents, files, prices }: Preparation,
  isPlanOnly: boolean,
): Promise<Forecast | undefined> {
  if (!isPlanOnly && stages.every(({ model }) => model === undefined)) return undefined;
  const input =
    documents === undefined
      ? { documents: 0, passages: 0, textBytes: 0, isCounted: true }
      : await measureInput(documents, MEASURED_BYTES_MAX);
  const rows = await measureRows(stages, files);
  return { input, run: forecastRun(stages, { ...input, rows }, prices) };
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

function print(flags: GenerateFlags, result: GenerationResult): void {
  if (flags.json !== true) {
    showReport(result);
    return;
  }
  const { report, made, control } = result;
  const { stopped } = report;
  printJson({
    name: flags.name,
    version: made?.info.version ?? null,
    splits: Object.fromEntries((made?.info.splits ?? []).map(({ name, count }) => [name, count])),
    answer_types: Object.fromEntries((made?.info.answerTypes ?? []).map(({ name, count }) => [name, count])),
    ...(control === undefined ? {} : { control: control.name }),
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
