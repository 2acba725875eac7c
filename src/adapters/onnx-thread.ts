// One thread of a reward model, seen from the server: requests in, each answered once. It is never ended from here, only
// asked to end: a thread that dies with a network takes the process with it.

import { Worker, type TransferListItem } from 'node:worker_threads';

import { EnvError } from '../core/errors.ts';
import type { ModelTexts } from '../core/reward-model.ts';
import type { ProviderFailure } from '../ports/reward-model.ts';
import type { FlatEncodings, OnnxReply, OnnxRequest, OnnxThreadRole } from './onnx-messages.ts';
import type { FlatBatch, FlatRows } from './onnx-tensors.ts';

interface Waiting {
  readonly resolve: (reply: OnnxReply) => void;
  readonly reject: (error: Error) => void;
}

/** What a thread said when it was ready. */
export interface ThreadStart {
  readonly provider: string | undefined;
  readonly failures: readonly ProviderFailure[];
}

export class OnnxThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #ready: ((start: ThreadStart) => void) | undefined;
  #refuse: ((error: Error) => void) | undefined;
  #error: Error | undefined;
  #hasEnded = false;
  #lastId = 0;

  /** Resolves when the model is loaded; rejects with `failed_precondition` when it cannot be. */
  static async start(role: OnnxThreadRole): Promise<readonly [OnnxThread, ThreadStart]> {
    const thread = new OnnxThread(role);
    const start = await new Promise<ThreadStart>((resolve, reject) => {
      thread.#ready = resolve;
      thread.#refuse = reject;
    });
    return [thread, start];
  }

  private constructor(role: OnnxThreadRole) {
    this.#worker = new Worker(workerUrl(), { workerData: role, execArgv: [] });
    this.#worker.on('message', (reply: OnnxReply) => this.#take(reply));
    this.#worker.on('error', (error) => {
      this.#error = error instanceof Error ? error : new Error(String(error));
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#hasEnded = true;
        const error = this.#error ?? new Error('The thread of the reward model has ended');
        this.#refuse?.(error);
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /** Requests that have no answer yet. */
  get pending(): number {
    return this.#waiting.size;
  }

  async encode(texts: readonly ModelTexts[]): Promise<FlatEncodings> {
    const reply = await this.#ask((id) => ({ kind: 'encode', id, texts }));
    if (reply.kind !== 'encoded') throw new TypeError(`Asked to encode, the thread answered "${reply.kind}"`);
    return reply.encodings;
  }

  /** The arrays of the batch are handed over: they are empty here afterwards. */
  async run(
    batch: FlatBatch & { readonly ids: Int32Array<ArrayBuffer>; readonly typeIds: Uint8Array<ArrayBuffer> },
  ): Promise<FlatRows> {
    const transfer = [batch.ids.buffer, batch.typeIds.buffer];
    const reply = await this.#ask((id) => ({ kind: 'run', id, batch }), transfer);
    if (reply.kind !== 'ran') throw new TypeError(`Asked to run, the thread answered "${reply.kind}"`);
    return reply.rows;
  }

  /** What was asked for is answered first. */
  close(): Promise<void> {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage({ kind: 'close' } satisfies OnnxRequest);
    return this.#ended;
  }

  #ask(make: (id: number) => OnnxRequest, transfer: readonly TransferListItem[] = []): Promise<OnnxReply> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) {
        reject(this.#error ?? new Error('The thread of the reward model has ended'));
        return;
      }
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { resolve, reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      this.#worker.postMessage(make(this.#lastId), transfer);
    });
  }

  #take(reply: OnnxReply): void {
    if (reply.kind === 'ready') {
      this.#ready?.(reply);
    } else if (reply.kind === 'refused') {
      this.#refuse?.(new EnvError('failed_precondition', reply.message));
    } else {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (reply.kind === 'failed') waiting?.reject(new Error(reply.message));
      else waiting?.resolve(reply);
    }
  }
}

/** The program beside this file: TypeScript in a clone, JavaScript in the published package. */
function workerUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./onnx-worker.${extension}`, import.meta.url);
}
