import { describe, expect, it } from 'vitest';

import type { JsonValue } from '../../../../src/core/json.ts';
import { findLayout } from '../../../../src/core/dataset-layouts.ts';
import { parseMapping } from '../../../../src/core/layouts/mapping.ts';
import { recipeOf } from '../../../../src/core/recipe.ts';
import { findVerifier, VERIFIERS } from '../../../../src/core/verifiers/table.ts';
import type { RowSource, SourceRow } from '../../../../src/ports/row-source.ts';
import {
  type ImportOptions,
  importRows,
  refuseEmpty,
} from '../../../../src/services/datasets/dataset-import.ts';
import { ListWriter } from '../../../support/list-writer.ts';

const BROKEN = Symbol('broken');

/** A source of these rows, two at a time. */
function source(path: string, rows: readonly (JsonValue | typeof BROKEN)[]): RowSource {
  return {
    path,
    bytesTotal: rows.length,
    bytesRead: () => 0,
    async *batches() {
      for (let from = 0; from < rows.length; from += 2) {
        yield rows
          .slice(from, from + 2)
          .map((row, index): SourceRow =>
            row === BROKEN
              ? { kind: 'broken', at: from + index + 1, reason: 'not_json', detail: 'is not JSON' }
              : { kind: 'row', at: from + index + 1, row },
          );
      }
    },
  };
}

function options(changes: Partial<ImportOptions> = {}): ImportOptions {
  return {
    layout: undefined,
    mapping: undefined,
    answerType: undefined,
    split: undefined,
    testShare: undefined,
    limit: undefined,
    rejectedMax: undefined,
    reward: undefined,
    scorers: { find: findVerifier, names: () => VERIFIERS.map(({ name }) => name) },
    charsMax: { question: 50, answer: 20, choices: 3 },
    onProgress: () => {},
    signal: new AbortController().signal,
    ...changes,
  };
}

const asked = (question: string, answer: JsonValue = '1'): { question: string; answer: JsonValue } => ({
  question,
  answer,
});

describe('importRows()', () => {
  it('importRows() counts every row that it leaves out, with file, place and reason', async () => {
    const writer = new ListWriter();
    const report = await importRows(
      [
        source('a.jsonl', [
          asked('one'),
          BROKEN,
          asked('two', ''),
          'text',
          asked('one'),
          asked('one', '2'),
          { ...asked('three'), choices: ['a', 'b', 'c', 'd'] },
        ]),
        source('b.jsonl', [
          { question: 'x'.repeat(51), ground_truth: '1' },
          { question: 'four', ground_truth: 'y'.repeat(21) },
          { question: 'five', ground_truth: '1', reward: 'no-such-scorer' },
          { question: 'six', ground_truth: '1', reward: 'math' },
        ]),
      ],
      writer,
      options(),
    );
    expect(writer.pairs.map(({ question }) => question)).toEqual(['one', 'six']);
    expect(report.rejected).toEqual({
      too_long: 3,
      not_json: 1,
      empty_ground_truth: 1,
      not_an_object: 1,
      duplicate_prompt: 1,
      conflicting_ground_truth: 1,
      unusable_field: 1,
    });
    expect(report.rowsRead).toBe(report.rowsAdded + report.rowsRejected);
    expect(report.sources).toEqual([
      { file: 'a.jsonl', layout: 'question-answer', rowsRead: 7, rowsAdded: 1 },
      { file: 'b.jsonl', layout: 'native', rowsRead: 4, rowsAdded: 1 },
    ]);
    expect(report.examples.map(({ file, at, reason }) => `${file}:${at} ${reason}`)).toEqual([
      'a.jsonl:2 not_json',
      'a.jsonl:3 empty_ground_truth',
      'a.jsonl:4 not_an_object',
      'a.jsonl:5 duplicate_prompt',
      'a.jsonl:6 conflicting_ground_truth',
      'a.jsonl:7 too_long',
      'b.jsonl:1 too_long',
      'b.jsonl:2 too_long',
      'b.jsonl:3 unusable_field',
    ]);
    expect(report.examples.at(-1)?.detail).toMatch(/Unknown scorer "no-such-scorer"/);
  });

  it('importRows() tells the layout from the first rows that are rows', async () => {
    const writer = new ListWriter();
    const report = await importRows(
      [source('a.jsonl', [BROKEN, BROKEN, asked('one', '#### 1')])],
      writer,
      options(),
    );
    expect(report.sources[0]?.layout).toBe('gsm8k');
    expect(report.rowsAdded).toBe(1);
  });

  it('importRows() names the columns of a file whose layout it cannot tell', async () => {
    await expect(
      importRows([source('a.jsonl', [{ text: 'a', label: 'b' }])], new ListWriter(), options()),
    ).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/"a\.jsonl".*its columns are text, label;.*--map/),
    });
  });

  it('importRows() refuses a mapped column that the file does not have', async () => {
    const mapping = parseMapping('question=text,ground_truth=lable');
    await expect(
      importRows([source('a.jsonl', [{ text: 'a', label: 'b' }])], new ListWriter(), options({ mapping })),
    ).rejects.toThrow('Cannot read "a.jsonl": it has no column "lable", its columns are text, label');
  });

  it('importRows() reads by a mapping alone', async () => {
    const writer = new ListWriter();
    const mapping = parseMapping('question=text,ground_truth=label');
    const report = await importRows(
      [source('a.jsonl', [{ text: 'a', label: 'b' }])],
      writer,
      options({ mapping }),
    );
    expect(report.sources[0]?.layout).toBe('mapping');
    expect(writer.pairs[0]).toMatchObject({ question: 'a', groundTruth: { answer: 'b' } });
  });

  it('importRows() stops at the limit, duplicates not counted', async () => {
    const writer = new ListWriter();
    const rows = ['one', 'one', 'two', 'two', 'two', 'three', 'four', 'five'].map((question) =>
      asked(question),
    );
    const report = await importRows(
      [source('a.jsonl', rows), source('b.jsonl', rows)],
      writer,
      options({ limit: 3 }),
    );
    expect(writer.pairs.map(({ question }) => question)).toEqual(['one', 'two', 'three']);
    expect(report).toMatchObject({ rowsRead: 6, rowsAdded: 3, rowsRejected: 3 });
    expect(report.sources).toHaveLength(1);
  });

  it('importRows() fails when more rows are rejected than may be', async () => {
    const rows = [asked('one'), asked('', '1'), asked('two'), asked('', '1')];
    const run = (rejectedMax: number): Promise<unknown> =>
      importRows([source('a.jsonl', rows)], new ListWriter(), options({ rejectedMax }));
    await expect(run(2)).resolves.toMatchObject({ rowsAdded: 2 });
    await expect(run(1)).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining(
        '2 of 4 rows were rejected, at most 1 may be; the first is a.jsonl:2: ',
      ),
    });
  });

  it('importRows() ends between two batches when it is asked to', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const writer = new ListWriter();
    const rows = ['one', 'two', 'three', 'four'].map((question) => asked(question));
    await expect(
      importRows(
        [source('a.jsonl', rows)],
        writer,
        options({ signal: controller.signal, onProgress: () => controller.abort(reason) }),
      ),
    ).rejects.toBe(reason);
    expect(writer.pairs).toHaveLength(2);
  });

  it.each<[string, Partial<ImportOptions>, string]>([
    ['what the row says', {}, 'validation'],
    ['--split over the row', { split: 'dev' }, 'dev'],
    ['--test-share over the row', { testShare: 1 }, 'test'],
  ])('importRows() takes the split from %s', async (_what, changes, split) => {
    const writer = new ListWriter();
    const row = { question: 'one', ground_truth: '1', split: 'validation' };
    await importRows([source('data/train-00000-of-00001.parquet', [row])], writer, options(changes));
    expect(writer.pairs[0]?.split).toBe(split);
  });

  it('importRows() takes the split from a shard of that name, and `train` where nothing says more', async () => {
    const writer = new ListWriter();
    await importRows(
      [source('data/test-00000-of-00001.parquet', [asked('one')]), source('test.jsonl', [asked('two')])],
      writer,
      options(),
    );
    expect(writer.pairs.map(({ split }) => split)).toEqual(['test', 'train']);
  });

  it('importRows() with a test share never lets a document span splits', async () => {
    const writer = new ListWriter();
    const rows = Array.from({ length: 600 }, (_, index) => ({
      pretrain_text: `document ${index % 200}`,
      question: `question ${index}`,
      answer: '1',
    }));
    await importRows([source('a.jsonl', rows)], writer, options({ testShare: 0.3 }));
    const splitsOf = new Map<string, Set<string>>();
    for (const { provenance, split } of writer.pairs) {
      const document = provenance.documentId ?? '';
      splitsOf.set(document, (splitsOf.get(document) ?? new Set()).add(split));
    }
    expect(splitsOf.size).toBe(200);
    expect([...splitsOf.values()].every((splits) => splits.size === 1)).toBe(true);
    expect(new Set(writer.pairs.map(({ split }) => split))).toEqual(new Set(['train', 'test']));
  });

  it('importRows() prefers the answer type that was asked for to the row and the row to a guess', async () => {
    const rows = [asked('one', '7'), { question: 'two', ground_truth: '7', answer_type: 'text' }];
    const types = async (changes: Partial<ImportOptions>): Promise<string[]> => {
      const writer = new ListWriter();
      await importRows(
        rows.map((row, index) => source(`${index}.jsonl`, [row])),
        writer,
        options(changes),
      );
      return writer.pairs.map(({ answerType }) => answerType);
    };
    expect(await types({})).toEqual(['number', 'text']);
    expect(await types({ answerType: 'math' })).toEqual(['math', 'math']);
  });

  it('importRows() rejects a ground truth that the verifier of its stated type cannot use', async () => {
    const writer = new ListWriter();
    const rows = [
      { question: 'one', ground_truth: 'blue', answer_type: 'number' },
      { question: 'two', ground_truth: '(', answer_type: 'pattern' },
      { question: 'three', ground_truth: 'D', choices: ['a', 'b'] },
      { question: 'four', ground_truth: 'B', choices: ['a', 'b'] },
      { question: 'five', ground_truth: 'blue', answer_type: 'number', reward: 'exact' },
    ];
    const report = await importRows([source('a.jsonl', rows)], writer, options());
    expect(writer.pairs.map(({ question }) => question)).toEqual(['four', 'five']);
    expect(report.rejected).toEqual({ unusable_ground_truth: 3 });
    const scoredAlike = new ListWriter();
    await importRows([source('a.jsonl', rows)], scoredAlike, options({ reward: recipeOf('exact') }));
    expect(scoredAlike.pairs).toHaveLength(5);
  });

  it('refuseEmpty() refuses an import of which nothing is left, and says why', async () => {
    const nothing = await importRows([source('a.jsonl', [])], new ListWriter(), options());
    expect(() => refuseEmpty(nothing)).toThrow('Cannot import: there are no rows');
    const rejected = await importRows(
      [source('a.jsonl', [{ question: 'Q' }])],
      new ListWriter(),
      options({ layout: findLayout('native') }),
    );
    expect(() => refuseEmpty(rejected)).toThrow(
      'Cannot import: the only row was rejected; the first is a.jsonl:1: there is no column "ground_truth"',
    );
  });
});
