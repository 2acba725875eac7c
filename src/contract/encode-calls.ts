// The client's other half of the codec: from calls to the wire's JSON. What a caller leaves out is left out on the wire,
// so the server's defaults are the only ones.

import type { EstimatorChoice } from '../core/advantages/estimator.ts';
import type {
  ComputeAdvantagesCall,
  GroupCompletions,
  LeaseGroupsCall,
  LeasesCall,
  OpenRunCall,
  RolloutRequest,
  ScoreGroup,
  SubmitCompletionsCall,
  TrainingStep,
} from '../core/calls.ts';
import type { Completion } from '../core/completion.ts';
import type { GroupId, RunId } from '../core/ids.ts';
import type { Recipe } from '../core/recipe.ts';
import { encodeEstimator, encodeRecipe, encodeSampling } from './encode-replies.ts';
import type { ProtoMessage } from './proto-values.ts';

/** A scorer's bare name stands for the recipe of that scorer alone. */
type RewardInput = { readonly reward?: Recipe | string | undefined };
/** A bare name stands for the estimator with its own constants. Default "grpo:verl". */
type EstimatorInput = { readonly estimator?: EstimatorChoice | string | undefined };
type MemberInput = Completion & { readonly memberIndex?: number | undefined };

/** OpenRun with everything optional but the dataset. */
export type OpenRunInput = Partial<Omit<OpenRunCall, 'reward' | 'estimator' | 'dataset'>> &
  RewardInput &
  EstimatorInput & { readonly dataset: string };

export type LeaseGroupsInput = Pick<LeaseGroupsCall, 'runId'> & Partial<LeaseGroupsCall>;

export interface GroupInput extends Omit<GroupCompletions, 'completions'> {
  readonly completions: readonly MemberInput[];
}

export interface SubmitCompletionsInput extends Pick<SubmitCompletionsCall, 'runId'> {
  readonly groups: readonly GroupInput[];
  readonly wait?: boolean | undefined;
}

export type ScoreInput = RewardInput &
  EstimatorInput & {
    readonly groups: readonly (Omit<ScoreGroup, 'completions' | 'prompt'> & {
      readonly prompt?: ScoreGroup['prompt'] | undefined;
      readonly completions: readonly MemberInput[];
    })[];
  };

export type ComputeAdvantagesInput = Pick<ComputeAdvantagesCall, 'groups'> & EstimatorInput;

export type RolloutInput =
  | Exclude<RolloutRequest, { kind: 'submit' | 'open' | 'update' }>
  | { readonly kind: 'submit'; readonly groups: readonly GroupInput[] }
  | (Pick<Extract<RolloutRequest, { kind: 'open' }>, 'kind' | 'runId' | 'window'> &
      Partial<Extract<RolloutRequest, { kind: 'open' }>>)
  | (Pick<Extract<RolloutRequest, { kind: 'update' }>, 'kind'> &
      Partial<Extract<RolloutRequest, { kind: 'update' }>>);

export function encodeNothing(): ProtoMessage {
  return {};
}

export function encodeGetDataset(name: string): ProtoMessage {
  return { name };
}

export function encodeOfRun(runId: RunId): ProtoMessage {
  return { run_id: runId };
}

export function encodeOpenRun(call: OpenRunInput): ProtoMessage {
  return {
    run_id: call.runId,
    dataset: call.dataset,
    split: call.split,
    group_size: call.groupSize,
    seed: call.seed,
    epochs: call.epochs,
    ...choices(call),
    sampling: call.sampling && encodeSampling(call.sampling),
    lease_ttl_ms: call.leaseTtlMs,
    max_attempts: call.maxAttempts,
    max_drift: call.maxDrift,
    prompt_template: call.promptTemplate,
  };
}

export function encodeLeaseGroups(call: LeaseGroupsInput): ProtoMessage {
  return {
    run_id: call.runId,
    groups: call.groups,
    batch_id: call.batchId,
    policy_version: call.policyVersion,
  };
}

export function encodeLeases(call: LeasesCall): ProtoMessage {
  return { run_id: call.runId, lease_ids: call.leaseIds };
}

export function encodeSubmitCompletions(call: SubmitCompletionsInput): ProtoMessage {
  return { run_id: call.runId, groups: call.groups.map(groupCompletions), wait: call.wait };
}

export function encodeGetGroup(call: { readonly runId: RunId; readonly groupId: GroupId }): ProtoMessage {
  return { run_id: call.runId, group_id: call.groupId };
}

export function encodeWatchRun(call: {
  readonly runId: RunId;
  readonly afterSequence?: number | undefined;
}): ProtoMessage {
  return { run_id: call.runId, after_sequence: call.afterSequence };
}

export function encodeReportTrainingStep(call: {
  readonly runId: RunId;
  readonly trainingStep: Omit<TrainingStep, 'policyVersion'> & Partial<TrainingStep>;
}): ProtoMessage {
  const { number, metrics, policyVersion } = call.trainingStep;
  return { run_id: call.runId, training_step: { number, metrics, policy_version: policyVersion } };
}

export function encodeListTrainingSteps(call: {
  readonly runId: RunId;
  readonly afterNumber?: number | undefined;
  readonly limit?: number | undefined;
}): ProtoMessage {
  return { run_id: call.runId, after_number: call.afterNumber, limit: call.limit };
}

export function encodeScore(call: ScoreInput): ProtoMessage {
  return { ...choices(call), groups: call.groups.map(scoreGroup) };
}

export function encodeComputeAdvantages(call: ComputeAdvantagesInput): ProtoMessage {
  return {
    ...choices(call),
    groups: call.groups.map(({ rewards, lengths, components }) => ({ rewards, lengths, components })),
  };
}

export function encodeRolloutRequest(request: RolloutInput): ProtoMessage {
  switch (request.kind) {
    case 'open':
      return {
        open: {
          run_id: request.runId,
          window: request.window,
          policy_version: request.policyVersion,
          batch_groups: request.batchGroups,
        },
      };
    case 'submit':
      return { submit: { groups: request.groups.map(groupCompletions) } };
    case 'heartbeat':
    case 'release':
      return { [request.kind]: { lease_ids: request.leaseIds } };
    case 'update':
      return { update: { window: request.window, policy_version: request.policyVersion } };
  }
}

function choices(call: RewardInput & EstimatorInput): ProtoMessage {
  const { reward, estimator } = call;
  return {
    reward: typeof reward === 'object' ? encodeRecipe(reward) : reward,
    estimator: typeof estimator === 'object' ? encodeEstimator(estimator) : estimator,
  };
}

function groupCompletions(group: GroupInput): ProtoMessage {
  return { lease_id: group.leaseId, completions: group.completions.map(member) };
}

function scoreGroup({ prompt, reference, completions }: ScoreInput['groups'][number]): ProtoMessage {
  const shared = { prompt: prompt?.length === 0 ? undefined : prompt, completions: completions.map(member) };
  return reference.kind === 'row'
    ? { ...shared, dataset: reference.dataset, pair_id: reference.pairId }
    : {
        ...shared,
        ground_truth: reference.groundTruth.answer,
        aliases: reference.groundTruth.aliases,
        choices: reference.choices,
      };
}

function member(completion: MemberInput): ProtoMessage {
  return {
    member_index: completion.memberIndex,
    text: completion.text,
    finish_reason: completion.finishReason,
    token_count: completion.tokenCount,
    policy_version: completion.policyVersion,
  };
}
