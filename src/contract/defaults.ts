// What an absent field of a request means: the same for both doors, and what the reference says.

import type { EstimatorChoice } from '../core/advantages/estimator.ts';

export const DEFAULTS = {
  split: 'train',
  groupSize: 8,
  seed: 0,
  epochs: 1,
  leaseTtlMs: 600_000,
  maxAttempts: 3,
  promptTemplate: 'plain',
  groupsPerLease: 1,
  trainingStepsPage: 1_000,
  unseenWeight: 1,
  lengthPenaltyFactor: 1,
} as const;

export const DEFAULT_ESTIMATOR: EstimatorChoice = { name: 'grpo:verl' };
