// Recipes as people write them in datasets and on command lines: a scorer's bare name, or an object in the wire's names
// with a scorer's options beside its name. Checks the shape; whether a scorer exists is for those who run it.

import { isJsonObject } from './canonical-json.ts';
import { invalidArgument } from './errors.ts';
import type { JsonObject, JsonValue } from './json.ts';
import {
  COMBINES,
  MISSING_RULES,
  SCORER_WHENS,
  TRUNCATED_RULES,
  type LengthPenalty,
  type Recipe,
  recipeOf,
  type ScorerUse,
} from './recipe.ts';

const MEMBERS: ReadonlySet<string> = new Set([
  'scorers',
  'combine',
  'truncated',
  'no_answer',
  'undecided',
  'length_penalty',
]);

/**
 * Reads a recipe and fills in its defaults.
 *
 * @param field what to call the value in an error, for example `reward`
 * @throws EnvError `invalid_argument` that names the member at fault
 */
export function recipeFromJson(value: unknown, field: string): Recipe {
  if (typeof value === 'string' && value.trim() !== '') return recipeOf(value.trim());
  if (!isJsonObject(value)) throw invalidArgument(field, `${field} must be the name of a scorer or a recipe`);
  const scorers = value['scorers'];
  if (!Array.isArray(scorers) || scorers.length === 0) {
    throw invalidArgument(`${field}.scorers`, `${field}.scorers must be a list with at least one scorer`);
  }
  const stranger = Object.keys(value).find((key) => !MEMBERS.has(key));
  if (stranger !== undefined)
    throw invalidArgument(`${field}.${stranger}`, `${field} has no member "${stranger}"`);
  const penalty = value['length_penalty'];
  return {
    scorers: scorers.map((scorer, index) => scorerFromJson(scorer, `${field}.scorers[${index}]`)),
    combine: oneOf(value['combine'], COMBINES, `${field}.combine`),
    truncated: oneOf(value['truncated'], TRUNCATED_RULES, `${field}.truncated`),
    noAnswer: oneOf(value['no_answer'], MISSING_RULES, `${field}.no_answer`),
    undecided: oneOf(value['undecided'], MISSING_RULES, `${field}.undecided`),
    ...(penalty === undefined || penalty === null
      ? {}
      : { lengthPenalty: penaltyFromJson(penalty, `${field}.length_penalty`) }),
  };
}

/** The recipe in the wire's names, every rule stated: what `recipeFromJson` reads back as the same recipe. */
export function recipeToJson(recipe: Recipe): JsonObject {
  const penalty = recipe.lengthPenalty;
  return {
    scorers: recipe.scorers.map(({ name, weight, required, when, options }) => ({
      ...options,
      name,
      weight,
      required,
      when,
    })),
    combine: recipe.combine,
    truncated: recipe.truncated,
    no_answer: recipe.noAnswer,
    undecided: recipe.undecided,
    ...(penalty === undefined
      ? {}
      : {
          length_penalty: {
            max_tokens: penalty.maxTokens,
            buffer_tokens: penalty.bufferTokens,
            factor: penalty.factor,
          },
        }),
  };
}

function scorerFromJson(value: unknown, field: string): ScorerUse {
  if (typeof value === 'string' && value.trim() !== '') {
    return { name: value.trim(), weight: 1, required: true, when: 'always', options: {} };
  }
  const { name, weight = 1, required = true, when, ...options } = isJsonObject(value) ? value : {};
  if (typeof name !== 'string' || name.trim() === '') {
    throw invalidArgument(`${field}.name`, `${field} must name its scorer`);
  }
  if (typeof weight !== 'number' || !Number.isFinite(weight)) {
    throw invalidArgument(`${field}.weight`, `${field}.weight must be a number`);
  }
  if (typeof required !== 'boolean') {
    throw invalidArgument(`${field}.required`, `${field}.required must be true or false`);
  }
  return {
    name: name.trim(),
    weight,
    required,
    when: oneOf(when, SCORER_WHENS, `${field}.when`),
    options,
  };
}

function penaltyFromJson(value: JsonValue, field: string): LengthPenalty {
  const count = (key: string): number => {
    const number = isJsonObject(value) ? value[key] : undefined;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) {
      throw invalidArgument(`${field}.${key}`, `${field}.${key} must be a whole number of tokens`);
    }
    return number;
  };
  const factor = isJsonObject(value) ? (value['factor'] ?? 1) : 1;
  if (typeof factor !== 'number' || !Number.isFinite(factor)) {
    throw invalidArgument(`${field}.factor`, `${field}.factor must be a number`);
  }
  return { maxTokens: count('max_tokens'), bufferTokens: count('buffer_tokens'), factor };
}

/** The first choice is the default. */
function oneOf<Choice extends string>(
  value: JsonValue | undefined,
  choices: readonly [Choice, ...Choice[]],
  field: string,
): Choice {
  if (value === undefined || value === null) return choices[0];
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw invalidArgument(field, `${field} must be one of: ${choices.join(', ')}`);
  return found;
}
