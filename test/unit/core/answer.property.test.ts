import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER_SOURCES, extractAnswer, FALLBACKS } from '../../../src/core/answer.ts';

const fragments = fc.constantFrom(
  '\\boxed{',
  '\\boxed ',
  '}',
  '{',
  '<answer>',
  '</answer>',
  '<think>',
  '</think>',
  '####',
  '\n',
  'Answer:',
  'answer is ',
  '$',
  '\\(',
  '\\)',
  '\\[',
  '\\]',
  '5',
  ' and ',
  'A: ',
  '%',
  '\\',
  '7/8',
  '-',
  '<|im_end|>',
  'word ',
);
const texts = fc.array(fc.oneof(fragments, fc.string()), { maxLength: 30 }).map((parts) => parts.join(''));
const values = fc.stringMatching(/^[a-z0-9+*=()]{1,20}$/);

describe('extractAnswer()', () => {
  it('gives a known source and an answer that is not empty, for any text', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(...FALLBACKS), (text, fallback) => {
        const found = extractAnswer(text, fallback);
        if (found === undefined) return;
        expect(ANSWER_SOURCES).toContain(found.source);
        expect(found.answer.trim()).not.toBe('');
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes what is boxed last, whatever stands before it', () => {
    fc.assert(
      fc.property(fc.string(), values, (before, value) => {
        fc.pre(!/think>|<\|/.test(before));
        // A line of its own, so that nothing joins it to a box before it.
        expect(extractAnswer(`${before}\n\nDone. \\boxed{${value}}`, 'none')).toEqual({
          answer: value,
          source: 'boxed',
        });
      }),
    );
  });

  it('finds the same answer when anything without a marker is put before it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z .,]{0,200}$/), values, (before, value) => {
        const text = `Answer: ${value}`;
        fc.pre(!before.includes('nswer'));
        expect(extractAnswer(`${before}\n${text}`, 'none')).toEqual(extractAnswer(text, 'none'));
      }),
    );
  });
});
