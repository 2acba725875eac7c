// `ScoreStream`, the fast path: every request is answered once, in order. A reply that is there at once is written at
// once; one that takes its time holds back those after it, and when too many wait, or the reader is slow, reading stops.

import type { handleBidiStreamingCall } from '@grpc/grpc-js';
import { decodeScore } from '../../contract/decode-calls.ts';
import { encodeScored } from '../../contract/encode-replies.ts';
import { problemOf } from '../../contract/failure.ts';
import { LIMITS } from '../../contract/limits.ts';
import { scoreFromProto } from '../../contract/proto-requests.ts';
import type { ProtoMessage } from '../../contract/proto-values.ts';
import { scoreProblemOut } from '../../contract/streams.ts';
import type { ScoreCall, ScoreReply } from '../../core/calls.ts';
import { type GrpcDoor, type Malformed, failureInStream, messageOf } from './door.ts';
import { type Duplex, serveStream } from './streams.ts';

export function scoreStreamHandler(
  door: GrpcDoor,
): handleBidiStreamingCall<ProtoMessage | Malformed, ProtoMessage> {
  return (call) => {
    serveStream(door, 'ScoreStream', call, (signal) => new ScoreStream(door, call, signal).finished);
  };
}

/** A reply's place in the order. */
interface Slot {
  readonly completions: number;
  reply: ProtoMessage | undefined;
}

class ScoreStream {
  /** Resolves when the client has ended its side and everything is answered. */
  readonly finished: Promise<void>;
  readonly #door: GrpcDoor;
  readonly #call: Duplex;
  readonly #signal: AbortSignal;
  readonly #slots: Slot[] = [];
  #completionsPending = 0;
  #mustDrain = false;
  #hasEnded = false;
  #finish: () => void = () => undefined;

  constructor(door: GrpcDoor, call: Duplex, signal: AbortSignal) {
    this.#door = door;
    this.#call = call;
    this.#signal = signal;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    call.on('data', (message: ProtoMessage | Malformed) => this.#take(message));
    call.on('end', () => {
      this.#hasEnded = true;
      this.#settle();
    });
    call.on('drain', () => {
      this.#mustDrain = false;
      this.#settle();
    });
  }

  #take(message: ProtoMessage | Malformed): void {
    let completions = 0;
    let reply: ScoreReply | Promise<ScoreReply>;
    try {
      const asked = decodeScore(scoreFromProto(messageOf(message)));
      completions = countCompletions(asked);
      reply = this.#door.services.rewards.score(asked, this.#signal);
    } catch (error) {
      this.#answer(this.#problem(error));
      return;
    }
    if (!(reply instanceof Promise)) {
      this.#answer(encodeScored(reply));
      return;
    }
    const slot: Slot = { completions, reply: undefined };
    this.#push(slot);
    reply.then(
      (late) => this.#fill(slot, encodeScored(late)),
      (error: unknown) => this.#fill(slot, this.#problem(error)),
    );
  }

  /** The way of most replies: nothing waits before it, so it needs no place. */
  #answer(reply: ProtoMessage): void {
    if (this.#slots.length === 0) this.#write(reply);
    else this.#push({ completions: 0, reply });
    this.#pauseWhenBehind();
  }

  #push(slot: Slot): void {
    this.#slots.push(slot);
    this.#completionsPending += slot.completions;
    this.#pauseWhenBehind();
  }

  #fill(slot: Slot, reply: ProtoMessage): void {
    slot.reply = reply;
    this.#settle();
  }

  /** Writes what is ready in order, then reads on or finishes. */
  #settle(): void {
    while (this.#slots[0]?.reply !== undefined && !this.#mustDrain) {
      const slot = this.#slots.shift();
      if (slot?.reply === undefined) break;
      this.#completionsPending -= slot.completions;
      this.#write(slot.reply);
    }
    if (this.#slots.length === 0 && this.#hasEnded) this.#finish();
    else if (!this.#isBehind() && this.#call.isPaused()) this.#call.resume();
  }

  #write(reply: ProtoMessage): void {
    if (!this.#signal.aborted && !this.#call.write(reply)) this.#mustDrain = true;
  }

  #pauseWhenBehind(): void {
    if (this.#isBehind()) this.#call.pause();
  }

  #isBehind(): boolean {
    return (
      this.#mustDrain ||
      this.#slots.length >= LIMITS.streamFramesBufferedMax ||
      this.#completionsPending >= LIMITS.streamCompletionsPendingMax
    );
  }

  #problem(error: unknown): ProtoMessage {
    return scoreProblemOut(problemOf(failureInStream(this.#door, 'ScoreStream', error)));
  }
}

function countCompletions(call: ScoreCall): number {
  let completions = 0;
  for (const group of call.groups) completions += group.completions.length;
  return completions;
}
