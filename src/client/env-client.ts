// The typed client of the gRPC door: core types in and out, a deadline on every call, errors as the server threw them.

import {
  type CallOptions as GrpcCallOptions,
  Client,
  type ClientDuplexStream,
  type ClientOptions,
  type ClientUnaryCall,
  Metadata,
} from '@grpc/grpc-js';
import { type CallName, type InputOf, type ReplyOf, rowOf } from '../contract/calls.ts';
import { encodeWatchRun, type RolloutInput, type ScoreInput } from '../contract/encode-calls.ts';
import { LIMITS } from '../contract/limits.ts';
import type { ProtoMessage } from '../contract/proto-values.ts';
import { type Contract, loadContract, type StreamName } from '../contract/service.ts';
import {
  rolloutInputOut,
  rolloutResponseIn,
  runEventIn,
  scoreInputOut,
  type ScoreStreamReply,
  scoreStreamReplyIn,
} from '../contract/streams.ts';
import type { RolloutResponse, RunEvent } from '../core/calls.ts';
import { EnvError } from '../core/errors.ts';
import type { RunId } from '../core/ids.ts';
import { CallsClient, type CallOptions } from './calls-client.ts';
import { isServiceError, toEnvError } from './grpc-errors.ts';
import { replies, send } from './grpc-stream.ts';
import { type Attempt, cancelled, withRetries } from './retry.ts';
import { channelCredentials, type Tls } from './tls.ts';

export { EnvError } from '../core/errors.ts';
export type * from '../core/calls.ts';
export type * from '../core/ids.ts';
export type * from '../contract/encode-calls.ts';
export type { ScoreStreamReply } from '../contract/streams.ts';
export type { CallOptions } from './calls-client.ts';

const CONNECT_MS = 10_000;

const OPTIONS: ClientOptions = {
  'grpc.max_receive_message_length': LIMITS.messageBytesMax,
  // Finds out that the server is gone while a stream is silent.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // The library's own second to two minutes would outlast the retries of a call.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
};

export interface EnvClientOptions {
  /** HOST:PORT of the gRPC door. */
  readonly address: string;
  readonly token?: string | undefined;
  readonly tls?: Tls | undefined;
  /** For calls that bring none of their own. Default 60 s. Streams have none unless it is given. */
  readonly deadlineMs?: number | undefined;
}

export class EnvClient extends CallsClient {
  readonly #client: Client;
  readonly #contract: Contract = loadContract();
  readonly #metadata = new Metadata();
  readonly #deadlineMs: number | undefined;
  /** For messages. */
  readonly #where: string;

  constructor({ address, token, tls, deadlineMs }: EnvClientOptions) {
    super();
    this.#where = `${address} ${tls === undefined ? 'without TLS' : 'over TLS'}`;
    this.#client = new Client(address, channelCredentials(tls), OPTIONS);
    if (token !== undefined) this.#metadata.set('authorization', `Bearer ${token}`);
    this.#deadlineMs = deadlineMs;
  }

  /** Resolves when the server answers. Rejects with `unavailable` when it does not within `timeoutMs`. */
  ready(timeoutMs: number = CONNECT_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.waitForReady(Date.now() + timeoutMs, (error) => {
        if (error === undefined || error === null) resolve();
        else
          reject(
            new EnvError('unavailable', `Cannot reach the server at ${this.#where} within ${timeoutMs} ms`, {
              cause: error,
            }),
          );
      });
    });
  }

  override call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    options: CallOptions = {},
  ): Promise<ReplyOf<Name>> {
    const row = rowOf(name);
    const message = row.requestToProto(row.encodeCall(input));
    return withRetries(
      { name, input },
      { ...options, deadlineMs: options.deadlineMs ?? this.#deadlineMs },
      (attempt) =>
        // The row's `decodeReply` makes what its type says.
        this.#once(name, message, attempt).then(
          (reply) => row.decodeReply(row.replyFromProto(reply)) as ReplyOf<Name>,
        ),
    );
  }

  /** Lease, submit and results on one stream. Send `open` first; leaving the loop gives the stream up. */
  rollout(requests: AsyncIterable<RolloutInput>, options: CallOptions = {}): AsyncIterable<RolloutResponse> {
    return this.#duplex('Rollout', requests, { encode: rolloutInputOut, decode: rolloutResponseIn }, options);
  }

  /** One reply a request, in order; a refused request is answered by its problem. */
  scoreStream(
    requests: AsyncIterable<ScoreInput>,
    options: CallOptions = {},
  ): AsyncIterable<ScoreStreamReply> {
    return this.#duplex(
      'ScoreStream',
      requests,
      { encode: scoreInputOut, decode: scoreStreamReplyIn },
      options,
    );
  }

  /** What happens in a run, as it happens, until the loop is left or the run has ended. */
  async *watchRun(
    input: { readonly runId: RunId; readonly afterSequence?: number | undefined },
    options: CallOptions = {},
  ): AsyncGenerator<RunEvent> {
    await this.ready();
    const { path, requestSerialize, responseDeserialize } = this.#contract.method('WatchRun');
    const call = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      encodeWatchRun(input),
      this.#metadata,
      streamOptions(options),
    );
    yield* replies(call, runEventIn, options.signal);
  }

  override close(): void {
    this.#client.close();
  }

  #once(name: CallName, message: ProtoMessage, { deadlineAt, signal }: Attempt): Promise<ProtoMessage> {
    const { path, requestSerialize, responseDeserialize } = this.#contract.method(name);
    return new Promise((resolve, reject) => {
      let call: ClientUnaryCall | undefined;
      const cancel = (): void => call?.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        this.#metadata,
        { deadline: deadlineAt },
        (error, reply) => {
          signal?.removeEventListener('abort', cancel);
          if (error === null && reply !== undefined) resolve(reply);
          else if (signal?.aborted === true) reject(cancelled(signal));
          else
            reject(
              isServiceError(error) ? toEnvError(error) : new EnvError('internal', `No reply to ${name}`),
            );
        },
      );
    });
  }

  async *#duplex<Request, Reply>(
    name: StreamName,
    requests: AsyncIterable<Request>,
    codec: {
      readonly encode: (request: Request) => ProtoMessage;
      readonly decode: (message: ProtoMessage) => Reply | undefined;
    },
    options: CallOptions,
  ): AsyncGenerator<Reply> {
    await this.ready();
    const { path, requestSerialize, responseDeserialize } = this.#contract.method(name);
    const call: ClientDuplexStream<ProtoMessage, ProtoMessage> = this.#client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      this.#metadata,
      streamOptions(options),
    );
    let fault: unknown;
    send(call, requests, codec.encode).catch((error: unknown) => {
      fault = error;
    });
    try {
      yield* replies(call, codec.decode, options.signal);
    } catch (error) {
      // The caller's own requests broke off; that is what it should hear of.
      throw fault ?? error;
    }
  }
}

function streamOptions({ deadlineMs }: CallOptions): GrpcCallOptions {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}
