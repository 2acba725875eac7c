// From what the service answers to the wire's JSON, built once and read by both doors.

import type { z } from 'zod';
import type { AdvantageGroup, EstimatorChoice } from '../core/advantages/estimator.ts';
import type {
  Accounting,
  AuditAccount,
  CompletionResult,
  ComputeAdvantagesReply,
  DatasetInfo,
  GroupResult,
  HeartbeatReply,
  LeasedGroup,
  LeaseGroupsReply,
  Problem,
  RolloutResponse,
  RunEvent,
  RunInfo,
  ScoreReply,
  TrainingStep,
} from '../core/calls.ts';
import { recipeToJson } from '../core/recipe-json.ts';
import type { Recipe } from '../core/recipe.ts';
import type { Sampling } from '../core/sampling.ts';
import type { Cost, Score, Unscorable } from '../core/score.ts';
import type * as replies from './schemas/replies.ts';

type Wire<Schema extends z.ZodType> = z.output<Schema>;

export type WireRecipe = Wire<typeof replies.recipe>;
export type WireEstimator = Wire<typeof replies.estimator>;
export type WireDataset = Wire<typeof replies.dataset>;
export type WireRun = Wire<typeof replies.run>;
export type WireLeasedGroup = Wire<typeof replies.leasedGroup>;
export type WireLeasedGroups = Wire<typeof replies.leasedGroups>;
export type WireHeartbeat = Wire<typeof replies.heartbeat>;
export type WireGroupResult = Wire<typeof replies.groupResult>;
export type WireCompletionResult = WireGroupResult['completions'][number];
export type WireScorerScore = WireCompletionResult['scores'][number];
export type WireCost = NonNullable<WireScorerScore['cost']>;
export type WireAccounting = Wire<typeof replies.accounting>;
export type WireTrainingStep = Wire<typeof replies.trainingStep>;
export type WireRunEvent = Wire<typeof replies.runEvent>;
export type WireScored = Wire<typeof replies.scored>;
export type WireAdvantages = Wire<typeof replies.advantages>;

/** A refusal inside a stream, and the heart of a REST problem. */
export interface WireProblem {
  readonly code: string;
  readonly detail: string;
  readonly field?: string | undefined;
  readonly retry_after_ms?: number | undefined;
}

/** One frame of a rollout stream: exactly one of these. */
export type WireRolloutResponse =
  | { readonly group: WireLeasedGroup }
  | { readonly result: WireGroupResult }
  | { readonly idle: { readonly reason: string; readonly retry_after_ms?: number | undefined } }
  | { readonly heartbeat: WireHeartbeat }
  | { readonly problem: { readonly problem: WireProblem; readonly lease_ids: readonly string[] } };

export function encodeTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function encodeEstimator(estimator: EstimatorChoice): WireEstimator {
  const wire: WireEstimator = { name: estimator.name };
  if (estimator.ddof !== undefined) wire.ddof = estimator.ddof;
  if (estimator.epsilon !== undefined) wire.epsilon = estimator.epsilon;
  if (estimator.k !== undefined) wire.k = estimator.k;
  if (estimator.weights !== undefined) wire.weights = { ...estimator.weights };
  return wire;
}

/** The codec's tests hold what `recipeToJson` writes to the schema of the reply. */
export function encodeRecipe(recipe: Recipe): WireRecipe {
  return recipeToJson(recipe) as WireRecipe;
}

export function encodeSampling(sampling: Sampling): WireRun['sampling'] {
  const { kind, refill, pools, unseenWeight } = sampling;
  if (kind !== 'curriculum') return { kind, refill };
  return {
    kind,
    refill,
    pools: pools.map((pool) => ({ name: pool.name, pass_rate_max: pool.passRateMax, weight: pool.weight })),
    unseen_weight: unseenWeight,
  };
}

export function encodeDataset(dataset: DatasetInfo): WireDataset {
  const { source, license, generator } = dataset.provenance;
  return {
    name: dataset.name,
    version: dataset.version,
    description: dataset.description,
    created_at: encodeTime(dataset.createdAt),
    splits: dataset.splits.map(({ name, count }) => ({ name, count })),
    answer_types: dataset.answerTypes.map(({ name, count }) => ({ name, count })),
    domains: dataset.domains.map(({ name, count }) => ({ name, count })),
    ...(dataset.reward && { reward: encodeRecipe(dataset.reward) }),
    provenance: { source, license, generator },
  };
}

export function encodeDatasets(datasets: readonly DatasetInfo[]): { datasets: WireDataset[] } {
  return { datasets: datasets.map(encodeDataset) };
}

export function encodeRun(run: RunInfo): WireRun {
  return {
    run_id: run.runId,
    state: run.state,
    dataset: run.dataset,
    dataset_version: run.datasetVersion,
    split: run.split,
    group_size: run.groupSize,
    seed: run.seed,
    epochs: run.epochs,
    ...(run.reward && { reward: encodeRecipe(run.reward) }),
    estimator: encodeEstimator(run.estimator),
    sampling: encodeSampling(run.sampling),
    lease_ttl_ms: run.leaseTtlMs,
    max_attempts: run.maxAttempts,
    ...(run.maxDrift !== undefined && { max_drift: run.maxDrift }),
    prompt_template: run.promptTemplate,
    created_at: encodeTime(run.createdAt),
    groups_total: run.groupsTotal,
    groups_completed: run.groupsCompleted,
    ...(run.policyVersion !== undefined && { policy_version: run.policyVersion }),
  };
}

export function encodeRuns(runs: readonly RunInfo[]): { runs: WireRun[] } {
  return { runs: runs.map(encodeRun) };
}

export function encodeLeasedGroup(group: LeasedGroup): WireLeasedGroup {
  return {
    group_id: group.groupId,
    lease_id: group.leaseId,
    batch_id: group.batchId,
    pair_id: group.pairId,
    prompt: group.prompt.map(({ role, content }) => ({ role, content })),
    group_size: group.groupSize,
    attempt: group.attempt,
    expires_at: encodeTime(group.expiresAt),
    epoch: group.epoch,
  };
}

export function encodeLeasedGroups(reply: LeaseGroupsReply): WireLeasedGroups {
  return {
    batch_id: reply.batchId,
    groups: reply.groups.map(encodeLeasedGroup),
    ...(reply.emptyReason && { empty_reason: reply.emptyReason }),
    ...(reply.retryAfterMs !== undefined && { retry_after_ms: reply.retryAfterMs }),
  };
}

export function encodeHeartbeat(reply: HeartbeatReply): WireHeartbeat {
  return {
    leases: reply.leases.map(({ leaseId, expiresAt }) => ({
      lease_id: leaseId,
      expires_at: encodeTime(expiresAt),
    })),
    lost: [...reply.lost],
  };
}

export function encodeGroupResult(result: GroupResult): WireGroupResult {
  return {
    group_id: result.groupId,
    lease_id: result.leaseId,
    batch_id: result.batchId,
    state: result.state,
    completions: result.completions.map(encodeCompletionResult),
    missing: [...result.missing],
    flags: [...result.flags],
    estimator: encodeEstimator(result.estimator),
    ...(result.batchOwed !== undefined && { batch_owed: result.batchOwed }),
  };
}

export function encodeSubmitted(results: readonly GroupResult[]): { results: WireGroupResult[] } {
  return { results: results.map(encodeGroupResult) };
}

export function encodeScored(reply: ScoreReply): WireScored {
  return {
    estimator: encodeEstimator(reply.estimator),
    groups: reply.groups.map(({ flags, completions }) => ({
      flags: [...flags],
      completions: completions.map(encodeCompletionResult),
    })),
  };
}

export function encodeAdvantages(reply: ComputeAdvantagesReply): WireAdvantages {
  return {
    estimator: encodeEstimator(reply.estimator),
    groups: reply.groups.map(({ advantages, flags }: AdvantageGroup) => ({
      advantages: [...advantages],
      flags: [...flags],
    })),
  };
}

export function encodeAccounting(books: Accounting): WireAccounting {
  const { leases, groups, completions } = books;
  return {
    leases: {
      leased: leases.leased,
      completed: leases.completed,
      expired: leases.expired,
      released: leases.released,
      quarantined: leases.quarantined,
      open: leases.open,
    },
    groups: {
      total: groups.total,
      issued: groups.issued,
      completed: groups.completed,
      quarantined: groups.quarantined,
      in_progress: groups.inProgress,
    },
    completions: {
      submitted: completions.submitted,
      scored: completions.scored,
      unscorable: completions.unscorable,
      in_flight: completions.inFlight,
      unscorable_by_cause: completions.unscorableByCause.map(({ name, count }) => ({ name, count })),
      truncated: completions.truncated,
      repeats: completions.repeats,
    },
    ...(books.meanReward !== undefined && { mean_reward: books.meanReward }),
    ...(books.passRate !== undefined && { pass_rate: books.passRate }),
    pass_threshold: books.passThreshold,
    zero_variance_groups: books.zeroVarianceGroups,
    ...(books.zeroVarianceShare !== undefined && { zero_variance_share: books.zeroVarianceShare }),
    insufficient_valid_groups: books.insufficientValidGroups,
    cache: { hits: books.cache.hits, misses: books.cache.misses },
    ...(books.costUsd !== undefined && { cost_usd: books.costUsd }),
    judge_prompt_tokens: books.judgePromptTokens,
    judge_completion_tokens: books.judgeCompletionTokens,
    drift: books.drift.map(({ drift, completions: counted }) => ({ drift, completions: counted })),
    audits: books.audits.map(encodeAudit),
  };
}

function encodeAudit(audit: AuditAccount): WireAccounting['audits'][number] {
  const { agreement, precision, recall } = audit;
  return {
    scorer: audit.scorer,
    domain: audit.domain,
    answer_type: audit.answerType,
    both_yes: audit.bothYes,
    only_scorer: audit.onlyScorer,
    only_judge: audit.onlyJudge,
    both_no: audit.bothNo,
    unjudged: audit.unjudged,
    ...(agreement !== undefined && { agreement }),
    ...(precision !== undefined && { precision }),
    ...(recall !== undefined && { recall }),
  };
}

export function encodeTrainingStep(step: TrainingStep): WireTrainingStep {
  return {
    number: step.number,
    metrics: { ...step.metrics },
    ...(step.policyVersion !== undefined && { policy_version: step.policyVersion }),
  };
}

export function encodeTrainingSteps(steps: readonly TrainingStep[]): { training_steps: WireTrainingStep[] } {
  return { training_steps: steps.map(encodeTrainingStep) };
}

export function encodeRunEvent(event: RunEvent): WireRunEvent {
  const wire: WireRunEvent = { sequence: event.sequence, at: encodeTime(event.at), kind: event.kind };
  switch (event.kind) {
    case 'group-leased':
      return { ...wire, group_leased: encodeLeasedGroup(event.group) };
    case 'group-scored':
      return { ...wire, group_scored: encodeGroupResult(event.result) };
    case 'lease-expired':
    case 'group-released':
    case 'group-quarantined': {
      const { groupId, leaseId, attempt } = event.ended;
      return { ...wire, lease_ended: { group_id: groupId, lease_id: leaseId, attempt } };
    }
    case 'training-step-reported':
      return { ...wire, training_step: encodeTrainingStep(event.trainingStep) };
    case 'run-closed':
      return wire;
    case 'events-lost':
      return { ...wire, events_lost: event.count };
  }
}

export function encodeProblem(problem: Problem): WireProblem {
  return {
    code: problem.code,
    detail: problem.detail,
    ...(problem.field !== undefined && { field: problem.field }),
    ...(problem.retryAfterMs !== undefined && { retry_after_ms: problem.retryAfterMs }),
  };
}

export function encodeRolloutResponse(response: RolloutResponse): WireRolloutResponse {
  switch (response.kind) {
    case 'group':
      return { group: encodeLeasedGroup(response.group) };
    case 'result':
      return { result: encodeGroupResult(response.result) };
    case 'idle':
      return {
        idle: {
          reason: response.reason,
          ...(response.retryAfterMs !== undefined && { retry_after_ms: response.retryAfterMs }),
        },
      };
    case 'heartbeat':
      return { heartbeat: encodeHeartbeat(response.reply) };
    case 'problem':
      return { problem: { problem: encodeProblem(response.problem), lease_ids: response.leaseIds } };
  }
}

/** The hot path: plain assignments, one object shape for all scored members. */
function encodeCompletionResult(result: CompletionResult): WireCompletionResult {
  const { outcome } = result;
  const wire: WireCompletionResult = { member_index: result.memberIndex, scores: [] };
  if (outcome.kind === 'scored') wire.reward = outcome.reward;
  else wire.unscorable = encodeUnscorable(outcome.unscorable);
  if (result.advantage !== undefined) wire.advantage = result.advantage;
  if (result.drift !== undefined) wire.drift = result.drift;
  for (const score of outcome.scores) wire.scores.push(encodeScore(score));
  return wire;
}

function encodeScore(score: Score): WireScorerScore {
  const wire: WireScorerScore = { scorer: score.scorer };
  if (score.kind === 'scored') wire.score = score.score;
  else wire.unscorable = encodeUnscorable(score.unscorable);
  // A text that was cut may end in half a character, which gRPC's UTF-8 does not have.
  if (score.answer !== undefined) wire.answer = score.answer.toWellFormed();
  if (score.answerSource !== undefined) wire.answer_source = score.answerSource;
  if (score.reason !== undefined) wire.reason = score.reason.toWellFormed();
  if (score.replacedBy !== undefined) wire.replaced_by = score.replacedBy;
  if (score.cost !== undefined) wire.cost = encodeCost(score.cost);
  return wire;
}

function encodeCost({ usd, isCached, promptTokens, completionTokens, verdicts }: Cost): WireCost {
  return {
    ...(usd !== null && { usd }),
    is_cached: isCached,
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    ...(verdicts && { verdicts_asked: verdicts.asked, verdicts_known: verdicts.known }),
  };
}

function encodeUnscorable({ cause, scorer, detail }: Unscorable): Unscorable {
  return { cause, scorer, detail: detail.toWellFormed() };
}
