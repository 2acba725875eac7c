// The gRPC door, unary and streamed. Requests are encoded before the test, replies are read as bytes.

import type { EncodedRewards, EncodedStream } from '../client/encoded-rewards.ts';
import type { ReplyChecker } from './reply-checker.ts';
import type { Outcome, Transport } from './transport.ts';

interface GrpcLoad {
  /** Used in turn; each has a connection of its own. */
  readonly clients: readonly EncodedRewards[];
  /** Encoded ScoreRequests, one a case. */
  readonly requests: readonly Buffer[];
  readonly checker: ReplyChecker;
}

/** `Rewards.Score`, one call a request. */
export function createUnaryTransport(load: GrpcLoad, timeoutMs: number): Transport {
  const nextClient = inTurn(load.clients);
  return {
    requestBytes: (index) => load.requests[index]?.length ?? 0,
    send(index, done) {
      nextClient().score(at(load.requests, index), Date.now() + timeoutMs, (reply, failure) => {
        if (reply !== undefined) done(load.checker.outcome(index, reply));
        else done({ kind: 'failed', ...(failure ?? { code: 'unknown', detail: 'No reply and no reason' }) });
      });
    },
    async close() {
      for (const client of load.clients) client.close();
    },
  };
}

interface Pending {
  readonly index: number;
  readonly done: (outcome: Outcome) => void;
}

/** `Rewards.ScoreStream`: `streams` streams, spread over the clients, all requests pipelined. */
export function createStreamTransport(
  load: GrpcLoad,
  options: { readonly streams: number; readonly deadlineMs: number },
): Transport {
  const nextClient = inTurn(load.clients);
  const streams = Array.from({ length: options.streams }, () =>
    openStream(nextClient(), load.checker, options.deadlineMs),
  );
  const nextStream = inTurn(streams);
  return {
    requestBytes: (index) => load.requests[index]?.length ?? 0,
    send(index, done) {
      nextStream().send(at(load.requests, index), { index, done });
    },
    async close() {
      await Promise.all(streams.map((stream) => stream.close()));
      for (const client of load.clients) client.close();
    },
  };
}

function openStream(client: EncodedRewards, checker: ReplyChecker, deadlineMs: number) {
  // Replies come in the order of the requests, so the oldest pending request is the one that a reply answers.
  const pending = new Fifo<Pending>();
  let failure: Outcome | undefined;
  const ended = Promise.withResolvers<void>();
  const stream: EncodedStream = client.openStream({
    deadlineMs,
    onReply(reply) {
      const answered = pending.shift();
      answered?.done(checker.outcome(answered.index, reply));
    },
    onEnd(reason) {
      const lost: Outcome = {
        kind: 'failed',
        ...(reason ?? { code: 'unavailable', detail: 'The server ended the stream' }),
      };
      failure = lost;
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) next.done(lost);
      ended.resolve();
    },
  });
  return {
    send(request: Buffer, waiting: Pending): void {
      const lost = failure;
      if (lost !== undefined) {
        queueMicrotask(() => {
          waiting.done(lost);
        });
        return;
      }
      pending.push(waiting);
      stream.write(request);
    },
    close(): Promise<void> {
      stream.end();
      return ended.promise;
    },
  };
}

/** A queue whose `shift` does not move what is left. */
class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

function inTurn<T>(items: readonly T[]): () => T {
  let next = 0;
  return () => {
    const item = at(items, next);
    next = (next + 1) % items.length;
    return item;
  };
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`There is no item ${index} of ${items.length}`);
  return item;
}
