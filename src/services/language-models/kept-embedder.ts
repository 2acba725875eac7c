// An embedder over a server that is paid: what a text's vector cost is spent once, for all runs over one journal, and a run that is
// started again gets the very same numbers. Askings follow each other, so that no text is sent twice.

import { hash } from 'node:crypto';

import { canonicalJson } from '../../core/canonical-json.ts';
import { costOf, type TokenPrice } from '../../core/price-table.ts';
import type { Random } from '../../core/random.ts';
import { unitVector } from '../../core/unit-vector.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Embedder } from '../../ports/embedder.ts';
import type { EmbeddingReply, EmbeddingServer } from '../../ports/embedding-server.ts';
import { LanguageModelError } from '../../ports/language-model.ts';
import type { ModelBill } from '../../ports/managed-model.ts';
import type { ReplyJournal } from '../../ports/reply-journal.ts';
import { pause } from './waiting.ts';

export interface KeptEmbedderOptions {
  readonly server: EmbeddingServer;
  readonly journal: ReplyJournal;
  readonly clock: Clock;
  readonly random: Random;
  /** Texts of one request. */
  readonly batchMax: number;
  /** Requests for one batch, the first included. */
  readonly attemptsMax: number;
  /** Null: not known. */
  readonly price: TokenPrice | null;
}

/** Changes when what goes into a key changes. */
const KEY_FORMAT = 1;
const FIRST_DELAY_MS = 200;
const DELAY_MS_MAX = 10_000;
/** What is embedded to learn how long the vectors are. */
const PROBE = 'A text';
const MAY_PASS: ReadonlySet<string> = new Set([
  'rate_limited',
  'overloaded',
  'timeout',
  'connection',
  'malformed_reply',
]);

export class KeptEmbedder implements Embedder {
  readonly name: string;
  readonly #options: KeptEmbedderOptions;
  #dimensions = 0;
  #last: Promise<unknown> = Promise.resolve();
  #calls = 0;
  #promptTokens = 0;

  private constructor(options: KeptEmbedderOptions) {
    this.#options = options;
    this.name = options.server.model;
  }

  /** Rejects with `LanguageModelError` when the server cannot be had, or the signal's reason. */
  static async open(options: KeptEmbedderOptions, signal: AbortSignal): Promise<KeptEmbedder> {
    const embedder = new KeptEmbedder(options);
    const [vector] = await embedder.embed([PROBE], signal);
    embedder.#dimensions = vector?.length ?? 0;
    return embedder;
  }

  get dimensions(): number {
    return this.#dimensions;
  }

  /** Of what was sent since it was opened. */
  bill(): ModelBill {
    const tokens = { promptTokens: this.#promptTokens, completionTokens: 0 };
    return { calls: this.#calls, ...tokens, costUsd: costOf(tokens, this.#options.price) };
  }

  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    const turn = this.#last.then(() => this.#embed(texts, signal));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    const { journal, batchMax } = this.#options;
    const vectors = new Map<string, Float32Array>();
    const missing: string[] = [];
    for (const text of new Set(texts)) {
      const kept = await journal.find(this.#keyOf(text));
      if (kept === undefined) missing.push(text);
      else vectors.set(text, fromBase64(kept.text));
    }
    for (let from = 0; from < missing.length; from += batchMax) {
      const batch = missing.slice(from, from + batchMax);
      const bought = await this.#buy(batch, signal);
      for (const [index, text] of batch.entries()) {
        const vector = bought[index];
        if (vector !== undefined) vectors.set(text, vector);
      }
    }
    return texts.map((text) => {
      const vector = vectors.get(text);
      if (vector === undefined) throw new TypeError('A text was not embedded');
      return vector;
    });
  }

  /** The vectors of a batch, on disk before anyone has them. */
  async #buy(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    const { journal, server, price } = this.#options;
    const { vectors, promptTokens } = await this.#request(texts, signal);
    const units = vectors.map((vector) => this.#checked(vector));
    const tokensEach = promptTokens === undefined ? null : promptTokens / texts.length;
    await Promise.all(
      texts.map((text, index) =>
        journal.add(this.#keyOf(text), {
          text: toBase64(units[index] ?? new Float32Array()),
          finishReason: 'stop',
          promptTokens: tokensEach === null ? null : Math.round(tokensEach),
          completionTokens: 0,
          costUsd:
            tokensEach === null ? null : costOf({ promptTokens: tokensEach, completionTokens: 0 }, price),
          model: server.model,
        }),
      ),
    );
    return units;
  }

  #checked(vector: Float32Array): Float32Array {
    if (this.#dimensions > 0 && vector.length !== this.#dimensions) {
      throw new LanguageModelError(
        'malformed_reply',
        `The server gave a vector of ${vector.length} numbers, and ${this.#dimensions} before`,
      );
    }
    return unitVector(vector);
  }

  async #request(texts: readonly string[], signal: AbortSignal): Promise<EmbeddingReply> {
    const { server, clock, random, attemptsMax } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#calls += 1;
        const reply = await server.request(texts, signal);
        this.#promptTokens += reply.promptTokens ?? 0;
        return reply;
      } catch (error) {
        const mayPass = error instanceof LanguageModelError && MAY_PASS.has(error.fault);
        if (!mayPass || attempt >= attemptsMax) throw error;
        const delayMs = Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 2 ** (attempt - 1));
        await pause(clock, (error.retryAfterMs ?? 0) + random.next() * delayMs, signal);
      }
    }
  }

  #keyOf(text: string): string {
    const parts = { model: this.name, text: text.toWellFormed() };
    return hash('sha256', canonicalJson(['groupwise embedding', KEY_FORMAT, parts]), 'hex');
  }
}

function toBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}

function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  // Copied: the buffer of a small Buffer is shared, and lies at any offset in it.
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
