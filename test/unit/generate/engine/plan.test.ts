// Recipes that cannot work are refused at the stage that cannot, and the others are forecast.

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EnvError } from '../../../../src/core/errors.ts';
import type { StageChoice } from '../../../../src/core/generation-recipe.ts';
import { forecastRun, measureInput, measureRows } from '../../../../src/generate/engine/estimate.ts';
import { planStages, type PlanSurroundings } from '../../../../src/generate/engine/plan.ts';
import type { PlannedStage } from '../../../../src/generate/engine/planned-stage.ts';
import type { NamedFiles } from '../../../../src/ports/named-files.ts';
import { kept, stageKind, type StageEstimate, type StageNeed } from '../../../../src/generate/stage.ts';
import { STAGE_KINDS } from '../../../../src/generate/table.ts';
import { factDocuments } from '../../../support/generation-world.ts';
import { TOY_KINDS, toyUnique } from '../../../support/toy-stages.ts';

const AROUND: PlanSurroundings = {
  kinds: TOY_KINDS,
  models: ['teacher', 'other'],
  has: new Set(['task']),
  hasDocuments: true,
};
const stagesOf = (...names: readonly string[]): readonly StageChoice[] =>
  names.map((name) => ({ name, options: {} }));

/** Asks the policy beside its own model. */
const DOUBLE = stageKind({
  name: 'double',
  summary: 'Asks two models.',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  asks: () => ['policy'],
  options: () => z.strictObject({}),
  estimate: () => ({ calls: 2, promptTokens: 1, showsPassage: false, completionTokens: 1, yield: 1 }),
  build: () => ({ kind: 'each', apply: async (item) => kept(item) }),
});

function refusalOf(choices: readonly StageChoice[], around: Partial<PlanSurroundings> = {}) {
  try {
    planStages(choices, { ...AROUND, ...around });
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    return [error.code, error.field, error.message];
  }
  return [];
}

describe('planStages()', () => {
  it('planStages() gives each stage its model, its options and a name of its own', () => {
    const plan = planStages(
      [
        { name: 'filter', options: {} },
        { name: 'write', options: { count: 4 }, model: 'other', temperature: 0.3, maxTokens: 99 },
        { name: 'unique', options: {} },
        { name: 'check', options: {} },
        { name: 'unique', options: {} },
        { name: 'check', options: { samples: 2 } },
      ],
      AROUND,
    );
    expect(plan.map(({ name, model }) => [name, model])).toEqual([
      ['filter', 'teacher'],
      ['write', 'other'],
      ['unique', undefined],
      ['check', 'teacher'],
      ['unique-2', undefined],
      ['check-2', 'teacher'],
    ]);
    expect(plan[1]).toMatchObject({ temperature: 0.3, maxTokens: 99, estimate: { yield: 4 } });
  });

  it.each<[string, readonly StageChoice[], Partial<PlanSurroundings>, string, RegExp]>([
    ['no stages', [], {}, 'stages', /needs stages/u],
    [
      'an unknown stage',
      stagesOf('filter', 'wirte'),
      {},
      'stages[1].wirte',
      /there are check, filter, from-task, reword, unique, write/u,
    ],
    [
      'an option out of range',
      [
        { name: 'filter', options: {} },
        { name: 'write', options: { count: 0 } },
      ],
      {},
      'stages[1].write.count',
      /does not take its options/u,
    ],
    ['an unknown option', [{ name: 'filter', options: { coutn: 1 } }], {}, 'stages[0].filter', /coutn/u],
    [
      'pairs where passages are',
      stagesOf('filter', 'check'),
      {},
      'stages[1].check',
      /takes pairs, and the stage before it gives passages/u,
    ],
    [
      'passages where pairs are',
      stagesOf('write', 'filter'),
      {},
      'stages[1].filter',
      /takes passages, and the stage before it gives pairs/u,
    ],
    ['pairs at the beginning', stagesOf('check'), {}, 'stages[0].check', /a run begins with passages/u],
    [
      'the task in the middle',
      stagesOf('write', 'from-task'),
      {},
      'stages[1].from-task',
      /can only be the first/u,
    ],
    ['passages at the end', stagesOf('filter'), {}, 'stages[0].filter', /a dataset is made of pairs/u],
    [
      'no documents',
      stagesOf('write'),
      { hasDocuments: false },
      'stages[0].write',
      /there are no documents/u,
    ],
    ['no task', stagesOf('from-task'), { has: new Set() }, 'stages[0].from-task', /needs a task definition/u],
    [
      'a model that is not there',
      stagesOf('write'),
      { models: ['policy'] },
      'stages[0].write',
      /asks the model "teacher", and the recipe has "policy"/u,
    ],
    [
      'a model that is not there, and how to name one',
      stagesOf('write'),
      { models: [], modelHints: { teacher: 'name one' } },
      'stages[0].write',
      /and the recipe has none: name one$/u,
    ],
    [
      'a chosen model that is not there',
      [{ name: 'write', options: {}, model: 'poet' }],
      {},
      'stages[0].write.model',
      /"poet"/u,
    ],
    [
      'a second model that is not there',
      stagesOf('write', 'double'),
      { kinds: [...TOY_KINDS, DOUBLE] },
      'stages[1].double',
      /asks the model "policy"/u,
    ],
    [
      'a model for a stage that asks none',
      [...stagesOf('write'), { name: 'unique', options: {}, model: 'teacher' }],
      {},
      'stages[1].unique.model',
      /asks no model/u,
    ],
  ])('planStages() refuses %s at its place', (_, choices, around, field, message) => {
    expect(refusalOf(choices, around)).toEqual(['invalid_argument', field, expect.stringMatching(message)]);
  });

  it.each<[StageNeed, RegExp]>([
    ['task', /task definition/u],
    ['analyser', /language library/u],
    ['passages', /name a corpus/u],
    ['embedder', /name one/u],
  ])('planStages() refuses a stage that needs the %s where there is none', (need, message) => {
    const needy = { ...toyUnique, name: 'needy', needs: [need] };
    const kinds = [...TOY_KINDS, needy];
    const choices = stagesOf('write', 'needy');
    const [code, field, said] = refusalOf(choices, { kinds, has: new Set() });
    expect([code, field]).toEqual(['invalid_argument', 'stages[1].needy']);
    expect(said).toMatch(message);
    expect(refusalOf(choices, { kinds, has: new Set([need]) })).toEqual([]);
  });
});

describe('the table of stages', () => {
  it('planStages() refuses "extract" where there is no language library', () => {
    const around = { kinds: STAGE_KINDS, models: [], hasDocuments: true };
    expect(refusalOf(stagesOf('extract'), { ...around, has: new Set() })[2]).toMatch(/language library/u);
    expect(refusalOf(stagesOf('extract'), { ...around, has: new Set(['analyser']) })).toEqual([]);
  });

  it('STAGE_KINDS names each stage once', () => {
    const names = STAGE_KINDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('measureInput()', () => {
  it('measureInput() counts what it can read to the end', async () => {
    const source = factDocuments(20, 4);
    const size = await measureInput(source, 1_000);
    expect(size).toMatchObject({ documents: 20, passages: 20, isCounted: true });
    // "fact 0 is worth knowing ": ten of 24 bytes and ten of 25.
    expect(size.textBytes).toBe(10 * 24 + 10 * 25);
  });

  it('measureInput() extrapolates from the beginning, and says so', async () => {
    const size = await measureInput(factDocuments(1_000, 4), 10);
    expect(size).toEqual({ documents: 1_000, passages: 1_000, textBytes: 24_000, isCounted: false });
  });
});

/** A file "3" has three rows. */
const ROWS_BY_NAME: NamedFiles = {
  rows: (path) => ({
    path,
    bytesRead: () => 0,
    bytesTotal: 0,
    async *batches() {
      yield Array.from({ length: Number(path) }, () => ({ kind: 'row' as const, row: {}, at: 1 }));
    },
  }),
};

function estimateOf(calls: number, yielded: number): StageEstimate {
  return { calls, promptTokens: 1, showsPassage: false, completionTokens: 1, yield: yielded };
}

/** Of a planned stage, what is looked at. */
function readingFirst(rowsMax: number | undefined): readonly PlannedStage[] {
  const [stage] = planStages(stagesOf('write'), AROUND);
  if (stage === undefined) throw new Error('planned one stage');
  return [{ ...stage, reads: ['3', '4'], estimate: { ...stage.estimate, rowsMax } }];
}

describe('forecastRun()', () => {
  const INPUT = { documents: 50, passages: 100, textBytes: 80_000, isCounted: true };

  it('forecastRun() multiplies yields, and counts tokens as a quarter of the bytes', () => {
    const plan = planStages(stagesOf('filter', 'write', 'check', 'unique'), AROUND);
    const forecast = forecastRun(plan, INPUT, new Map([['teacher', { input: 1, output: 10 }]]));
    // 100 passages of 200 tokens; 80 of them are useful; 160 pairs; 144 of them right.
    expect(
      forecast.stages.map(({ items, calls, promptTokens, completionTokens }) => [
        items,
        calls,
        promptTokens,
        completionTokens,
      ]),
    ).toEqual([
      [100, 100, 100 * 250, 100 * 20],
      [80, 80, 80 * 260, 80 * 80],
      [160, 160, 160 * 80, 160 * 10],
      [144, 0, 0, 0],
    ]);
    expect(forecast).toMatchObject({
      pairs: 144,
      calls: 340,
      promptTokens: 58_600,
      completionTokens: 10_000,
    });
    expect(forecast.costUsd).toBeCloseTo((58_600 + 10 * 10_000) / 1e6, 12);
  });

  it('forecastRun() knows no cost where a price is not known, and no cost is 0 where nothing is asked', () => {
    const plan = planStages(stagesOf('write', 'unique'), AROUND);
    const forecast = forecastRun(plan, INPUT, new Map([['teacher', null]]));
    expect(forecast.stages.map(({ costUsd }) => costUsd)).toEqual([null, 0]);
    expect(forecast.costUsd).toBeNull();
  });

  it('forecastRun() varies originals alone, and counts the rows that a first stage reads', () => {
    const stages: readonly PlannedStage[] = [
      { ...estimateOf(0, 1_000), rowsMax: 30 },
      { ...estimateOf(1, 3), varies: { keepsOriginal: true } },
      { ...estimateOf(1, 3), varies: { keepsOriginal: true } },
      estimateOf(0, 0.5),
      { ...estimateOf(1, 2), varies: { keepsOriginal: false } },
      { ...estimateOf(1, 2), varies: { keepsOriginal: true } },
      estimateOf(0, 1),
    ].map((estimate) => ({ ...planStages(stagesOf('write'), AROUND)[0], estimate }) as PlannedStage);
    const none = { documents: 0, passages: 1, textBytes: 0, isCounted: true };
    const items = (rows: number | undefined) =>
      forecastRun(stages, { ...none, rows }, new Map()).stages.map((stage) => [stage.items, stage.calls]);
    // Of 20 rows: 20 originals with 40 new pairs, 40 more, half of all, ten originals become twenty new ones.
    expect(items(20)).toEqual([
      [1, 0],
      [20, 20],
      [60, 20],
      [100, 0],
      [50, 10],
      [60, 0],
      [60, 0],
    ]);
    expect(items(undefined)[1]).toEqual([1_000, 1_000]);
  });

  it('measureRows() counts the rows of the files of a first stage that begins with them, up to its limit', async () => {
    expect(await measureRows(readingFirst(Infinity), ROWS_BY_NAME)).toBe(7);
    expect(await measureRows(readingFirst(5), ROWS_BY_NAME)).toBe(5);
    expect(await measureRows(readingFirst(undefined), ROWS_BY_NAME)).toBeUndefined();
  });

  it('forecastRun() asks a stage that begins with the task once', () => {
    const plan = planStages(stagesOf('from-task', 'check'), AROUND);
    const none = { documents: 0, passages: 0, textBytes: 0, isCounted: true };
    const forecast = forecastRun(plan, none, new Map([['teacher', { input: 1, output: 1 }]]));
    expect(forecast.stages.map(({ items, calls }) => [items, calls])).toEqual([
      [1, 3],
      [6, 6],
    ]);
  });
});
