// What can be known to be wrong with a run before its first group is leased. What depends on a row (its own reward, its
// ground truth) is known when the row is scored; what depends on a completion (its length), when it is handed in.

import { resolveEstimator, statedChoice } from '../../core/advantages/table.ts';
import type { DatasetInfo, OpenRunCall, RunSettings } from '../../core/calls.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { Recipe } from '../../core/recipe.ts';
import type { PromptTemplates } from '../../ports/prompt-templates.ts';
import type { PreparedRecipe, Scoring } from '../scoring/scoring.ts';

/**
 * The settings with the estimator's constants fixed.
 *
 * @throws EnvError (invalid_argument) with the field, for settings that are wrong or do not go together
 */
export function checkSettings(
  asked: Omit<OpenRunCall, 'runId'>,
  { templates, scoring }: { readonly templates: PromptTemplates; readonly scoring: Scoring },
): RunSettings {
  const settings = { ...asked, estimator: statedChoice(resolveEstimator(asked.estimator)) };
  if (settings.reward !== undefined) checkGroupSize(scoring.prepare(settings.reward), settings.groupSize);
  checkEstimator(settings);
  if (!templates.names().includes(settings.promptTemplate)) {
    const names = templates.names().join(', ');
    throw invalidArgument(
      'prompt_template',
      `Cannot open a run: there is no prompt template "${settings.promptTemplate}", there are ${names}`,
    );
  }
  return settings;
}

/** Scorers that compare need somebody to compare with, and not too many. */
function checkGroupSize({ steps }: PreparedRecipe, groupSize: number): void {
  for (const { scorer, options } of steps) {
    const problem = scorer.groupWise?.sizeProblem(groupSize, options);
    if (problem === undefined) continue;
    throw invalidArgument('group_size', `Cannot open a run whose reward has "${scorer.name}": ${problem}`);
  }
}

function checkEstimator({ estimator, groupSize, reward }: RunSettings): void {
  const { name, k, weights } = estimator;
  if (k !== undefined && k > groupSize) {
    throw invalidArgument(
      'estimator.k',
      `Cannot open a run: "${name}" with k ${k} needs groups of at least ${k} completions, not ${groupSize}`,
    );
  }
  if (reward === undefined) return;
  const scorers = reward.scorers.map((use) => use.name);
  const stray = Object.keys(weights ?? {}).find((scorer) => !scorers.includes(scorer));
  if (stray === undefined) return;
  throw invalidArgument(
    `estimator.weights.${stray}`,
    `Cannot open a run: the estimator weighs a scorer "${stray}" that its reward lacks; it has ${quoted(scorers)}`,
  );
}

/**
 * How many pairs the run walks over in one epoch.
 *
 * @throws EnvError: not_found (split) for a split that is not there, failed_precondition (dataset) for a dataset without
 *   rows, invalid_argument (reward) where the run takes the dataset's own reward and that asks for what is not there
 */
export function checkDataset(
  dataset: DatasetInfo,
  { split, reward, groupSize }: RunSettings,
  scoring: Scoring,
): { readonly count: number } {
  const splits = dataset.splits.filter(({ count }) => count > 0);
  if (splits.length === 0) {
    throw new EnvError('failed_precondition', `Cannot open a run: dataset "${dataset.name}" has no rows`, {
      field: 'dataset',
    });
  }
  const found = splits.find(({ name }) => name === split);
  if (found === undefined) {
    const names = quoted(splits.map(({ name }) => name));
    throw new EnvError(
      'not_found',
      `Cannot open a run: dataset "${dataset.name}" has no split "${split}", it has ${names}`,
      { field: 'split' },
    );
  }
  if (reward === undefined && dataset.reward !== undefined)
    checkOwnReward(dataset.reward, { dataset, groupSize }, scoring);
  return found;
}

function checkOwnReward(
  reward: Recipe,
  { dataset: { name }, groupSize }: { readonly dataset: DatasetInfo; readonly groupSize: number },
  scoring: Scoring,
): void {
  try {
    checkGroupSize(scoring.prepare(reward), groupSize);
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    throw new EnvError(
      error.code,
      `Cannot open a run with the reward that dataset "${name}" names: ${error.message}`,
      { field: error.field, cause: error },
    );
  }
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
