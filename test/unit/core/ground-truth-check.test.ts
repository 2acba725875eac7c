import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { inferAnswerType } from '../../../src/core/answer-type.ts';
import { whyUnusable } from '../../../src/core/ground-truth-check.ts';
import { ANSWER_TYPES, type AnswerType } from '../../../src/core/qa-pair.ts';

describe('whyUnusable()', () => {
  it.each<[AnswerType, string, readonly string[]]>([
    ['number', '1,080', []],
    ['quantity', '5 km', []],
    ['math', '\\frac{1}{2}', []],
    ['choice', 'B', ['a', 'b']],
    ['choice', 'b', ['a', 'b']],
    ['date', '12 March 1887', []],
    ['list', 'red, green', []],
    ['boolean', 'yes', []],
    ['text', 'Paris', []],
    ['pattern', 'Pari?s', []],
  ])('whyUnusable() finds nothing wrong with the %s %j', (type, answer, choices) => {
    expect(whyUnusable(type, { answer, aliases: [] }, choices)).toBeUndefined();
  });

  it.each<[AnswerType, string, readonly string[]]>([
    ['number', 'blue', []],
    ['choice', 'D', ['a', 'b']],
    ['date', 'blue', []],
    ['boolean', 'blue', []],
    ['pattern', '(', []],
  ])('whyUnusable() says why the %s %j cannot be used', (type, answer, choices) => {
    expect(whyUnusable(type, { answer, aliases: [] }, choices)).toMatch(/\w+/);
  });

  it('whyUnusable() and inferAnswerType() take any text without failing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...ANSWER_TYPES), (answer, type) => {
        expect(() => whyUnusable(type, { answer, aliases: [] })).not.toThrow();
        expect(ANSWER_TYPES).toContain(inferAnswerType(answer));
      }),
    );
  });
});
