import { describe, expect, it } from 'vitest';

import { echoesPrompt, foldUnicode, LOOSE_TEXT, normalizeText } from '../../../src/core/normalize.ts';
import { plainText } from '../../../src/core/plain-text.ts';

describe('foldUnicode()', () => {
  it.each([
    ['10²', '10^2'],
    ['10⁻³', '10^-3'],
    ['H₂O', 'H_2O'],
    ['5½', '5 1/2'],
    ['½', '1/2'],
    ['２５', '25'],
    ['٢٥', '25'],
    ['२५', '25'],
    ['𝟸𝟻', '25'],
    ['−5', '-5'],
    ['“don’t”', '"don\'t"'],
    ['a\u200bb\u00adc', 'abc'],
    ['µ', 'μ'],
    ['plain', 'plain'],
  ])('writes %j as %j', (text, folded) => {
    expect(foldUnicode(text)).toBe(folded);
  });
});

describe('normalizeText()', () => {
  it.each([
    ['The  Quick, brown FOX!', 'quick brown fox'],
    ['U.S.A.', 'usa'],
    ["rock 'n' roll", 'rock n roll'],
    ['3.5', '3.5'],
    ['-5', '-5'],
    ['twenty-five', 'twenty five'],
    ['C#', 'c#'],
    ['50%', '50%'],
    ['the', 'the'],
    ['?!', '?!'],
    ['', ''],
  ])('writes %j as %j', (text, normal) => {
    expect(normalizeText(text, LOOSE_TEXT)).toBe(normal);
  });

  it('gives the same text when it is applied twice', () => {
    for (const text of ['The a the A', 'U.S. $5.00 (five)', '...the...', "''s'", 'an.a.the']) {
      const once = normalizeText(text, LOOSE_TEXT);
      expect(normalizeText(once, LOOSE_TEXT)).toBe(once);
    }
  });
});

describe('plainText()', () => {
  it.each([
    ['\\text{Paris}', 'Paris'],
    ['$\\mathbf{x}$', 'x'],
    ['\\(18\\)', '18'],
    ['$18', '$18'],
    ['$18 and $20', '$18 and $20'],
    ['\\$18', '$18'],
    ['\\frac{3}{4}', '3/4'],
    ['5\\frac{1}{2}', '5 1/2'],
    ['32,\\!349', '32,349'],
    ['25^\\circ', '25°'],
    ['10^{8}', '10^8'],
    ['**bold** and `code`', 'bold and code'],
    ['"quoted."', 'quoted'],
    ['snake_case * 2', 'snake_case * 2'],
  ])('writes %j as %j', (text, plain) => {
    expect(plainText(text)).toBe(plain);
  });
});

describe('echoesPrompt()', () => {
  it.each([
    ['What is the capital of France? Paris', 'What is the capital of France?', true],
    ['What is  the capital\nof France?', 'What is the capital of France?', true],
    ['Paris', 'What is the capital of France?', false],
    ['The number 5?', '5?', false],
    ['Paris is the capital', '', false],
  ])('of %j to %j is %s', (answer, prompt, expected) => {
    expect(echoesPrompt(answer, prompt)).toBe(expected);
  });
});
