// The classifier of texts: what it learns, that it learns the same again, and its file.

import { describe, expect, it } from 'vitest';

import {
  classify,
  trainClassifier,
  TRAINING_DEFAULTS,
} from '../../../../src/core/text-classifier/classifier.ts';
import {
  classifierFromJson,
  classifierToJson,
} from '../../../../src/core/text-classifier/classifier-json.ts';
import { featuresOf } from '../../../../src/core/text-classifier/features.ts';

const QUIZZES = [
  'Question 1: Which river is the longest? Answer: the Nile.',
  'Exercise 4. Solve for x: 3x = 12. Solution: x = 4.',
  'Quiz: What is the capital of Peru? Answer: Lima.',
  'Problem 12: how many grams are in 3 kg? Answer: 3000.',
];
const PROSE = [
  'We walked along the river until the sun went down behind the hills.',
  'The committee met on Tuesday and talked about the budget for next year.',
  'Sign up for our newsletter and get ten per cent off your first order.',
  'He poured the tea, looked at the rain and said nothing for a while.',
];
const EXAMPLES = [
  ...QUIZZES.map((text) => ({ text, isPositive: true })),
  ...PROSE.map((text) => ({ text, isPositive: false })),
];
const RULE = { ...TRAINING_DEFAULTS, bits: 12 };

describe('featuresOf()', () => {
  it('counts words and neighbours, whatever their case, as a vector of length 1', () => {
    const { places, values } = featuresOf('The cat. the CAT', 18);
    // the, cat; " the", "the cat", "cat the".
    expect(places).toHaveLength(5);
    expect([...places]).toEqual([...places].toSorted((a, b) => a - b));
    expect(values.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(1, 12);
  });

  it('gives a text without words an empty vector', () => {
    expect(featuresOf(' … ', 18).places).toHaveLength(0);
  });

  it('takes numbers of one length for one word, and question marks for words', () => {
    expect(featuresOf('12', 18)).toEqual(featuresOf('97', 18));
    expect(featuresOf('12', 18)).not.toEqual(featuresOf('9', 18));
    expect(featuresOf('why', 18)).not.toEqual(featuresOf('why?', 18));
  });
});

describe('trainClassifier()', () => {
  const classifier = trainClassifier(EXAMPLES, RULE);

  it('tells texts of the kind from others that it has not seen', () => {
    const unseen = [
      'Question 7: What is 5 kg in grams? Answer: 5000.',
      'The rain fell on the hills and on the river.',
    ];
    const [quiz = 0, prose = 1] = unseen.map((text) => classify(classifier, text));
    expect(quiz).toBeGreaterThan(0.6);
    expect(prose).toBeLessThan(0.4);
  });

  it('learns the same weights again, and others from another order of seeds', () => {
    expect(trainClassifier(EXAMPLES, RULE)).toEqual(classifier);
    expect(trainClassifier(EXAMPLES, { ...RULE, seed: 2 })).not.toEqual(classifier);
  });

  it('gives both kinds the same weight, however many examples each has', () => {
    const many = [...EXAMPLES, ...Array.from({ length: 20 }, () => EXAMPLES.slice(4)).flat()];
    const lopsided = trainClassifier(many, RULE);
    for (const text of QUIZZES) expect(classify(lopsided, text)).toBeGreaterThan(0.5);
    for (const text of PROSE) expect(classify(lopsided, text)).toBeLessThan(0.5);
  });

  it('refuses to learn from one kind alone', () => {
    expect(() => trainClassifier(EXAMPLES.slice(0, 4), RULE)).toThrow(/4 positive and 0 negative/u);
  });
});

describe('classifierToJson() and classifierFromJson()', () => {
  const classifier = trainClassifier(EXAMPLES, RULE);
  const json = classifierToJson(classifier);

  it('keep every weight to the last digit', () => {
    const text = JSON.stringify(json);
    expect(classifierFromJson(JSON.parse(text))).toEqual(classifier);
  });

  it.each([
    ['a list', []],
    ['another kind', { ...json, kind: 'other' }],
    ['another version', { ...json, version: 2 }],
    ['too many bits', { ...json, bits: 40 }],
    ['no bias', { ...json, bias: null }],
    ['lists of two lengths', { ...json, places: [1] }],
    ['a place that is not there', { ...json, places: [2 ** 12], weights: [1] }],
    ['a weight that is no number', { ...json, places: [1], weights: ['1'] }],
  ])('classifierFromJson() refuses %s', (_, bad) => {
    expect(() => classifierFromJson(bad)).toThrow(/Cannot read a text classifier/u);
  });
});
