import { describe, expect, it } from 'vitest';

import { detectLayout, draftOf, findLayout, LAYOUTS } from '../../../src/core/dataset-layouts.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { parseMapping } from '../../../src/core/layouts/mapping.ts';
import { recipeOf } from '../../../src/core/recipe.ts';

const USER = [{ role: 'user', content: 'How many?' }];

interface Case {
  readonly it: string;
  readonly row: JsonObject;
  /** The layout that is detected. */
  readonly layout: string;
  /** What the draft holds, among others. */
  readonly draft: object;
}

const CASES: readonly Case[] = [
  {
    it: 'native with everything',
    layout: 'native',
    row: {
      pair_id: 'claimed',
      question: 'Which?',
      choices: ['plum', 'pear'],
      ground_truth: 'A',
      aliases: ['plum'],
      answer_type: 'choice',
      reward: 'choice',
      domain: ' Fruit ',
      persona: 'a grocer',
      pass_rate: 0.5,
      split: 'test',
      provenance: { document_id: 'd', span: { start: 1, end: 2 }, cost_usd: 0.5, editor: 'me' },
      note: 'kept',
    },
    draft: {
      question: 'Which?',
      groundTruth: { answer: 'A', aliases: ['plum'] },
      answerType: 'choice',
      choices: ['plum', 'pear'],
      reward: recipeOf('choice'),
      domain: 'Fruit',
      persona: 'a grocer',
      passRate: 0.5,
      split: 'test',
      provenance: {
        documentId: 'd',
        span: { start: 1, end: 2 },
        costUsd: 0.5,
        extra: { editor: 'me', note: 'kept' },
      },
    },
  },
  {
    it: 'native messages, with JSON text where Parquet has no other way',
    layout: 'native',
    row: {
      question: null,
      messages: USER,
      ground_truth: '3',
      reward: '{"scorers":[{"name":"math"}]}',
      provenance: '{"document_id":"d","extra":{"a":1}}',
    },
    draft: {
      question: USER,
      reward: recipeOf('math'),
      provenance: { documentId: 'd', extra: { a: 1 } },
    },
  },
  ...['pretrain_text', 'original_material', 'original_text'].map((column) => ({
    it: `Webscale-RL with ${column}`,
    layout: 'webscale-rl',
    row: {
      [column]: 'A text.',
      question: 'Q?',
      answer: 'Yes',
      domain: 'Other',
      persona: ' a clerk',
      url: 'u',
    },
    draft: {
      question: 'Q?',
      groundTruth: { answer: 'Yes', aliases: [] },
      domain: 'Other',
      persona: 'a clerk',
      provenance: {
        documentId: expect.stringMatching(/^sha256:[0-9a-f]{32}$/),
        extra: { pretrain_text: 'A text.', url: 'u' },
      },
    },
  })),
  {
    it: 'Webscale-RL with a blank document, which is no document',
    layout: 'webscale-rl',
    row: { pretrain_text: ' ', question: 'Q?', answer: 'Yes' },
    draft: { provenance: { documentId: undefined, extra: { pretrain_text: ' ' } } },
  },
  {
    it: 'GSM8K: what follows the last ####',
    layout: 'gsm8k',
    row: { question: 'Q?', answer: 'See #### here.\n2+2 = <<2+2=4>>4\n#### 1,080 ' },
    draft: {
      groundTruth: { answer: '1,080', aliases: [] },
      provenance: { extra: { solution: 'See #### here.\n2+2 = <<2+2=4>>4' } },
    },
  },
  {
    it: 'verl',
    layout: 'verl',
    row: {
      data_source: 'openai/gsm8k',
      prompt: [{ role: 'system', content: 'Be brief.' }, ...USER],
      ability: 'math',
      reward_model: { style: 'rule', ground_truth: 18 },
      extra_info: { split: 'test', index: 3 },
    },
    draft: {
      question: [{ role: 'system', content: 'Be brief.' }, ...USER],
      groundTruth: { answer: '18', aliases: [] },
      domain: 'math',
      split: 'test',
      provenance: {
        extra: {
          data_source: 'openai/gsm8k',
          extra_info: { split: 'test', index: 3 },
          reward_model: { style: 'rule' },
        },
      },
    },
  },
  {
    it: 'verl with several ground truths under target',
    layout: 'verl',
    row: { prompt: USER, reward_model: { ground_truth: { target: ['Paris', ' paris ', 'Paris'] } } },
    draft: { groundTruth: { answer: 'Paris', aliases: ['paris'] } },
  },
  {
    it: 'prompt and completion',
    layout: 'prompt-completion',
    row: { prompt: 'Q?', completion: '42' },
    draft: { question: 'Q?', groundTruth: { answer: '42', aliases: [] } },
  },
  {
    it: 'prompt and completion as conversations',
    layout: 'prompt-completion',
    row: { prompt: USER, completion: [{ role: 'assistant', content: '42' }] },
    draft: { question: USER, groundTruth: { answer: '42', aliases: [] } },
  },
  {
    it: 'question and answer, with LaTeX as it stands',
    layout: 'question-answer',
    row: { problem: 'What is $\\frac{1}{2}$?', answer: '\\frac{1}{2}', level: 3 },
    draft: {
      question: 'What is $\\frac{1}{2}$?',
      groundTruth: { answer: '\\frac{1}{2}', aliases: [] },
      provenance: { extra: { level: 3 } },
    },
  },
  {
    it: 'multiple choice by index',
    layout: 'question-answer',
    row: { question: 'Q?', choices: ['a', 'b', 'c'], answer: 2, subject: 's' },
    draft: { choices: ['a', 'b', 'c'], groundTruth: { answer: 'C', aliases: [] } },
  },
  {
    it: 'multiple choice by labels',
    layout: 'question-answer',
    row: { question: 'Q?', choices: { text: ['a', 'b'], label: ['1', '2'] }, answerKey: '2' },
    draft: { choices: ['a', 'b'], groundTruth: { answer: 'B', aliases: [] } },
  },
  {
    it: 'half a surrogate pair, which UTF-8 does not have',
    layout: 'question-answer',
    row: { question: 'Q\ud800?', answer: '1', 'k\udc00': ['\ud800'] },
    draft: { question: 'Q\ufffd?', provenance: { extra: { 'k\ufffd': ['\ufffd'] } } },
  },
];

describe('draftOf()', () => {
  it.each(CASES)('detectLayout() and draftOf() read $it', ({ row, layout, draft }) => {
    const detected = detectLayout([row]);
    expect(detected?.name).toBe(layout);
    expect(draftOf(row, detected, undefined)).toMatchObject({ kind: 'draft', draft });
  });

  it.each<[string, string, JsonValue, string]>([
    ['no columns', 'native', 'text', 'not_an_object'],
    ['a list', 'native', [1], 'not_an_object'],
    ['null', 'native', null, 'not_an_object'],
    ['no question', 'native', { ground_truth: '1' }, 'missing_column'],
    ['a blank question', 'native', { question: ' \n', ground_truth: '1' }, 'empty_question'],
    ['a question that is an object', 'native', { question: {}, ground_truth: '1' }, 'unusable_field'],
    ['no ground truth', 'native', { question: 'Q?' }, 'missing_column'],
    ['a blank ground truth', 'native', { question: 'Q?', ground_truth: ' ' }, 'empty_ground_truth'],
    ['no ground truth among several', 'native', { question: 'Q?', ground_truth: [] }, 'empty_ground_truth'],
    [
      'an object as ground truth',
      'native',
      { question: 'Q?', ground_truth: { a: 1 } },
      'unusable_ground_truth',
    ],
    [
      'a strange answer type',
      'native',
      { question: 'Q?', ground_truth: '1', answer_type: 'x' },
      'unusable_field',
    ],
    [
      'a reward without scorers',
      'native',
      { question: 'Q?', ground_truth: '1', reward: {} },
      'unusable_field',
    ],
    ['a pass rate above 1', 'native', { question: 'Q?', ground_truth: '1', pass_rate: 2 }, 'unusable_field'],
    ['a split with a slash', 'native', { question: 'Q?', ground_truth: '1', split: 'a/b' }, 'unusable_field'],
    [
      'choices that are text',
      'native',
      { question: 'Q?', ground_truth: '1', choices: 'ab' },
      'unusable_field',
    ],
    [
      'provenance that is cut off',
      'native',
      { question: 'Q?', ground_truth: '1', provenance: '{"a"' },
      'unusable_field',
    ],
    ['no messages', 'verl', { prompt: [], reward_model: { ground_truth: '1' } }, 'empty_question'],
    [
      'a role of its own',
      'verl',
      { prompt: [{ role: 'tool', content: '' }], reward_model: { ground_truth: '1' } },
      'unusable_messages',
    ],
    [
      'an answer already begun',
      'verl',
      { prompt: [...USER, { role: 'assistant', content: '<think>' }], reward_model: { ground_truth: '1' } },
      'unusable_messages',
    ],
    [
      'a picture',
      'verl',
      { prompt: [{ role: 'user', content: [{ type: 'image' }] }], reward_model: { ground_truth: '1' } },
      'unusable_messages',
    ],
    ['no reward model', 'verl', { prompt: USER }, 'missing_column'],
    ['a solution without ####', 'gsm8k', { question: 'Q?', answer: '4' }, 'unusable_ground_truth'],
    ['nothing after ####', 'gsm8k', { question: 'Q?', answer: '4 #### ' }, 'empty_ground_truth'],
    ['no document', 'webscale-rl', { question: 'Q?', answer: '4' }, 'missing_column'],
  ])('draftOf() rejects %s (%s)', (_what, layout, row, reason) => {
    expect(draftOf(row, findLayout(layout), undefined)).toMatchObject({ kind: 'rejected', reason });
  });

  it.each<[string, JsonValue, string]>([
    ['native', { question: 'Q?' }, 'there is no column "ground_truth"'],
    ['native', { question: 'Q?', ground_truth: null }, 'column "ground_truth" is null'],
    ['native', { question: null, ground_truth: '1' }, 'column "question" is null'],
    ['gsm8k', { question: 'Q?', answer: null }, 'column "answer" is null'],
    ['verl', { prompt: USER, reward_model: null }, 'column "reward_model" is null'],
    ['verl', { prompt: USER, reward_model: 'rule' }, 'column "reward_model" is not an object'],
    ['question-answer', { question: 'Q?', answer: [{}, 4] }, 'column "answer" does not end with a message'],
  ])('draftOf() tells a column that is not there from one that is null: %s, %j', (layout, row, detail) => {
    expect(draftOf(row, findLayout(layout), undefined)).toMatchObject({ kind: 'rejected', detail });
  });

  it('draftOf() never says a ground truth in the detail of a rejection', () => {
    const row = { question: 'Q?', ground_truth: { secret: 'sesame' } };
    expect(JSON.stringify(draftOf(row, findLayout('native'), undefined))).not.toContain('sesame');
  });
});

describe('detectLayout()', () => {
  it('detectLayout() goes by the majority, so that one broken row decides nothing', () => {
    const row = { question: 'Q?', answer: 'so #### 4' };
    expect(detectLayout([{ x: 1 }, row, row])?.name).toBe('gsm8k');
    expect(detectLayout([row, { question: 'Q?', answer: '4' }, row])?.name).toBe('gsm8k');
  });

  it('detectLayout() knows nothing of columns that no layout has', () => {
    expect(detectLayout([{ text: 'a', label: 'b' }])).toBeUndefined();
    expect(detectLayout([])).toBeUndefined();
  });

  it('LAYOUTS have names of their own', () => {
    expect(new Set(LAYOUTS.map((layout) => layout.name)).size).toBe(LAYOUTS.length);
  });
});

describe('parseMapping()', () => {
  const row = {
    text: { body: ['Q?'] },
    'a.b': '7',
    label: 1,
    options: ['x', 'y'],
    kind: 'Fruit',
    url: 'doc-1',
    rest: true,
  };

  it('parseMapping() reads fields from columns, nested ones and ones with dots in their names', () => {
    const mapping = parseMapping('question=text.body.0, ground_truth=a.b,domain=kind,document_id=url');
    expect(draftOf(row, undefined, mapping)).toMatchObject({
      kind: 'draft',
      draft: {
        question: 'Q?',
        groundTruth: { answer: '7', aliases: [] },
        domain: 'Fruit',
        provenance: { documentId: 'doc-1', extra: { label: 1, rest: true } },
      },
    });
  });

  it('parseMapping() makes a letter of the index of an option', () => {
    const mapping = parseMapping('question=kind,ground_truth=label,choices=options');
    expect(draftOf(row, undefined, mapping)).toMatchObject({
      draft: { groundTruth: { answer: 'B' }, choices: ['x', 'y'] },
    });
  });

  it('parseMapping() over a layout changes only what it names', () => {
    const gsm = { question: 'Q?', answer: 'so #### 4', topic: 'sums' };
    expect(draftOf(gsm, findLayout('gsm8k'), parseMapping('domain=topic'))).toMatchObject({
      draft: { question: 'Q?', groundTruth: { answer: '4' }, domain: 'sums' },
    });
  });

  it('parseMapping() tells a mapped column that is null from one that is not there', () => {
    const mapping = parseMapping('question=q,ground_truth=t.answer');
    const details = [
      { q: 'Q?', t: { answer: null } },
      { q: 'Q?', t: {} },
    ].map((each) => draftOf(each, undefined, mapping));
    expect(details).toMatchObject([
      { detail: 'column "t.answer" is null' },
      { detail: 'there is no column "t.answer"' },
    ]);
  });

  it('parseMapping() leads into no prototype', () => {
    const mapping = parseMapping('question=__proto__.toString,ground_truth=constructor.name');
    expect(draftOf(row, undefined, mapping)).toMatchObject({ kind: 'rejected', reason: 'missing_column' });
  });

  it.each(['answer=x', 'question', 'question=', ''])('parseMapping() refuses %j', (text) => {
    expect(() => parseMapping(text)).toThrow(/Cannot map/);
  });
});
