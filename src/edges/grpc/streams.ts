// What all streaming calls share: being let in, being ended with a status, and waiting for a slow reader.

import type { ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';
import type { ActiveCall } from '../../contract/active-calls.ts';
import type { ProtoMessage } from '../../contract/proto-values.ts';
import type { StreamName } from '../../contract/service.ts';
import { type GrpcDoor, type Malformed, admit, conclude, concludeFailed, statusOf } from './door.ts';

export type Duplex = ServerDuplexStream<ProtoMessage | Malformed, ProtoMessage>;
export type Writable = ServerWritableStream<ProtoMessage | Malformed, ProtoMessage>;

/** Runs `body` until it is done, fails or is aborted, and ends the stream accordingly. */
export function serveStream(
  door: GrpcDoor,
  name: StreamName,
  call: Duplex | Writable,
  body: (signal: AbortSignal) => Promise<void>,
): void {
  void serve();
  async function serve(): Promise<void> {
    const startedAt = performance.now();
    let active: ActiveCall | undefined;
    try {
      active = admit(door, call, name === 'WatchRun' ? 'watcher' : 'call');
      await Promise.race([body(active.signal), aborted(active.signal)]);
      // A body may take a stream that was cut for one that has ended.
      active.signal.throwIfAborted();
    } catch (thrown) {
      active?.end();
      // grpc-js sends what was written before, then this as the status.
      call.emit('error', statusOf(concludeFailed(door, name, startedAt, thrown)));
      return;
    }
    active.end();
    conclude(door, name, startedAt, 'ok');
    call.end();
  }
}

/** Rejects with the signal's reason: a body that waits for its client would not see it. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** Writes one frame, and waits while the reader on the other side is behind. Rejects with the signal's reason. */
export async function writeFrame(
  call: Duplex | Writable,
  frame: ProtoMessage,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (call.write(frame)) return;
  await drained(call, signal);
}

function drained(call: Duplex | Writable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      call.off('drain', settle);
      signal.removeEventListener('abort', settle);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve();
    };
    call.once('drain', settle);
    signal.addEventListener('abort', settle, { once: true });
  });
}
