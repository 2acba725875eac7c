// Takes the pairs of a finished run into a dataset, with the record of how they were made. The rows depend on the documents, the
// recipe and the replies alone: what differs from run to run is in the record.

import { basename } from 'node:path';
import { LIMITS } from '../../contract/limits.ts';
import type { DatasetInfo } from '../../core/calls.ts';
import type { JsonObject } from '../../core/json.ts';
import type { DraftPair } from '../../core/layouts/layout.ts';
import { findVerifier, VERIFIERS } from '../../core/verifiers/table.ts';
import type { RunReport } from '../../generate/engine/funnel.ts';
import type { GenerationRun } from '../../generate/engine/run.ts';
import { type DatasetFigures, FigureTaker } from '../../generate/report/figures.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DatasetStore } from '../../ports/dataset-store.ts';
import {
  addGenerated,
  type GeneratedOptions,
  refuseNothingGenerated,
} from '../../services/datasets/generated-pairs.ts';
import type { ImportReport } from '../../services/datasets/import-report.ts';
import { draftPairOf } from './draft-pair.ts';
import type { Interrupt } from './interrupt.ts';
import type { Preparation } from './prepare.ts';
import { reportToJson } from './report-json.ts';

const LICENSES_MAX = 5;

export interface MakeOptions {
  readonly name: string;
  readonly description: string | undefined;
  readonly mayReplace: boolean;
  readonly store: DatasetStore;
  readonly preparation: Preparation;
  readonly report: RunReport;
  readonly clock: Clock;
  readonly interrupt: Interrupt;
}

export interface MadeDataset {
  readonly info: DatasetInfo;
  /** Of the last checks. */
  readonly checked: ImportReport;
  /** Of all pairs that came through the stages. */
  readonly figures: DatasetFigures;
}

export async function makeDataset(
  run: Pick<GenerationRun, 'pairs'>,
  options: MakeOptions,
): Promise<MadeDataset> {
  const { name, store, preparation, report, clock } = options;
  const { recipe, task } = preparation;
  const writer = await store.create(
    {
      name,
      description: options.description ?? describe(preparation),
      reward: undefined,
      provenance: {
        source: preparation.sources.map(({ path }) => basename(path)).join(', '),
        license: await licensesOf(run),
        generator: generatorOf(preparation, report),
      },
    },
    { replace: options.mayReplace },
  );
  try {
    const taker = new FigureTaker();
    const checked = await addGenerated(draftsOf(run, taker), writer, checksOf(options));
    refuseNothingGenerated(checked);
    const record: JsonObject = {
      kind: 'generate',
      at: clock.now(),
      recipe: recipe.name,
      ...(task === undefined ? {} : { task: task.name }),
      seed: recipe.seed,
      test_share: recipe.testShare,
      // What a stage compared with: benchmarks, seeds.
      files: preparation.stages.flatMap(({ name: stage, reads }) =>
        reads.map((file) => ({ stage, file: basename(file) })),
      ),
      ...reportToJson(report, checked),
    };
    return { info: await writer.commit(record), checked, figures: taker.figures() };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** What rows of ours must stand, as imported ones must. */
export function checksOf({ preparation, interrupt }: MakeOptions): GeneratedOptions {
  return {
    answerType: undefined,
    split: undefined,
    testShare: preparation.recipe.testShare,
    reward: undefined,
    scorers: { find: findVerifier, names: () => VERIFIERS.map((verifier) => verifier.name) },
    charsMax: {
      question: LIMITS.promptCharsMax,
      answer: LIMITS.answerCharsMax,
      choices: LIMITS.choicesMax,
    },
    signal: interrupt.giveUp,
  };
}

async function* draftsOf(run: Pick<GenerationRun, 'pairs'>, taker: FigureTaker): AsyncGenerator<DraftPair> {
  for await (const pair of run.pairs()) {
    taker.add(pair);
    yield draftPairOf(pair);
  }
}

function describe({ recipe, task, sources }: Preparation): string {
  const from =
    task === undefined ? sources.map(({ path }) => basename(path)).join(', ') : `the task "${task.name}"`;
  return `Questions generated from ${from} by the recipe "${recipe.name}".`;
}

export function generatorOf({ recipe }: Preparation, { models }: RunReport): string {
  const asked = models.map(({ name, model }) => `${name} ${model}`).join(', ');
  return `groupwise generate, recipe ${recipe.name}${asked === '' ? '' : `; ${asked}`}`;
}

/** The licences of the documents that the pairs are from; empty where any of them states none. */
async function licensesOf(run: Pick<GenerationRun, 'pairs'>): Promise<string> {
  const licenses = new Set<string>();
  for await (const { passage } of run.pairs()) {
    if (passage === undefined) continue;
    if (passage.license === undefined) return '';
    licenses.add(passage.license);
  }
  const named = [...licenses].toSorted();
  return named.length > LICENSES_MAX ? `${named.length} licences, named in the rows` : named.join(', ');
}
