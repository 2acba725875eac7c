// What counts as a repetition of an earlier question, and what does not.

import { describe, expect, it } from 'vitest';

import { deduplicatePassages } from '../../../../src/generate/filters/deduplicate-passages.ts';
import { deduplicate } from '../../../../src/generate/filters/deduplicate.ts';
import { rougeL } from '../../../../src/generate/filters/rouge-l.ts';
import { rootKey, type PassageItem } from '../../../../src/generate/item.ts';
import { fatesOf, pairItem, runStage } from '../../../support/stage-world.ts';

const passage = (text: string) => ({
  documentId: 'd1',
  source: 'curie.md',
  title: undefined,
  text,
  span: { start: 0, end: text.length },
  license: undefined,
});

const person = (name: string) => `What was the nationality of the physicist ${name}?`;

describe('the stage "deduplicate"', () => {
  const first = 'In which year did Marie Curie win the Nobel Prize in Physics?';
  const cases: readonly (readonly [string, object, object, string])[] = [
    ['the same words', {}, { question: first.toUpperCase() }, 'near_duplicate'],
    [
      'another persona',
      { persona: 'historian' },
      { persona: 'physicist', question: 'In which year did Marie Curie win a Nobel Prize in Physics?' },
      'near_duplicate_across_personas',
    ],
    [
      'another number',
      { question: 'What is 17 times 3 minus 5?' },
      { question: 'What is 17 times 3 minus 6?' },
      'kept',
    ],
    ['another question', {}, { question: 'Who discovered radium?' }, 'kept'],
  ];
  it.each(cases)('says of %s: %s %s → %s', async (_, one, other, fate) => {
    const { stage } = deduplicate.prepare({});
    const items = [pairItem(0, { question: first, ...one }), pairItem(1, { question: first, ...other })];
    expect(fatesOf(await runStage(stage, items))).toEqual(['kept', fate]);
  });

  const facts = (answer: string) => [
    pairItem(0, { question: first, answer: '1903' }, { passage: passage('In 1903 …') }),
    pairItem(
      1,
      { question: 'What year saw Marie Curie win the Nobel Prize?', answer },
      { passage: passage('…') },
    ),
  ];

  it('drops a fact of a document that is asked for twice, and says what it repeats', async () => {
    const { stage } = deduplicate.prepare({});
    const outcomes = await runStage(stage, facts('the 1903'));
    expect(fatesOf(outcomes)).toEqual(['kept', 'same_fact']);
    expect(outcomes[1]?.drops[0]?.detail).toContain(first);
  });

  it('keeps two facts of a document, and one fact twice when it is told to', async () => {
    const both = ['kept', 'kept'];
    expect(fatesOf(await runStage(deduplicate.prepare({}).stage, facts('1911')))).toEqual(both);
    const { stage } = deduplicate.prepare({ same_fact: false });
    expect(fatesOf(await runStage(stage, facts('1903')))).toEqual(both);
  });

  it('keeps what a document says alike of two persons, and drops what it says of one by a longer name', async () => {
    const { stage } = deduplicate.prepare({ similarity: 0.9 });
    const items = ['Jean Perrin', 'Pierre Curie', 'Jean Baptiste Perrin'].map((name, at) =>
      pairItem(at, { question: person(name), answer: 'French' }, { passage: passage('…') }),
    );
    expect(fatesOf(await runStage(stage, items))).toEqual(['kept', 'kept', 'same_fact']);
  });

  const told: readonly (readonly [string, readonly [string, string], readonly [string, string], string])[] = [
    [
      'another answer',
      ['What is the SI unit of time?', 'second'],
      ['What is the SI unit of force?', 'newton'],
      'kept',
    ],
    ['another person', [person('Jean Perrin'), 'French'], [person('Pierre Curie'), 'French'], 'kept'],
    [
      'the same answer',
      ['What is the term for the quantity of matter in a substance?', 'mass'],
      ['What is the term for the amount of matter in an object?', 'Mass'],
      'near_duplicate',
    ],
    [
      'the same words',
      ['What is entropy a measure of?', 'disorder'],
      ['What is entropy a measure of?', 'a mess'],
      'near_duplicate',
    ],
  ];
  it.each(told)('tells short questions apart by answers and names: %s', async (_, one, other, fate) => {
    const { stage } = deduplicate.prepare({ similarity: 0.4, answers_distinguish: true });
    const items = [one, other].map(([question, answer], at) => pairItem(at, { question, answer }));
    expect(fatesOf(await runStage(stage, items))).toEqual(['kept', fate]);
  });

  it('takes questions that differ in numbers alone for the same when it is told to', async () => {
    const { stage } = deduplicate.prepare({ numbers_distinguish: false });
    const items = [17, 18].map((n, at) =>
      pairItem(at, {
        question: `A train leaves at noon and goes ${n} kilometres to the north before it stops.`,
      }),
    );
    expect(fatesOf(await runStage(stage, items))).toEqual(['kept', 'near_duplicate']);
  });

  it('refuses options that it does not take', () => {
    expect(() => deduplicate.prepare({ similarity: 0 })).toThrow('similarity');
    expect(() => deduplicate.prepare({ threshold: 0.5 })).toThrow('threshold');
  });
});

describe('the stage "deduplicate_passages"', () => {
  it('drops a passage that nearly repeats an earlier one and names that one', async () => {
    const text = Array.from({ length: 200 }, (_, at) => `word${at}`).join(' ');
    const items = [text, `${text} and one more`, text.replaceAll('word', 'term')].map(
      (each, at): PassageItem => ({ kind: 'passage', key: rootKey(at), passage: passage(each), notes: {} }),
    );
    const outcomes = await runStage(deduplicatePassages.prepare({}).stage, items);
    expect(fatesOf(outcomes)).toEqual(['kept', 'near_duplicate', 'kept']);
    expect(outcomes[1]?.drops[0]?.detail).toContain('curie.md');
  });
});

describe('the stage "rouge_l"', () => {
  it('keeps a question only when its ROUGE-L with each that stays is at most the limit', async () => {
    const questions = ['Name the capital of France', 'Name the capital of Spain', 'Who wrote Hamlet?'];
    const items = questions.map((question, at) => pairItem(at, { question }));
    // Four of five words in common: 0.8.
    expect(fatesOf(await runStage(rougeL.prepare({}).stage, items))).toEqual([
      'kept',
      'similar_question',
      'kept',
    ]);
    expect(fatesOf(await runStage(rougeL.prepare({ max: 0.8 }).stage, items))).toEqual([
      'kept',
      'kept',
      'kept',
    ]);
  });
});
