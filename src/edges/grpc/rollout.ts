// `Rollout` and `WatchRun`: the service's own iterables, coupled to the stream in both directions. The service pulls
// requests when it has room, and is pulled from when the client reads.

import type { handleBidiStreamingCall, handleServerStreamingCall } from '@grpc/grpc-js';
import { decodeWatchRun } from '../../contract/decode-calls.ts';
import { problemOf } from '../../contract/failure.ts';
import type { ProtoMessage } from '../../contract/proto-values.ts';
import { rolloutFrameIn, rolloutFrameOut, runEventOut } from '../../contract/streams.ts';
import type { RolloutRequest } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import type { LeaseId } from '../../core/ids.ts';
import { type GrpcDoor, type Malformed, failureInStream, messageOf } from './door.ts';
import { type Duplex, serveStream, writeFrame } from './streams.ts';

export function rolloutHandler(
  door: GrpcDoor,
): handleBidiStreamingCall<ProtoMessage | Malformed, ProtoMessage> {
  return (call) => {
    serveStream(door, 'Rollout', call, async (signal) => {
      const responses = door.services.environment.rollout(framesOf(door, call, signal), signal);
      for await (const response of responses) await writeFrame(call, rolloutFrameOut(response), signal);
    });
  };
}

export function watchRunHandler(
  door: GrpcDoor,
): handleServerStreamingCall<ProtoMessage | Malformed, ProtoMessage> {
  return (call) => {
    serveStream(door, 'WatchRun', call, async (signal) => {
      const asked = decodeWatchRun(messageOf(call.request));
      for await (const event of door.services.environment.watchRun(asked, signal)) {
        await writeFrame(call, runEventOut(event), signal);
      }
    });
  };
}

/** The client's frames. One that cannot be decoded is answered here and the stream goes on, except before it is open. */
async function* framesOf(door: GrpcDoor, call: Duplex, signal: AbortSignal): AsyncGenerator<RolloutRequest> {
  let isOpen = false;
  // The stream must outlive this loop: its end carries the status.
  const messages = call.iterator({ destroyOnReturn: false }) as AsyncIterable<ProtoMessage | Malformed>;
  try {
    for await (const message of messages) {
      const frame = frameOf(message);
      if (!(frame instanceof EnvError)) {
        isOpen = true;
        yield frame;
      } else if (isOpen) {
        await writeFrame(call, problemFrame(door, frame, message), signal);
      } else {
        throw frame;
      }
    }
  } catch (error) {
    // A client that goes away destroys the stream; the signal knows why.
    if (signal.aborted) throw signal.reason;
    throw error;
  }
}

function frameOf(message: ProtoMessage | Malformed): RolloutRequest | EnvError {
  try {
    return rolloutFrameIn(messageOf(message));
  } catch (error) {
    if (error instanceof EnvError) return error;
    throw error;
  }
}

function problemFrame(door: GrpcDoor, refusal: EnvError, message: ProtoMessage | Malformed): ProtoMessage {
  const problem = problemOf(failureInStream(door, 'Rollout', refusal));
  return rolloutFrameOut({ kind: 'problem', problem, leaseIds: leaseIdsOf(message as ProtoMessage) });
}

/** The leases that a refused frame spoke of, as far as it can be read. */
function leaseIdsOf(message: ProtoMessage): LeaseId[] {
  const { submit, heartbeat, release } = message as {
    submit?: { groups?: { lease_id?: string }[] };
    heartbeat?: { lease_ids?: string[] };
    release?: { lease_ids?: string[] };
  };
  const named =
    submit?.groups?.map((group) => group.lease_id) ?? heartbeat?.lease_ids ?? release?.lease_ids ?? [];
  return named.filter((leaseId): leaseId is LeaseId => leaseId !== undefined);
}
