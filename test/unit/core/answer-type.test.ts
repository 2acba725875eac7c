import { describe, expect, it } from 'vitest';

import { inferAnswerType } from '../../../src/core/answer-type.ts';

describe('inferAnswerType()', () => {
  it.each([
    ['18', 'number'],
    ['-3.5', 'number'],
    ['1,080', 'number'],
    ['2.5e-3', 'number'],
    ['.5', 'number'],
    ['1887', 'number'],
    ['$18', 'quantity'],
    ['€ 3.50', 'quantity'],
    ['28%', 'quantity'],
    ['5 km', 'quantity'],
    ['9.8 m/s^2', 'quantity'],
    ['$108 million', 'quantity'],
    ['\\frac{1}{2}', 'math'],
    ['$x^2$', 'math'],
    ['3/4', 'math'],
    ['(12, 102)', 'math'],
    ['x = 5', 'math'],
    ['2x + 1', 'math'],
    ['[0, 1)', 'math'],
    ['yes', 'boolean'],
    ['False', 'boolean'],
    ['No.', 'boolean'],
    ['B', 'choice'],
    ['(C)', 'choice'],
    ['12 March 1887', 'date'],
    ['1887-03-12', 'date'],
    ['March 1887', 'date'],
    ['7, 8', 'list'],
    ['3, 5 and 7', 'list'],
    ['red, green and blue', 'list'],
    ['salt; pepper', 'list'],
    ['Paris', 'text'],
    ['Paris, France', 'text'],
    ['NaCl', 'text'],
    ['x', 'text'],
    ['The capital, which is old, is Paris, in France.', 'text'],
    ['snake_case', 'text'],
    ['Yes, the bank is a member of CDIC', 'text'],
    ['37 percent of all people who were asked', 'text'],
    ['', 'text'],
  ])('inferAnswerType() takes %j for a %s', (groundTruth, type) => {
    expect(inferAnswerType(groundTruth)).toBe(type);
  });

  it('inferAnswerType() takes any answer of a question with options for a choice', () => {
    expect(inferAnswerType('Paris', ['Paris', 'London'])).toBe('choice');
  });

  it('inferAnswerType() is quick with long ground truths', () => {
    for (const unit of ['1', '1,', '(', 'a ', '\\frac{', '1 and ', '$', '- ']) {
      const text = unit.repeat(200_000 / unit.length);
      expect(inferAnswerType(text)).toBe('text');
      expect(() => inferAnswerType(text.slice(0, 1_999))).not.toThrow();
    }
  });
});
