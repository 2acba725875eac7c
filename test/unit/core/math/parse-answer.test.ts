// What parseAnswer() makes of spellings, told by keyOf(), and where it gives up.

import { describe, expect, it } from 'vitest';
import { keyOf } from '../../../../src/core/math/expression.ts';
import { DEPTH_MAX, ITEMS_MAX, MathFault, TOKENS_MAX } from '../../../../src/core/math/limits.ts';
import { parseAnswer } from '../../../../src/core/math/parse-answer.ts';

function faultOf(text: string): string {
  try {
    return keyOf(parseAnswer(text));
  } catch (fault) {
    return fault instanceof MathFault ? fault.kind : 'another error';
  }
}

describe('parseAnswer()', () => {
  it.each([
    // One number or several.
    ['1,234', '1234/1'],
    ['(1,234)', 'tuple:()(1/1,234/1)'],
    ['32, 349', 'list(32/1,349/1)'],
    ['32{,}349', '32349/1'],
    ['32,\\!349', '32349/1'],
    ['1234,567', 'list(1234/1,567/1)'],
    ['1,23', 'list(1/1,23/1)'],
    ['0.50', '1/2'],
    ['1.5e3', 'product(3/2,power(10/1,3/1))'],
    // LaTeX arguments.
    ['\\frac12', 'quotient(1/1,2/1)'],
    ['\\frac123', 'product(3/1,quotient(1/1,2/1))'],
    ['\\frac1{23}', 'quotient(1/1,23/1)'],
    ['\\sqrt2', 'call:root(2/1,2/1)'],
    ['\\sqrt[3]{x}', 'call:root(symbol:x,3/1)'],
    ['x^10', 'power(symbol:x,10/1)'],
    ['x^{10}', 'power(symbol:x,10/1)'],
    ['2^{3^2}', 'power(2/1,power(3/1,2/1))'],
    ['2^3^2', 'power(2/1,power(3/1,2/1))'],
    ['-2^2', 'negate(power(2/1,2/1))'],
    // Products without a sign.
    ['2x', 'product(2/1,symbol:x)'],
    ['2 1/2', 'sum(2/1,quotient(1/1,2/1))'],
    ['2\\frac{1}{2}', 'sum(2/1,quotient(1/1,2/1))'],
    ['2\\cdot\\frac{1}{2}', 'product(2/1,quotient(1/1,2/1))'],
    ['2\\frac{3}{2}', 'product(2/1,quotient(3/1,2/1))'],
    ['x(x+1)', 'product(sum(1/1,symbol:x),symbol:x)'],
    ['f(x+1)', 'call:f(sum(1/1,symbol:x))'],
    ['1/2x', 'product(quotient(1/1,2/1),symbol:x)'],
    // Functions.
    ['\\sin 2x', 'call:sin(product(2/1,symbol:x))'],
    ['\\sin x \\cos x', 'product(call:cos(symbol:x),call:sin(symbol:x))'],
    ['\\sin^2 x', 'power(call:sin(symbol:x),2/1)'],
    ['\\sin^{-1} x', 'call:asin(symbol:x)'],
    ['\\log_2 8', 'call:log(8/1,2/1)'],
    ['|x-1|', 'call:abs(sum(negate(1/1),symbol:x))'],
    ['2|x|', 'product(2/1,call:abs(symbol:x))'],
    // Relations, sets, tuples.
    ['1 < x \\le 2', 'relation(<≤:1/1,symbol:x,2/1)'],
    ['[0,1)', 'tuple:[)(0/1,1/1)'],
    [']0,1[', 'tuple:()(0/1,1/1)'],
    ['\\{1,2\\}', 'set(1/1,2/1)'],
    ['\\{x \\mid x>1\\}', 'condition_set(relation(>:symbol:x,1/1))'],
    ['1:2', 'ratio(1/1,2/1)'],
    ['x_{1}', 'symbol:x_1'],
    ['1010_2', '10/1'],
    ['\\quadx', 'symbol:x'],
    // Words.
    ['5 \\text{ cm}', 'measured:cm^1(5/1)'],
    ['12 \\text{ ways}', '12/1'],
    ['7 \\text{ or } 8', 'list(7/1,8/1)'],
    ['the answer is 7', '7/1'],
  ])('reads %s as %s', (text, key) => {
    expect(faultOf(text).replace(/^(?:syntax|budget|undefined)$/, 'fault')).toBe(key);
  });

  it.each([
    'not 7',
    '7 or more words',
    '7 (maybe 8)',
    '7 is wrong',
    'at least 7',
    '',
    '(',
    ')',
    '\\frac{1}',
    '1 2',
    'x =',
    '[1',
    '(1]',
    '\\unknown{3}',
    '\\frac 0e0',
    '\\frac12e3',
    '\\frac2.5e3{4}',
  ])('does not read %j', (text) => {
    expect(faultOf(text)).toBe('syntax');
  });

  it('gives up beyond its limits, and not before', () => {
    expect(faultOf(Array.from({ length: TOKENS_MAX / 2 }, () => '1').join('+'))).not.toBe('budget');
    expect(faultOf(Array.from({ length: TOKENS_MAX / 2 + 2 }, () => '1').join('+'))).toBe('budget');
    expect(faultOf(Array.from({ length: ITEMS_MAX }, (_, at) => at).join(', '))).not.toBe('budget');
    expect(faultOf(Array.from({ length: ITEMS_MAX + 1 }, (_, at) => at).join(', '))).toBe('budget');
    expect(faultOf(`${'('.repeat(DEPTH_MAX)}1${')'.repeat(DEPTH_MAX)}`)).toBe('budget');
    expect(faultOf(`${'('.repeat(8)}1${')'.repeat(8)}`)).toBe('1/1');
  });
});
