// Tells texts of one kind from all others: logistic regression over hashed words, as plain numbers that fit into one line of JSON. The same
// examples and seed give the same weights on any machine.

import { createRandom, type Random } from '../random.ts';
import { featuresOf, type Features } from './features.ts';

export interface TextClassifier {
  /** There are 2^bits weights. */
  readonly bits: number;
  readonly bias: number;
  readonly weights: Float64Array;
}

export interface TrainingExample {
  readonly text: string;
  readonly isPositive: boolean;
}

export interface TrainingRule {
  readonly bits: number;
  /** Passes over all examples. */
  readonly epochs: number;
  readonly learningRate: number;
  readonly seed: number;
}

export const TRAINING_DEFAULTS: TrainingRule = { bits: 18, epochs: 5, learningRate: 0.2, seed: 1 };

/** Weights are kept to so many decimals: what is saved and read again judges as before. */
const DECIMALS = 1e5;
const EPSILON = 1e-8;

/**
 * Stochastic gradient descent with AdaGrad (Duchi et al. 2011) on the logistic loss. Each class weighs one half, however many examples
 * it has: a page is not rare because few were collected.
 *
 * @throws RangeError where one of the classes has no example
 */
export function trainClassifier(
  examples: readonly TrainingExample[],
  { bits, epochs, learningRate, seed }: TrainingRule = TRAINING_DEFAULTS,
): TextClassifier {
  const positives = examples.filter(({ isPositive }) => isPositive).length;
  const negatives = examples.length - positives;
  if (positives === 0 || negatives === 0) {
    throw new RangeError(
      `Cannot train a classifier on ${positives} positive and ${negatives} negative texts: it needs both`,
    );
  }
  const rows = examples.map(({ text, isPositive }) => ({
    features: featuresOf(text, bits),
    target: isPositive ? 1 : 0,
    importance: examples.length / (2 * (isPositive ? positives : negatives)),
  }));
  const weights = new Float64Array(2 ** bits);
  const squares = new Float64Array(2 ** bits);
  let bias = 0;
  let biasSquares = 0;
  const random = createRandom(seed);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (const row of shuffled(rows, random)) {
      const { places, values } = row.features;
      const slope = (probability(bias + dot(weights, row.features)) - row.target) * row.importance;
      biasSquares += slope * slope;
      bias -= (learningRate * slope) / (Math.sqrt(biasSquares) + EPSILON);
      for (let at = 0; at < places.length; at += 1) {
        // Both arrays have the length of `places`, and a place is below 2^bits.
        const place = places[at] as number;
        const gradient = slope * (values[at] as number);
        const square = (squares[place] as number) + gradient * gradient;
        squares[place] = square;
        weights[place] =
          (weights[place] as number) - (learningRate * gradient) / (Math.sqrt(square) + EPSILON);
      }
    }
  }
  return { bits, bias: rounded(bias), weights: weights.map(rounded) };
}

/** How likely `text` is of the kind, in [0, 1]. */
export function classify({ bits, bias, weights }: TextClassifier, text: string): number {
  return probability(bias + dot(weights, featuresOf(text, bits)));
}

function dot(weights: Float64Array, { places, values }: Features): number {
  let sum = 0;
  // Both arrays have the length of `places`, and a place is below 2^bits.
  for (let at = 0; at < places.length; at += 1) {
    sum += (weights[places[at] as number] as number) * (values[at] as number);
  }
  return sum;
}

function probability(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

function rounded(weight: number): number {
  const whole = Math.round(weight * DECIMALS);
  // No negative zero: JSON does not know it.
  return whole === 0 ? 0 : whole / DECIMALS;
}

/** Fisher–Yates. */
function shuffled<Value>(list: readonly Value[], random: Random): readonly Value[] {
  const mixed = [...list];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    const [one, two] = [mixed[at], mixed[other]];
    // Both places are within the list.
    mixed[at] = two as Value;
    mixed[other] = one as Value;
  }
  return mixed;
}
