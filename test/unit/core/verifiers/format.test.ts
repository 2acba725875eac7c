import { describe, expect, it } from 'vitest';

import { formatVerifier } from '../../../../src/core/verifiers/format.ts';
import { verdictOf } from '../../../support/verifier-cases.ts';

const RIGHT: readonly (readonly [pattern: string, completion: string])[] = [
  ['boxed', 'so it is \\boxed{5}.'],
  ['boxed', '\\boxed{\\frac{1}{2}}'],
  ['boxed', '\\boxed {\\}}'],
  ['answer_tag', 'so <answer>5</answer> it is'],
  ['answer_tag', '<answer>\n5 < 6\n</answer>'],
  ['think_answer', '<think>five</think><answer>5</answer>'],
  ['think_answer', '\n<think>five</think>\n\n<answer>5</answer>\n'],
  ['hash', 'five\n#### 5'],
  ['hash', '#### 5\n'],
  ['json', '{"answer": 5}'],
  ['json', ' [1, 2] '],
  ['json', '```json\n{"answer": {"answer": 5}}\n```'],
  ['json', '{"a": "{\\"a\\": 1, \\"a\\": 2}", "b": [{"a": 1}, {"a": 2}]}'],
];

const WRONG: readonly (readonly [pattern: string, completion: string])[] = [
  ['boxed', '5'],
  ['boxed', ''],
  ['boxed', '\\boxed{}'],
  ['boxed', '\\boxed{ }'],
  ['boxed', '\\boxed{\\,\\text{ }}'],
  ['boxed', '\\boxed{\u200b}'],
  ['boxed', '\\boxed{...}'],
  ['boxed', '\\boxed{5} \\boxed{5}'],
  ['boxed', '\\boxed{\\boxed{5}}'],
  ['boxed', '\\boxed{5} \\fbox{6}'],
  ['boxed', '\\boxed{5'],
  ['boxed', '\\boxed 5'],
  ['answer_tag', '<answer></answer>'],
  ['answer_tag', '<answer> \n </answer>'],
  ['answer_tag', '<answer>5'],
  ['answer_tag', '</answer>5<answer>'],
  ['answer_tag', '<answer>5</answer><answer>6</answer>'],
  ['answer_tag', '<answer><answer>5</answer></answer>'],
  ['answer_tag', '<answer>5</answer><ANSWER>6</ANSWER>'],
  ['answer_tag', '<answer>5</answer>< answer >6'],
  ['answer_tag', '<ANSWER>5</ANSWER>'],
  ['think_answer', '<answer>5</answer>'],
  ['think_answer', '<think></think><answer>5</answer>'],
  ['think_answer', 'hello <think>x</think><answer>5</answer>'],
  ['think_answer', '<think>x</think> hello <answer>5</answer>'],
  ['think_answer', '<think>x</think><answer>5</answer> hello'],
  ['think_answer', '<answer>5</answer><think>x</think>'],
  ['think_answer', '<think>x<answer>5</answer></think>'],
  ['think_answer', '<think>x</think><think>y</think><answer>5</answer>'],
  ['hash', '5'],
  ['hash', '#### '],
  ['hash', 'it is #### 5'],
  ['hash', '#### 5\nor 6'],
  ['hash', '#### 5\n#### 6'],
  ['hash', '##### 5'],
  ['json', 'The answer: {"answer": 5}'],
  ['json', '{"answer": 5} {"answer": 6}'],
  ['json', '{"answer": 5, "answer": 6}'],
  ['json', '{"answer": 5, "\\u0061nswer": 6}'],
  ['json', '{"a": {"b": 1, "b": 2}}'],
  ['json', '{}'],
  ['json', '[]'],
  ['json', '5'],
  ['json', 'null'],
  ['json', ''],
];

describe('formatVerifier', () => {
  it.each(RIGHT)('verify() pays for %s in %j', (pattern, completion) => {
    expect(verdictOf(formatVerifier, completion, '', { options: { pattern } })).toEqual({ kind: 'correct' });
  });

  it.each(WRONG)('verify() pays nothing for %s in %j', (pattern, completion) => {
    expect(verdictOf(formatVerifier, completion, '', { options: { pattern } }).kind).toBe('incorrect');
  });

  it.each([[{}], [{ pattern: 'bold' }], [{ pattern: 5 }]])('parseOptions() refuses %j', (options) => {
    expect(() => formatVerifier.parseOptions(options)).toThrowError(
      expect.objectContaining({ code: 'invalid_argument', field: 'pattern' }),
    );
  });
});
