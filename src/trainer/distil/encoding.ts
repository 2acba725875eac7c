// How a comparison becomes tokens: a function that whoever knows the served model hands in.

import type { TokenPair } from './batches.ts';
import type { Comparison } from './variants.ts';

/** A pair of texts as the served model will get it, in tokens. */
export interface EncodedPair extends TokenPair {
  /** Not all of it fits: the served model says nothing of such texts. */
  readonly isTruncated: boolean;
}

/** Texts to tokens, exactly as they are made where the model is served. */
export type EncodeComparison = (comparison: Asked) => EncodedPair;
export type Asked = Pick<Comparison, 'question' | 'groundTruth' | 'answer'>;
