// Questions of a benchmark in disguise are found whatever their length, and near misses are left alone.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BenchmarkIndex, type ContaminationRule } from '../../../../src/core/similarity/contamination.ts';
import { GramTable } from '../../../../src/core/similarity/gram-table.ts';

const SHORT = 'What is the capital city of old Mongolia?';
const LONG =
  'A baker sells 12 loaves in the morning and twice as many in the afternoon; how many loaves does the baker sell on that day?';
const ABOUT_RIVERS = 'Which river flows through Vienna, Budapest and Belgrade?';

function index(): BenchmarkIndex {
  const benchmark = new BenchmarkIndex();
  for (const question of [SHORT, LONG, ABOUT_RIVERS, 'Why?']) benchmark.add(question);
  return benchmark;
}

describe('BenchmarkIndex.find()', () => {
  const cases: readonly (readonly [string, ContaminationRule | undefined])[] = [
    [SHORT, 'same_question'],
    ['what is the CAPITAL city of old Mongolia', 'same_question'],
    ['Please say: what is the capital city of old Mongolia', 'shared_gram'],
    ['Through Vienna, Budapest and Belgrade, which river flows?', 'same_words'],
    ['Which rivers flow through Belgrade, Vienna and Budapest?', 'same_words'],
    [`On Monday, ${LONG.toLowerCase()} Explain.`, 'shared_gram'],
    [
      'He knows that a baker sells 12 loaves in the morning and twice as many in summer. How many?',
      'shared_gram',
    ],
    ['Which river flows through Vienna, Bratislava and Belgrade?', undefined],
    ['What is the capital city of new Mongolia?', undefined],
    ['A baker sells 15 loaves in the evening and half as many at night; how many is that?', undefined],
    ['Why? Because.', undefined],
    ['', undefined],
    ['?!', undefined],
  ];
  it.each(cases)('find(%j) is %s', (question, rule) => {
    expect(index().find(question)?.rule).toBe(rule);
  });

  it('names the question of the benchmark and what both have in common', () => {
    expect(index().find(LONG)).toMatchObject({ benchmark: 1, rule: 'same_question' });
    expect(index().find(`Tell me, ${LONG}`)).toMatchObject({
      benchmark: 1,
      evidence: 'a baker sells 12 loaves in the morning and twice as many in',
    });
  });

  it('finds a short benchmark question that stands whole in a longer one', () => {
    const benchmark = new BenchmarkIndex();
    benchmark.add('Who painted Guernica in Paris?');
    expect(benchmark.find('Think hard: who painted Guernica in Paris? Give the name.')?.rule).toBe(
      'contains_question',
    );
  });

  it('finds a question by what it has in common with question and answer together', () => {
    const benchmark = new BenchmarkIndex();
    benchmark.add('Name the longest river of South America', 'the Amazon River in Brazil and Peru');
    const found = benchmark.find(
      'One learns to name the longest river of South America',
      'the Amazon River in Brazil and Peru',
    );
    expect(found?.rule).toBe('shared_gram');
  });

  it('finds every question that was added, however it is spelt', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 20 }), (questions) => {
        const benchmark = new BenchmarkIndex();
        for (const question of questions) benchmark.add(question);
        for (const question of questions) {
          if (!/[\p{L}\p{N}]/u.test(question.normalize('NFKD'))) continue;
          expect(benchmark.find(`  ${question} ?`)?.rule).toBe('same_question');
        }
      }),
    );
  });
});

describe('GramTable', () => {
  it('keeps the first value of each text through all its growing', () => {
    const table = new GramTable();
    for (let at = 0; at < 50_000; at += 1) table.add(`gram ${at}`, at);
    for (let at = 0; at < 50_000; at += 1) table.add(`gram ${at}`, 7);
    expect(table.size).toBe(50_000);
    for (let at = 0; at < 50_000; at += 501) expect(table.find(`gram ${at}`)).toBe(at);
    expect(table.find('gram 50000')).toBeUndefined();
  });
});
