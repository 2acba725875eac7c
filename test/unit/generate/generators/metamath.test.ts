// The methods of MetaMath: rewordings, backward questions, new solutions, and the questions that they begin with.

import { describe, expect, it } from 'vitest';

import { loadPromptDataFiles } from '../../../../src/adapters/prompt-data-files.ts';
import { answerAugmentation } from '../../../../src/generate/generators/answer-augmentation.ts';
import { fobar } from '../../../../src/generate/generators/fobar.ts';
import { freeLetter, numberOf, numbersIn } from '../../../../src/generate/generators/numbers.ts';
import { readPairs } from '../../../../src/generate/generators/read-pairs.ts';
import { rephrase } from '../../../../src/generate/generators/rephrase.ts';
import { selfVerification } from '../../../../src/generate/generators/self-verification.ts';
import type { Item, PairItem } from '../../../../src/generate/item.ts';
import { majorityVote } from '../../../../src/generate/synthetic/majority-vote.ts';
import { draftPairOf } from '../../../../src/commands/generate/draft-pair.ts';
import {
  fatesOf,
  filesOf,
  pairItem,
  type Reply,
  runStage,
  scripted,
  stageTools,
  tableOf,
} from '../../../support/stage-world.ts';

const QUESTION = 'Tom has 5 bags with 12 marbles each and loses 7. How many marbles are left?';
const ANSWER = '53';
const tools = (reply: Reply) => stageTools({ ask: scripted(reply), data: loadPromptDataFiles() });
const noModel = () => stageTools({ data: loadPromptDataFiles() });
const pairs = (items: readonly Item[] = []): readonly PairItem[] =>
  items.flatMap((item) => (item.kind === 'pair' ? [item] : []));
const marbles = () => pairItem(0, { question: QUESTION, answer: ANSWER });
const saying = (statement: string) => tools(() => ({ statement }));

describe('numbersIn()', () => {
  it.each([
    ['whole numbers and decimals', 'Buy 3 pens at 1.25 euros', ['3', '1.25']],
    ['groups of thousands', 'a town of 12,500 people', ['12500']],
    ['a fraction as one number', 'uses 3/4 of it', ['3/4']],
    ['money and per cent', 'a $20 shirt, 15% off', ['20', '15']],
    ['a negative number, but no subtraction', 'from -4 to 9 and 8 - 3', ['-4', '9', '8', '3']],
    ['the number in "6-year-old"', 'a 6-year-old', ['6']],
    ['no part of a name, a date, a time or a range', 'COVID-19, A4, 2020-01-05, 3:30, 4-6 eggs', []],
    ['no ordinal and no unit that is joined', 'the 3rd of 5km', []],
    ['no step of a list', '1. Take 2 eggs.\n2) Add 30 grams.', ['2', '30']],
    ['no exponent, base or index', 'x^2 + 3x + a_1 = 10^4 and \\frac{1}{2}', []],
    ['no digits of a longer number', 'call 0.5.3 or 1,23', []],
  ])('takes %s', (_, text, numbers) => {
    expect(numbersIn(text).map((place) => place.text)).toEqual(numbers);
  });

  it('gives places that lead back to the text', () => {
    const text = 'From −2 to 1,000: 3/4 of it.';
    expect(numbersIn(text).map(({ start, end }) => text.slice(start, end))).toEqual(['−2', '1,000', '3/4']);
  });
});

describe('numberOf() and freeLetter()', () => {
  it('numberOf() reads a text that is one number and no other', () => {
    expect(['53', '1,200', '3/4', '-2', 'about 3', '3 apples', '', '1 2'].map(numberOf)).toEqual([
      53,
      1200,
      0.75,
      -2,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('freeLetter() avoids letters that stand for something', () => {
    expect(['one', 'Let x be 2x', 'x and Y', 'xylophone'].map(freeLetter)).toEqual(['x', 'y', 'z', 'x']);
  });
});

describe('the stage "fobar"', () => {
  const { stage } = fobar.prepare({ prove: { samples: 0 } });
  const made = async (question: string, answer: string) =>
    (await runStage(stage, [pairItem(0, { question, answer })], noModel()))[0];

  it('hides each number in turn, without any model; the answer is the number that was hidden', async () => {
    const outcome = await made(QUESTION, ANSWER);
    const [original, ...children] = pairs(outcome?.kept);
    expect(original?.draft.question).toBe(QUESTION);
    expect(children.map(({ draft }) => [draft.question.split('\n')[0], draft.answer])).toEqual([
      ['Tom has x bags with 12 marbles each and loses 7. How many marbles are left?', '5'],
      ['Tom has 5 bags with x marbles each and loses 7. How many marbles are left?', '12'],
      ['Tom has 5 bags with 12 marbles each and loses x. How many marbles are left?', '7'],
    ]);
    for (const { draft } of children) {
      expect(draft.question).toContain('53');
      expect(draft).toMatchObject({ answerType: 'number', generator: 'fobar' });
    }
  });

  it('asks for no number whose value stands elsewhere in the question or in its answer', async () => {
    const outcome = await made('5 boxes hold 5.0 pens each, 6 are red. How many pens minus 19?', '6');
    expect(pairs(outcome?.kept).map(({ draft }) => draft.answer)).toEqual(['6', '19']);
    expect(outcome?.drops.map(({ reason }) => reason)).toEqual(Array(3).fill('number_stated_twice'));
  });

  it.each([
    ['an answer that is no number', QUESTION, 'forty', 'answer_not_a_number'],
    ['a question without numbers', 'How many legs has a spider?', '8', 'no_number_to_ask_for'],
  ])('keeps the original of %s, and says why there is no more', async (_, question, answer, reason) => {
    const outcome = await made(question, answer);
    expect(pairs(outcome?.kept).map(({ draft }) => draft.question)).toEqual([question]);
    expect(outcome?.drops[0]?.reason).toBe(reason);
  });

  it('keeps only questions of which a reply matches the known number', async () => {
    const proving = fobar.prepare({ prove: { samples: 2 }, keep_original: false }).stage;
    const by = tools(({ values, sample }) =>
      String(values['question']).includes('with x marbles') && sample === 1 ? 'Answer: 12' : 'Answer: 99',
    );
    const [outcome] = await runStage(proving, [marbles()], by);
    expect(
      pairs(outcome?.kept).map(({ draft, costUsd, notes }) => [draft.answer, costUsd, notes['matches']]),
    ).toEqual([['12', 0.002, { matches: 1, samples: 2 }]]);
    expect(outcome?.drops.map(({ reason }) => reason)).toEqual(['answer_not_matched', 'answer_not_matched']);
  });

  it('makes nothing of what a method has made, and nothing twice of one question', async () => {
    const first = await made(QUESTION, ANSWER);
    const again = await runStage(stage, first?.kept ?? [], noModel());
    expect(again.flatMap(({ kept }) => kept)).toEqual(first?.kept);
  });

  it('puts a question that has braces of its own, and text like a placeholder, as it is', async () => {
    const outcome = await made('{answer} {x} $& 4 and 6?', '10');
    expect(pairs(outcome?.kept)[1]?.draft.question).toMatch(/^\{answer\} \{x\} \$& y and 6\?\n/u);
  });
});

describe('the stage "self_verification"', () => {
  const { stage } = selfVerification.prepare({ prove: { samples: 0 }, keep_original: false });

  it('hides numbers of the statement that a model made of question and answer', async () => {
    const statement = 'Tom has 5 bags with 12 marbles each and loses 7. 53 marbles are left.';
    const [outcome] = await runStage(stage, [marbles()], saying(statement));
    expect(pairs(outcome?.kept).map(({ draft }) => [draft.question.split('\n')[0], draft.answer])).toEqual([
      ['Tom has x bags with 12 marbles each and loses 7. 53 marbles are left.', '5'],
      ['Tom has 5 bags with x marbles each and loses 7. 53 marbles are left.', '12'],
      ['Tom has 5 bags with 12 marbles each and loses x. 53 marbles are left.', '7'],
    ]);
  });

  it.each([
    ['still asks', 'Tom has 5 bags of 12, loses 7. Are 53 left?', 'not_a_statement'],
    ['has lost the answer', 'Tom has 5 bags with 12 marbles and loses 7.', 'answer_not_in_statement'],
    [
      'has lost a number',
      'Tom loses 7 of the 12 marbles in his bags; 53 are left.',
      'number_not_once_in_statement',
    ],
    [
      'says a number twice',
      'Tom has 5 bags, yes 5, with 12 marbles, loses 7; 53 are left.',
      'number_not_once_in_statement',
    ],
  ])('drops what cannot be hidden in a statement that %s', async (_, statement, reason) => {
    const [outcome] = await runStage(stage, [marbles()], saying(statement));
    expect(outcome?.drops.map((drop) => drop.reason)).toContain(reason);
  });
});

describe('the stage "rephrase"', () => {
  const { stage } = rephrase.prepare({ wordings: 3, prove: { samples: 2, matches: 2 } });

  it('keeps wordings that lead to the known answer, beside the original, and drops the others', async () => {
    const by = tools(({ prompt, sample, values }) => {
      if (prompt === 'rephrase/question') {
        return { question: [`${QUESTION.toUpperCase()}!`, 'Another wording, 53?', 'A changed one?'][sample] };
      }
      return String(values['question']).startsWith('Another') ? 'So it is.\nAnswer: 53' : 'Answer: 60';
    });
    const [outcome] = await runStage(stage, [marbles()], by);
    expect(pairs(outcome?.kept).map(({ draft }) => [draft.question, draft.answer])).toEqual([
      [QUESTION, ANSWER],
      ['Another wording, 53?', ANSWER],
    ]);
    expect(outcome?.drops.map(({ reason }) => reason)).toEqual(['same_wording', 'answer_not_matched']);
  });

  it('keeps a family in one split: all have the document id of the original question', async () => {
    const by = tools(({ prompt }) =>
      prompt === 'rephrase/question' ? { question: 'Other words?' } : 'Answer: 53',
    );
    const [outcome] = await runStage(stage, [marbles()], by);
    const ids = pairs(outcome?.kept).map((item) => draftPairOf(item).provenance.documentId);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/u);
    expect(new Set(ids).size).toBe(1);
  });

  it('gives the children of several methods keys that never meet', async () => {
    const by = tools(({ prompt }) =>
      prompt === 'rephrase/question' ? { question: 'Other words?' } : 'Answer: 53',
    );
    const [reworded] = await runStage(stage, [marbles()], by);
    const backward = await runStage(
      fobar.prepare({ prove: { samples: 0 } }).stage,
      reworded?.kept ?? [],
      noModel(),
    );
    const keys = backward.flatMap(({ kept }) => kept.map(({ key }) => key));
    expect(keys).toHaveLength(5);
    expect(new Set(keys).size).toBe(5);
  });
});

describe('the stage "answer_augmentation"', () => {
  it('adds no prompt: it notes the matches and the shortest right solutions, and drops where too few match', async () => {
    const { stage } = answerAugmentation.prepare({ samples: 4, agreement: 0.5, solutions: 2 });
    const by = tools(({ values, sample }) =>
      String(values['question']).startsWith('Bad')
        ? 'Answer: 1'
        : ['Long, long way.\nAnswer: 53', 'Short.\nAnswer: 53', undefined, 'Answer: 4'][sample],
    );
    const outcomes = await runStage(stage, [marbles(), pairItem(1, { question: 'Bad?', answer: '53' })], by);
    expect(fatesOf(outcomes)).toEqual(['kept', 'labels_disagree']);
    const [augmented] = pairs(outcomes[0]?.kept);
    expect(outcomes[0]?.kept).toHaveLength(1);
    expect(augmented?.notes['answer_augmentation']).toEqual({
      matches: 2,
      samples: 4,
      solutions: ['Short.\nAnswer: 53', 'Long, long way.\nAnswer: 53'],
    });
    expect(augmented?.draft.aliases).toEqual([]);
  });
});

async function read(rows: readonly object[], options: object = {}) {
  const { stage } = readPairs.prepare({ files: ['a.jsonl'], ...options });
  if (stage.kind !== 'whole') throw new TypeError('It looks at one item at a time');
  const outcomes = [];
  for await (const { outcome } of stage.apply(
    tableOf([]),
    stageTools({ files: filesOf({ 'a.jsonl': rows }) }),
  )) {
    outcomes.push(outcome);
  }
  return outcomes;
}

describe('the stage "read_pairs"', () => {
  it('reads pairs of a known layout, questions alone, and columns that are named', async () => {
    const gsm = await read([{ question: 'How many?', answer: 'Two and two.\n#### 4' }]);
    const alone = await read([{ instruction: ' Name a colour. ' }, { nothing: 1 }]);
    const named = await read([{ q: 'Six?', a: '6' }], { map: 'question=q,ground_truth=a' });
    expect([gsm, named].map((outcomes) => pairs(outcomes[0]?.kept)[0]?.draft)).toMatchObject([
      { question: 'How many?', answer: '4', generator: 'read_pairs' },
      { question: 'Six?', answer: '6' },
    ]);
    expect(pairs(alone[0]?.kept)[0]?.draft).toMatchObject({ question: 'Name a colour.', answer: '' });
    expect(alone[1]?.drops[0]?.reason).toBe('missing_column');
  });

  it('reads no more rows than asked for', async () => {
    const rows = [1, 2, 3].map((at) => ({ question: `Q${at}?`, answer: `${at}` }));
    expect(await read(rows, { limit: 2 })).toHaveLength(2);
  });
});

describe('the stage "majority_vote" without a task', () => {
  it('answers a question that nobody has answered, where enough of the replies agree', async () => {
    const { stage } = majorityVote.prepare({ samples: 4, agreement: 0.75 });
    const by = stageTools({
      ask: scripted(({ values, sample }) =>
        String(values['question']).startsWith('Clear') && sample > 0 ? 'Answer: 8' : `Answer: ${sample}`,
      ),
    });
    const items = [
      pairItem(0, { question: 'Clear?', answer: '' }),
      pairItem(1, { question: 'Unclear?', answer: '' }),
    ];
    const outcomes = await runStage(stage, items, by);
    expect(fatesOf(outcomes)).toEqual(['kept', 'no_agreement']);
    expect(pairs(outcomes[0]?.kept)[0]?.draft.answer).toBe('8');
  });
});
