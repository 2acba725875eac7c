// What language models write around and into JSON, and what is read of it.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withLatexKept } from '../../../src/core/latex-escapes.ts';
import { afterThinking, jsonObjectsIn } from '../../../src/core/reply-json.ts';

/** What is read of `{"a": "<written>"}`, where `written` is the text between the quotes as the model wrote it. */
function read(written: string): unknown {
  return jsonObjectsIn(`{"a": "${written}"}`)[0]?.['a'];
}

describe('jsonObjectsIn()', () => {
  it.each<[written: string, meant: string]>([
    ['\\frac{1}{2}', '\\frac{1}{2}'],
    ['\\forall x', '\\forall x'],
    ['\\beta', '\\beta'],
    ['2 \\times 3', '2 \\times 3'],
    ['\\theta_0', '\\theta_0'],
    ['\\text{ kg}', '\\text{ kg}'],
    ['\\tau', '\\tau'],
    ['\\nu = 5', '\\nu = 5'],
    ['a \\neq b', 'a \\neq b'],
    ['\\nabla f', '\\nabla f'],
    ['\\rho g h', '\\rho g h'],
    ['\\rightarrow', '\\rightarrow'],
    ['\\sqrt{2} \\alpha \\Delta', '\\sqrt{2} \\alpha \\Delta'],
    ['\\(x\\) \\[y\\] \\% \\, \\{', '\\(x\\) \\[y\\] \\% \\, \\{'],
    ['\\underline{x}', '\\underline{x}'],
    ['\\\\frac{1}{2} \\\\nu \\\\times', '\\frac{1}{2} \\nu \\times'],
    ['$\\\\$ \\\\\\\\ end', '$\\$ \\\\ end'],
  ])('jsonObjectsIn() keeps the LaTeX of "%s"', (written, meant) => {
    expect(read(written)).toBe(meant);
  });

  it.each<[written: string, meant: string]>([
    ['one\\ntwo', 'one\ntwo'],
    ['one\\nNext', 'one\nNext'],
    ['a\\nuclear', 'a\nuclear'],
    ['a\\tb\\r\\nc', 'a\tb\r\nc'],
    ['a\\ttotal', 'a\ttotal'],
    ['say \\"hi\\" and\\/or', 'say "hi" and/or'],
    ['caf\\u00e9 \\u00E9t\\u00e9', 'café été'],
    ["it\\'s", "it's"],
    ['raw\nbreak and\ttab', 'raw\nbreak and\ttab'],
    ['true null', 'true null'],
    ['a\\b\\f c', 'a\b\f c'],
  ])('jsonObjectsIn() reads the escapes of "%s" as JSON does', (written, meant) => {
    expect(read(written)).toBe(meant);
  });

  it('jsonObjectsIn() reads true, false, null and numbers as JSON does', () => {
    expect(jsonObjectsIn('{"a": true, "b": null, "c": -1.5e3, "d": [false]}')).toEqual([
      { a: true, b: null, c: -1500, d: [false] },
    ]);
  });

  it.each([
    ['a code fence', '```json\n{"a": "x\\frac"}\n```'],
    ['a code fence without a language', '```\n{"a": "x\\frac"}```'],
    ['prose around it', 'Here it is: {"a": "x\\frac"}. Good luck!'],
    ['prose with braces', 'The set {1, 2} gives {"a": "x\\frac"}'],
    ['prose and a code fence', 'Sure!\n\n```json\n{"a": "x\\frac"}\n```\nDone.'],
  ])('jsonObjectsIn() reads an object in %s', (_, text) => {
    expect(jsonObjectsIn(text)).toEqual([{ a: 'x\\frac' }]);
  });

  it('jsonObjectsIn() finds nothing in a text that is cut, and nothing in an open brace repeated', () => {
    expect(jsonObjectsIn('{"a": "x", "b": {"c": 1}, "d')).toEqual([]);
    expect(jsonObjectsIn('{'.repeat(100_000))).toEqual([]);
  });

  it('jsonObjectsIn() reads what JSON.stringify wrote, whatever it holds but controls before letters', () => {
    const text = fc.string({ unit: 'binary' }).map((any) => any.replaceAll(/[\b\f\r\n\t](?=[a-z])/giu, ' '));
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.double({ noNaN: true }), fc.boolean())), (object) => {
        const written = JSON.stringify(object);
        expect(jsonObjectsIn(written)).toEqual([JSON.parse(written)]);
      }),
    );
  });
});

describe('withLatexKept()', () => {
  it('withLatexKept() leaves valid JSON valid and other text outside of strings alone', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(() => JSON.parse(withLatexKept(json))).not.toThrow();
      }),
    );
    expect(withLatexKept('\\frac "\\frac" \\frac')).toBe('\\frac "\\\\frac" \\frac');
  });
});

describe('afterThinking()', () => {
  it('afterThinking() takes what stands behind the last thought', () => {
    expect(afterThinking('<think>{"a":1}</think>{"a":2}')).toBe('{"a":2}');
    expect(afterThinking('no thought')).toBe('no thought');
  });
});
