import { describe, expect, it } from 'vitest';

import { subscript, superscript } from '../../../src/core/raised-text.ts';

describe('superscript() and subscript()', () => {
  it.each([
    ['8', '⁸'],
    ['-11', '⁻¹¹'],
    ['−1', '⁻¹'],
    [' (n+1) ', '⁽ⁿ⁺¹⁾'],
    ['x', '^x'],
    ['x/2', '^(x/2)'],
    ['st', 'st'],
    ['°', '°'],
    ['', ''],
  ])('superscript() writes %j as %j', (text, expected) => {
    expect(superscript(text)).toBe(expected);
  });

  it.each([
    ['2', '₂'],
    ['max', '_max'],
    ['i,j', '_(i,j)'],
    ['', ''],
  ])('subscript() writes %j as %j', (text, expected) => {
    expect(subscript(text)).toBe(expected);
  });
});
