// Formulas: what they come to, what they refuse, and that no text makes them anything else.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvError } from '../../../src/core/errors.ts';
import { evaluateFormula, namesIn, parseFormula } from '../../../src/core/formula.ts';

const VALUES = new Map([
  ['a', 0.5],
  ['b', 2],
  ['max', 7],
  ['zero', 0],
]);

function value(text: string): number | undefined {
  return evaluateFormula(parseFormula(text, 'formula'), VALUES);
}

function faultOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('evaluateFormula()', () => {
  it.each([
    ['1', 1],
    [' .5 + 1.5e0 ', 2],
    ['1 - 2 - 3', -4],
    ['8 / 4 / 2', 1],
    ['2 + 3 * 4 ^ 2', 50],
    ['2 ^ 3 ^ 2', 512],
    ['-2 ^ 2', -4],
    ['(-2) ^ 2', 4],
    ['2 ^ -1', 0.5],
    ['--2', 2],
    ['+3', 3],
    ['(a + b) / 2', 1.25],
    ['0.5 * a + 0.5 * b', 1.25],
    ['min(a, b, 0.1)', 0.1],
    ['max(a, b) * max', 14],
    ['abs(-a)', 0.5],
    ['floor(2.7) + ceil(2.1)', 5],
    ['exp(0) + log(1) + sqrt(4)', 3],
    ['log(exp(2))', 2],
  ])('of %j is %d', (text, expected) => {
    expect(value(text)).toBeCloseTo(expected, 12);
  });

  it.each([
    '1 / zero',
    'log(zero)',
    'sqrt(-1)',
    '(-8) ^ (1/3)',
    'exp(1000)',
    '1e7',
    'unknown',
    '1 / (1 / zero)',
    '(zero / zero) ^ 0',
    'min(1, 1 / zero)',
    'max(1, log(zero))',
  ])('of %j is none', (text) => {
    expect(value(text)).toBeUndefined();
  });

  it('agrees with plain arithmetic on any formula of numbers', () => {
    const leaf = fc.integer({ min: 0, max: 9 }).map((number) => ({ text: String(number), value: number }));
    const tree = fc.letrec<{ node: { text: string; value: number } }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc
          .tuple(tie('node'), fc.constantFrom('+', '-', '*', '/'), tie('node'))
          .map(([left, mark, right]) => ({
            text: `(${left.text} ${mark} ${right.text})`,
            value: {
              '+': left.value + right.value,
              '-': left.value - right.value,
              '*': left.value * right.value,
              '/': left.value / right.value,
            }[mark],
          })),
      ),
    })).node;
    fc.assert(
      fc.property(tree, ({ text, value: expected }) => {
        const found = value(text);
        if (found === undefined) return;
        expect(found).toBeCloseTo(expected, 6);
      }),
    );
  });
});

describe('parseFormula()', () => {
  it.each([
    ['', 'ends too early'],
    ['   ', 'ends too early'],
    ['1 +', 'ends too early'],
    ['(1', 'not closed'],
    ['min(1', 'not closed'],
    ['1)', 'not expected'],
    ['1 2', 'not expected'],
    ['a b', 'not expected'],
    ['* 2', 'not expected'],
    ['a.b', 'is no part of one'],
    ['a ? 1 : 2', 'is no part of one'],
    ['a = 1', 'is no part of one'],
    ['"a"', 'is no part of one'],
    ['a % 2', 'is no part of one'],
    ['eval(1)', 'there is no function "eval"'],
    ['constructor(1)', 'there is no function "constructor"'],
    ['abs(1, 2)', 'at most 1'],
    ['min()', 'not expected'],
    ['('.repeat(200) + '1' + ')'.repeat(200), 'too deep'],
    ['-'.repeat(500) + '1', 'too deep'],
    [`1${'^1'.repeat(300)}`, 'too deep'],
    [`1${'+1'.repeat(4_000)}`, 'too deep'],
    ['1'.repeat(10_001), 'at most 10000 characters'],
  ])('refuses %j: %s', (text, said) => {
    expect(() => parseFormula(text, 'calculate_output')).toThrow(said);
    expect(() => parseFormula(text, 'calculate_output')).toThrow(
      expect.objectContaining({ field: 'calculate_output' }),
    );
  });

  it('takes or refuses any text, in words', () => {
    const pieces = fc.constantFrom(
      'a',
      '1',
      '+',
      '-',
      '*',
      '/',
      '^',
      '(',
      ')',
      ',',
      ' ',
      'min',
      '.',
      '__proto__',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
        ),
        (text) => {
          const fault = faultOf(() => evaluateFormula(parseFormula(text, 'f'), VALUES));
          expect(fault === undefined || fault instanceof EnvError).toBe(true);
        },
      ),
    );
  });

  it('namesIn() tells each name once, and no function', () => {
    expect(namesIn(parseFormula('b + min(a, b) * __proto__', 'f'))).toEqual(['b', 'a', '__proto__']);
  });
});
