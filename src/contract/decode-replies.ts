// The client's half of the codec: from the wire's JSON to core types. Replies come from our own server, so they are
// mapped, not checked; fields that a newer server adds are passed over.

import type {
  Accounting,
  AuditAccount,
  CompletionResult,
  ComputeAdvantagesReply,
  DatasetInfo,
  EmptyReason,
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
import { ERROR_CODES, type ErrorCode } from '../core/errors.ts';
import type { BatchId, GroupId, LeaseId, PairId, RunId } from '../core/ids.ts';
import { RECIPE_MEMBERS, recipeFromJson } from '../core/recipe-json.ts';
import type { Recipe } from '../core/recipe.ts';
import type { Cost, Score, Unscorable } from '../core/score.ts';
import { DEFAULTS } from './defaults.ts';
import type * as wires from './encode-replies.ts';

export function decodeDataset(wire: wires.WireDataset): DatasetInfo {
  return {
    name: wire.name,
    version: wire.version,
    description: wire.description,
    createdAt: Date.parse(wire.created_at),
    splits: wire.splits,
    answerTypes: wire.answer_types,
    domains: wire.domains,
    reward: wire.reward && recipe(wire.reward),
    provenance: wire.provenance,
  };
}

export function decodeDatasets(wire: { readonly datasets: readonly wires.WireDataset[] }): DatasetInfo[] {
  return wire.datasets.map(decodeDataset);
}

export function decodeRun(wire: wires.WireRun): RunInfo {
  const { sampling } = wire;
  return {
    runId: wire.run_id as RunId,
    state: wire.state,
    dataset: wire.dataset,
    datasetVersion: wire.dataset_version,
    split: wire.split,
    groupSize: wire.group_size,
    seed: wire.seed,
    epochs: wire.epochs,
    reward: wire.reward && recipe(wire.reward),
    estimator: wire.estimator,
    sampling: {
      kind: sampling.kind,
      refill: sampling.refill,
      pools: (sampling.pools ?? []).map((pool) => ({
        name: pool.name,
        passRateMax: pool.pass_rate_max,
        weight: pool.weight,
      })),
      unseenWeight: sampling.unseen_weight ?? DEFAULTS.unseenWeight,
    },
    leaseTtlMs: wire.lease_ttl_ms,
    maxAttempts: wire.max_attempts,
    maxDrift: wire.max_drift,
    promptTemplate: wire.prompt_template,
    createdAt: Date.parse(wire.created_at),
    groupsTotal: wire.groups_total,
    groupsCompleted: wire.groups_completed,
    policyVersion: wire.policy_version,
  };
}

export function decodeRuns(wire: { readonly runs: readonly wires.WireRun[] }): RunInfo[] {
  return wire.runs.map(decodeRun);
}

export function decodeLeasedGroup(wire: wires.WireLeasedGroup): LeasedGroup {
  return {
    groupId: wire.group_id as GroupId,
    leaseId: wire.lease_id as LeaseId,
    batchId: wire.batch_id as BatchId,
    pairId: wire.pair_id as PairId,
    prompt: wire.prompt,
    groupSize: wire.group_size,
    attempt: wire.attempt,
    expiresAt: Date.parse(wire.expires_at),
    epoch: wire.epoch,
  };
}

export function decodeLeasedGroups(wire: wires.WireLeasedGroups): LeaseGroupsReply {
  return {
    batchId: wire.batch_id as BatchId,
    groups: wire.groups.map(decodeLeasedGroup),
    emptyReason: wire.empty_reason,
    retryAfterMs: wire.retry_after_ms,
  };
}

export function decodeHeartbeat(wire: wires.WireHeartbeat): HeartbeatReply {
  return {
    leases: wire.leases.map((lease) => ({
      leaseId: lease.lease_id as LeaseId,
      expiresAt: Date.parse(lease.expires_at),
    })),
    lost: wire.lost as LeaseId[],
  };
}

export function decodeReleased(wire: { readonly released: number }): { readonly released: number } {
  return { released: wire.released };
}

export function decodeGroupResult(wire: wires.WireGroupResult): GroupResult {
  return {
    groupId: wire.group_id as GroupId,
    leaseId: wire.lease_id as LeaseId,
    batchId: wire.batch_id as BatchId,
    state: wire.state,
    completions: wire.completions.map(completionResult),
    missing: wire.missing,
    flags: wire.flags,
    estimator: wire.estimator,
    batchOwed: wire.batch_owed,
  };
}

export function decodeSubmitted(wire: { readonly results: readonly wires.WireGroupResult[] }): GroupResult[] {
  return wire.results.map(decodeGroupResult);
}

export function decodeScored(wire: wires.WireScored): ScoreReply {
  return {
    estimator: wire.estimator,
    groups: wire.groups.map(({ flags, completions }) => ({
      flags,
      completions: completions.map(completionResult),
    })),
  };
}

export function decodeAdvantages(wire: wires.WireAdvantages): ComputeAdvantagesReply {
  return wire;
}

export function decodeAccounting(wire: wires.WireAccounting): Accounting {
  const { groups, completions } = wire;
  return {
    leases: wire.leases,
    groups: {
      total: groups.total,
      issued: groups.issued,
      completed: groups.completed,
      quarantined: groups.quarantined,
      inProgress: groups.in_progress,
    },
    completions: {
      submitted: completions.submitted,
      scored: completions.scored,
      unscorable: completions.unscorable,
      inFlight: completions.in_flight,
      unscorableByCause: completions.unscorable_by_cause,
      truncated: completions.truncated,
      repeats: completions.repeats,
    },
    meanReward: wire.mean_reward,
    passRate: wire.pass_rate,
    passThreshold: wire.pass_threshold,
    zeroVarianceGroups: wire.zero_variance_groups,
    zeroVarianceShare: wire.zero_variance_share,
    insufficientValidGroups: wire.insufficient_valid_groups,
    cache: wire.cache,
    costUsd: wire.cost_usd,
    judgePromptTokens: wire.judge_prompt_tokens,
    judgeCompletionTokens: wire.judge_completion_tokens,
    drift: wire.drift,
    audits: wire.audits.map(decodeAudit),
  };
}

function decodeAudit(wire: wires.WireAccounting['audits'][number]): AuditAccount {
  return {
    scorer: wire.scorer,
    domain: wire.domain,
    answerType: wire.answer_type,
    bothYes: wire.both_yes,
    onlyScorer: wire.only_scorer,
    onlyJudge: wire.only_judge,
    bothNo: wire.both_no,
    unjudged: wire.unjudged,
    agreement: wire.agreement,
    precision: wire.precision,
    recall: wire.recall,
  };
}

export function decodeTrainingStep(wire: wires.WireTrainingStep): TrainingStep {
  return { number: wire.number, metrics: wire.metrics, policyVersion: wire.policy_version };
}

export function decodeTrainingSteps(wire: {
  readonly training_steps: readonly wires.WireTrainingStep[];
}): TrainingStep[] {
  return wire.training_steps.map(decodeTrainingStep);
}

/** `undefined` for a kind of event that this client is too old to know. */
export function decodeRunEvent(wire: wires.WireRunEvent): RunEvent | undefined {
  const event = { sequence: wire.sequence, at: Date.parse(wire.at) };
  const { kind, group_leased: leased, group_scored: scored, lease_ended: ended, training_step: step } = wire;
  if (kind === 'group-leased' && leased) return { ...event, kind, group: decodeLeasedGroup(leased) };
  if (kind === 'group-scored' && scored) return { ...event, kind, result: decodeGroupResult(scored) };
  if ((kind === 'lease-expired' || kind === 'group-released' || kind === 'group-quarantined') && ended) {
    return {
      ...event,
      kind,
      ended: {
        groupId: ended.group_id as GroupId,
        leaseId: ended.lease_id as LeaseId,
        attempt: ended.attempt,
      },
    };
  }
  if (kind === 'training-step-reported' && step)
    return { ...event, kind, trainingStep: decodeTrainingStep(step) };
  if (kind === 'run-closed') return { ...event, kind };
  if (kind === 'events-lost') return { ...event, kind, count: wire.events_lost ?? 0 };
  return undefined;
}

export function decodeProblem(wire: wires.WireProblem): Problem {
  return {
    code: errorCode(wire.code),
    detail: wire.detail,
    field: wire.field,
    retryAfterMs: wire.retry_after_ms,
  };
}

/** A code that this client does not know is an internal error to it. */
export function errorCode(code: string): ErrorCode {
  return ERROR_CODES.find((known) => known === code) ?? 'internal';
}

/** `undefined` for a kind of frame that this client is too old to know. */
export function decodeRolloutResponse(wire: wires.WireRolloutResponse): RolloutResponse | undefined {
  if ('group' in wire) return { kind: 'group', group: decodeLeasedGroup(wire.group) };
  if ('result' in wire) return { kind: 'result', result: decodeGroupResult(wire.result) };
  if ('idle' in wire) {
    const { reason, retry_after_ms: retryAfterMs } = wire.idle;
    return { kind: 'idle', reason: reason as EmptyReason, retryAfterMs };
  }
  if ('heartbeat' in wire) return { kind: 'heartbeat', reply: decodeHeartbeat(wire.heartbeat) };
  if ('problem' in wire) {
    const { problem, lease_ids: leaseIds } = wire.problem;
    return { kind: 'problem', problem: decodeProblem(problem), leaseIds: leaseIds as readonly LeaseId[] };
  }
  return undefined;
}

/** Members that a newer server adds are passed over. */
function recipe(wire: wires.WireRecipe): Recipe {
  const known = Object.entries(wire).filter(([key]) => RECIPE_MEMBERS.has(key));
  return recipeFromJson(Object.fromEntries(known), 'reward');
}

function completionResult(wire: wires.WireCompletionResult): CompletionResult {
  const scores = wire.scores.map(score);
  return {
    memberIndex: wire.member_index,
    outcome:
      wire.unscorable === undefined
        ? { kind: 'scored', reward: wire.reward ?? 0, scores }
        : { kind: 'unscorable', unscorable: unscorable(wire.unscorable), scores },
    advantage: wire.advantage,
    drift: wire.drift,
  };
}

function score(wire: wires.WireScorerScore): Score {
  const common = {
    scorer: wire.scorer,
    answer: wire.answer,
    answerSource: wire.answer_source,
    reason: wire.reason,
    ...(wire.replaced_by !== undefined && { replacedBy: wire.replaced_by }),
    ...(wire.cost && { cost: cost(wire.cost) }),
  };
  return wire.unscorable === undefined
    ? { ...common, kind: 'scored', score: wire.score ?? 0 }
    : { ...common, kind: 'unscorable', unscorable: unscorable(wire.unscorable) };
}

function cost(wire: NonNullable<wires.WireScorerScore['cost']>): Cost {
  const { verdicts_asked: asked, verdicts_known: known } = wire;
  return {
    usd: wire.usd ?? null,
    isCached: wire.is_cached,
    promptTokens: wire.prompt_tokens,
    completionTokens: wire.completion_tokens,
    ...((asked !== undefined || known !== undefined) && {
      verdicts: { asked: asked ?? 0, known: known ?? 0 },
    }),
  };
}

function unscorable(wire: Unscorable): Unscorable {
  return { cause: wire.cause, scorer: wire.scorer, detail: wire.detail };
}
