// Recipes, estimators and samplings from their wire form, shorthands unfolded and defaults filled in.

import type { z } from 'zod';
import type { EstimatorChoice } from '../core/advantages/estimator.ts';
import { invalidArgument } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { recipeFromJson } from '../core/recipe-json.ts';
import { type Recipe, recipeOf } from '../core/recipe.ts';
import { DEFAULT_POOLS, type Sampling } from '../core/sampling.ts';
import { DEFAULTS, DEFAULT_ESTIMATOR } from './defaults.ts';
import { LIMITS } from './limits.ts';
import type { estimator, reward } from './schemas/recipe.ts';
import type { openRun } from './schemas/requests.ts';

type WireReward = z.output<typeof reward>;
type WireEstimator = z.output<typeof estimator>;
type WireSampling = z.output<typeof openRun>['sampling'];

/** A scorer's bare name stands for the recipe of that scorer alone. */
export function decodeReward(wire: WireReward | undefined): Recipe | undefined {
  if (wire === undefined) return undefined;
  if (typeof wire === 'string') return recipeOf(wire);
  const recipe = recipeFromJson(wire, 'reward');
  recipe.scorers.forEach(({ options }, index) => checkOptions(options, `reward.scorers[${index}]`));
  checkLengthPenalty(recipe, 'reward.length_penalty');
  return recipe;
}

export function decodeEstimator(wire: WireEstimator | undefined): EstimatorChoice {
  if (wire === undefined) return DEFAULT_ESTIMATOR;
  return typeof wire === 'string' ? { name: wire } : wire;
}

/** Throws `EnvError` (invalid_argument) for pools that do not rise to 1, or that belong to another kind. */
export function decodeSampling(wire: WireSampling): Sampling {
  const asked = typeof wire === 'string' ? { kind: wire } : (wire ?? {});
  const kind = asked.kind ?? 'shuffled';
  const refill = asked.refill ?? false;
  const pools = (asked.pools ?? []).map((pool) => ({
    name: pool.name,
    passRateMax: pool.pass_rate_max,
    weight: pool.weight,
  }));
  if (kind !== 'curriculum') {
    if (pools.length > 0)
      throw invalidArgument('sampling.pools', 'Must be absent: only curriculum sampling has pools');
    if (asked.unseen_weight !== undefined) {
      throw invalidArgument(
        'sampling.unseen_weight',
        'Must be absent: only curriculum sampling has this weight',
      );
    }
    return { kind, refill, pools: [], unseenWeight: DEFAULTS.unseenWeight };
  }
  checkPools(pools);
  return {
    kind,
    refill,
    pools: pools.length === 0 ? DEFAULT_POOLS : pools,
    unseenWeight: asked.unseen_weight ?? DEFAULTS.unseenWeight,
  };
}

function checkPools(pools: Sampling['pools']): void {
  const names = new Set<string>();
  let before = -1;
  for (const [index, pool] of pools.entries()) {
    const field = `sampling.pools[${index}]`;
    if (names.has(pool.name))
      throw invalidArgument(`${field}.name`, 'Must differ from the names of other pools');
    if (pool.passRateMax <= before) {
      throw invalidArgument(
        `${field}.pass_rate_max`,
        `Must be above ${before}, the pool before, not ${pool.passRateMax}`,
      );
    }
    names.add(pool.name);
    before = pool.passRateMax;
  }
  if (pools.length > 0 && before !== 1) {
    throw invalidArgument(
      `sampling.pools[${pools.length - 1}].pass_rate_max`,
      `Must be 1 in the last pool, not ${before}`,
    );
  }
}

function checkLengthPenalty({ lengthPenalty }: Recipe, field: string): void {
  if (lengthPenalty === undefined || lengthPenalty.bufferTokens <= lengthPenalty.maxTokens) return;
  const { maxTokens, bufferTokens } = lengthPenalty;
  throw invalidArgument(
    `${field}.buffer_tokens`,
    `Must be at most max_tokens, ${maxTokens}, not ${bufferTokens}`,
  );
}

/** Options are stored and repeated with every result, so they are small, shallow, finite JSON. */
function checkOptions(options: JsonObject, field: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (!isShallowJson(value, LIMITS.optionsDepthMax)) {
      throw invalidArgument(`${field}.${name}`, `Must be JSON at most ${LIMITS.optionsDepthMax} levels deep`);
    }
  }
  const length = JSON.stringify(options).length;
  if (length > LIMITS.optionsCharsMax) {
    throw invalidArgument(
      field,
      `Must have options of at most ${LIMITS.optionsCharsMax} characters, not ${length}`,
    );
  }
}

function isShallowJson(value: unknown, depthLeft: number): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depthLeft === 0) return false;
  return Object.values(value).every((inner) => isShallowJson(inner, depthLeft - 1));
}
