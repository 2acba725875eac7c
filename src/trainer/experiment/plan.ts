// What the experiment is told to do, and what comes out of it, as plain data: settings, points of curves, finished arms.

import type { PairId } from '../../core/ids.ts';
import type { WarmUpRow } from '../loop/warm-up.ts';
import type { SumRecord } from './records.ts';

/** In this order: the others read what the first one read, and the last one spends what it spent. */
export const ARMS = ['reinforcement', 'pretraining', 'pretraining-repeated'] as const;
export type Arm = (typeof ARMS)[number];

/** Everything that decides the numbers, beside the seed. */
export interface ExperimentPlan {
  /** Documents of each use; no two of them state the same sum. */
  readonly warmUpDocuments: number;
  readonly sourceDocuments: number;
  readonly heldOutDocuments: number;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** The base learns from questions and texts of the warm-up's documents until this share of what it samples is right. */
  readonly warmUpTarget: number;
  readonly warmUpStepsMax: number;
  readonly warmUpRows: number;
  readonly warmUpTexts: number;
  readonly warmUpLearningRate: number;
  /** Updates of the warm-up that each policy gets again before its second grade. */
  readonly refreshSteps: number;
  /** Walks over the questions. */
  readonly passes: number;
  readonly promptsPerStep: number;
  readonly groupSize: number;
  readonly updates: number;
  readonly learningRate: number;
  /** Texts of one update of pretraining. */
  readonly documentsPerStep: number;
  readonly pretrainingLearningRate: number;
  /** Times that each arm is graded after its start. */
  readonly points: number;
}

/** What is asked of a policy at each point: questions of held-out documents, and those documents themselves. */
export interface Exam {
  readonly rows: readonly WarmUpRow[];
  readonly records: readonly SumRecord[];
}

/** All that one seed learns from and is graded by. */
export interface SeedData {
  /** On the server: the questions that were generated from the source documents. */
  readonly dataset: string;
  readonly source: ReadonlyMap<string, SumRecord>;
  /** The source document of each of its questions. */
  readonly documentOf: ReadonlyMap<PairId, string>;
  readonly warmUp: Exam;
  readonly heldOut: Exam;
}

/** Shares of right answers, all greedy. */
export interface Grades {
  /** pass@1 on the questions of held-out documents. */
  readonly pass: number;
  /** The same after `refreshSteps` updates of the warm-up, which are taken back afterwards. */
  readonly pass_refreshed: number;
  /** Held-out documents whose sum is written right behind their own words. */
  readonly stated: number;
}

export interface ArmPoint extends Grades {
  /** Different documents that the arm has read, or answered questions of. */
  readonly documents: number;
  /** Their tokens: each document counts once. */
  readonly source_tokens: number;
  readonly flops: number;
  /** Optimiser updates. */
  readonly updates: number;
}

export interface ArmRecord {
  readonly arm: Arm;
  readonly seed: number;
  readonly points: readonly ArmPoint[];
  /** Ids of the documents in the order in which they were first used. */
  readonly order: readonly string[];
  readonly seconds: number;
}

export interface BaseRecord {
  readonly updates: number;
  /** Sampled, on questions of the warm-up's documents that it was not shown. */
  readonly accuracy: number;
}

/** Streams of random numbers of one seed, beside those of the training loop. */
const STREAMS = { documents: 101, base: 102, baseAccuracy: 103, refresh: 104, repeats: 105 } as const;
export type Stream = keyof typeof STREAMS;

/** Words that choose a stream for `hash32`. */
export function streamWords(seed: number, stream: Stream, index = 0): readonly [number, number, number] {
  return [seed, STREAMS[stream], index];
}

/** Steps at which an arm of so many steps is graded: evenly spread, the start and the end among them. */
export function gradedSteps(steps: number, points: number): readonly number[] {
  const count = Math.min(points, steps);
  return Array.from({ length: count + 1 }, (_, index) => Math.round((index * steps) / count));
}
