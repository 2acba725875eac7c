// The stateless half of the service: what comes in is scored, or turned into advantages, and forgotten. It writes nothing,
// leases nothing and never returns a ground truth.

import type { Estimator, EstimatorChoice, RewardGroup } from '../core/advantages/estimator.ts';
import { weightOf } from '../core/advantages/gdpo.ts';
import { resolveEstimator, statedChoice } from '../core/advantages/table.ts';
import type {
  ComputeAdvantagesCall,
  ComputeAdvantagesReply,
  ScoreCall,
  ScoreGroup,
  ScoreReply,
} from '../core/calls.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import type { CompletionOutcome } from '../core/score.ts';
import type { DatasetStore } from '../ports/dataset-store.ts';
import type { InFlight } from './in-flight.ts';
import { rewardGroups } from './scoring/reward-groups.ts';
import { type Basis, Bases } from './scoring/score-basis.ts';
import type { Scoring } from './scoring/scoring.ts';
import type { RewardsService } from './service.ts';

export class Rewards implements RewardsService {
  readonly #scoring: Pick<Scoring, 'prepare' | 'score' | 'scoreGroup'>;
  readonly #bases: Bases;
  readonly #inFlight: InFlight;
  /** Estimators asked for by name alone, which is almost always; no more than there are dialects. */
  readonly #named = new Map<string, Estimator>();

  constructor(options: {
    readonly scoring: Pick<Scoring, 'prepare' | 'score' | 'scoreGroup'>;
    readonly datasets: Pick<DatasetStore, 'get' | 'findPair'>;
    readonly inFlight: InFlight;
  }) {
    this.#scoring = options.scoring;
    this.#bases = new Bases(options);
    this.#inFlight = options.inFlight;
  }

  /**
   * Rewards and advantages of all groups, which together are one batch.
   *
   * Throws `invalid_argument` for what the estimator cannot take, `not_found` for a row or dataset that is not there and
   * `resource_exhausted` when too many completions are being scored.
   */
  score(call: ScoreCall, signal?: AbortSignal): ScoreReply | Promise<ScoreReply> {
    const estimator = this.#estimator(call.estimator);
    if (estimator.needsLengths) checkTokenCounts(call.groups);
    const inline = this.#bases.inline(call);
    if (inline !== undefined) return this.#scoreAgainst(call, estimator, inline);
    return this.#bases.find(call).then((bases) => {
      if (signal?.aborted === true) throw new EnvError('cancelled', 'Cannot score: the call was cancelled');
      return this.#scoreAgainst(call, estimator, bases);
    });
  }

  /** Advantages of rewards that were computed elsewhere. Throws `invalid_argument` that names the field at fault. */
  computeAdvantages(call: ComputeAdvantagesCall): ComputeAdvantagesReply {
    const estimator = this.#estimator(call.estimator);
    const scorers = estimator.needsComponents ? componentNames(call.groups) : [];
    const stated = withWeights(estimator, scorers);
    return { estimator: stated, groups: estimator.compute(call.groups) };
  }

  #estimator(choice: EstimatorChoice): Estimator {
    const { name, ddof, epsilon, k, weights } = choice;
    const isNameOnly =
      ddof === undefined && epsilon === undefined && k === undefined && weights === undefined;
    if (!isNameOnly) return resolveEstimator(choice);
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const estimator = resolveEstimator(choice);
    this.#named.set(name, estimator);
    return estimator;
  }

  #scoreAgainst(
    call: ScoreCall,
    estimator: Estimator,
    bases: readonly Basis[],
  ): ScoreReply | Promise<ScoreReply> {
    const stated = withWeights(estimator, estimator.needsComponents ? scorerNames(bases) : []);
    const count = call.groups.reduce((sum, { completions }) => sum + completions.length, 0);
    this.#inFlight.take(count);
    let waiting: Promise<ScoreReply> | undefined;
    const late: Promise<void>[] = [];
    try {
      const outcomes: CompletionOutcome[][] = [];
      call.groups.forEach(({ completions }, g) => {
        const basis = bases[g];
        if (basis === undefined) throw new RangeError(`No basis for group ${g}`);
        const group: CompletionOutcome[] = [];
        outcomes.push(group);
        if (basis.prepared.isGroupWise) {
          late.push(this.#scoreTogether(basis, completions, group));
          return;
        }
        completions.forEach((completion, i) => {
          const outcome = this.#scoring.score(basis.prepared, basis.reference, completion);
          if (outcome instanceof Promise) late.push(outcome.then((each) => void (group[i] = each)));
          else group[i] = outcome;
        });
      });
      if (late.length === 0) return replyOf(call, estimator, stated, outcomes);
      waiting = Promise.all(late).then(() => replyOf(call, estimator, stated, outcomes));
      return waiting.finally(() => this.#inFlight.done(count));
    } finally {
      if (waiting === undefined) {
        this.#inFlight.done(count);
        // A scorer threw: nobody waits for the verdicts that were under way, and their failures must not end the process.
        if (late.length > 0) void Promise.allSettled(late);
      }
    }
  }

  /** Rejects as the first completion does whose scorer rejects. */
  async #scoreTogether(
    { prepared, reference }: Basis,
    completions: ScoreGroup['completions'],
    outcomes: CompletionOutcome[],
  ): Promise<void> {
    for (const settled of await this.#scoring.scoreGroup(prepared, reference, completions)) {
      if (settled.status === 'rejected') throw settled.reason;
      outcomes.push(settled.value);
    }
  }
}

function replyOf(
  call: ScoreCall,
  estimator: Estimator,
  stated: EstimatorChoice,
  outcomes: readonly (readonly CompletionOutcome[])[],
): ScoreReply {
  const batch = call.groups.map(({ completions }, g) => ({
    outcomes: outcomes[g] ?? [],
    tokenCounts: completions.map(({ tokenCount }) => tokenCount),
  }));
  const results = estimator.compute(rewardGroups(batch, estimator));
  return {
    estimator: stated,
    groups: results.map(({ advantages, flags }, g) => ({
      flags,
      completions: (outcomes[g] ?? []).map((outcome, i) => ({
        memberIndex: call.groups[g]?.completions[i]?.memberIndex ?? i,
        outcome,
        advantage: advantages[i],
        drift: undefined,
      })),
    })),
  };
}

function checkTokenCounts(groups: readonly ScoreGroup[]): void {
  groups.forEach(({ completions }, g) => {
    const missing = completions.findIndex(({ tokenCount }) => tokenCount === undefined);
    if (missing === -1) return;
    throw invalidArgument(
      `groups[${g}].completions[${missing}].token_count`,
      'Cannot score: this estimator needs the length of each completion in tokens',
    );
  });
}

function componentNames(groups: readonly RewardGroup[]): readonly string[] {
  return [...new Set(groups.flatMap(({ components }) => Object.keys(components ?? {})))];
}

function scorerNames(bases: readonly Basis[]): readonly string[] {
  return [...new Set(bases.flatMap(({ prepared }) => prepared.recipe.scorers.map(({ name }) => name)))];
}

/** States the weight of every scorer, given or not. A weight for a scorer that nobody has is a slip of the pen: refused. */
function withWeights(estimator: Estimator, scorers: readonly string[]): EstimatorChoice {
  const stated = statedChoice(estimator);
  const { weights } = stated;
  if (weights === undefined) return stated;
  const stranger = Object.keys(weights).find((name) => !scorers.includes(name));
  if (stranger !== undefined) {
    throw invalidArgument(
      `estimator.weights.${stranger}`,
      `Cannot weigh "${stranger}": the scorers here are ${scorers.join(', ')}`,
    );
  }
  return { ...stated, weights: Object.fromEntries(scorers.map((name) => [name, weightOf(weights, name)])) };
}
