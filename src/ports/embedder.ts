// Texts as vectors: what filters by meaning need, whoever computes them.

export interface Embedder {
  /** Which model it is: part of what a report says of its figures. */
  readonly name: string;
  readonly dimensions: number;
  /** One vector of length 1 for each text, in their order. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]>;
}
