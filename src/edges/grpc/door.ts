// What every handler of the gRPC door works with, and the one place where something thrown becomes a gRPC status.

import { randomUUID } from 'node:crypto';
import { type Deadline, Metadata, type StatusObject } from '@grpc/grpc-js';
import type { ActiveCall, ActiveCalls } from '../../contract/active-calls.ts';
import { type Failure, METADATA, failureOf, fieldToMetadata } from '../../contract/failure.ts';
import type { DoorObserver } from '../../contract/observer.ts';
import type { ProtoMessage } from '../../contract/proto-values.ts';
import { STATUS } from '../../contract/status.ts';
import type { TokenCheck } from '../../contract/token.ts';
import { EnvError, type ErrorCode } from '../../core/errors.ts';
import type { Services } from '../../services/dispatch.ts';

/** A call's time begins to run at the client, so that it gives up this much before our own count of it ends, or less. */
const TRANSIT_MS = 100;

export interface GrpcDoor {
  readonly services: Services;
  readonly active: ActiveCalls;
  readonly token: TokenCheck;
  readonly observer: DoorObserver;
}

/** Bytes that are no message of the call. Decoding cannot throw: grpc-js would answer with words of its own. */
export class Malformed {
  readonly messageType: string;

  constructor(messageType: string) {
    this.messageType = messageType;
  }
}

/** A decoded request. @throws EnvError (invalid_argument) for bytes that were none. */
export function messageOf(message: ProtoMessage | Malformed): ProtoMessage {
  if (!(message instanceof Malformed)) return message;
  throw new EnvError(
    'invalid_argument',
    `Cannot decode the message: its bytes are no ${message.messageType}`,
  );
}

/** What the calls of all kinds have in common. */
interface AnyServerCall {
  readonly metadata: Metadata;
  getDeadline(): Deadline;
  on(event: 'cancelled', listener: () => void): unknown;
}

/** Lets a call in: token, room, and a signal for when the client goes away. @throws EnvError when it is refused. */
export function admit(door: GrpcDoor, call: AnyServerCall, kind: 'call' | 'watcher'): ActiveCall {
  door.token.check(call.metadata.get('authorization')[0]?.toString());
  const active = door.active.begin(kind);
  call.on('cancelled', () => active.abort(() => whyCancelled(call)));
  return active;
}

/** Counts a call that has ended. */
export function conclude(door: GrpcDoor, call: string, startedAt: number, code: ErrorCode | 'ok'): void {
  door.observer.callEnded({ door: 'grpc', call, code, milliseconds: performance.now() - startedAt });
}

/** Counts a call that failed, and says what the client is told of it. */
export function concludeFailed(door: GrpcDoor, call: string, startedAt: number, thrown: unknown): Failure {
  const failure = failureInStream(door, call, thrown);
  conclude(door, call, startedAt, failure.refusal.code);
  return failure;
}

/** For refusals inside a stream that goes on. */
export function failureInStream(door: GrpcDoor, call: string, thrown: unknown): Failure {
  const failure = failureOf(thrown, randomUUID);
  if (failure.isBug)
    door.observer.bugMet({ door: 'grpc', call, requestId: failure.requestId, error: thrown });
  return failure;
}

export function statusOf({ refusal, requestId }: Pick<Failure, 'refusal' | 'requestId'>): StatusObject {
  const metadata = new Metadata();
  if (refusal.field !== undefined) metadata.set(METADATA.field, fieldToMetadata(refusal.field));
  if (refusal.retryAfterMs !== undefined) {
    metadata.set(METADATA.retryAfterMs, String(refusal.retryAfterMs));
    metadata.set(METADATA.pushbackMs, String(refusal.retryAfterMs));
  }
  metadata.set(METADATA.requestId, requestId);
  return { code: STATUS[refusal.code].grpc, details: refusal.message.toWellFormed(), metadata };
}

function whyCancelled(call: AnyServerCall): EnvError {
  return Number(call.getDeadline()) <= Date.now() + TRANSIT_MS
    ? new EnvError('deadline_exceeded', 'Cannot answer in time: the deadline of the call has passed')
    : new EnvError('cancelled', 'The client cancelled the call');
}
