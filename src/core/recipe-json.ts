// Recipes as people write them in datasets and on command lines: a scorer's bare name, or an object in the wire's names
// with a scorer's options beside its name. Checks the shape; whether a scorer exists is for those who run it.

import { isJsonObject } from './canonical-json.ts';
import { invalidArgument } from './errors.ts';
import { type Formula, isFormulaName, parseFormula } from './formula.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { PASS_THRESHOLD } from './pass-rate.ts';
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

/** All that a recipe may have, in the wire's names. */
export const RECIPE_MEMBERS: ReadonlySet<string> = new Set([
  'scorers',
  'combine',
  'formula',
  'truncated',
  'no_answer',
  'undecided',
  'length_penalty',
  'floor',
]);

/**
 * Reads a recipe and fills in its defaults.
 *
 * @param field what to call the value in an error, for example `reward`
 * @throws EnvError `invalid_argument` that names the member at fault
 */
export function recipeFromJson(value: unknown, field: string): Recipe {
  if (typeof value === 'string' && value !== '') return recipeOf(value);
  if (!isJsonObject(value)) throw invalidArgument(field, `${field} must be the name of a scorer or a recipe`);
  const scorers = value['scorers'];
  if (!Array.isArray(scorers) || scorers.length === 0) {
    throw invalidArgument(`${field}.scorers`, `${field}.scorers must be a list with at least one scorer`);
  }
  const stranger = Object.keys(value).find((key) => !RECIPE_MEMBERS.has(key));
  if (stranger !== undefined)
    throw invalidArgument(`${field}.${stranger}`, `${field} has no member "${stranger}"`);
  const { length_penalty: penalty, floor } = value;
  const formula = formulaFrom(value, field);
  return {
    scorers: scorers.map((scorer, index) => scorerFromJson(scorer, `${field}.scorers[${index}]`)),
    combine: oneOf(formula === undefined ? value['combine'] : 'formula', COMBINES, `${field}.combine`),
    ...(formula === undefined ? {} : { formula }),
    truncated: oneOf(value['truncated'], TRUNCATED_RULES, `${field}.truncated`),
    noAnswer: oneOf(value['no_answer'], MISSING_RULES, `${field}.no_answer`),
    undecided: oneOf(value['undecided'], MISSING_RULES, `${field}.undecided`),
    ...(penalty === undefined || penalty === null
      ? {}
      : { lengthPenalty: penaltyFromJson(penalty, `${field}.length_penalty`) }),
    ...(floor === undefined ? {} : { floor: numberFrom(floor, `${field}.floor`) }),
  };
}

/** The recipe in the wire's names, every rule stated: what `recipeFromJson` reads back as the same recipe. */
export function recipeToJson(recipe: Recipe): JsonObject {
  const penalty = recipe.lengthPenalty;
  return {
    scorers: recipe.scorers.map(scorerToJson),
    combine: recipe.combine,
    ...(recipe.formula === undefined ? {} : { formula: recipe.formula.text }),
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
    ...(recipe.floor === undefined ? {} : { floor: recipe.floor }),
  };
}

function scorerToJson(use: ScorerUse): JsonObject {
  const { name, knownAs, weight, required, when, options, gate, undecidedBetween, timeLimitMs } = use;
  return {
    ...options,
    name,
    ...(knownAs === undefined ? {} : { known_as: knownAs }),
    weight,
    required,
    when,
    ...(gate === undefined ? {} : { gate }),
    ...(undecidedBetween === undefined ? {} : { undecided_between: [...undecidedBetween] }),
    ...(timeLimitMs === undefined ? {} : { time_limit_ms: timeLimitMs }),
  };
}

function scorerFromJson(value: unknown, field: string): ScorerUse {
  if (typeof value === 'string' && value !== '') {
    return { name: value, weight: 1, required: true, when: 'always', options: {} };
  }
  const {
    name,
    known_as: knownAs,
    gate,
    weight = gate === undefined ? 1 : 0,
    required = true,
    when,
    undecided_between: between,
    time_limit_ms: timeLimit,
    ...options
  } = isJsonObject(value) ? value : {};
  if (typeof name !== 'string' || name === '') {
    throw invalidArgument(`${field}.name`, `${field} must name its scorer`);
  }
  if (typeof required !== 'boolean') {
    throw invalidArgument(`${field}.required`, `${field}.required must be true or false`);
  }
  if (knownAs !== undefined && (typeof knownAs !== 'string' || !isFormulaName(knownAs))) {
    throw invalidArgument(
      `${field}.known_as`,
      `${field}.known_as must be letters, digits and "_", and begin with no digit`,
    );
  }
  return {
    name,
    ...(knownAs === undefined ? {} : { knownAs }),
    weight: numberFrom(weight, `${field}.weight`),
    required,
    when: oneOf(when, SCORER_WHENS, `${field}.when`),
    options,
    ...(gate === undefined
      ? {}
      : { gate: gate === true ? PASS_THRESHOLD : numberFrom(gate, `${field}.gate`) }),
    ...(between === undefined ? {} : { undecidedBetween: rangeFrom(between, `${field}.undecided_between`) }),
    ...(timeLimit === undefined ? {} : { timeLimitMs: numberFrom(timeLimit, `${field}.time_limit_ms`) }),
  };
}

/** A formula goes with `combine` `formula`, which need not be said; neither goes without the other. */
function formulaFrom({ formula, combine }: JsonObject, field: string): Formula | undefined {
  if (formula === undefined || formula === null) {
    if (combine !== 'formula') return undefined;
    throw invalidArgument(`${field}.formula`, `${field}.formula is missing: "combine" says "formula"`);
  }
  if (combine !== undefined && combine !== null && combine !== 'formula') {
    throw invalidArgument(`${field}.combine`, `${field}.combine must be "formula" where there is one`);
  }
  if (typeof formula === 'string') return parseFormula(formula, `${field}.formula`);
  throw invalidArgument(`${field}.formula`, `${field}.formula must be a text`);
}

function numberFrom(value: JsonValue, field: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalidArgument(field, `${field} must be a number`);
}

function rangeFrom(value: JsonValue, field: string): readonly [number, number] {
  const [low, high, ...more] = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  if (low === undefined || high === undefined || more.length > 0) {
    throw invalidArgument(field, `${field} must be a list of two numbers`);
  }
  return [numberFrom(low, `${field}[0]`), numberFrom(high, `${field}[1]`)];
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
