// The `Rewards` service spoken in bytes: requests that were encoded before, replies that are not decoded. For callers that
// repeat the same messages very often, such as load generators, whose own cost must stay below the server's.

import * as grpc from '@grpc/grpc-js';
import { LIMITS } from '../contract/limits.ts';
import { STATUS } from '../contract/status.ts';
import { channelCredentials, type Tls } from './tls.ts';

const SCORE = '/groupwise.v1.Rewards/Score';
const SCORE_STREAM = '/groupwise.v1.Rewards/ScoreStream';

/** A call that failed, by canonical code. */
export interface CallFailure {
  readonly code: string;
  readonly detail: string;
}

export interface EncodedStream {
  /** Sends one encoded ScoreRequest. Replies come in the order of the requests. */
  write(request: Buffer): void;
  /** No more requests: the server answers what it has and ends. */
  end(): void;
}

export class EncodedRewards {
  readonly #client: grpc.Client;
  readonly #metadata = new grpc.Metadata();

  /** `address`: HOST:PORT. Each instance has a connection of its own. */
  constructor(options: {
    readonly address: string;
    readonly token: string | undefined;
    readonly tls: Tls | undefined;
  }) {
    this.#client = new grpc.Client(options.address, channelCredentials(options.tls), {
      'grpc.max_receive_message_length': LIMITS.messageBytesMax,
      'grpc.max_send_message_length': LIMITS.messageBytesMax,
      'grpc.use_local_subchannel_pool': 1,
    });
    if (options.token !== undefined) this.#metadata.set('authorization', `Bearer ${options.token}`);
  }

  /** One unary call of an encoded ScoreRequest. */
  score(
    request: Buffer,
    deadlineMs: number,
    done: (reply: Buffer | undefined, failure: CallFailure | undefined) => void,
  ): void {
    this.#client.makeUnaryRequest(
      SCORE,
      asIs,
      asIs,
      request,
      this.#metadata,
      { deadline: deadlineMs },
      (error, reply) => {
        done(reply, error === null ? undefined : failureOf(error));
      },
    );
  }

  /** A ScoreStream. `onEnd` is called once, with a failure unless all was answered. */
  openStream(options: {
    readonly deadlineMs: number;
    readonly onReply: (reply: Buffer) => void;
    readonly onEnd: (failure: CallFailure | undefined) => void;
  }): EncodedStream {
    const call = this.#client.makeBidiStreamRequest<Buffer, Buffer>(
      SCORE_STREAM,
      asIs,
      asIs,
      this.#metadata,
      { deadline: options.deadlineMs },
    );
    let failure: CallFailure | undefined;
    call.on('data', options.onReply);
    call.on('error', (error: grpc.ServiceError) => {
      failure = failureOf(error);
    });
    call.on('status', (status: grpc.StatusObject) => {
      options.onEnd(status.code === grpc.status.OK ? undefined : (failure ?? failureOf(status)));
    });
    return {
      write: (request) => call.write(request),
      end: () => call.end(),
    };
  }

  close(): void {
    this.#client.close();
  }
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

function failureOf(status: { readonly code: number; readonly details: string }): CallFailure {
  const known = Object.entries(STATUS).find(([, entry]) => entry.grpc === status.code);
  return { code: known?.[0] ?? `grpc_${status.code}`, detail: status.details };
}
