// A recipe is data: which scorers look at a completion and how their scores become its reward.

import type { Formula } from './formula.ts';
import type { JsonObject } from './json.ts';

/**
 * When a scorer is asked. All but `always` are second opinions on what scorers before it said of the answer: `undecided`
 * where one could not tell, `incorrect` where one said no, `not_correct` where either holds.
 */
export const SCORER_WHENS = ['always', 'undecided', 'incorrect', 'not_correct'] as const;
export const COMBINES = ['weighted_sum', 'product', 'formula'] as const;
export const TRUNCATED_RULES = ['score', 'zero', 'unscorable'] as const;
export const MISSING_RULES = ['zero', 'unscorable'] as const;

export interface ScorerUse {
  readonly name: string;
  /** What scores and a formula call it by, so that one scorer may stand in a recipe twice; its name when absent. */
  readonly knownAs?: string | undefined;
  readonly weight: number;
  /** Whether a completion that this scorer cannot score is unscorable as a whole. */
  readonly required: boolean;
  readonly when: (typeof SCORER_WHENS)[number];
  readonly options: JsonObject;
  /** The scorer is a gate: below this score the completion gets the recipe's floor, and no later scorer is asked. */
  readonly gate?: number | undefined;
  /** A score strictly between the two is no verdict: it counts as undecided. */
  readonly undecidedBetween?: readonly [number, number] | undefined;
  /** A scorer that takes longer is unscorable with `deadline_exceeded`. */
  readonly timeLimitMs?: number | undefined;
}

/** Soft overlong punishment, DAPO (arXiv 2503.14476) equation 13: 0, then linear, then -factor. */
export interface LengthPenalty {
  readonly maxTokens: number;
  readonly bufferTokens: number;
  readonly factor: number;
}

export interface Recipe {
  readonly scorers: readonly ScorerUse[];
  readonly combine: (typeof COMBINES)[number];
  /** Only with `combine` `formula`: what the reward is of the scores, by what they are known as. */
  readonly formula?: Formula | undefined;
  readonly truncated: (typeof TRUNCATED_RULES)[number];
  readonly noAnswer: (typeof MISSING_RULES)[number];
  readonly undecided: (typeof MISSING_RULES)[number];
  readonly lengthPenalty?: LengthPenalty | undefined;
  /** Reward of a completion that a gate stopped; 0 when absent. */
  readonly floor?: number | undefined;
}

/** What scores of this use are called. */
export function titleOf({ knownAs, name }: Pick<ScorerUse, 'knownAs' | 'name'>): string {
  return knownAs ?? name;
}

/** The recipe that a scorer's bare name stands for. */
export function recipeOf(scorer: string): Recipe {
  return {
    scorers: [{ name: scorer, weight: 1, required: true, when: 'always', options: {} }],
    combine: 'weighted_sum',
    truncated: 'score',
    noAnswer: 'zero',
    undecided: 'zero',
  };
}

/** The scorer whose bare name stands for `recipe`; undefined when the recipe says more than a name can. */
export function bareScorer(recipe: Recipe): string | undefined {
  const use = recipe.scorers[0];
  const isBare =
    use !== undefined &&
    recipe.scorers.length === 1 &&
    use.knownAs === undefined &&
    use.weight === 1 &&
    use.required &&
    use.when === 'always' &&
    use.gate === undefined &&
    use.undecidedBetween === undefined &&
    use.timeLimitMs === undefined &&
    Object.keys(use.options).length === 0 &&
    recipe.combine === 'weighted_sum' &&
    recipe.truncated === 'score' &&
    recipe.noAnswer === 'zero' &&
    recipe.undecided === 'zero' &&
    recipe.lengthPenalty === undefined &&
    recipe.floor === undefined;
  return isBare ? use.name : undefined;
}
