// What the streams of the Environment service send, between the wire's JSON and the proto message: frames of a rollout and
// events of a run. Their parts are those of the calls that answer once.

import { EMPTY_REASONS } from '../core/calls.ts';
import type { WireRolloutResponse, WireRunEvent } from './encode-replies.ts';
import {
  fill,
  groupResultFromProto,
  groupResultToProto,
  heartbeatFromProto,
  heartbeatToProto,
  leasedGroupFromProto,
  leasedGroupToProto,
  lists,
  trainingStepFromProto,
} from './proto-replies.ts';
import {
  type ProtoMessage,
  type ProtoTimestamp,
  enumFromProto,
  enumToProto,
  timeFromProto,
  timeToProto,
} from './proto-values.ts';

export function runEventToProto(wire: WireRunEvent): ProtoMessage {
  return {
    ...wire,
    at: timeToProto(wire.at),
    group_leased: wire.group_leased && leasedGroupToProto(wire.group_leased),
    group_scored: wire.group_scored && groupResultToProto(wire.group_scored),
  };
}

export function runEventFromProto(message: ProtoMessage): ProtoMessage {
  fill(message, 0, 'sequence');
  message['at'] = timeFromProto(message['at'] as ProtoTimestamp);
  if (message['group_leased'] !== undefined) leasedGroupFromProto(message['group_leased'] as ProtoMessage);
  if (message['group_scored'] !== undefined) groupResultFromProto(message['group_scored'] as ProtoMessage);
  if (message['training_step'] !== undefined) trainingStepFromProto(message['training_step'] as ProtoMessage);
  return message;
}

export function rolloutResponseToProto(wire: WireRolloutResponse): ProtoMessage {
  if ('group' in wire) return { group: leasedGroupToProto(wire.group) };
  if ('result' in wire) return { result: groupResultToProto(wire.result) };
  if ('heartbeat' in wire) return { heartbeat: heartbeatToProto(wire.heartbeat) };
  if ('idle' in wire) return { idle: { ...wire.idle, reason: enumToProto(EMPTY_REASONS, wire.idle.reason) } };
  return wire;
}

export function rolloutResponseFromProto(message: ProtoMessage): ProtoMessage {
  const { group, result, heartbeat, idle, problem } = message as Record<string, ProtoMessage | undefined>;
  if (group !== undefined) leasedGroupFromProto(group);
  if (result !== undefined) groupResultFromProto(result);
  if (heartbeat !== undefined) heartbeatFromProto(heartbeat);
  if (idle !== undefined) idle['reason'] = enumFromProto(EMPTY_REASONS, idle['reason']);
  if (problem !== undefined) {
    lists(problem, 'lease_ids');
    fill((problem['problem'] ??= {}) as ProtoMessage, '', 'code', 'detail');
  }
  return message;
}
