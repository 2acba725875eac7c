// Texts to vectors behind an API. One call is one request on the wire: batches, retries and keeping are the caller's.

export interface EmbeddingReply {
  /** As the server gave them, in the order of the texts. */
  readonly vectors: readonly Float32Array[];
  /** Undefined when the server did not say. */
  readonly promptTokens: number | undefined;
}

export interface EmbeddingServer {
  /** As the API names it. */
  readonly model: string;
  /** Rejects with `LanguageModelError`, or the signal's reason. */
  request(texts: readonly string[], signal: AbortSignal): Promise<EmbeddingReply>;
}
