// Which recipe a generation run follows, and with which models: the one that was asked for, else what the environment allows.

import { readRecipeFile, recipePath } from '../../adapters/recipe-file.ts';
import { readTaskFile } from '../../adapters/task-file.ts';
import type { Settings } from '../../config.ts';
import { invalidArgument } from '../../core/errors.ts';
import { type GenerationRecipe, POLICY, TEACHER, withDefaultModel } from '../../core/generation-recipe.ts';
import type { TaskDefinition } from '../../core/task-definition.ts';

/** Asks no model. */
const OFFLINE_RECIPE = 'extractive';
const DOCUMENTS_RECIPE = 'webscale-rl';
const TASK_RECIPE = 'synthetic-data-rl';

export interface ChosenRecipe {
  readonly recipe: GenerationRecipe;
  /** Its file: what its relative paths start from. */
  readonly path: string;
  readonly task: TaskDefinition | undefined;
}

export interface RecipeFlags {
  readonly recipe?: string | undefined;
  readonly task?: string | undefined;
}

/** @throws EnvError `invalid_argument` that names the file and key, or the flag, at fault */
export function chooseRecipe(
  { recipe: asked, task: taskPath }: RecipeFlags,
  { generatorModel, policyModel }: Pick<Settings, 'generatorModel' | 'policyModel'>,
): ChosenRecipe {
  const task = taskPath === undefined ? undefined : readTaskFile(taskPath);
  const path = recipePath(asked ?? defaultRecipe(task !== undefined, generatorModel !== undefined));
  const own = readRecipeFile(path);
  const withTeacher = withDefaultModel(own, TEACHER, generatorModel);
  return { recipe: withDefaultModel(withTeacher, POLICY, policyModel), path, task };
}

function defaultRecipe(hasTask: boolean, hasModel: boolean): string {
  if (!hasTask) return hasModel ? DOCUMENTS_RECIPE : OFFLINE_RECIPE;
  if (hasModel) return TASK_RECIPE;
  throw invalidArgument(
    '--task',
    'Cannot generate from a task definition without a model: set GROUPWISE_GENERATOR_MODEL (and GROUPWISE_POLICY_MODEL), or name a recipe that has models',
  );
}
