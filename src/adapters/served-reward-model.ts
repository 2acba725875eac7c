// A served reward model over HTTP: one request, one reply, and every way it can fail under a name. It retries nothing and
// shows neither key nor text in an error.

import type { ServedKind } from '../core/scorer-config.ts';
import {
  ServedRewardModelError,
  type ServedRewardModel,
  type ServedText,
} from '../ports/served-reward-model.ts';
import { DIALECTS, type DialectSettings } from './served-dialects.ts';

export interface ServedRewardModelOptions extends DialectSettings {
  readonly kind: ServedKind;
  /** The whole address, path included. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  readonly batchMax: number;
  /** For dates in `retry-after`. */
  readonly now: () => number;
}

/** A number for each text needs no more; a page of HTML is not kept in memory. */
const REPLY_BYTES_MAX = 16 * 1024 * 1024;

export class HttpServedRewardModel implements ServedRewardModel {
  readonly batchMax: number;
  readonly #options: ServedRewardModelOptions;

  constructor(options: ServedRewardModelOptions) {
    this.batchMax = options.batchMax;
    this.#options = options;
  }

  canShare(a: ServedText, b: ServedText): boolean {
    return DIALECTS[this.#options.kind].canShare(a, b);
  }

  async rawNumbers(texts: readonly ServedText[], signal: AbortSignal): Promise<readonly number[]> {
    const dialect = DIALECTS[this.#options.kind];
    const reply = await this.#post(dialect.body(texts, this.#options), signal);
    const numbers = dialect.read(reply, texts.length, this.#options);
    if (typeof numbers !== 'string') return numbers;
    throw new ServedRewardModelError('malformed_reply', `the server's reply has ${numbers}`);
  }

  async #post(body: object, signal: AbortSignal): Promise<unknown> {
    const { url, apiKey } = this.#options;
    let text: string;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify(body),
        redirect: 'error',
        signal,
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw this.#refusalOf(response);
      }
      text = await readText(response);
    } catch (error) {
      if (error instanceof ServedRewardModelError || signal.aborted) throw error;
      throw new ServedRewardModelError('connection', 'the connection to the server failed', { cause: error });
    }
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new ServedRewardModelError('malformed_reply', "the server's reply is not JSON", { cause: error });
    }
  }

  #refusalOf({ status, headers }: Response): ServedRewardModelError {
    const retryAfterMs = retryAfter(headers.get('retry-after'), this.#options.now());
    const message = `the server answered with status ${status}`;
    if (status === 429) return new ServedRewardModelError('rate_limited', message, { retryAfterMs });
    if (status >= 500 || status === 408)
      return new ServedRewardModelError('overloaded', message, { retryAfterMs });
    return new ServedRewardModelError('refused', message);
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > REPLY_BYTES_MAX)
      throw new ServedRewardModelError('malformed_reply', "the server's reply is too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
