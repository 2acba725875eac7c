// An engine in a thread of its own, so that a step never holds up the event loop: the trainer goes on leasing, reporting and
// drawing meanwhile. The thread is never ended from here, only asked to end: it would take the process with it.

import { Worker } from 'node:worker_threads';

import { EnvError } from '../../core/errors.ts';
import type {
  Engine,
  EngineOptions,
  Feed,
  LoadedGraph,
  LoadOptions,
  ProviderFailure,
  TensorData,
} from './engine.ts';
import type { EngineCall, EngineReply, EngineRequest, EngineThreadData } from './engine-messages.ts';

type Tensors = Readonly<Record<string, TensorData>>;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Start = Extract<EngineReply, { kind: 'ready' }>;

export class EngineThread implements Engine {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #ready: ((start: Start) => void) | undefined;
  #refuse: ((error: Error) => void) | undefined;
  #start: Start | undefined;
  #error: Error | undefined;
  #hasEnded = false;
  #lastId = 0;

  /** @throws EnvError `failed_precondition` when the runtime is missing, or no provider can run a graph */
  static async open(options: EngineOptions): Promise<EngineThread> {
    const thread = new EngineThread(options);
    thread.#start = await new Promise<Start>((resolve, reject) => {
      thread.#ready = resolve;
      thread.#refuse = reject;
    });
    return thread;
  }

  private constructor(options: EngineThreadData) {
    this.#worker = new Worker(workerUrl(), { workerData: options, execArgv: [] });
    this.#worker.on('message', (reply: EngineReply) => this.#take(reply));
    this.#worker.on('error', (error) => {
      this.#error = error instanceof Error ? error : new Error(String(error));
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#hasEnded = true;
        this.#refuse?.(this.#endedError());
        for (const { reject } of this.#waiting.values()) reject(this.#endedError());
        this.#waiting.clear();
        resolve();
      });
    });
  }

  get provider(): string {
    return this.#start?.provider ?? '';
  }

  get failures(): readonly ProviderFailure[] {
    return this.#start?.failures ?? [];
  }

  load(model: Uint8Array, options: LoadOptions = {}): Promise<LoadedGraph> {
    return this.#ask({ method: 'load', args: [model, options] }) as Promise<LoadedGraph>;
  }

  run(graph: LoadedGraph, feeds: Readonly<Record<string, Feed>>): Promise<Tensors> {
    return this.#ask({ method: 'run', args: [graph, feeds] }) as Promise<Tensors>;
  }

  async put(tensors: Tensors): Promise<void> {
    await this.#ask({ method: 'put', args: [tensors] });
  }

  read(names: readonly string[]): Promise<Tensors> {
    return this.#ask({ method: 'read', args: [names] }) as Promise<Tensors>;
  }

  async drop(names: readonly string[]): Promise<void> {
    await this.#ask({ method: 'drop', args: [names] });
  }

  async unload(graph: LoadedGraph): Promise<void> {
    await this.#ask({ method: 'unload', args: [graph] });
  }

  /** What was asked for is answered first. */
  close(): Promise<void> {
    this.#post({ kind: 'close' });
    return this.#ended;
  }

  /** Each method's answer is what the same method of the engine in the thread gave. */
  #ask(call: EngineCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) {
        reject(this.#endedError());
        return;
      }
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { resolve, reject });
      this.#post({ kind: 'call', id: this.#lastId, call });
    });
  }

  #post(request: EngineRequest): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage(request);
  }

  #take(reply: EngineReply): void {
    if (reply.kind === 'ready') {
      this.#ready?.(reply);
    } else if (reply.kind === 'refused') {
      this.#refuse?.(new EnvError('failed_precondition', reply.message));
    } else {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (reply.kind === 'failed') waiting?.reject(new Error(reply.message));
      else waiting?.resolve(reply.result);
    }
  }

  #endedError(): Error {
    return this.#error ?? new Error('The thread of the engine has ended');
  }
}

/** The program beside this file: TypeScript in a clone, JavaScript in the published package. */
function workerUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./engine-worker.${extension}`, import.meta.url);
}
