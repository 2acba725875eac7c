// A language model behind any server that speaks OpenAI's chat completions. One call is one request on the wire: the client's
// own retries are off, and replies are parsed here, so that what was paid for a bad reply is still known.

import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type { Clock } from '../ports/clock.ts';
import {
  LanguageModelError,
  type LanguageModel,
  type LanguageModelReply,
  type LanguageModelRequest,
} from '../ports/language-model.ts';
import { readChatReply } from './chat-reply.ts';
import { FULL_FORM, simplerForm, type RequestForm } from './chat-request-form.ts';
import { faultOfStatus, isTooLong, retryAfterMs, withErrorInPlace } from './openai-faults.ts';

export interface OpenAiLanguageModelOptions {
  /** With its version path: `http://localhost:8000/v1`. */
  readonly baseUrl: string;
  /** Undefined for servers that ask for none. */
  readonly apiKey?: string | undefined;
  readonly clock: Clock;
}

/** Replies that are longer are not read to their end. */
const REPLY_BYTES_MAX = 4 * 1024 * 1024;
/** Of what a server says of an error. */
const SAID_CHARS_MAX = 500;
/** The caller's signal ends a call; the client's own timer only has to be longer than any deadline. */
const CLIENT_TIMEOUT_MS = 24 * 60 * 60 * 1000;

export class OpenAiLanguageModel implements LanguageModel {
  readonly #client: OpenAI;
  readonly #clock: Clock;
  /** The richest form that each model took, learnt from replies. */
  readonly #forms = new Map<string, RequestForm>();
  /** Requests on their way down to a form that the server takes. */
  readonly #trying = new WeakMap<LanguageModelRequest, RequestForm>();

  constructor({ baseUrl, apiKey, clock }: OpenAiLanguageModelOptions) {
    this.#clock = clock;
    this.#client = new OpenAI({
      baseURL: baseUrl,
      // All given, or the client would look for them in the environment.
      apiKey: apiKey ?? 'none',
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      fetch: async (url, init) => withErrorInPlace(await fetch(url, init)),
      timeout: CLIENT_TIMEOUT_MS,
      logLevel: 'off',
    });
  }

  async complete(request: LanguageModelRequest, signal: AbortSignal): Promise<LanguageModelReply> {
    signal.throwIfAborted();
    const form = this.#trying.get(request) ?? this.#forms.get(request.model) ?? FULL_FORM;
    try {
      const reply = await this.#send(bodyOf(request, form), signal);
      if (this.#trying.delete(request)) this.#forms.set(request.model, form);
      return reply;
    } catch (error) {
      signal.throwIfAborted();
      throw this.#faultOf(error, request, form);
    }
  }

  async #send(
    body: ChatCompletionCreateParamsNonStreaming,
    signal: AbortSignal,
  ): Promise<LanguageModelReply> {
    const response = await this.#client.chat.completions.create(body, { signal }).asResponse();
    return readChatReply(await readText(response), body.model);
  }

  #faultOf(error: unknown, request: LanguageModelRequest, form: RequestForm): LanguageModelError {
    if (error instanceof LanguageModelError) return error;
    if (error instanceof APIConnectionTimeoutError)
      return new LanguageModelError('timeout', 'The server did not answer in time', { cause: error });
    if (error instanceof APIConnectionError || error instanceof APIUserAbortError)
      return new LanguageModelError('connection', 'The connection to the server failed', { cause: error });
    if (!(error instanceof APIError)) {
      // What undici throws for a body that ends early.
      return new LanguageModelError('connection', 'The reply broke off', { cause: error });
    }
    const status = typeof error.status === 'number' ? error.status : 0;
    // The client puts the status before the server's words.
    const said = error.message.replace(/^\d{3} /u, '').slice(0, SAID_CHARS_MAX);
    if (isTooLong(status, `${error.code ?? ''} ${error.type ?? ''} ${error.message}`)) {
      return new LanguageModelError('too_long', `The server answered ${status}`, { said, cause: error });
    }
    if (status === 400 || status === 422) {
      const simpler = simplerForm(form, `${error.param ?? ''} ${error.message}`);
      if (simpler !== undefined) {
        this.#trying.set(request, simpler);
        return new LanguageModelError('form_refused', 'The server does not take this form of request', {
          cause: error,
        });
      }
    }
    return new LanguageModelError(faultOfStatus(status, error.code), `The server answered ${status}`, {
      retryAfterMs: retryAfterMs(error.headers, this.#clock.now()),
      said,
      cause: error,
    });
  }
}

function bodyOf(request: LanguageModelRequest, form: RequestForm): ChatCompletionCreateParamsNonStreaming {
  const { schema } = request;
  return {
    model: request.model,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    [form.tokensKey]: request.maxTokens,
    ...(form.hasTemperature ? { temperature: request.temperature } : {}),
    ...(form.hasSeed && request.seed !== undefined ? { seed: request.seed } : {}),
    ...(form.hasTopP && request.topP !== undefined ? { top_p: request.topP } : {}),
    ...(form.hasEffort && request.reasoningEffort !== undefined
      ? // The server's words are its own: what it does not know, it refuses.
        {
          reasoning_effort: request.reasoningEffort as NonNullable<
            ChatCompletionCreateParamsNonStreaming['reasoning_effort']
          >,
        }
      : {}),
    ...(schema !== undefined && form.format === 'json_schema'
      ? {
          response_format: {
            type: 'json_schema' as const,
            json_schema: { name: schema.name, schema: { ...schema.schema }, strict: true },
          },
        }
      : {}),
    ...(schema !== undefined && form.format === 'json_object'
      ? { response_format: { type: 'json_object' as const } }
      : {}),
  };
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const part of response.body) {
    bytes += part.byteLength;
    if (bytes > REPLY_BYTES_MAX)
      throw new LanguageModelError('malformed_reply', 'The reply is longer than any verdict');
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}
