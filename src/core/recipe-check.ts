// Checks a recipe before anything is scored under it: every scorer exists, every option means something, every number is
// one. Errors name the field as the caller wrote it.

import { EnvError, invalidArgument } from './errors.ts';
import type { JsonObject } from './json.ts';
import { namesIn } from './formula.ts';
import { type Recipe, type ScorerUse, titleOf } from './recipe.ts';

/** What a recipe needs to know of the scorers that exist. */
export interface ScorerNames {
  find(name: string): { parseOptions(options: JsonObject): JsonObject } | undefined;
  names(): readonly string[];
}

/** Largest weight, and largest factor of a length penalty: products of them stay finite. */
const WEIGHT_MAX = 1e6;

/** Longest time limit of one scorer: an hour. */
const TIME_LIMIT_MS_MAX = 3_600_000;

/**
 * The recipe with all options filled in. Throws `EnvError` (invalid_argument) with the field's path, for example
 * `reward.scorers[1].pattern`; `path` is where the recipe stands in the request.
 */
export function validateRecipe(recipe: Recipe, scorers: ScorerNames, path = 'reward'): Recipe {
  if (recipe.scorers.length === 0)
    throw invalidArgument(`${path}.scorers`, 'A recipe needs at least one scorer');
  const uses = recipe.scorers.map((use, index) =>
    validateUse(use, scorers, `${path}.scorers[${String(index)}]`),
  );
  checkOrder(recipe.scorers, `${path}.scorers`);
  validateLengthPenalty(recipe, `${path}.length_penalty`);
  checkFloor(recipe, `${path}.floor`);
  checkFormula(recipe, path);
  return { ...recipe, scorers: uses };
}

function validateUse(use: ScorerUse, scorers: ScorerNames, path: string): ScorerUse {
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
  checkGate(use, path);
  checkRange(use, `${path}.undecided_between`);
  checkTimeLimit(use, `${path}.time_limit_ms`);
  try {
    return { ...use, options: scorer.parseOptions(use.options) };
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    const field = error.field === undefined ? path : `${path}.${error.field}`;
    throw new EnvError(error.code, error.message, { field, cause: error });
  }
}

/** A second opinion needs a first one, and a recipe of gates alone would reward nothing. */
function checkOrder(uses: readonly ScorerUse[], path: string): void {
  const first = uses.findIndex(({ gate }) => gate === undefined);
  if (first === -1) throw invalidArgument(path, 'A recipe needs at least one scorer that is no gate');
  const opinion = uses.findIndex(({ when }) => when !== 'always');
  if (opinion !== -1 && opinion <= first) {
    throw invalidArgument(
      `${path}[${opinion}].when`,
      'The first scorer is always asked: there is none before it to be undecided or to say no',
    );
  }
}

function checkGate({ gate, weight, when }: ScorerUse, path: string): void {
  if (gate === undefined) return;
  if (!(gate > 0 && gate <= 1)) {
    throw invalidArgument(`${path}.gate`, 'A gate must be true, or a score above 0 and at most 1');
  }
  if (weight !== 0)
    throw invalidArgument(`${path}.weight`, 'A gate has no weight: it adds nothing to the reward');
  if (when !== 'always') throw invalidArgument(`${path}.when`, 'A gate is always asked');
}

function checkRange({ undecidedBetween }: ScorerUse, path: string): void {
  if (undecidedBetween === undefined) return;
  const [low, high] = undecidedBetween;
  if (low >= 0 && low < high && high <= 1) return;
  throw invalidArgument(path, 'The range must be two rising numbers from 0 to 1');
}

function checkTimeLimit({ timeLimitMs }: ScorerUse, path: string): void {
  if (timeLimitMs === undefined) return;
  if (Number.isSafeInteger(timeLimitMs) && timeLimitMs >= 1 && timeLimitMs <= TIME_LIMIT_MS_MAX) return;
  throw invalidArgument(
    path,
    `A time limit must be a whole number of milliseconds up to ${TIME_LIMIT_MS_MAX}`,
  );
}

function checkFloor({ floor, scorers }: Recipe, path: string): void {
  if (floor === undefined) return;
  if (!Number.isFinite(floor) || Math.abs(floor) > WEIGHT_MAX) {
    throw invalidArgument(path, `A floor must be a number between -${WEIGHT_MAX} and ${WEIGHT_MAX}`);
  }
  if (scorers.every(({ gate }) => gate === undefined)) {
    throw invalidArgument(path, 'Only a recipe with a gate has a floor');
  }
}

/** A formula has all scores or none: each scorer but a gate stands in it, is always asked, and has its weight there. */
function checkFormula({ formula, combine, scorers }: Recipe, path: string): void {
  if (formula === undefined) {
    if (combine === 'formula') throw invalidArgument(`${path}.formula`, 'The formula is missing');
    return;
  }
  const titles = scorers.filter(({ gate }) => gate === undefined).map(titleOf);
  const names = namesIn(formula);
  const unknown = names.find((name) => !titles.includes(name));
  if (unknown !== undefined) {
    const known = titles.map((title) => `"${title}"`).join(', ');
    throw invalidArgument(
      `${path}.formula`,
      `The formula names "${unknown.slice(0, 64)}": its scorers are ${known}`,
    );
  }
  scorers.forEach((use, index) => {
    if (use.gate !== undefined) return;
    const [title, at] = [titleOf(use), `${path}.scorers[${index}]`];
    if (!names.includes(title)) throw invalidArgument(at, `The formula does not name "${title}"`);
    if (titles.indexOf(title) !== titles.lastIndexOf(title)) {
      throw invalidArgument(`${at}.known_as`, `Two scorers are known as "${title}" in the formula`);
    }
    if (use.weight !== 1) throw invalidArgument(`${at}.weight`, 'Weights stand in the formula');
    if (!use.required) throw invalidArgument(`${at}.required`, 'A formula needs all of its scores');
    if (use.when !== 'always') {
      throw invalidArgument(`${at}.when`, 'A formula has no second opinions: its scorers are always asked');
    }
  });
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
