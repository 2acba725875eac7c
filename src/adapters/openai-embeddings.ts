// Embeddings from any server that speaks OpenAI's `/v1/embeddings`. One call is one request; it retries nothing and shows neither
// key nor text in an error.

import { z } from 'zod';
import type { Clock } from '../ports/clock.ts';
import type { EmbeddingReply, EmbeddingServer } from '../ports/embedding-server.ts';
import { LanguageModelError } from '../ports/language-model.ts';
import { faultOfStatus, retryAfterMs } from './openai-faults.ts';

export interface OpenAiEmbeddingsOptions {
  /** With its version path: `http://localhost:8000/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  /** Undefined for servers that ask for none. */
  readonly apiKey?: string | undefined;
  readonly clock: Clock;
}

export class OpenAiEmbeddings implements EmbeddingServer {
  readonly model: string;
  readonly #options: OpenAiEmbeddingsOptions;

  constructor(options: OpenAiEmbeddingsOptions) {
    this.model = options.model;
    this.#options = options;
  }

  async request(texts: readonly string[], signal: AbortSignal): Promise<EmbeddingReply> {
    signal.throwIfAborted();
    const response = await this.#post({ model: this.model, input: texts, encoding_format: 'float' }, signal);
    if (!response.ok) throw await this.#refusalOf(response);
    let body: unknown;
    try {
      body = await response.json();
    } catch (error) {
      signal.throwIfAborted();
      throw new LanguageModelError('malformed_reply', "The server's reply is not JSON", { cause: error });
    }
    return readReply(body, texts.length);
  }

  async #post(body: object, signal: AbortSignal): Promise<Response> {
    const { baseUrl, apiKey } = this.#options;
    try {
      return await fetch(`${baseUrl.replace(/\/$/u, '')}/embeddings`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify(body),
        redirect: 'error',
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new LanguageModelError('connection', 'The connection to the server failed', { cause: error });
    }
  }

  async #refusalOf(response: Response): Promise<LanguageModelError> {
    const { status, headers } = response;
    await response.body?.cancel();
    return new LanguageModelError(faultOfStatus(status, undefined), `The server answered ${status}`, {
      retryAfterMs: retryAfterMs(headers, this.#options.clock.now()),
    });
  }
}

/** Items may come in any order; each says of which text it is. A reply that lacks one is refused whole. */
function readReply(body: unknown, count: number): EmbeddingReply {
  const parsed = replyShape().safeParse(body);
  if (!parsed.success) throw malformed('is no list of embeddings');
  const { data, usage } = parsed.data;
  const vectors: (Float32Array | undefined)[] = Array.from({ length: count }, () => undefined);
  for (const { index, embedding } of data) {
    if (index >= count || vectors[index] !== undefined) throw malformed('has an embedding of no text');
    vectors[index] = Float32Array.from(embedding);
  }
  const found = vectors.filter((vector) => vector !== undefined);
  if (found.length !== count) throw malformed(`has ${found.length} embeddings for ${count} texts`);
  return { vectors: found, promptTokens: usage?.prompt_tokens };
}

function replyShape() {
  return z.object({
    data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
    usage: z.object({ prompt_tokens: z.int().min(0) }).optional(),
  });
}

function malformed(what: string): LanguageModelError {
  return new LanguageModelError('malformed_reply', `The server's reply ${what}`);
}
