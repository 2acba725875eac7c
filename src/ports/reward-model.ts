// A learned network that reads texts and gives numbers. It knows nothing of rewards: what a number means, which texts it
// reads and how they are batched is for those who call it.

import type { ModelTexts } from '../core/reward-model.ts';

/** One text (or pair) in the network's own tokens, special ones included. */
export interface EncodedTexts {
  readonly ids: Int32Array;
  /** Which of the two texts a token belongs to; all 0 where the network does not ask. */
  readonly typeIds: Uint8Array;
  /** Whether tokens were left out because the network takes no more. */
  readonly isTruncated: boolean;
}

/** A provider that was asked for and could not be used. */
export interface ProviderFailure {
  readonly provider: string;
  readonly reason: string;
}

export interface RewardModel {
  /** The execution provider in use, for example `cuda`. */
  readonly provider: string;
  /** Those that were preferred to it. */
  readonly failures: readonly ProviderFailure[];
  /** Batches that it can work on at a time. */
  readonly lanes: number;
  encode(texts: readonly ModelTexts[]): Promise<readonly EncodedTexts[]>;
  /** One row for each of the batch, in its order: logits, or the pooled vector. Rejects when the network failed. */
  run(batch: readonly EncodedTexts[]): Promise<readonly Float32Array[]>;
  /** Lets what runs end, then gives all memory back. */
  close(): Promise<void>;
}
