// Replies between the wire's JSON and the proto message: what only the proto writes differently. `…ToProto` serves the
// gRPC door; `…FromProto` serves the client, and patches a freshly decoded message in place.

import { EMPTY_REASONS, GROUP_STATES, RUN_STATES } from '../core/calls.ts';
import type {
  WireDataset,
  WireGroupResult,
  WireHeartbeat,
  WireLeasedGroup,
  WireLeasedGroups,
  WireRun,
} from './encode-replies.ts';
import { rewardFromProto, rewardToProto } from './proto-requests.ts';
import {
  type ProtoMessage,
  type ProtoTimestamp,
  enumFromProto,
  enumToProto,
  timeFromProto,
  timeToProto,
} from './proto-values.ts';

export function datasetToProto(wire: WireDataset): ProtoMessage {
  return { ...wire, created_at: timeToProto(wire.created_at), reward: rewardToProto(wire.reward) };
}

export function datasetFromProto(message: ProtoMessage): ProtoMessage {
  fill(message, '', 'name', 'version', 'description');
  lists(message, 'splits', 'answer_types', 'domains');
  for (const counts of ['splits', 'answer_types', 'domains']) countsFromProto(message[counts]);
  message['created_at'] = timeFromProto(message['created_at'] as ProtoTimestamp);
  message['reward'] = rewardFromProto(message['reward']);
  fill((message['provenance'] ??= {}) as ProtoMessage, '', 'source', 'license', 'generator');
  return message;
}

export function runToProto(wire: WireRun): ProtoMessage {
  return {
    ...wire,
    state: enumToProto(RUN_STATES, wire.state),
    reward: rewardToProto(wire.reward),
    created_at: timeToProto(wire.created_at),
  };
}

export function runFromProto(message: ProtoMessage): ProtoMessage {
  fill(message, '', 'run_id', 'dataset', 'dataset_version', 'split', 'prompt_template');
  fill(
    message,
    0,
    'group_size',
    'seed',
    'epochs',
    'lease_ttl_ms',
    'max_attempts',
    'groups_total',
    'groups_completed',
  );
  message['state'] = enumFromProto(RUN_STATES, message['state']);
  message['reward'] = rewardFromProto(message['reward']);
  const sampling = message['sampling'] as ProtoMessage;
  fill(sampling, false, 'refill');
  for (const pool of (sampling['pools'] ?? []) as ProtoMessage[]) fill(pool, 0, 'pass_rate_max', 'weight');
  message['created_at'] = timeFromProto(message['created_at'] as ProtoTimestamp);
  return message;
}

export function leasedGroupToProto(wire: WireLeasedGroup): ProtoMessage {
  return { ...wire, expires_at: timeToProto(wire.expires_at) };
}

export function leasedGroupFromProto(message: ProtoMessage): ProtoMessage {
  fill(message, '', 'group_id', 'lease_id', 'batch_id', 'pair_id');
  fill(message, 0, 'group_size', 'attempt', 'epoch');
  lists(message, 'prompt');
  for (const line of message['prompt'] as ProtoMessage[]) fill(line, '', 'role', 'content');
  message['expires_at'] = timeFromProto(message['expires_at'] as ProtoTimestamp);
  return message;
}

export function leasedGroupsToProto(wire: WireLeasedGroups): ProtoMessage {
  return {
    ...wire,
    groups: wire.groups.map(leasedGroupToProto),
    empty_reason: wire.empty_reason && enumToProto(EMPTY_REASONS, wire.empty_reason),
  };
}

export function leasedGroupsFromProto(message: ProtoMessage): ProtoMessage {
  fill(message, '', 'batch_id');
  lists(message, 'groups');
  for (const group of message['groups'] as ProtoMessage[]) leasedGroupFromProto(group);
  message['empty_reason'] = enumFromProto(EMPTY_REASONS, message['empty_reason']);
  return message;
}

export function heartbeatToProto(wire: WireHeartbeat): ProtoMessage {
  return {
    leases: wire.leases.map(({ lease_id, expires_at }) => ({
      lease_id,
      expires_at: timeToProto(expires_at),
    })),
    lost: wire.lost,
  };
}

export function heartbeatFromProto(message: ProtoMessage): ProtoMessage {
  lists(message, 'leases', 'lost');
  for (const lease of message['leases'] as ProtoMessage[]) {
    lease['expires_at'] = timeFromProto(lease['expires_at'] as ProtoTimestamp);
  }
  return message;
}

export function releasedFromProto(message: ProtoMessage): ProtoMessage {
  fill(message, 0, 'released');
  return message;
}

export function groupResultToProto(wire: WireGroupResult): ProtoMessage {
  return { ...wire, state: enumToProto(GROUP_STATES, wire.state) };
}

export function groupResultFromProto(message: ProtoMessage): ProtoMessage {
  fill(message, '', 'group_id', 'lease_id', 'batch_id');
  lists(message, 'completions', 'missing', 'flags');
  message['state'] = enumFromProto(GROUP_STATES, message['state']);
  completionResultsFromProto(message['completions']);
  return message;
}

export function submittedToProto(wire: { readonly results: readonly WireGroupResult[] }): ProtoMessage {
  return { results: wire.results.map(groupResultToProto) };
}

export function submittedFromProto(message: ProtoMessage): ProtoMessage {
  lists(message, 'results');
  for (const result of message['results'] as ProtoMessage[]) groupResultFromProto(result);
  return message;
}

export function scoredFromProto(message: ProtoMessage): ProtoMessage {
  lists(message, 'groups');
  for (const group of message['groups'] as ProtoMessage[]) {
    lists(group, 'flags', 'completions');
    completionResultsFromProto(group['completions']);
  }
  return message;
}

export function advantagesFromProto(message: ProtoMessage): ProtoMessage {
  lists(message, 'groups');
  for (const group of message['groups'] as ProtoMessage[]) lists(group, 'advantages', 'flags');
  return message;
}

/** The counts of an Accounting's parts, which arrive absent when they are 0. */
const COUNTS = {
  leases: ['leased', 'completed', 'expired', 'released', 'quarantined', 'open'],
  groups: ['total', 'issued', 'completed', 'quarantined', 'in_progress'],
  completions: ['submitted', 'scored', 'unscorable', 'in_flight', 'truncated', 'repeats'],
  cache: ['hits', 'misses'],
} as const;

export function accountingFromProto(message: ProtoMessage): ProtoMessage {
  for (const [part, counts] of Object.entries(COUNTS))
    fill((message[part] ??= {}) as ProtoMessage, 0, ...counts);
  const completions = message['completions'] as ProtoMessage;
  lists(completions, 'unscorable_by_cause');
  countsFromProto(completions['unscorable_by_cause']);
  fill(message, 0, 'pass_threshold', 'zero_variance_groups', 'insufficient_valid_groups');
  lists(message, 'drift');
  for (const entry of message['drift'] as ProtoMessage[]) fill(entry, 0, 'drift', 'completions');
  lists(message, 'audits');
  for (const audit of message['audits'] as ProtoMessage[]) {
    fill(audit, '', 'scorer', 'domain', 'answer_type');
    fill(audit, 0, 'both_yes', 'only_scorer', 'only_judge', 'both_no', 'unjudged');
  }
  return message;
}

export function trainingStepsFromProto(message: ProtoMessage): ProtoMessage {
  lists(message, 'training_steps');
  for (const step of message['training_steps'] as ProtoMessage[]) trainingStepFromProto(step);
  return message;
}

/** A list under one key, as ListDatasets and ListRuns answer it. */
export function listFromProto(key: string, itemFromProto: (message: ProtoMessage) => ProtoMessage) {
  return (message: ProtoMessage): ProtoMessage => {
    lists(message, key);
    for (const item of message[key] as ProtoMessage[]) itemFromProto(item);
    return message;
  };
}

export function trainingStepFromProto(step: ProtoMessage): void {
  fill(step, 0, 'number');
  step['metrics'] ??= {};
}

function countsFromProto(counts: unknown): void {
  for (const count of counts as ProtoMessage[]) {
    fill(count, '', 'name');
    fill(count, 0, 'count');
  }
}

function completionResultsFromProto(completions: unknown): void {
  for (const completion of completions as { member_index?: number; scores?: { cost?: ProtoMessage }[] }[]) {
    completion.member_index ??= 0;
    completion.scores ??= [];
    for (const { cost } of completion.scores) {
      if (cost === undefined) continue;
      fill(cost, false, 'is_cached');
      fill(cost, 0, 'prompt_tokens', 'completion_tokens');
    }
  }
}

export function fill(message: ProtoMessage, value: unknown, ...fields: readonly string[]): void {
  for (const field of fields) message[field] ??= value;
}

export function lists(message: ProtoMessage, ...fields: readonly string[]): void {
  for (const field of fields) message[field] ??= [];
}
