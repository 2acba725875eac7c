// Builds a generation run out of its parts, runs it, and takes what came through into a dataset. Everything that is opened here is
// closed here, in the opposite order, however the run ends.

import { join } from 'node:path';
import { lockScratch } from '../../adapters/data-directory-lock.ts';
import { loadGenerationPromptFiles } from '../../adapters/generation-prompt-files.ts';
import { loadPromptDataFiles } from '../../adapters/prompt-data-files.ts';
import { SqliteDatasetStore } from '../../adapters/sqlite-dataset-store.ts';
import { SqliteItemSpool } from '../../adapters/sqlite-item-spool.ts';
import { SqliteReplyJournal } from '../../adapters/sqlite-reply-journal.ts';
import type { Settings } from '../../config.ts';
import type { DatasetInfo } from '../../core/calls.ts';
import { EnvError, type ErrorCode } from '../../core/errors.ts';
import type { RecipeModel } from '../../generate/engine/ask.ts';
import { costSum } from '../../generate/costs.ts';
import type { ModelReport, RunReport, StopReason } from '../../generate/engine/funnel.ts';
import { ModelDown, RunStopped } from '../../generate/engine/halt.ts';
import { GenerationRun } from '../../generate/engine/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DatasetStore, NewDataset } from '../../ports/dataset-store.ts';
import type { ItemSpool } from '../../ports/item-spool.ts';
import { NothingGenerated } from '../../services/datasets/generated-pairs.ts';
import { Budget } from '../../services/language-models/budget.ts';
import { openCorpus } from './corpus.ts';
import { openEmbedder, type OpenedEmbedder } from './embedder.ts';
import type { Interrupt } from './interrupt.ts';
import { lazyAnalyser } from './lazy-analyser.ts';
import { openModel } from './models.ts';
import type { Preparation } from './prepare.ts';
import { controlName, makeControl } from './make-control.ts';
import { makeDataset, type MadeDataset } from './make-dataset.ts';

const AGAIN = 'all replies are kept: the same command goes on from there and pays for none of them again';
const STOP_CODES = {
  budget_spent: 'resource_exhausted',
  interrupted: 'cancelled',
  model_down: 'unavailable',
} as const satisfies Record<StopReason, ErrorCode>;

export interface GenerationOptions {
  readonly name: string;
  readonly description: string | undefined;
  readonly mayReplace: boolean;
  /** Whether a dataset of equal size is made beside it, of pairs that no stage has looked at. */
  readonly makesControl: boolean;
  readonly settings: Pick<Settings, 'data' | 'prompts' | 'modelUrl'>;
  readonly clock: Clock;
  readonly interrupt: Interrupt;
  /** Told of what takes long before the run. */
  readonly say: (text: string) => void;
  /** Told once, when the run begins: how far it is can be asked at any time. */
  readonly onStart: (report: () => RunReport) => void;
}

export interface GenerationResult {
  readonly report: RunReport;
  /** Undefined where the run stopped, left too much unfinished, or left nothing. */
  readonly made: MadeDataset | undefined;
  /** Why a run that finished has no dataset, where that is not in its report. */
  readonly refusal?: NothingGenerated;
  /** Undefined where none was asked for, too. */
  readonly control: DatasetInfo | undefined;
}

/** @throws EnvError for what cannot be opened or written; a run that stops throws nothing */
export async function runGeneration(
  preparation: Preparation,
  options: GenerationOptions,
): Promise<GenerationResult> {
  const { name, settings, clock, mayReplace, makesControl } = options;
  const ending: (() => void | Promise<void>)[] = [];
  let finished: RunReport | undefined;
  try {
    const store = new SqliteDatasetStore({ dataDir: settings.data, now: () => clock.now() });
    ending.push(() => store.close());
    await refuseName(store, name, mayReplace);
    if (makesControl) await refuseName(store, controlName(name), mayReplace);
    const scratch = join(settings.data, 'generate', `${name}.scratch`);
    const lock = lockScratch(scratch, `generate the dataset "${name}"`);
    ending.push(() => lock.release());
    const spool = new SqliteItemSpool(scratch);
    ending.push(() => spool.close());
    const { run, bills } = await openRun(preparation, options, { spool, ending });
    const whole = (report: RunReport): RunReport => withBills(report, bills());
    options.onStart(() => whole(run.report()));
    const report = whole(await run.run());
    if (report.state !== 'finished' || report.unfinished > preparation.recipe.unfinishedMax) {
      return { report, made: undefined, control: undefined };
    }
    finished = report;
    const make = { store, preparation, report, ...options };
    const made = await makeDataset(run, make);
    const control = makesControl ? await makeControl(run, made, make) : undefined;
    return { report, made, control };
  } catch (error) {
    if (error instanceof NothingGenerated && finished !== undefined) {
      return { report: finished, made: undefined, control: undefined, refusal: error };
    }
    throw stopOf(error);
  } finally {
    for (const step of ending.toReversed()) await step();
  }
}

async function openRun(
  { recipe, stages, task, documents, corpus, files, budgetUsd }: Preparation,
  { settings, clock, interrupt, makesControl, say }: GenerationOptions,
  { spool, ending }: { readonly spool: ItemSpool; readonly ending: (() => void | Promise<void>)[] },
): Promise<{ readonly run: GenerationRun; readonly bills: () => readonly ModelReport[] }> {
  const folders = { user: settings.prompts };
  const journal = new SqliteReplyJournal(settings.data);
  ending.push(() => journal.close());
  const needs = new Set(stages.flatMap(({ kind }) => kind.needs ?? []));
  const signal = interrupt.interrupt;
  const opened: OpenedEmbedder | undefined =
    recipe.embedder !== undefined && needs.has('embedder')
      ? await openEmbedder(recipe.embedder, { clock, journal, signal })
      : undefined;
  if (opened !== undefined) ending.push(() => opened.close());
  const passages =
    corpus.length > 0 ? await openCorpus(corpus, { dataDir: settings.data, say, signal }) : undefined;
  if (passages !== undefined) ending.push(() => passages.close());
  const budget = budgetUsd === undefined ? undefined : new Budget(budgetUsd);
  const around = { clock, budget, modelUrl: settings.modelUrl, seed: recipe.seed };
  const run = new GenerationRun({
    stages,
    documents,
    models: new Map(
      recipe.models.map((model): [string, RecipeModel] => [model.name, openModel(model, around)]),
    ),
    prompts: loadGenerationPromptFiles(folders),
    journal,
    spool,
    clock,
    tools: {
      data: loadPromptDataFiles(folders),
      task,
      analyser: lazyAnalyser(),
      passages,
      files,
      embedder: opened?.embedder,
    },
    seed: recipe.seed,
    keepsWritten: makesControl,
    concurrency: recipe.concurrency,
    interrupt: signal,
    giveUp: interrupt.giveUp,
  });
  const bill = opened?.bill;
  const model = opened?.embedder.name ?? '';
  return { run, bills: () => (bill === undefined ? [] : [{ name: 'embedder', model, ...bill() }]) };
}

/** The report with what was paid beside the models that stages ask. */
function withBills(report: RunReport, bills: readonly ModelReport[]): RunReport {
  return {
    ...report,
    models: [...report.models, ...bills],
    calls: report.calls + bills.reduce((sum, { calls }) => sum + calls, 0),
    costUsd: costSum(report.costUsd, ...bills.map(({ costUsd }) => costUsd)),
  };
}

/** A stop before the first stage or after the last one ends the command like any other stop. */
function stopOf(error: unknown): unknown {
  if (error instanceof RunStopped) return refusalOf(error.reason, error.message);
  if (error instanceof ModelDown) return refusalOf('model_down', error.message);
  return error;
}

/** A name that cannot be used is known before anything is spent. */
async function refuseName(store: DatasetStore, name: string, mayReplace: boolean): Promise<void> {
  const trial: NewDataset = {
    name,
    description: '',
    reward: undefined,
    provenance: { source: '', license: '', generator: '' },
  };
  const writer = await store.create(trial, { replace: mayReplace });
  await writer.abort();
}

/** Why there is no dataset, for people; undefined where there is one. */
export function whyNotMade(
  { report, made, refusal }: GenerationResult,
  unfinishedMax: number,
): EnvError | undefined {
  if (made !== undefined) return undefined;
  if (refusal !== undefined) return refusal;
  const { stopped, unfinished } = report;
  if (stopped !== undefined) return refusalOf(stopped.reason, stopped.detail);
  return new EnvError(
    'unavailable',
    `Cannot make the dataset: ${unfinished} items got no reply, and max_unfinished is ${unfinishedMax}; ${AGAIN}`,
  );
}

function refusalOf(reason: StopReason, detail: string): EnvError {
  return new EnvError(STOP_CODES[reason], `Stopped: ${detail}; ${AGAIN}`);
}
