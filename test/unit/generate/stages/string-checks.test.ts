import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AnswerType } from '../../../../src/core/qa-pair.ts';
import { stringChecks } from '../../../../src/generate/stages/string-checks.ts';
import { statedIn } from '../../../../src/generate/stages/stated-answer.ts';
import { pairFrom } from '../../../support/passages.ts';
import { fatesOf, runStage } from '../../../support/stage-world.ts';

async function fateOf(
  draft: Parameters<typeof pairFrom>[1],
  { text = 'A passage.', options = {} }: { readonly text?: string; readonly options?: object } = {},
): Promise<string | undefined> {
  const { stage } = stringChecks.prepare(options);
  return fatesOf(await runStage(stage, [pairFrom(text, draft)]))[0];
}

const GOOD = [
  'What is the SI unit of force?',
  'How long does it take light to travel from the Sun to the Earth?',
  'In which country was the Treaty of Versailles signed?',
  'A ball is thrown up at 20 m/s. How high does it go?',
  'At what distance from the source does a wave that travels at 3 m/s arrive after 2 s?',
  'When was the United Nations founded?',
  'Find the derivative of x^2 with respect to x.',
  'Is it possible for a convex mirror to form a real image?',
  'If a gas is heated at constant volume, how does this affect its pressure?',
  'What is the electric current in a circuit of 2 ohms at 4 V?',
  'Who wrote the text of the Declaration of Independence?',
  'Who was the author of the novel Middlemarch?',
  'Which poem says "do not go gentle into this night"?',
  'Based on the material of a rod, which constant relates its stress to its strain?',
  'What is stated in Article 5 of the North Atlantic Treaty about attacks?',
  'Fill in the blank: the capital of Peru is ____.',
  'According to Aristotle, what is the highest good?',
  '光の速さは何ですか？',
];

const BAD: readonly (readonly [string, string])[] = [
  ['cites_passage', 'According to the passage, what is the unit of force?'],
  ['cites_passage', 'What does the author say about friction?'],
  ['cites_passage', 'As described in the text, what causes rust?'],
  ['cites_passage', 'Based on the information provided, who won the race?'],
  ['cites_passage', 'In this chapter, which law is introduced first?'],
  ['cites_passage', 'Which year does the article mention as the founding year?'],
  ['dangling_reference', 'What is the name of this process?'],
  ['dangling_reference', 'What quantity is shown in Figure 3 of the experiment?'],
  ['dangling_reference', 'What is the solution of equation (4.2)?'],
  ['dangling_reference', 'As described above, which metal is used?'],
  ['dangling_reference', 'When was it founded?'],
  ['dangling_reference', 'How many books did she write?'],
  ['dangling_reference', 'What is the latter called?'],
  ['depends_on_time', 'Who is the current president of Peru?'],
  ['depends_on_time', 'How many people live in Peru today?'],
  ['not_a_question', 'The capital of Peru'],
  ['empty_question', '  Why? '],
];

describe('string_checks', () => {
  test.each(GOOD)('keeps "%s"', async (question) => {
    expect(await fateOf({ question, answer: 'zanzibar' })).toBe('kept');
  });

  test.each(BAD)('drops as %s "%s"', async (reason, question) => {
    expect(await fateOf({ question, answer: 'zanzibar' })).toBe(reason);
  });

  test.each<[string, string, string, AnswerType]>([
    ['a name', 'Who was Marie Curie, the chemist whose first name was Marie?', 'marie curie', 'text'],
    ['a year', 'What did Einstein publish in 1905, and when?', '1905', 'number'],
    ['a number in words', 'What is the number of the two moons of Mars?', '2', 'number'],
    ['a quantity in another unit', 'How long, at 1.5 km, is the bridge?', '1500 m', 'quantity'],
    ['a date in another form', 'On which day, 7 November 1867, was she born?', '1867-11-07', 'date'],
    ['one of two options', 'Is mercury at room temperature a metal or a gas?', 'a metal', 'text'],
  ])('drops a question that leaks %s', async (_, question, answer, answerType) => {
    expect(await fateOf({ question, answer, answerType })).toBe('leaks_answer');
  });

  test('sees an alias that leaks', async () => {
    const draft = { question: 'Which body is called the UN?', answer: 'United Nations', aliases: ['UN'] };
    expect(await fateOf(draft)).toBe('leaks_answer');
  });

  test.each<[string, string, AnswerType]>([
    ['Is ice lighter than water, yes or no?', 'yes', 'boolean'],
    ['Which is larger? A) Mars B) Venus', 'B', 'choice'],
    ['How many legs has a spider with 16 eyes?', '8', 'number'],
    ['How heavy is a 2 m rod that weighs 3 kg per metre?', '6 kg', 'quantity'],
    ['In which city does the party meet?', 'art', 'text'],
  ])('sees no leak in "%s" of "%s"', async (question, answer, answerType) => {
    expect(await fateOf({ question, answer, answerType })).toBe('kept');
  });

  test.each([
    ['empty_answer', ' '],
    [
      'long_answer',
      'It is a very long sentence that nobody would compare with anything, as it has more than twenty words in it.',
    ],
    ['long_answer', 'x'.repeat(201)],
  ])('drops as %s the answer "%s"', async (reason, answer) => {
    expect(await fateOf({ question: 'What is the answer to everything?', answer })).toBe(reason);
  });

  const EVIDENCE = 'Mars has two moons. The larger, Phobos, was found on 18 August 1877 and is 22 km across.';

  test.each<[string, AnswerType, string]>([
    ['2', 'number', 'kept'],
    ['3', 'number', 'answer_not_in_evidence'],
    ['phobos', 'text', 'kept'],
    ['Deimos', 'text', 'answer_not_in_evidence'],
    ['Phob', 'text', 'answer_not_in_evidence'],
    ['1877-08-18', 'date', 'kept'],
    ['1877', 'date', 'kept'],
    ['1877-08-19', 'date', 'answer_not_in_evidence'],
    ['22,000 m', 'quantity', 'kept'],
    ['22 m', 'quantity', 'answer_not_in_evidence'],
    // Nothing to look up: a verdict and a formula need not stand there.
    ['yes', 'boolean', 'kept'],
    ['x^2', 'math', 'kept'],
  ])('of the answer "%s" (%s) to its evidence: %s', async (answer, answerType, fate) => {
    const draft = { question: 'What is asked for here?', answer, answerType, evidence: EVIDENCE };
    expect(await fateOf(draft, { text: EVIDENCE })).toBe(fate);
  });

  test('looks only within the evidence, and only where the recipe wants it', async () => {
    const draft = { question: 'What is asked for here?', answer: 'Phobos', evidence: 'Mars has two moons.' };
    expect(await fateOf(draft, { text: EVIDENCE })).toBe('answer_not_in_evidence');
    expect(await fateOf(draft, { text: EVIDENCE, options: { answer_in_evidence: false } })).toBe('kept');
  });
});

describe('string_checks { brings_own_text: true }', () => {
  const options = { brings_own_text: true };
  const seeds = readFileSync(join(import.meta.dirname, '../../../../examples/seeds/tasks.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly question: string; readonly answer: string });

  test.each(seeds.map(({ question, answer }) => [question.slice(0, 40), { question, answer }]))(
    'keeps the task "%s…", as the seeds that come along have it',
    async (_, draft) => {
      expect(await fateOf(draft, { options })).toBe('kept');
    },
  );

  test.each([
    ['depends_on_time', { question: 'Name the current president of the club.', answer: 'Ann' }],
    ['long_answer', { question: 'Repeat these words.', answer: 'and so on '.repeat(30) }],
    ['empty_answer', { question: 'Repeat these words.', answer: ' ' }],
  ])('drops as %s what no text of its own excuses', async (reason, draft) => {
    expect(await fateOf(draft, { options })).toBe(reason);
  });
});

describe('statedIn()', () => {
  test('takes time linear in a long text', () => {
    const text = 'number one hundred and two, '.repeat(5_000);
    const { draft } = pairFrom('x', { answer: '7 km', answerType: 'quantity' });
    expect(statedIn(text, draft)).toBeUndefined();
  });
});
