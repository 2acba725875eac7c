// A language model behind an API, as the judge and the generators see it. One call is one request on the wire: retries,
// limits and budgets are the caller's.

import type { Message } from '../core/prompt.ts';

export interface LanguageModelRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly temperature: number;
  readonly maxTokens: number;
  /** JSON schema that the reply must have. */
  readonly schema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> } | undefined;
  readonly seed?: number | undefined;
  readonly topP?: number | undefined;
  /** How long a model that thinks may do so, in its server's word. */
  readonly reasoningEffort?: string | undefined;
}

export interface LanguageModelUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface LanguageModelReply {
  readonly text: string;
  readonly finishReason: 'stop' | 'length' | 'other';
  /** Undefined when the server did not say. */
  readonly usage: LanguageModelUsage | undefined;
  readonly model: string;
}

/** Why a call failed, by what a caller can do about it. */
export const LANGUAGE_MODEL_FAULTS = [
  'rate_limited',
  'overloaded',
  'timeout',
  'connection',
  'malformed_reply',
  'refused',
  'unauthorized',
  'bad_request',
  /** The prompt, or prompt and reply together, do not fit into the model. Nothing is wrong with the server. */
  'too_long',
  /** The server lacks a part of the request's form. The same request object, sent again, takes a simpler form. */
  'form_refused',
] as const;
export type LanguageModelFault = (typeof LANGUAGE_MODEL_FAULTS)[number];

export class LanguageModelError extends Error {
  override readonly name = 'LanguageModelError';
  readonly fault: LanguageModelFault;
  /** As the server asked. */
  readonly retryAfterMs: number | undefined;
  /** What was paid although nothing useful came back. */
  readonly usage: LanguageModelUsage | undefined;
  /** The server's own words. They may repeat what was sent: never for a client of the server that we are. */
  readonly said: string | undefined;

  constructor(
    fault: LanguageModelFault,
    message: string,
    details: {
      readonly retryAfterMs?: number | undefined;
      readonly usage?: LanguageModelUsage | undefined;
      readonly said?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.fault = fault;
    this.retryAfterMs = details.retryAfterMs;
    this.usage = details.usage;
    this.said = details.said;
  }
}

export interface LanguageModel {
  /** Rejects with `LanguageModelError`, or the signal's reason. */
  complete(request: LanguageModelRequest, signal: AbortSignal): Promise<LanguageModelReply>;
}
