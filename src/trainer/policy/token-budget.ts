// How many tokens one run may learn from: what a step remembers of each token on its way forward has to fit into memory.

import type { DecoderConfig } from '../engine/decoder/config.ts';

/** Of activations and their gradients in one run. */
const ACTIVATION_BYTES_MAX = 2 ** 31;
const FLOAT_BYTES = 4;

/** More than this at once is no faster on any size of model. */
const TOKENS_MAX = 8192;
const TOKENS_MIN = 64;

/** Activations that are alive at once, in widths: counted in the graph of a layer and its gradients. */
const LAYER_WIDTHS = 16;
const LAYER_INNERS = 6;
const OUTPUT_VOCABULARIES = 5;

export function tokensPerRun({ layers, width, inner, vocabulary }: DecoderConfig): number {
  const floats = layers * (LAYER_WIDTHS * width + LAYER_INNERS * inner) + OUTPUT_VOCABULARIES * vocabulary;
  const fitting = Math.floor(ACTIVATION_BYTES_MAX / (FLOAT_BYTES * floats));
  return Math.min(TOKENS_MAX, Math.max(TOKENS_MIN, fitting));
}
