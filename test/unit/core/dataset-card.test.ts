import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import type { DatasetInfo } from '../../../src/core/calls.ts';
import { datasetCard } from '../../../src/core/dataset-card.ts';
import { recipeOf } from '../../../src/core/recipe.ts';

const INFO: DatasetInfo = {
  name: 'fruit',
  version: 'abc',
  description: 'Questions about fruit.',
  createdAt: Date.UTC(2026, 0, 2),
  splits: [
    { name: 'train', count: 900 },
    { name: 'test', count: 100 },
  ],
  answerTypes: [{ name: 'number', count: 1_000 }],
  domains: [{ name: 'Pomology', count: 1_000 }],
  reward: undefined,
  provenance: { source: 'an orchard', license: 'CC-BY-4.0', generator: '' },
};

/** The front matter of a card, parsed, and the text below it. */
function partsOf(card: string): { readonly matter: unknown; readonly text: string } {
  const [empty, matter = '', ...text] = card.split(/^---$/m);
  expect(empty).toBe('');
  return { matter: parse(matter), text: text.join('---') };
}

describe('datasetCard()', () => {
  it('datasetCard() has the front matter that Hugging Face reads', () => {
    const files = [
      { split: 'train', path: 'data/train-*.parquet' },
      { split: 'test', path: 'data/test-*.parquet' },
    ];
    expect(partsOf(datasetCard({ info: INFO, record: undefined, files })).matter).toEqual({
      license: 'cc-by-4.0',
      task_categories: ['question-answering'],
      size_categories: ['1K<n<10K'],
      tags: ['reinforcement-learning', 'verifiable-rewards'],
      pretty_name: 'fruit',
      configs: [{ config_name: 'default', data_files: files }],
      dataset_info: {
        splits: [
          { name: 'train', num_examples: 900 },
          { name: 'test', num_examples: 100 },
        ],
      },
    });
  });

  it('datasetCard() tells how the dataset was made, from its record', () => {
    const record = {
      kind: 'import',
      at: 0,
      sources: [{ file: 'a.jsonl', layout: 'native', rows_read: 1_003, rows_added: 1_000 }],
      rejected: { duplicate_prompt: 2, empty_ground_truth: 1 },
      test_share: 0.1,
    };
    const { text } = partsOf(datasetCard({ info: { ...INFO, reward: recipeOf('math') }, record, files: [] }));
    expect(text).toContain('| made | 2026-01-02T00:00:00.000Z |');
    expect(text).toContain('| a.jsonl | native | 1003 | 1000 |');
    expect(text).toContain('| duplicate prompt | 2 |');
    expect(text).toContain('| empty ground truth | 1 |');
    expect(text).toContain('| test share | 0.1 |');
    expect(text).toContain('"name":"math"');
  });

  it('datasetCard() shows the funnel of a generated dataset, its models and the files it was held against', () => {
    const record = {
      kind: 'generate',
      recipe: 'webscale-rl',
      broken: {},
      dropped: { leaks_answer: 3 },
      files: [{ stage: 'decontaminate', file: 'gsm8k-test.jsonl' }],
      stages: [{ name: 'check', model: 'teacher', in: 9, kept: 6, dropped: { leaks_answer: 3 }, calls: 9 }],
      models: [{ name: 'teacher', model: 'gpt-4.1', calls: 9, prompt_tokens: 90, cost_usd: 0.25 }],
    };
    const { text } = partsOf(datasetCard({ info: INFO, record, files: [] }));
    expect(text).toContain('| recipe | webscale-rl |');
    expect(text).toContain('| decontaminate | gsm8k-test.jsonl |');
    expect(text).toContain('| check | teacher | 9 | 6 |  | leaks answer 3 | 9 |  |  |');
    expect(text).toContain('| teacher | gpt-4.1 | 9 | 90 |  | 0.25 |');
    expect(text).toContain('| leaks answer | 3 |');
    expect(text).not.toMatch(/[{}]|broken/);
  });

  it('datasetCard() says what is unknown and makes nothing up', () => {
    const bare: DatasetInfo = {
      ...INFO,
      description: '',
      domains: [],
      provenance: { source: '', license: '', generator: '' },
    };
    const { matter, text } = partsOf(datasetCard({ info: bare, record: undefined, files: [] }));
    expect(matter).not.toHaveProperty('license');
    expect(matter).not.toHaveProperty('configs');
    expect(text).toContain('No description was recorded.');
    expect(text).toContain('| source | unknown |');
    expect(text).toContain('| licence | unknown |');
    expect(text).toContain('No record was kept.');
    expect(text).not.toContain('## Domains');
  });

  it('datasetCard() lets no text of a source out of its place', () => {
    const hostile = 'x"\n---\n| a | b |\n# Heading <script>';
    const info: DatasetInfo = {
      ...INFO,
      description: 'Plain <script>',
      domains: [{ name: hostile, count: 1 }],
      splits: [{ name: 'train', count: 1 }],
      provenance: { source: hostile, license: hostile, generator: hostile },
    };
    const { matter, text } = partsOf(datasetCard({ info, record: { note: hostile }, files: [] }));
    expect(matter).toMatchObject({ license: 'other', pretty_name: 'fruit' });
    expect(text).not.toContain('<script>');
    expect(text.match(/^# /gm)).toEqual(['# ']);
    for (const line of text.split('\n').filter((each) => each.includes('Heading'))) {
      expect(line).toMatch(/^\| .* \|$/);
    }
  });

  it.each([
    [999, 'n<1K'],
    [1_000, '1K<n<10K'],
    [1_200_000, '1M<n<10M'],
    [100_000_000, 'n>100M'],
  ])('datasetCard() puts %d rows into the size %s', (count, size) => {
    const info = { ...INFO, splits: [{ name: 'train', count }] };
    expect(partsOf(datasetCard({ info, record: undefined, files: [] })).matter).toMatchObject({
      size_categories: [size],
    });
  });
});
