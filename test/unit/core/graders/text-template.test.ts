// Variables of graders: what each stands for in a row and a completion, and what is refused before anything is scored.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvError } from '../../../../src/core/errors.ts';
import { parseTextTemplate, renderText, truthsFor } from '../../../../src/core/graders/text-template.ts';
import type { GradedCase } from '../../../../src/core/graders/variable.ts';

const CASE: GradedCase = {
  completion: '{"name": "Ada", "tags": ["x", {"deep": 1.5}], "none": null, "__proto__": {"a": 1}}',
  groundTruth: { answer: '18', aliases: ['eighteen'] },
  choices: ['red', 'blue'],
  promptText: 'How many?',
  columns: {
    email: 'a@b.c',
    nested: { list: [1, 2], 'two words': true },
    empty: '',
    nothing: null,
    count: 3,
  },
};

function rendered(text: string, given: GradedCase = CASE): unknown {
  const found = renderText(parseTextTemplate(text, 'input'), given, given.groundTruth.answer);
  return found.kind === 'text' ? found.text : [found.kind, found.variable];
}

function faultOf(text: string): EnvError {
  try {
    parseTextTemplate(text, 'graders.x.input');
  } catch (error) {
    if (error instanceof EnvError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('renderText()', () => {
  it.each([
    ['', ''],
    ['no variables, } and { stay', 'no variables, } and { stay'],
    ['{{ item.reference_answer }}', '18'],
    ['{{item.ground_truth}}', '18'],
    ['{{ item.answer }} eggs, {{item.email}}!', '18 eggs, a@b.c!'],
    ['{{ item.question }}', 'How many?'],
    ['{{ item.choices }}', '["red","blue"]'],
    ['{{ item.choices[1] }}', 'blue'],
    ['{{ item.nested.list[1] }}', '2'],
    ['{{ item["nested"]["two words"] }}', 'true'],
    ["{{ item['nested'] }}", '{"list":[1,2],"two words":true}'],
    ['{{ item.empty }}', ''],
    ['{{ item.count }}', '3'],
    ['{{ sample.output_text }}', CASE.completion],
    ['{{ sample.choices[0].message.content }}', CASE.completion],
    ['{{ sample.output_json.name }}', 'Ada'],
    ['{{ sample.output_json.tags[1].deep }}', '1.5'],
  ])('of %j is %j', (text, expected) => {
    expect(rendered(text)).toBe(expected);
  });

  it.each([
    ['{{ item.nowhere }}', ['absent', 'item.nowhere']],
    ['{{ item.nothing }}', ['absent', 'item.nothing']],
    ['{{ item.nested.list[2] }}', ['absent', 'item.nested.list[2]']],
    ['{{ item.nested.list.length }}', ['absent', 'item.nested.list.length']],
    ['{{ item.email.length }}', ['absent', 'item.email.length']],
    ['{{ item.toString }}', ['absent', 'item.toString']],
    ['{{ item.constructor }}', ['absent', 'item.constructor']],
    ['{{ item.__proto__ }}', ['absent', 'item.__proto__']],
    ['{{ item.answer.length }}', ['absent', 'item.answer.length']],
    ['{{ sample.output_json.none }}', ['missing', 'sample.output_json.none']],
    ['{{ sample.output_json.hasOwnProperty }}', ['missing', 'sample.output_json.hasOwnProperty']],
  ])('of %j finds nothing: %j', (text, expected) => {
    expect(rendered(text)).toEqual(expected);
  });

  it.each([
    ['prose', 'Ada'],
    ['a key twice', '{"name": "Ada", "name": "Bob"}'],
    ['brackets that never end', '['.repeat(50_000)],
    ['brackets nested too deep', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
  ])('takes nothing out of a completion that is %s', (_, completion) => {
    expect(rendered('{{ sample.output_json.name }}', { ...CASE, completion })).toEqual([
      'missing',
      'sample.output_json.name',
    ]);
  });

  it('reads JSON inside a fence', () => {
    const completion = '```json\n{"name": "Ada"}\n```';
    expect(rendered('{{ sample.output_json.name }}', { ...CASE, completion })).toBe('Ada');
  });

  it("prefers a column of the row's own to what its ground truth is known as", () => {
    expect(rendered('{{ item.answer }}', { ...CASE, columns: { answer: 'own' } })).toBe('own');
  });

  it('never reads what a variable stands for again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (completion) => {
        const nested = `${completion}{{ item.email }}`;
        expect(rendered('<{{ sample.output_text }}>', { ...CASE, completion: nested })).toBe(`<${nested}>`);
      }),
    );
  });
});

describe('parseTextTemplate()', () => {
  it.each([
    ['{{ item.a', 'does not close'],
    ['{{ }}', 'Cannot read the variable'],
    ['{{ item }}', 'Cannot read the variable'],
    ['{{ sample }}', 'Cannot read the variable'],
    ['{{ items.a }}', 'Cannot read the variable'],
    ['{{ other.a }}', 'Cannot read the variable'],
    ['{{ item.a | upcase }}', 'Cannot read the variable'],
    ['{{ item.a + 1 }}', 'Cannot read the variable'],
    ['{{ item[0 }}', 'Cannot read the variable'],
    ['{{ item..a }}', 'Cannot read the variable'],
    [`{{ item${'.a'.repeat(5_000)} }}`, 'Cannot read the variable'],
    ['{{ sample.output_tools[0].function.name }}', 'a completion is a text'],
    ['{{ sample.choices[1].message.content }}', 'a completion is a text'],
    ['{{ sample.output_text.length }}', 'a completion is a text'],
    ['{{ sample.output_audio }}', 'a completion is a text'],
  ])('refuses %j: %s', (text, said) => {
    const fault = faultOf(text);
    expect(fault.field).toBe('graders.x.input');
    expect(fault.message).toContain(said);
    expect(fault.message.length).toBeLessThan(400);
  });

  it('refuses thousands of variables', () => {
    expect(() => parseTextTemplate('x{{ item.a }}'.repeat(1_000), 'input')).toThrow('more than 256');
  });
});

describe('truthsFor()', () => {
  it('has the aliases only where a text shows the ground truth', () => {
    const of = (text: string) => truthsFor([parseTextTemplate(text, 'reference')], CASE);
    expect(of('{{ item.reference_answer }}')).toEqual(['18', 'eighteen']);
    expect(of('{{ item.email }}')).toEqual(['18']);
    expect(
      truthsFor([parseTextTemplate('{{ item.answer }}', 'r')], { ...CASE, columns: { answer: 'x' } }),
    ).toEqual(['18']);
  });
});
