// Settings that a training has unless it is told otherwise, each with the reason for it.

import type { AdamwOptions } from '../engine/adamw.ts';

/** PyTorch's, without decay: a small model that is trained for minutes has nothing to forget. */
export const ADAMW_DEFAULTS: AdamwOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
