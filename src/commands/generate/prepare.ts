// From a command line to everything that a generation run needs, checked, before anything is spent or written: recipe, task,
// documents, stages, prices.

import { dirname } from 'node:path';
import { namedFilesIn } from '../../adapters/named-files.ts';
import { recipeRefusal } from '../../adapters/recipe-file.ts';
import type { Settings } from '../../config.ts';
import { EnvError } from '../../core/errors.ts';
import { type GenerationRecipe, POLICY, type SourceConfig, TEACHER } from '../../core/generation-recipe.ts';
import { priceOf, type TokenPrice } from '../../core/price-table.ts';
import type { TaskDefinition } from '../../core/task-definition.ts';
import { planStages } from '../../generate/engine/plan.ts';
import type { PlannedStage } from '../../generate/engine/planned-stage.ts';
import type { StageNeed } from '../../generate/stage.ts';
import { findStageKind, STAGE_KINDS } from '../../generate/table.ts';
import type { DocumentSource } from '../../ports/document-source.ts';
import type { NamedFiles } from '../../ports/named-files.ts';
import { chooseRecipe, type ChosenRecipe, type RecipeFlags } from './recipe-choice.ts';
import { openSources } from './sources.ts';

export interface PrepareFlags extends RecipeFlags {
  readonly budget?: number | undefined;
  readonly limit?: number | undefined;
}

export interface Preparation {
  readonly recipe: GenerationRecipe;
  readonly recipePath: string;
  readonly task: TaskDefinition | undefined;
  readonly stages: readonly PlannedStage[];
  readonly sources: readonly SourceConfig[];
  /** What passages are retrieved from. */
  readonly corpus: readonly SourceConfig[];
  /** Undefined: none, the first stage makes its items of the task. */
  readonly documents: DocumentSource | undefined;
  readonly files: NamedFiles;
  /** By the models' names in the recipe; null where it is not known. */
  readonly prices: ReadonlyMap<string, TokenPrice | null>;
  readonly budgetUsd: number | undefined;
}

const MODEL_HINTS = {
  [TEACHER]: 'define it there, or name one by --generator-model',
  [POLICY]: 'define it there, or name one by --policy-model',
};

/** @throws EnvError that names the file and key, or the flag, at fault */
export function prepareGeneration(
  paths: readonly string[],
  flags: PrepareFlags,
  settings: Pick<Settings, 'generatorModel' | 'policyModel'>,
): Preparation {
  const chosen = chooseRecipe(flags, settings);
  const { recipe, path, task } = chosen;
  // What is named on the command line takes the place of what the recipe names.
  const named = paths.map((each): SourceConfig => ({ path: each, ...recipe.documents }));
  const isFromTask = findStageKind(recipe.stages[0]?.name ?? '')?.takes === 'task';
  const sources = isFromTask ? [] : named.length > 0 ? named : recipe.sources;
  // A recipe that begins with a task reads no documents: it looks things up in them.
  const corpus = isFromTask && named.length > 0 ? named : recipe.corpus;
  const documents = sources.length > 0 ? openSources(sources, flags.limit) : undefined;
  const stages = planOf(chosen, { hasDocuments: documents !== undefined, hasCorpus: corpus.length > 0 });
  // A model that no stage asks needs no price and no key, and made nothing.
  const asked = new Set(stages.flatMap(({ model, asks }) => (model === undefined ? asks : [model, ...asks])));
  const models = recipe.models.filter(({ name }) => asked.has(name));
  const files = namedFilesIn(dirname(path));
  for (const { name, reads } of stages) {
    for (const each of reads) at(path, `stages.${name}`, () => files.rows(each));
  }
  return {
    recipe: { ...recipe, models },
    recipePath: path,
    task,
    stages,
    sources,
    corpus,
    documents,
    files,
    prices: new Map(models.map(({ name, model, price }) => [name, price ?? priceOf(model)])),
    budgetUsd: flags.budget ?? recipe.budgetUsd,
  };
}

function planOf(
  { recipe, path, task }: ChosenRecipe,
  { hasDocuments, hasCorpus }: { readonly hasDocuments: boolean; readonly hasCorpus: boolean },
): readonly PlannedStage[] {
  const models = recipe.models.map(({ name }) => name);
  const has = new Set<StageNeed>(['analyser']);
  if (task !== undefined) has.add('task');
  if (hasCorpus) has.add('passages');
  if (recipe.embedder !== undefined) has.add('embedder');
  return at(path, '', () =>
    planStages(recipe.stages, { kinds: STAGE_KINDS, models, modelHints: MODEL_HINTS, has, hasDocuments }),
  );
}

/** Says which recipe the error is in. */
function at<Made>(path: string, key: string, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    throw recipeRefusal(path, key === '' ? (error.field ?? '') : key, error.message);
  }
}
