import { describe, expect, it } from 'vitest';

import { pairIdOf } from '../../../src/core/pair-id.ts';
import { pairWith } from '../../support/pairs.ts';

const MESSAGES = [{ role: 'user', content: 'Why?' }] as const;

describe('pairIdOf()', () => {
  it('pairIdOf() says the same on every machine and in every version', () => {
    expect(pairIdOf({ question: 'Why?' })).toBe('3d82bd4535d42113d259ff9fffdc1591');
    expect(pairIdOf({ question: MESSAGES })).toBe('592b7d03e639f7b566a3a15be6cee20e');
    expect(pairIdOf({ question: 'Why?', choices: ['a', 'b'] })).toBe('9142c27f6a5609cb8c7c18ebcfd5876a');
  });

  it('pairIdOf() does not depend on anything but the prompt, least of all on the ground truth', () => {
    const one = pairWith({ question: 'Why?', groundTruth: { answer: '1', aliases: [] } });
    const other = pairWith({
      question: 'Why?',
      groundTruth: { answer: '2', aliases: ['3'] },
      answerType: 'math',
      split: 'test',
      domain: 'd',
      provenance: { documentId: 'x' },
    });
    expect(other.pairId).toBe(one.pairId);
    expect(pairWith({ question: 'Why?', choices: [] }).pairId).toBe(one.pairId);
  });

  it('pairIdOf() tells apart what a policy would be asked differently', () => {
    const prompts = [
      { question: 'Why?' },
      { question: 'Why? ' },
      { question: MESSAGES },
      { question: [{ role: 'system', content: 'Why?' }] as const },
      { question: [...MESSAGES, ...MESSAGES] },
      { question: 'Why?', choices: ['a', 'b'] },
      { question: 'Why?', choices: ['b', 'a'] },
      { question: 'Why?', choices: ['a,b'] },
      { question: '[["user","Why?"]]' },
    ];
    expect(new Set(prompts.map(pairIdOf)).size).toBe(prompts.length);
  });
});
