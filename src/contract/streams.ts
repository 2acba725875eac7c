// The codec of the calls that stream, beside the table of those that answer once.

import type { Problem, RolloutRequest, RolloutResponse, RunEvent, ScoreReply } from '../core/calls.ts';
import { decodeRolloutRequest } from './decode-calls.ts';
import { decodeProblem, decodeRolloutResponse, decodeRunEvent, decodeScored } from './decode-replies.ts';
import { type RolloutInput, type ScoreInput, encodeRolloutRequest, encodeScore } from './encode-calls.ts';
import {
  type WireProblem,
  type WireRolloutResponse,
  type WireRunEvent,
  type WireScored,
  encodeProblem,
  encodeRolloutResponse,
  encodeRunEvent,
} from './encode-replies.ts';
import {
  rolloutResponseFromProto,
  rolloutResponseToProto,
  runEventFromProto,
  runEventToProto,
} from './proto-frames.ts';
import { scoredFromProto } from './proto-replies.ts';
import { rolloutRequestFromProto, rolloutRequestToProto, scoreToProto } from './proto-requests.ts';
import type { ProtoMessage } from './proto-values.ts';

/** @throws EnvError (invalid_argument) with the field at fault. */
export function rolloutFrameIn(message: ProtoMessage): RolloutRequest {
  return decodeRolloutRequest(rolloutRequestFromProto(message));
}

export function rolloutFrameOut(response: RolloutResponse): ProtoMessage {
  return rolloutResponseToProto(encodeRolloutResponse(response));
}

export function runEventOut(event: RunEvent): ProtoMessage {
  return runEventToProto(encodeRunEvent(event));
}

/** The answer to one request of a score stream that could not be served. */
export function scoreProblemOut(problem: Problem): ProtoMessage {
  return { problem: encodeProblem(problem) };
}

/** The client's side. */
export function rolloutInputOut(input: RolloutInput): ProtoMessage {
  return rolloutRequestToProto(encodeRolloutRequest(input));
}

export function scoreInputOut(input: ScoreInput): ProtoMessage {
  return scoreToProto(encodeScore(input));
}

/** `undefined` for a frame that this client is too old to know. */
export function rolloutResponseIn(message: ProtoMessage): RolloutResponse | undefined {
  return decodeRolloutResponse(rolloutResponseFromProto(message) as unknown as WireRolloutResponse);
}

/** `undefined` for an event that this client is too old to know. */
export function runEventIn(message: ProtoMessage): RunEvent | undefined {
  return decodeRunEvent(runEventFromProto(message) as unknown as WireRunEvent);
}

export type ScoreStreamReply =
  | { readonly kind: 'scored'; readonly reply: ScoreReply }
  | { readonly kind: 'problem'; readonly problem: Problem };

export function scoreStreamReplyIn(message: ProtoMessage): ScoreStreamReply {
  const problem = message['problem'] as WireProblem | undefined;
  if (problem !== undefined) return { kind: 'problem', problem: decodeProblem(problem) };
  return { kind: 'scored', reply: decodeScored(scoredFromProto(message) as unknown as WireScored) };
}
