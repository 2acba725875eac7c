// What a reward model reads and how its output becomes one raw number. Pure: the network itself is behind a port.

import type { Calibration } from './calibration.ts';

/**
 * Which texts the model reads. Names with two or three parts are pairs (first text, second text); a question and a ground
 * truth stand together in the first one. Those with a ground truth take the best over its aliases.
 */
export const REWARD_MODEL_INPUTS = [
  'answer',
  'question_answer',
  'ground_truth_answer',
  'question_ground_truth_answer',
] as const;
export type RewardModelInput = (typeof REWARD_MODEL_INPUTS)[number];

/**
 * What the network's last layer says:
 *
 *   regression   one number
 *   classifier   one logit for each label
 *   embedding    a vector; two texts are compared by the cosine of theirs
 */
export const REWARD_MODEL_HEADS = ['regression', 'classifier', 'embedding'] as const;
export type RewardModelHead = (typeof REWARD_MODEL_HEADS)[number];

/** How the vectors of all tokens become the vector of the text. */
export const POOLINGS = ['mean', 'cls', 'last'] as const;
export type Pooling = (typeof POOLINGS)[number];

/** How one output row becomes one raw number. */
export type Reading =
  | { readonly head: 'regression' }
  /** Probability (softmax) of one label. */
  | { readonly head: 'classifier'; readonly label: number; readonly labelCount: number }
  /** Expected value, Σ probability · value, over all labels. */
  | { readonly head: 'classifier'; readonly values: readonly number[]; readonly labelCount: number }
  | { readonly head: 'embedding'; readonly pooling: Pooling };

/** `undecided`: the model says nothing of a text that it cannot see whole, and the next scorer of a cascade is asked. */
export const TOO_LONG_RULES = ['truncate', 'unscorable', 'undecided'] as const;
export type TooLongRule = (typeof TOO_LONG_RULES)[number];

/** All that turns texts into scores around the network. */
export interface RewardModelRules {
  readonly reading: Reading;
  readonly input: RewardModelInput;
  /** Whether the model sees the extracted answer or the whole completion. */
  readonly reads: 'answer' | 'completion';
  readonly calibration: Calibration;
  /** What becomes of a text with more tokens than the model takes. */
  readonly tooLong: TooLongRule;
}

/** One text, or two that the model tells apart. */
export interface ModelTexts {
  readonly first: string;
  readonly second?: string | undefined;
}

/**
 * The raw number of one output row of a regression head or classifier.
 *
 * @param row [1] of a regression head, [labels] of a classifier
 * @throws RangeError when the row's width is not the head's
 */
export function rawOf(reading: Exclude<Reading, { head: 'embedding' }>, row: ArrayLike<number>): number {
  const width = reading.head === 'regression' ? 1 : reading.labelCount;
  if (row.length !== width)
    throw new RangeError(`The model gave ${row.length} numbers, not ${width} (${reading.head})`);
  if (reading.head === 'regression') return row[0] ?? Number.NaN;
  const probabilities = softmax(row);
  if ('label' in reading) return probabilities[reading.label] ?? Number.NaN;
  return probabilities.reduce((sum, share, index) => sum + share * (reading.values[index] ?? Number.NaN), 0);
}

/** Cosine of two vectors, in [−1, 1]; NaN where one of them has no direction. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`Vectors of ${a.length} and ${b.length} numbers`);
  let dot = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [a[i] ?? Number.NaN, b[i] ?? Number.NaN];
    dot += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  const cos = dot / (Math.sqrt(squaresA) * Math.sqrt(squaresB));
  return Math.min(1, Math.max(-1, cos));
}

/** e^xᵢ / Σ e^xⱼ, after the largest was taken off: no overflow. */
function softmax(logits: ArrayLike<number>): readonly number[] {
  const values = Array.from(logits);
  const largest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
