// Whole completions against whole ground truths, each read as the server reads them. The pairs were written to break the verifier:
// near misses, hedges, unmarked answers, odd spellings. Labels say what is mathematically right.

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

/** Each would take minutes if one step tried every way to cut it up: then the test ends by its time limit. */
const LABYRINTHS: readonly (readonly [name: string, completion: string])[] = [
  ['assignments', 'x = 3, '.repeat(2000)],
  ['alternatives', 'x = 3 or '.repeat(2000)],
  ['commas behind a label', `The answer is ${'1,'.repeat(8000)}`],
  ['formulas that open', `The answer is ${'\\('.repeat(8000)}`],
  ['qualifiers', 'for all $x$ '.repeat(1500)],
  ['derivations', '\\begin{align}'.repeat(1000) + '\\end{align}'.repeat(1000)],
  ['rows', `\\begin{align}${'x &= 1 \\\\ '.repeat(1000)}\\end{align}`],
  ['brackets', `we get ${'('.repeat(90)}7${')'.repeat(90)}`],
  ['a list', `${'1 and '.repeat(2000)}7`],
  ['units', `7 ${'m/s*'.repeat(3900)}`],
  ['open intervals', `\\boxed{${'(1,\\infty),'.repeat(190)}(2,3)}`],
  ['outward brackets', ']0,1[ '.repeat(2000)],
];

describe('extractAnswer() and mathVerifier on labyrinths', () => {
  it.each(LABYRINTHS)('verify() finds its way through %s', (_name, completion) => {
    expect(isCorrect('$(1,2)\\cup(3,4)$', completion)).toBe(false);
    expect(isCorrect('$x=1,y=2$', completion)).toBe(false);
  });
});
