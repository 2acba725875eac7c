// A gRPC stream as an async iterable, with backpressure both ways: requests are pulled when the connection takes them,
// replies are read when the consumer asks for them. Leaving the loop cancels the call.

import type { ClientDuplexStream, ClientReadableStream } from '@grpc/grpc-js';
import type { ProtoMessage } from '../contract/proto-values.ts';
import { cancelled } from './retry.ts';
import { isServiceError, toEnvError } from './grpc-errors.ts';

type Readable = ClientReadableStream<ProtoMessage> | ClientDuplexStream<ProtoMessage, ProtoMessage>;

/** Replies, decoded; those that `decode` does not know are passed over. */
export async function* replies<Reply>(
  call: Readable,
  decode: (message: ProtoMessage) => Reply | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Reply> {
  const cancel = (): void => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted === true) cancel();
  try {
    for await (const message of call as AsyncIterable<ProtoMessage>) {
      const reply = decode(message);
      if (reply !== undefined) yield reply;
    }
  } catch (error) {
    if (signal?.aborted === true) throw cancelled(signal);
    throw isServiceError(error) ? toEnvError(error) : error;
  } finally {
    signal?.removeEventListener('abort', cancel);
    call.cancel();
  }
}

/** Sends requests as they come and as fast as they are taken, then half-closes. Failing, it cancels the call. */
export async function send<Request>(
  call: ClientDuplexStream<ProtoMessage, ProtoMessage>,
  requests: AsyncIterable<Request>,
  encode: (request: Request) => ProtoMessage,
): Promise<void> {
  try {
    for await (const request of requests) {
      if (call.destroyed || call.writableEnded) return;
      if (!call.write(encode(request))) await writable(call);
    }
    call.end();
  } catch (error) {
    call.cancel();
    throw error;
  }
}

function writable(call: ClientDuplexStream<ProtoMessage, ProtoMessage>): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      for (const event of ['drain', 'close', 'error', 'status']) call.off(event, settle);
      resolve();
    };
    for (const event of ['drain', 'close', 'error', 'status']) call.on(event, settle);
  });
}
