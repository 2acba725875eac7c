// Whole completions against whole ground truths, each read as the server reads them. The pairs were written to break the verifier,
// without looking at it: near misses, hedges, unmarked answers, odd spellings. Labels say what is mathematically right.

import { describe, expect, it } from 'vitest';
import { extractAnswer } from '../../../../src/core/answer.ts';
import { mathVerifier } from '../../../../src/core/verifiers/math.ts';
import pairs from '../../../fixtures/math-adversary.json' with { type: 'json' };

function isCorrect(truth: string, completion: string): boolean {
  const answer = extractAnswer(completion, mathVerifier.fallback)?.answer;
  if (answer === undefined) return false;
  const input = {
    answer,
    groundTruth: { answer: extractAnswer(truth, mathVerifier.fallback)?.answer ?? truth, aliases: [] },
    choices: [],
    promptText: '',
    options: mathVerifier.parseOptions({}),
  };
  return mathVerifier.verify(input).kind === 'correct';
}

describe('extractAnswer() and mathVerifier on adversarial pairs', () => {
  for (const [group, rows] of Object.entries(pairs)) {
    it.each(rows)(`verify() on ${group}: %j against %j is %s`, (truth, completion, expected) => {
      expect(isCorrect(String(truth), String(completion))).toBe(expected);
    });
  }
});
