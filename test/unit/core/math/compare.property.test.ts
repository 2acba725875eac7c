// Laws that hold whatever the expressions are: equal to itself, equal after rewriting, different after adding something.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mathVerifier } from '../../../../src/core/verifiers/math.ts';

const RUNS = { numRuns: 300 };

function verdict(truth: string, answer: string): string {
  const input = {
    answer,
    groundTruth: { answer: truth, aliases: [] },
    choices: [],
    promptText: '',
    options: mathVerifier.parseOptions({}),
  };
  const full = mathVerifier.verify(input).kind;
  expect([full, undefined]).toContain(mathVerifier.quick?.(input)?.kind);
  return full;
}

const whole = fc.integer({ min: -50, max: 50 });
const positive = fc.integer({ min: 1, max: 50 });
const symbol = fc.constantFrom('x', 'y', 'n', 'a_1', '\\alpha');

/** Sums, products, quotients and powers of small numbers and symbols, written as LaTeX. */
const { expression } = fc.letrec<{ expression: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    whole.map((value) => `(${value})`),
    symbol,
    fc.constantFrom('\\pi', '\\sqrt{2}', '\\frac{1}{3}'),
  ),
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie('leaf'),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a} + ${b})`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a} - ${b})`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a} \\cdot ${b}`),
    fc.tuple(tie('expression'), positive).map(([a, b]) => `\\frac{${a}}{${b}}`),
    fc.tuple(tie('expression'), fc.integer({ min: 1, max: 3 })).map(([a, b]) => `(${a})^{${b}}`),
  ),
}));

/** The same and functions that can only be probed. */
const transcendental = fc
  .tuple(expression, fc.constantFrom('\\sin', '\\cos', '\\exp', '\\ln'), symbol)
  .map(([inner, name, variable]) => `${inner} + ${name}(${variable})`);

const any = fc.oneof(expression, transcendental);

describe('mathVerifier.verify()', () => {
  it('takes every expression for itself, spaced in another way', () => {
    fc.assert(
      fc.property(any, (a) => {
        expect(verdict(a, `$ ${a.replaceAll(' ', '  ')} $`)).toBe('correct');
      }),
      RUNS,
    );
  });

  it('does not mind the order of a sum and of a product', () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(verdict(`${a} + ${b}`, `${b} + ${a}`)).toBe('correct');
        expect(verdict(`(${a})(${b})`, `(${b})(${a})`)).toBe('correct');
      }),
      RUNS,
    );
  });

  it('sees through expansion, cancelling and a double sign', () => {
    fc.assert(
      fc.property(expression, expression, positive, (a, b, k) => {
        expect(verdict(`${k}(${a} + ${b})`, `${k}(${a}) + ${k}(${b})`)).toBe('correct');
        expect(verdict(a, `\\frac{${k}(${a})}{${k}}`)).toBe('correct');
        expect(verdict(a, `-(-(${a}))`)).toBe('correct');
        expect(verdict(`(${a} + ${b})^2`, `(${a})^2 + 2(${a})(${b}) + (${b})^2`)).toBe('correct');
      }),
      RUNS,
    );
  });

  it('tells an expression from itself plus a constant, however small', () => {
    fc.assert(
      fc.property(expression, positive, fc.integer({ min: 0, max: 30 }), (a, k, places) => {
        expect(verdict(a, `${a} + ${k} \\cdot 10^{-${places}}`)).not.toBe('correct');
      }),
      RUNS,
    );
  });

  it('tells an expression with a function from itself plus one', () => {
    fc.assert(
      fc.property(transcendental, positive, (a, k) => {
        expect(verdict(a, `${a} + ${k}`)).not.toBe('correct');
      }),
      RUNS,
    );
  });

  it('says the same with the sides of two plain expressions exchanged', () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(verdict(a, b)).toBe(verdict(b, a));
      }),
      RUNS,
    );
  });

  it('takes whole numbers and decimals for equal exactly when they are', () => {
    const decimal = fc.tuple(fc.integer({ min: -2_000, max: 2_000 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(decimal, decimal, ([a, aPlaces], [b, bPlaces]) => {
        const [x, y] = [(a / 10 ** aPlaces).toFixed(aPlaces), (b / 10 ** bPlaces).toFixed(bPlaces)];
        expect(verdict(x, y) === 'correct').toBe(a * 10 ** bPlaces === b * 10 ** aPlaces);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes a fraction for its decimal to the precision and not to one digit less', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999 }),
        fc.constantFrom(7, 11, 13, 17, 19, 23, 29, 31),
        (over, under) => {
          fc.pre(over % under !== 0 && over >= under);
          expect(verdict(`\\frac{${over}}{${under}}`, (over / under).toFixed(6))).toBe('correct');
          const short = (over / under).toFixed(3);
          expect(verdict(`\\frac{${over}}{${under}}`, short)).not.toBe('correct');
        },
      ),
    );
  });

  it('matches lists in any order and no list that is longer, shorter or changed', () => {
    fc.assert(
      fc.property(fc.uniqueArray(whole, { minLength: 2, maxLength: 6 }), fc.gen(), (items, gen) => {
        const shuffled = [...items].toSorted(() => gen(fc.integer, { min: -1, max: 1 }));
        expect(verdict(items.join(', '), shuffled.join(', '))).toBe('correct');
        expect(verdict(items.join(', '), [...shuffled, 77].join(', '))).toBe('incorrect');
        expect(verdict(items.join(', '), shuffled.slice(1).join(', '))).toBe('incorrect');
        expect(verdict(items.join(', '), [...shuffled.slice(1), 77].join(', '))).toBe('incorrect');
      }),
      RUNS,
    );
  });

  it('never pays for two different answers to a question with one', () => {
    const glue = fc.constantFrom(
      ', ',
      ' or ',
      ' and ',
      ' \\text{ or } ',
      ';',
      ' \\text{ and } ',
      ', or ',
      ' or maybe ',
      ' (or ',
    );
    fc.assert(
      fc.property(whole, whole, glue, fc.boolean(), (right, wrong, joiner, isFirst) => {
        fc.pre(right !== wrong);
        const pair = isFirst ? [right, wrong] : [wrong, right];
        // A comma and three digits without a space would be one number, and is not written here.
        expect(verdict(String(right), pair.join(joiner))).not.toBe('correct');
      }),
      RUNS,
    );
  });

  it('takes an inequality times a positive factor, and not times a negative one', () => {
    fc.assert(
      fc.property(whole, positive, fc.constantFrom('<', '>', '\\le', '\\ge'), (bound, factor, sign) => {
        expect(verdict(`x ${sign} ${bound}`, `${factor}x ${sign} ${factor * bound}`)).toBe('correct');
        expect(verdict(`x ${sign} ${bound}`, `-${factor}x ${sign} ${-factor * bound}`)).toBe('incorrect');
      }),
      RUNS,
    );
  });

  it('takes an equation times any factor but zero, and not with another constant', () => {
    fc.assert(
      fc.property(whole, whole, whole, fc.integer({ min: -9, max: 9 }), (a, b, c, k) => {
        fc.pre(a !== 0 && b !== 0 && k !== 0);
        expect(verdict(`${a}x + ${b}y = ${c}`, `${k * a}x + ${k * b}y = ${k * c}`)).toBe('correct');
        expect(verdict(`${a}x + ${b}y = ${c}`, `${k * a}x + ${k * b}y = ${k * c + 1}`)).not.toBe('correct');
      }),
      RUNS,
    );
  });

  it('ends with a verdict on any text', () => {
    const piece = fc.constantFrom(
      '\\frac',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '|',
      '^',
      '_',
      '1',
      'x',
      ',',
      '\\pm',
      '\\text{',
      '\\sqrt',
      '\\{',
      '\\}',
      '=',
      '<',
      '%',
      '\\begin{pmatrix}',
      '\\end{pmatrix}',
      '&',
      '\\\\',
      '!',
      ':',
      'or',
      '∪',
      '\\sum',
      '\\log',
      '$',
      '.',
      '\\not',
      '-',
      "'",
    );
    const text = fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }).map((pieces) => pieces.join(' '));
    fc.assert(
      fc.property(text, text, (truth, answer) => {
        expect(['correct', 'incorrect', 'undecided', 'unusable']).toContain(verdict(truth, answer));
      }),
      { numRuns: 3_000 },
    );
  });
});
