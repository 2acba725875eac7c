// Continuous batching in front of a reward model: texts of all requests meet here, wait in order of length, and go to the
// network whenever it has room. Nothing is dropped silently: each text ends with its row, its fault, or its caller's abort.
//
//   arrived ─► encoded (its length is known) ─► waiting ─► running ─► done
//
// The same text asked for again before it is done is answered by the first. A batch that fails is run again one by one,
// so that a text that the network cannot take harms none of its neighbours.

import { EnvError } from '../../core/errors.ts';
import type { ModelTexts } from '../../core/reward-model.ts';
import type { Clock } from '../../ports/clock.ts';
import type { BatcherCounts } from '../../ports/metrics.ts';
import type { EncodedTexts, RewardModel } from '../../ports/reward-model.ts';
import { type BatchLimits, LengthQueue } from './length-queue.ts';
import { type Inference, PendingTexts } from './pending-texts.ts';

export interface BatcherOptions extends BatchLimits {
  readonly model: RewardModel;
  readonly clock: Clock;
  /** How long a batch that is not full may wait for more while the network is idle, in milliseconds. */
  readonly lingerMs: number;
  /** Texts in the house; beyond it `infer` rejects with `resource_exhausted`. */
  readonly queueMax: number;
}

/** Texts that one message to the tokenizing thread carries at most. */
const ENCODE_MAX = 256;

export class RewardModelBatcher {
  readonly #options: BatcherOptions;
  readonly #entries = new Map<string, PendingTexts>();
  readonly #arrived: PendingTexts[] = [];
  readonly #queue = new LengthQueue<PendingTexts>();
  readonly #counts = {
    sequences: 0,
    batches: 0,
    tokens: 0,
    paddedTokens: 0,
    truncated: 0,
    shared: 0,
    failed: 0,
  };
  #encoding: Promise<void> | undefined;
  #running = 0;
  #idle: (() => void) | undefined;
  #cancelLinger: (() => void) | undefined;
  #isClosed = false;

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  get model(): RewardModel {
    return this.#options.model;
  }

  counts(): BatcherCounts {
    return { ...this.#counts };
  }

  /**
   * The network's row for one text (or pair).
   *
   * Rejects with `resource_exhausted` when too many wait, `unavailable` after `close`, the signal's reason when it is
   * aborted, and the network's own error when it cannot take this text.
   */
  async infer(texts: ModelTexts, signal?: AbortSignal): Promise<Inference> {
    signal?.throwIfAborted();
    const entry = this.#entryOf(texts);
    return entry.wait(signal, () => this.#drop(entry));
  }

  /** Refuses what waits, lets what runs end, and closes the model. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelLinger?.();
    const refused = closedError();
    for (const entry of [...this.#arrived.splice(0), ...this.#queue.clear()]) this.#settle(entry, refused);
    await this.#encoding;
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    await this.#options.model.close();
  }

  #entryOf(texts: ModelTexts): PendingTexts {
    if (this.#isClosed) throw closedError();
    const key = JSON.stringify([texts.first, texts.second]);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#counts.shared += 1;
      return known;
    }
    if (this.#entries.size >= this.#options.queueMax) {
      const detail = `Cannot run the reward model: ${this.#entries.size} texts are waiting`;
      throw new EnvError('resource_exhausted', detail, { retryAfterMs: 1_000 });
    }
    const entry = new PendingTexts(key, texts, this.#options.clock.now());
    this.#entries.set(key, entry);
    this.#arrived.push(entry);
    // Not at once: what one request brings in one go is encoded in one go.
    this.#encoding ??= Promise.resolve().then(() => this.#encodeArrived());
    return entry;
  }

  async #encodeArrived(): Promise<void> {
    while (this.#arrived.length > 0) {
      const entries = this.#arrived.splice(0, ENCODE_MAX);
      try {
        const encoded = await this.#options.model.encode(entries.map(({ texts }) => texts));
        for (const [index, entry] of entries.entries()) this.#enqueue(entry, encoded[index]);
      } catch (error) {
        for (const entry of entries) this.#fail(entry, error);
      }
      this.#pump();
    }
    this.#encoding = undefined;
  }

  #enqueue(entry: PendingTexts, encoded: EncodedTexts | undefined): void {
    if (!entry.isWanted) {
      this.#entries.delete(entry.key);
    } else if (encoded === undefined) {
      this.#fail(entry, new TypeError('The tokenizer left a text out'));
    } else if (this.#isClosed) {
      this.#settle(entry, closedError());
    } else {
      entry.encoded = encoded;
      this.#queue.add(entry);
    }
  }

  /** Hands batches to the network: one to each idle lane, and one more in reserve where it is full. */
  #pump(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    const { lanes } = this.#options.model;
    while (this.#queue.size > 0 && this.#running < 2 * lanes) {
      const { items, isFull } = this.#queue.peek(this.#options);
      if (!isFull) {
        // A reserve that is not full would only keep others from joining it.
        if (this.#running >= lanes) return;
        const waited = this.#options.clock.now() - (this.#queue.oldest?.arrivedAt ?? 0);
        if (waited < this.#options.lingerMs) {
          this.#cancelLinger = this.#options.clock.after(this.#options.lingerMs - waited, () => this.#pump());
          return;
        }
      }
      this.#queue.take(items);
      this.#running += 1;
      void this.#runBatch(items);
    }
  }

  async #runBatch(entries: readonly PendingTexts[]): Promise<void> {
    try {
      await this.#run(entries);
    } catch (error) {
      if (entries.length === 1) this.#failAll(entries, error);
      else for (const entry of entries) await this.#run([entry]).catch((own) => this.#fail(entry, own));
    }
    this.#running -= 1;
    if (this.#running === 0) this.#idle?.();
    this.#pump();
  }

  async #run(entries: readonly PendingTexts[]): Promise<void> {
    const batch = entries.flatMap(({ encoded }) => encoded ?? []);
    const rows = await this.#options.model.run(batch);
    if (rows.length !== entries.length) throw new RangeError('The model left a sequence out');
    this.#counts.batches += 1;
    this.#counts.paddedTokens += batch.length * Math.max(...batch.map(({ ids }) => ids.length));
    for (const [index, entry] of entries.entries()) {
      const row = rows[index];
      if (row === undefined || entry.encoded === undefined) continue;
      this.#counts.sequences += 1;
      this.#counts.tokens += entry.length;
      if (entry.encoded.isTruncated) this.#counts.truncated += 1;
      this.#settle(entry, { row, isTruncated: entry.encoded.isTruncated });
    }
  }

  #failAll(entries: readonly PendingTexts[], error: unknown): void {
    for (const entry of entries) this.#fail(entry, error);
  }

  #fail(entry: PendingTexts, error: unknown): void {
    this.#counts.failed += 1;
    this.#settle(entry, error instanceof Error ? error : new Error(String(error)));
  }

  #settle(entry: PendingTexts, outcome: Inference | Error): void {
    this.#entries.delete(entry.key);
    entry.settle(outcome);
  }

  /** Nobody waits for it any more. What runs cannot be stopped; its row is dropped. */
  #drop(entry: PendingTexts): void {
    if (this.#queue.remove(entry)) this.#entries.delete(entry.key);
    const at = this.#arrived.indexOf(entry);
    if (at === -1) return;
    this.#arrived.splice(at, 1);
    this.#entries.delete(entry.key);
  }
}

function closedError(): EnvError {
  return new EnvError('unavailable', 'Cannot run the reward model: it is closed');
}
