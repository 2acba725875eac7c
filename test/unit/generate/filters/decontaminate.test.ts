// Questions of benchmarks are dropped with the place where they stand, and a benchmark that cannot be read stops everything.

import { describe, expect, it } from 'vitest';

import { decontaminate } from '../../../../src/generate/filters/decontaminate.ts';
import { fatesOf, filesOf, pairItem, runStage, stageTools } from '../../../support/stage-world.ts';

const BENCHMARK = [
  { question: 'Who was the first woman to win a Fields Medal?', answer: 'Maryam Mirzakhani' },
  { question: 'Which metal melts in a warm hand, at about thirty degrees?', answer: 'gallium' },
  {
    question:
      'A farmer has 12 hens, each of which lays 5 eggs in a week; how many eggs does the farmer collect in four weeks?',
    answer: '240',
  },
];
const files = filesOf({ 'bench.jsonl': BENCHMARK, 'empty.jsonl': [{ text: 'no question' }] });
const stage = decontaminate.prepare({ against: ['bench.jsonl'] }).stage;

describe('the stage "decontaminate"', () => {
  it.each([
    ['Who was the first woman to win a Fields Medal?', 'contaminated_same_question'],
    ['Which metal, at about thirty degrees, melts in a warm hand?', 'contaminated_same_words'],
    [
      'Suppose a farmer has 12 hens, each of which lays 5 eggs in a week; what are they worth?',
      'contaminated_shared_gram',
    ],
    ['Who was the first woman to win a Turing Award?', 'kept'],
    ['A farmer has 9 hens and sells them; how much does she get?', 'kept'],
  ])('says of %j: %s', async (question, fate) => {
    const outcomes = await runStage(stage, [pairItem(0, { question })], stageTools({ files }));
    expect(fatesOf(outcomes)).toEqual([fate]);
  });

  it('names the file and the number of the benchmark question', async () => {
    const [outcome] = await runStage(
      stage,
      [pairItem(0, { question: BENCHMARK[1]?.question ?? '' })],
      stageTools({ files }),
    );
    expect(outcome?.drops[0]?.detail).toContain('bench.jsonl, question 2');
  });

  it('says which files it reads, so that a plan can open them first', () => {
    expect(decontaminate.prepare({ against: ['a.jsonl', 'b.parquet'] }).reads).toEqual([
      'a.jsonl',
      'b.parquet',
    ]);
  });

  it.each([
    ['empty.jsonl', 'Cannot decontaminate against "empty.jsonl": 0 of its 1 rows'],
    ['missing.jsonl', 'There is no file "missing.jsonl"'],
  ])('fails loudly for %s', async (path, message) => {
    const broken = decontaminate.prepare({ against: [path] }).stage;
    await expect(runStage(broken, [pairItem(0, {})], stageTools({ files }))).rejects.toThrow(message);
  });

  it('refuses to be told of no benchmark', () => {
    expect(() => decontaminate.prepare({})).toThrow('against');
    expect(() => decontaminate.prepare({ against: [] })).toThrow('against');
  });
});
