// Recipes, estimators and samplings from their wire form, shorthands unfolded and defaults filled in.

import type { z } from 'zod';
import type { EstimatorChoice } from '../core/advantages/estimator.ts';
import { invalidArgument } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { type LengthPenalty, type Recipe, type ScorerUse, recipeOf } from '../core/recipe.ts';
import { DEFAULT_POOLS, type Sampling } from '../core/sampling.ts';
import { DEFAULTS, DEFAULT_ESTIMATOR } from './defaults.ts';
import { LIMITS } from './limits.ts';
import type { estimator, reward } from './schemas/recipe.ts';
import type { openRun } from './schemas/requests.ts';

type WireReward = z.output<typeof reward>;
type WireRecipe = Exclude<WireReward, string>;
type WireEstimator = z.output<typeof estimator>;
type WireSampling = z.output<typeof openRun>['sampling'];

/** A scorer's bare name stands for the recipe of that scorer alone. */
export function decodeReward(wire: WireReward | undefined): Recipe | undefined {
  if (wire === undefined) return undefined;
  return typeof wire === 'string' ? recipeOf(wire) : decodeRecipe(wire, 'reward');
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

function decodeRecipe(wire: WireRecipe, field: string): Recipe {
  return {
    scorers: wire.scorers.map((scorer, index) => decodeScorer(scorer, `${field}.scorers[${index}]`)),
    combine: wire.combine ?? 'weighted_sum',
    truncated: wire.truncated ?? 'score',
    noAnswer: wire.no_answer ?? 'zero',
    undecided: wire.undecided ?? 'zero',
    lengthPenalty: decodeLengthPenalty(wire.length_penalty, `${field}.length_penalty`),
  };
}

function decodeScorer(wire: WireRecipe['scorers'][number], field: string): ScorerUse {
  const { name, weight, required, when, ...options } = wire;
  checkOptions(options, field);
  return { name, weight: weight ?? 1, required: required ?? true, when: when ?? 'always', options };
}

function decodeLengthPenalty(wire: WireRecipe['length_penalty'], field: string): LengthPenalty | undefined {
  if (wire === undefined) return undefined;
  if (wire.buffer_tokens > wire.max_tokens) {
    throw invalidArgument(
      `${field}.buffer_tokens`,
      `Must be at most max_tokens, ${wire.max_tokens}, not ${wire.buffer_tokens}`,
    );
  }
  return {
    maxTokens: wire.max_tokens,
    bufferTokens: wire.buffer_tokens,
    factor: wire.factor ?? DEFAULTS.lengthPenaltyFactor,
  };
}

/** Options are stored and repeated with every result, so they are small, shallow, finite JSON. */
function checkOptions(options: Record<string, unknown>, field: string): asserts options is JsonObject {
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

function isShallowJson(value: unknown, depthLeft: number): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depthLeft === 0) return false;
  return Object.values(value).every((inner) => isShallowJson(inner, depthLeft - 1));
}
