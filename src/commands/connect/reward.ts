// The reward that `--reward` names, checked against the server that is to give it: most trainers would meet a misspelt name in the
// middle of a training, and not all of them as an error that speaks of it.

import { EnvError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { recipeFromJson } from '../../core/recipe-json.ts';
import { validateRecipe } from '../../core/recipe-check.ts';
import type { Recipe } from '../../core/recipe.ts';
import { fuzzyMatch } from '../../core/text-similarity/fuzzy-match.ts';
import { findVerifier } from '../../core/verifiers/table.ts';
import { nameOrJson } from '../options.ts';

const OPTION = '--reward';
/** Names that are at least this much alike are near: one letter more, less or another one, even of short names. */
const NEAR = 0.7;
const NEAR_MAX = 3;

export interface NamedReward {
  /** As the lines have it: a name, or a recipe as JSON in one line. */
  readonly text: string;
  readonly recipe: Recipe;
}

/** @throws EnvError `invalid_argument` for what is no recipe, or cannot be read */
export function readReward(text: string): NamedReward {
  const value = nameOrJson(OPTION, text);
  const recipe = recipeFromJson(value, OPTION);
  return { text: typeof value === 'string' ? value : JSON.stringify(value), recipe };
}

/**
 * @param scorers names of those that the server has
 * @throws EnvError `invalid_argument` that names the scorer, with those that it may have been, or the member at fault
 */
export function requireScorable(
  { recipe }: NamedReward,
  { http, scorers }: { readonly http: string; readonly scorers: readonly string[] },
): void {
  const missing = recipe.scorers.find(({ name }) => !scorers.includes(name))?.name;
  if (missing !== undefined) {
    const near = nearNames(missing, scorers);
    const hint = near.length === 0 ? `it has ${scorers.join(', ')}` : `is it ${near.join(' or ')}?`;
    throw new EnvError('invalid_argument', `The server at ${http} has no scorer "${missing}": ${hint}`, {
      field: OPTION,
    });
  }
  try {
    validateRecipe(recipe, { find: optionsOf, names: () => scorers }, OPTION);
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    const { code, message, field = OPTION } = error;
    throw new EnvError(code, `Cannot use ${field}: ${message}`, { field, cause: error });
  }
}

/** The options of judges and reward models are the server's to check: here they are anything. */
function optionsOf(name: string): { parseOptions(options: JsonObject): JsonObject } {
  return findVerifier(name) ?? { parseOptions: (options) => options };
}

/** The nearest one first. */
function nearNames(name: string, known: readonly string[]): readonly string[] {
  const near = known.map((each) => ({ each, alike: fuzzyMatch(name.toLowerCase(), each.toLowerCase()) }));
  return near
    .filter(({ alike }) => alike >= NEAR)
    .toSorted((a, b) => b.alike - a.alike)
    .slice(0, NEAR_MAX)
    .map(({ each }) => each);
}
