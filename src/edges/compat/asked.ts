// What a dialect's URL says beside its path: the reward, and how long the client waits. A trainer often has no place for
// settings of its reward but the one URL that it is given, so they can stand there.

import { decodeReward } from '../../contract/decode-recipe.ts';
import { reward as rewardSchema } from '../../contract/schemas/recipe.ts';
import { refusal } from '../../contract/wording.ts';
import { invalidArgument } from '../../core/errors.ts';
import { type Recipe, recipeOf } from '../../core/recipe.ts';
import type { Asked } from './held-scoring.ts';
import type { Label } from './label.ts';

/** Longest time that a URL may ask a request to be held. */
const HOLD_MS_MAX = 3_600_000;
/** Recipes of URLs that are kept: a trainer has one. */
const RECIPES_KEPT_MAX = 256;

export type Query = Readonly<Record<string, string>>;

export interface Choice {
  /** The recipe of the URL. */
  readonly named: Recipe | undefined;
  /** The recipe where nobody names one. */
  readonly otherwise: Recipe;
  /** How long the client can wait; undefined: one try, however long it takes. */
  readonly holdMs: number | undefined;
}

/**
 * The recipe of one completion: its label's, else the URL's; else the row's own, or the default for what is no row.
 *
 * @param field what the label is called where it came from
 */
export function recipeFor(
  { reference, reward }: Label,
  { named, otherwise }: Choice,
  field: string,
): Pick<Asked, 'reward' | 'rewardField'> {
  if (reward !== undefined) return { reward, rewardField: `${field}.reward` };
  return { reward: named ?? (reference.kind === 'row' ? undefined : otherwise) };
}

/** Reads the recipes of URLs, each text once: the service prepares a recipe once for each object. */
export class UrlChoices {
  readonly #default: Recipe;
  readonly #recipes = new Map<string, Recipe>();

  /** @param reward of URLs that name none */
  constructor(reward: Recipe) {
    this.#default = reward;
  }

  /**
   * The recipe that the URL names, and the default; the time of the URL, or the dialect's own.
   *
   * @param others names of parameters that the dialect reads itself
   * @throws EnvError `invalid_argument` that names the parameter at fault, also for one that nobody reads
   */
  of(query: Query, holdMs: number | undefined, others: readonly string[] = []): Choice {
    checkNames(query, ['reward', 'hold_ms', ...others]);
    const { reward, hold_ms: hold } = query;
    return {
      named: reward === undefined ? undefined : this.#recipe(reward),
      otherwise: this.#default,
      holdMs: hold === undefined ? holdMs : holdOf(hold),
    };
  }

  #recipe(text: string): Recipe {
    const known = this.#recipes.get(text);
    if (known !== undefined) return known;
    const recipe = recipeOfText(text);
    if (this.#recipes.size >= RECIPES_KEPT_MAX) this.#recipes.clear();
    this.#recipes.set(text, recipe);
    return recipe;
  }
}

/**
 * The name of a scorer, or a recipe as JSON.
 *
 * @throws EnvError `invalid_argument`
 */
function recipeOfText(text: string): Recipe {
  if (!text.trimStart().startsWith('{')) {
    if (text === '') throw invalidArgument('reward', 'Must be the name of a scorer, or a recipe as JSON');
    return recipeOf(text);
  }
  let wire: unknown;
  try {
    wire = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalidArgument(
      'reward',
      'Must be the name of a scorer, or a recipe as JSON: it is not valid JSON',
    );
  }
  const parsed = rewardSchema.safeParse(wire);
  if (!parsed.success) throw refusal(parsed.error.issues, 'reward');
  return decodeReward(parsed.data) ?? recipeOf(text);
}

export function checkNames(query: Query, known: readonly string[]): void {
  const stranger = Object.keys(query).find((name) => !known.includes(name));
  if (stranger === undefined) return;
  throw invalidArgument(stranger, `Unknown parameter of this URL: known are ${known.join(', ')}`);
}

/** 0 is a try, which takes its time; it would be a refusal of all that a judge is asked for, were it a time. */
function holdOf(text: string): number | undefined {
  const ms = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (ms <= HOLD_MS_MAX) return ms === 0 ? undefined : ms;
  throw invalidArgument('hold_ms', `Must be a whole number of milliseconds from 0 to ${HOLD_MS_MAX}`);
}
