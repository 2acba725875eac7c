// Calls that answer once: decode, one method of the service, encode. Everything that differs between them is in the table
// of calls.

import type { handleUnaryCall } from '@grpc/grpc-js';
import type { ActiveCall } from '../../contract/active-calls.ts';
import { type AnyRow, type CallName, rowOf } from '../../contract/calls.ts';
import type { ProtoMessage } from '../../contract/proto-values.ts';
import { DISPATCH, type Services } from '../../services/dispatch.ts';
import {
  type GrpcDoor,
  type Malformed,
  admit,
  conclude,
  concludeFailed,
  messageOf,
  statusOf,
} from './door.ts';

type Method = (services: Services, call: unknown, signal: AbortSignal) => unknown;

export function unaryHandler(
  door: GrpcDoor,
  name: CallName,
): handleUnaryCall<ProtoMessage | Malformed, ProtoMessage> {
  const row = rowOf(name);
  // The row's `decode` makes what the method of the same name takes.
  const method = DISPATCH[name] as Method;
  return (call, callback) => {
    void serve();
    async function serve(): Promise<void> {
      const startedAt = performance.now();
      let active: ActiveCall | undefined;
      let reply: ProtoMessage;
      try {
        active = admit(door, call, 'call');
        reply = await answer(
          { row, method, services: door.services },
          messageOf(call.request),
          active.signal,
        );
      } catch (thrown) {
        active?.end();
        callback(statusOf(concludeFailed(door, name, startedAt, thrown)));
        return;
      }
      active.end();
      conclude(door, name, startedAt, 'ok');
      callback(null, reply);
    }
  };
}

interface Served {
  readonly row: AnyRow;
  readonly method: Method;
  readonly services: Services;
}

async function answer({ row, method, services }: Served, message: ProtoMessage, signal: AbortSignal) {
  const call = row.decode(row.requestFromProto(message));
  const reply = await method(services, call, signal);
  return row.replyToProto(row.encode(reply));
}
