// Heavy verification in worker threads that can be killed. The clock of a task is started by its worker, when the work
// starts, so neither queueing nor a busy event loop here is ever counted against an answer.
//
//   queued ─► posted to an idle or new worker ─► started (the worker writes its clock) ─► done │ killed │ crashed
//
// A killed or crashed worker is replaced when there is work for the next one; a crash gives its task one more try. Built on
// `worker_threads` itself: a pool library's task starts for its caller when it is posted, and piscina 5.3.2 with no minimum
// of threads leaves its queue standing after the only worker was killed.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { EnvError } from '../core/errors.ts';
import type { Verdict, VerifierInput } from '../core/verifiers/verifier.ts';
import type { Log } from '../ports/log.ts';
import type { VerifierFault, VerifierPool } from '../ports/verifier-pool.ts';
import { DONE_AT, STARTED_AT } from './verifier-pool-serve.ts';
import type { WorkerReply } from './verifier-pool-serve.ts';

export interface WorkerVerifierPoolOptions {
  /** Milliseconds that one verification may take, from its start. */
  readonly limitMs: number;
  /** Tasks that may wait for a worker; beyond it `verify` rejects with `resource_exhausted`. */
  readonly queueMax: number;
  /** Default: one less than the cores, at least one. */
  readonly threadsMax?: number | undefined;
  /** Memory of one worker's heap. Default 256. */
  readonly heapMbMax?: number | undefined;
  readonly log?: Log | undefined;
  /** What the workers run; tests bring verifiers of their own. */
  readonly workerUrl?: URL | undefined;
}

interface Task {
  readonly verifier: string;
  readonly input: VerifierInput;
  readonly resolve: (found: Verdict | VerifierFault) => void;
  readonly reject: (error: Error) => void;
  crashes: number;
}

interface Slot {
  readonly worker: Worker;
  /** Shared with the worker: when it started the task (ns, monotonic; 0: not yet), and whether it is done. */
  readonly times: BigInt64Array;
  task: Task | undefined;
  timer: NodeJS.Timeout | undefined;
  error: Error | undefined;
}

const NS_PER_MS = 1_000_000n;

/** Starts no thread before the first task, and none that keeps the process alive while it is idle. */
export class WorkerVerifierPool implements VerifierPool {
  readonly #options: WorkerVerifierPoolOptions;
  readonly #threadsMax: number;
  readonly #slots = new Set<Slot>();
  readonly #queue: Task[] = [];
  readonly #endings = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(options: WorkerVerifierPoolOptions) {
    this.#options = options;
    this.#threadsMax = options.threadsMax ?? Math.max(1, availableParallelism() - 1);
  }

  verify(verifier: string, input: VerifierInput): Promise<Verdict | VerifierFault> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new EnvError('unavailable', 'Cannot verify: the verifier pool is closed'));
      } else if (this.#queue.length >= this.#options.queueMax) {
        const detail = `Cannot verify: ${String(this.#queue.length)} verifications are waiting`;
        reject(new EnvError('resource_exhausted', detail, { retryAfterMs: this.#options.limitMs }));
      } else {
        this.#queue.push({ verifier, input, resolve, reject, crashes: 0 });
        this.#pump();
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new EnvError('unavailable', 'Cannot verify: the verifier pool is closed');
    for (const task of this.#queue.splice(0)) task.reject(closed);
    for (const slot of this.#slots) {
      slot.task?.reject(closed);
      this.#end(slot);
    }
    await Promise.all(this.#endings);
  }

  /** Gives waiting tasks to idle workers, and to new ones while there may be more. */
  #pump(): void {
    while (this.#queue.length > 0) {
      const slot = this.#idleSlot() ?? (this.#slots.size < this.#threadsMax ? this.#start() : undefined);
      if (slot === undefined) return;
      const task = this.#queue.shift();
      if (task !== undefined) this.#post(slot, task);
    }
  }

  #idleSlot(): Slot | undefined {
    for (const slot of this.#slots) if (slot.task === undefined) return slot;
    return undefined;
  }

  #start(): Slot {
    const times = new BigInt64Array(new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT));
    const worker = new Worker(this.#options.workerUrl ?? defaultWorkerUrl(), {
      workerData: { times },
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: this.#options.heapMbMax ?? 256 },
    });
    const slot: Slot = { worker, times, task: undefined, timer: undefined, error: undefined };
    worker.unref();
    worker.on('message', (reply: WorkerReply) => {
      this.#finish(slot, reply);
    });
    worker.on('error', (error) => {
      slot.error = error instanceof Error ? error : new Error('Verifier worker failed', { cause: error });
    });
    worker.on('exit', () => {
      this.#crash(slot);
    });
    this.#slots.add(slot);
    return slot;
  }

  #post(slot: Slot, task: Task): void {
    slot.task = task;
    Atomics.store(slot.times, STARTED_AT, 0n);
    Atomics.store(slot.times, DONE_AT, 0n);
    slot.worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    slot.worker.postMessage({ verifier: task.verifier, input: task.input });
    this.#watch(slot, this.#options.limitMs);
  }

  #watch(slot: Slot, delayMs: number): void {
    slot.timer = setTimeout(() => {
      this.#check(slot);
    }, delayMs);
    // The worker keeps the process alive while it works.
    slot.timer.unref();
  }

  /** Looks at the worker's own clock: only a task that has run for its whole time is killed. */
  #check(slot: Slot): void {
    const { limitMs } = this.#options;
    const startedAt = Atomics.load(slot.times, STARTED_AT);
    if (startedAt === 0n) {
      this.#watch(slot, limitMs);
      return;
    }
    // Its reply is already on the way; this thread is the one that is late.
    if (Atomics.load(slot.times, DONE_AT) !== 0n) return;
    const ranMs = Number((process.hrtime.bigint() - startedAt) / NS_PER_MS);
    if (ranMs < limitMs) {
      this.#watch(slot, limitMs - ranMs);
      return;
    }
    const { task } = slot;
    this.#end(slot);
    task?.resolve(
      fault('verifier_timeout', `the verifier "${task.verifier}" took longer than ${String(limitMs)} ms`),
    );
    this.#pump();
  }

  #finish(slot: Slot, reply: WorkerReply): void {
    const { task } = slot;
    if (task === undefined) return;
    clearTimeout(slot.timer);
    slot.task = undefined;
    slot.worker.unref();
    if (reply.kind === 'verdict') task.resolve(reply.verdict);
    else {
      // The rule itself threw, and being a pure function it would throw again.
      this.#options.log?.error('Verifier threw', { verifier: task.verifier, error: reply.error });
      task.resolve(fault('verifier_crash', `the verifier "${task.verifier}" failed`));
    }
    this.#pump();
  }

  /** A worker that ended by itself: out of memory, most often. */
  #crash(slot: Slot): void {
    if (!this.#slots.has(slot)) return;
    const { task } = slot;
    this.#end(slot);
    this.#options.log?.warn('Verifier worker died', { verifier: task?.verifier, error: slot.error });
    if (task !== undefined) {
      task.crashes += 1;
      if (task.crashes === 1) this.#queue.unshift(task);
      else task.resolve(fault('verifier_crash', `the worker of the verifier "${task.verifier}" died twice`));
    }
    this.#pump();
  }

  #end(slot: Slot): void {
    clearTimeout(slot.timer);
    slot.task = undefined;
    this.#slots.delete(slot);
    const ending = slot.worker.terminate().finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }
}

function fault(cause: VerifierFault['cause'], detail: string): VerifierFault {
  return { kind: 'fault', cause, detail };
}

/** The worker beside this file: TypeScript in a clone, JavaScript in the published package. */
function defaultWorkerUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./verifier-pool-worker.${extension}`, import.meta.url);
}
