// Checks a recipe before anything is scored under it: every scorer exists, every option means something, every number is
// one. Errors name the field as the caller wrote it.

import { EnvError, invalidArgument } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { Recipe, ScorerUse } from './recipe.ts';

/** What a recipe needs to know of the scorers that exist. */
export interface ScorerNames {
  find(name: string): { parseOptions(options: JsonObject): JsonObject } | undefined;
  names(): readonly string[];
}

/** Largest weight, and largest factor of a length penalty: products of them stay finite. */
const WEIGHT_MAX = 1e6;

/**
 * The recipe with all options filled in. Throws `EnvError` (invalid_argument) with the field's path, for example
 * `reward.scorers[1].pattern`; `path` is where the recipe stands in the request.
 */
export function validateRecipe(recipe: Recipe, scorers: ScorerNames, path = 'reward'): Recipe {
  if (recipe.scorers.length === 0)
    throw invalidArgument(`${path}.scorers`, 'A recipe needs at least one scorer');
  const uses = recipe.scorers.map((use, index) =>
    validateUse(use, index, scorers, `${path}.scorers[${String(index)}]`),
  );
  validateLengthPenalty(recipe, `${path}.length_penalty`);
  return { ...recipe, scorers: uses };
}

function validateUse(use: ScorerUse, index: number, scorers: ScorerNames, path: string): ScorerUse {
  const scorer = scorers.find(use.name);
  if (scorer === undefined) {
    const known = scorers.names().map((name) => `"${name}"`);
    throw invalidArgument(
      `${path}.name`,
      `Unknown scorer "${use.name.slice(0, 64)}": there are ${known.join(', ')}`,
    );
  }
  if (!Number.isFinite(use.weight) || Math.abs(use.weight) > WEIGHT_MAX) {
    throw invalidArgument(
      `${path}.weight`,
      `A weight must be a number between -${WEIGHT_MAX} and ${WEIGHT_MAX}`,
    );
  }
  if (index === 0 && use.when === 'undecided') {
    throw invalidArgument(`${path}.when`, 'The first scorer has none before it that could be undecided');
  }
  try {
    return { ...use, options: scorer.parseOptions(use.options) };
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    const field = error.field === undefined ? path : `${path}.${error.field}`;
    throw new EnvError(error.code, error.message, { field, cause: error });
  }
}

function validateLengthPenalty({ lengthPenalty }: Recipe, path: string): void {
  if (lengthPenalty === undefined) return;
  const { maxTokens, bufferTokens, factor } = lengthPenalty;
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 1) {
    throw invalidArgument(`${path}.max_tokens`, 'The longest length must be a whole number above 0');
  }
  if (!Number.isSafeInteger(bufferTokens) || bufferTokens < 1 || bufferTokens > maxTokens) {
    throw invalidArgument(
      `${path}.buffer_tokens`,
      'The buffer must be a whole number above 0 and at most max_tokens',
    );
  }
  if (!Number.isFinite(factor) || factor < 0 || factor > WEIGHT_MAX) {
    throw invalidArgument(`${path}.factor`, `The factor must be a number between 0 and ${WEIGHT_MAX}`);
  }
}
