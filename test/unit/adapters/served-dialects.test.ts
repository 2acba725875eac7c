// The bodies that each kind of server takes and gives, as its documentation shows them.

import { describe, expect, it } from 'vitest';
import { DIALECTS, type DialectSettings } from '../../../src/adapters/served-dialects.ts';
import { SERVED_KINDS, type ServedKind } from '../../../src/core/scorer-config.ts';
import type { ServedText } from '../../../src/ports/served-reward-model.ts';

const TWO: readonly ServedText[] = [
  { first: 'Q1', second: 'A1', question: 'Q1', groundTruth: 'T1' },
  { first: 'Q1', second: 'A2', question: 'Q1', groundTruth: 'T1' },
];
const ONE: readonly ServedText[] = [{ first: 'A', question: 'Q', groundTruth: 'T' }];
const PLAIN: DialectSettings = {
  model: undefined,
  label: undefined,
  frame: { before: '', between: '\n', after: '' },
};
const CHAT: DialectSettings = {
  model: 'rm',
  label: undefined,
  frame: { before: '<u>', between: '</u><a>', after: '</a>' },
};

describe('DIALECTS', () => {
  it.each<[ServedKind, readonly ServedText[], DialectSettings, object]>([
    [
      'vllm_classify',
      TWO,
      CHAT,
      { model: 'rm', input: ['<u>Q1</u><a>A1</a>', '<u>Q1</u><a>A2</a>'], use_activation: false },
    ],
    ['vllm_classify', ONE, PLAIN, { input: ['A'], use_activation: false }],
    ['embeddings', TWO, PLAIN, { input: ['Q1\nA1', 'Q1\nA2'] }],
    [
      'tei_predict',
      TWO,
      PLAIN,
      {
        inputs: [
          ['Q1', 'A1'],
          ['Q1', 'A2'],
        ],
        raw_scores: true,
      },
    ],
    ['tei_predict', ONE, PLAIN, { inputs: [['A']], raw_scores: true }],
    ['tei_rerank', TWO, PLAIN, { query: 'Q1', texts: ['A1', 'A2'], raw_scores: true }],
    ['get_reward', TWO, PLAIN, { query: ['Q1\nA1', 'Q1\nA2'], prompts: ['Q1', 'Q1'], labels: ['T1', 'T1'] }],
  ])('%s asks in its own words', (kind, texts, settings, body) => {
    expect(DIALECTS[kind].body(texts, settings)).toEqual(body);
  });

  it.each<[ServedKind, unknown, string | number | undefined]>([
    [
      'vllm_classify',
      {
        data: [
          { index: 0, probs: [0.2, 7] },
          { index: 1, probs: [0.1, -3] },
        ],
      },
      undefined,
    ],
    [
      'vllm_classify',
      {
        data: [
          { index: 1, probs: [-3, 0] },
          { index: 0, probs: [7, 0] },
        ],
      },
      0,
    ],
    ['vllm_classify', { data: [{ probs: [7] }, { probs: [-3] }] }, undefined],
    [
      'embeddings',
      {
        data: [
          { index: 0, embedding: [1, 2, 7] },
          { index: 1, embedding: [1, 2, -3] },
        ],
      },
      undefined,
    ],
    ['tei_predict', [[{ score: 7, label: 'LABEL_0' }], [{ score: -3, label: 'LABEL_0' }]], undefined],
    [
      'tei_predict',
      [
        [
          { score: 0, label: 'no' },
          { score: 7, label: 'yes' },
        ],
        [
          { score: 9, label: 'no' },
          { score: -3, label: 'yes' },
        ],
      ],
      'yes',
    ],
    [
      'tei_rerank',
      [
        { index: 0, score: 7 },
        { index: 1, score: -3 },
      ],
      undefined,
    ],
    [
      'tei_rerank',
      [
        { index: 1, score: -3 },
        { index: 0, score: 7 },
      ],
      undefined,
    ],
    ['get_reward', { rewards: [7, -3], scores: [1, 0] }, undefined],
    ['get_reward', { rewards: [[7], [-3]] }, undefined],
  ])('%s reads %j', (kind, reply, label) => {
    expect(DIALECTS[kind].read(reply, 2, { ...PLAIN, label })).toEqual([7, -3]);
  });

  it.each<[ServedKind, unknown]>([
    ...SERVED_KINDS.flatMap((kind) =>
      [null, 7, 'error', [], {}, { data: [], rewards: [] }].map((reply): [ServedKind, unknown] => [
        kind,
        reply,
      ]),
    ),
    ['vllm_classify', { data: [{ index: 0, probs: [1] }] }],
    [
      'vllm_classify',
      {
        data: [
          { index: 0, probs: [1] },
          { index: 0, probs: [1] },
        ],
      },
    ],
    [
      'vllm_classify',
      {
        data: [
          { index: 0, probs: [1] },
          { index: 2, probs: [1] },
        ],
      },
    ],
    [
      'vllm_classify',
      {
        data: [
          { index: 0, probs: [1] },
          { index: 0.5, probs: [1] },
        ],
      },
    ],
    ['vllm_classify', { data: [{ probs: [1] }, { probs: [] }] }],
    ['vllm_classify', { data: [{ probs: [1] }, { probs: [null] }] }],
    ['embeddings', { data: [{ embedding: [1] }, { embedding: 'AAAA' }] }],
    [
      'tei_predict',
      [
        [
          { score: 1, label: 'a' },
          { score: 0, label: 'b' },
        ],
        [{ score: 1, label: 'a' }],
      ],
    ],
    [
      'tei_rerank',
      [
        { index: 0, score: '7' },
        { index: 1, score: 1 },
      ],
    ],
    ['get_reward', { rewards: [1] }],
    ['get_reward', { rewards: [1, null] }],
    ['get_reward', { rewards: [1, [1, 2]] }],
  ])('%s refuses %j whole, in words', (kind, reply) => {
    expect(DIALECTS[kind].read(reply, 2, PLAIN)).toEqual(expect.any(String));
  });

  it('a rerank takes texts of one query together, the others take all', () => {
    const [a] = TWO;
    const other = { first: 'Q2', second: 'A1', question: 'Q2', groundTruth: 'T' };
    if (a === undefined) throw new Error('TWO has two');
    const shared = SERVED_KINDS.filter((kind) => DIALECTS[kind].canShare(a, other));
    expect(shared).toEqual(SERVED_KINDS.filter((kind) => kind !== 'tei_rerank'));
    expect(DIALECTS.tei_rerank.canShare(a, { ...a, second: 'A2' })).toBe(true);
  });
});
