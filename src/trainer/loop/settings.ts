// What a training is told to do, as plain data. Two trainings with the same settings on the same machine give the same rewards;
// what may change when a training is taken up again (how many steps, how often it is kept) stands apart.

import type { Sampling } from '../../core/sampling.ts';
import type { LossPlan, OptimiserPlan } from '../policy.ts';

export interface TrainingSettings {
  readonly dataset: string;
  readonly split: string;
  /** Decides the order of the questions and what is drawn. */
  readonly seed: number;
  /** Groups that one training step learns from. */
  readonly promptsPerStep: number;
  /** G: completions of each group. */
  readonly groupSize: number;
  /** Optimiser updates over the completions of one step. */
  readonly updates: number;
  /** Turns rewards into advantages, on the server. */
  readonly estimator: string;
  /** Scorer for all rows. Undefined: what each row names. */
  readonly reward: string | undefined;
  /** Which question is next, on the server. */
  readonly sampling: Sampling['kind'];
  /** Words the questions, on the server. */
  readonly promptTemplate: string;
  /** Walks over the split. Undefined: as many as the steps need. */
  readonly epochs: number | undefined;
  readonly tokensMax: number;
  readonly temperature: number;
  readonly loss: Omit<LossPlan, 'temperature' | 'lengthMax'>;
  /** Its learning rate is the highest: see `learningRateAt`. */
  readonly optimiser: OptimiserPlan;
  /**
   * Steps that the weights may be ahead of those that a completion was drawn with. Above 0, completions of later steps are drawn
   * and scored while a step trains.
   */
  readonly driftMax: number;
}

export interface TrainingLength {
  readonly steps: number;
  /** A checkpoint each so many steps, and at the end. */
  readonly checkpointEvery: number;
  /** Newest checkpoints that are kept. */
  readonly checkpointsKept: number;
}
