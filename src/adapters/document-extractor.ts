// Takes the text out of HTML and PDF in a thread of its own that can be ended: such files come from anywhere, and one that
// unpacks without end, or nests a hundred thousand deep, costs one document and not the run. What it takes out is the worker's.

import { Worker } from 'node:worker_threads';

import type { DocumentText, Unreadable } from './document-text.ts';

export type ExtractionTask =
  | { readonly format: 'html'; readonly html: string }
  | { readonly format: 'pdf'; readonly bytes: Uint8Array };

export interface DocumentExtractorOptions {
  /** Milliseconds for one document. Default 120,000. */
  readonly limitMs?: number | undefined;
  /** Memory of the thread's heap, in MiB. Default 1,024. */
  readonly heapMbMax?: number | undefined;
  /** How much the process may grow meanwhile, in MiB: buffers are not on the heap. Default 1,536. */
  readonly growthMbMax?: number | undefined;
  /** What the thread runs; tests bring their own. */
  readonly workerUrl?: URL | undefined;
}

const MIB = 1024 * 1024;
const LOOK_EVERY_MS = 50;

/** Takes one document at a time. Starts no thread before the first, and ends it with `close`. */
export class DocumentExtractor {
  readonly #options: DocumentExtractorOptions;
  #worker: Worker | undefined;

  constructor(options: DocumentExtractorOptions = {}) {
    this.#options = options;
  }

  async extract(task: ExtractionTask): Promise<DocumentText | Unreadable> {
    const worker = (this.#worker ??= this.#start());
    const outcome = await this.#outcomeOf(worker, task);
    if (outcome.isSpent) {
      this.#worker = undefined;
      await worker.terminate();
    }
    return outcome.document;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    return new Worker(this.#options.workerUrl ?? defaultWorkerUrl(), {
      execArgv: [],
      // What a library prints about one page of one file is nobody's concern here.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.heapMbMax ?? 1_024 },
    });
  }

  /** `isSpent`: the thread cannot be used again. */
  #outcomeOf(
    worker: Worker,
    task: ExtractionTask,
  ): Promise<{ readonly document: DocumentText | Unreadable; readonly isSpent: boolean }> {
    const { limitMs = 120_000, growthMbMax = 1_536 } = this.#options;
    const rssBefore = process.memoryUsage.rss();
    const startedAt = process.hrtime.bigint();
    return new Promise((resolve) => {
      const finish = (document: DocumentText | Unreadable, isSpent: boolean): void => {
        clearInterval(timer);
        worker.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit');
        // A thread that is being ended may still fail; there is no one left to tell.
        worker.on('error', () => {});
        resolve({ document, isSpent });
      };
      const timer = setInterval(() => {
        if (process.memoryUsage.rss() - rssBefore > growthMbMax * MIB) {
          finish(refusal('too_large', `needs more than ${growthMbMax} MiB of memory to be read`), true);
        } else if (process.hrtime.bigint() - startedAt > BigInt(limitMs) * 1_000_000n) {
          finish(refusal('too_slow', `takes longer than ${limitMs} ms to be read`), true);
        }
      }, LOOK_EVERY_MS);
      worker.on('message', (document: DocumentText | Unreadable) => {
        finish(document, false);
      });
      worker.on('error', (error) => {
        const why = error instanceof Error ? error.message : String(error);
        finish(refusal('damaged', `cannot be read: ${why}`), true);
      });
      worker.on('exit', () => {
        finish(refusal('damaged', 'cannot be read: its reader ended'), true);
      });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage(task);
    });
  }
}

function refusal(reason: string, detail: string): Unreadable {
  return { kind: 'unreadable', reason, detail };
}

function defaultWorkerUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./document-extractor-worker.${extension}`, import.meta.url);
}
