import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import { createWinkAnalyser } from '../../../../src/adapters/wink-analyser.ts';
import { textAtBytes } from '../../../../src/core/quote-search.ts';
import { rootKey } from '../../../../src/generate/item.ts';
import type { Item, PairItem, PassageItem } from '../../../../src/generate/item.ts';
import type { Stage } from '../../../../src/generate/stage.ts';
import { findStageKind } from '../../../../src/generate/table.ts';
import { stageTools } from '../../../support/stage-world.ts';

const OWN = join(import.meta.dirname, '../../../../examples/documents');
const PHYSICS = join(import.meta.dirname, '../../../../../shared/data/documents/physics');
const KEPT_MIN = 300;

const tools = stageTools({ analyser: createWinkAnalyser() });

function passage(text: string, index: number): PassageItem {
  const title = /^# (?<title>.*)/mu.exec(text)?.groups?.['title'];
  const span = { start: 0, end: Buffer.byteLength(text) };
  const documentId = String(index);
  return {
    kind: 'passage',
    key: rootKey(index),
    passage: { documentId, source: documentId, title, text, span, license: undefined },
    notes: {},
  };
}

function passagesIn(folder: string): PassageItem[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .toSorted()
    .map((name, index) => passage(readFileSync(join(folder, name), 'utf8'), index));
}

function stage(name: string, options: unknown = {}): Stage {
  const kind = findStageKind(name);
  if (kind === undefined) throw new Error(`no stage ${name}`);
  return kind.prepare(options).stage;
}

async function through(items: readonly Item[], made: Stage): Promise<Item[]> {
  const kept: Item[] = [];
  if (made.kind === 'each') for (const item of items) kept.push(...(await made.apply(item, tools)).kept);
  else {
    const table = {
      count: items.length,
      async *read() {
        yield* items;
      },
    };
    for await (const { outcome } of made.apply(table, tools)) kept.push(...outcome.kept);
  }
  return kept;
}

async function generated(items: readonly PassageItem[]): Promise<PairItem[]> {
  let kept = await through(items, stage('extract'));
  kept = await through(kept, stage('string_checks'));
  kept = await through(kept, stage('deduplicate', { similarity: 0.4, answers_distinguish: true }));
  return kept.filter((item) => item.kind === 'pair');
}

function expectGood(pairs: readonly PairItem[]): void {
  for (const { draft, passage: source } of pairs) {
    if (draft.evidence === undefined || source === undefined) throw new Error('a pair without evidence');
    expect(textAtBytes(source.text, draft.evidence, source.span.start)).toContain(draft.answer);
    // A symbol of one letter may stand in any word: `Which symbol stands for the speed of light?`
    const asked = ` ${draft.question.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ')} `;
    expect(asked).not.toContain(
      ` ${draft.answer
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
        .trim()} `,
    );
    expect(draft.question).toMatch(/^\p{Lu}.*[^\s,;]\?$/u);
  }
  expect(new Set(pairs.map(({ draft }) => draft.question.toLowerCase())).size).toBe(pairs.length);
}

describe('extract on the documents of our own', () => {
  let pairs: PairItem[] = [];
  beforeAll(async () => {
    pairs = await generated(passagesIn(OWN));
  }, 60_000);

  test('makes more than 400 pairs whose evidence holds their answers and whose questions do not', () => {
    expect(pairs.length).toBeGreaterThan(400);
    expectGood(pairs);
  });

  test('asks in many ways, and from every document', () => {
    const kinds = new Set(pairs.map(({ notes }) => JSON.stringify(notes['extract'])));
    expect(kinds.size).toBeGreaterThan(12);
    expect(new Set(pairs.map(({ passage: source }) => source?.documentId)).size).toBe(passagesIn(OWN).length);
  });

  test('makes the same pairs again', async () => {
    expect(await generated(passagesIn(OWN).slice(0, 3))).toEqual(
      await generated(passagesIn(OWN).slice(0, 3)),
    );
  });
});

describe('extract', () => {
  test('leaves kinds out by name, and refuses a name that is none', async () => {
    const item = passage('Niels Bohr (1885–1962) returned to Copenhagen.', 0);
    expect(await through([item], stage('extract'))).toHaveLength(2);
    expect(await through([item], stage('extract', { without: ['lifespan'] }))).toEqual([]);
    expect(() => stage('extract', { without: ['lifespans'] })).toThrow(/without/u);
  });

  test('asks for a term once in a passage and says what it repeats', async () => {
    const item = passage(
      'Engines differ in power.\n\nPower is the rate at which work is done.\n\nPower is the rate at which energy is used.',
      0,
    );
    const made = stage('extract');
    if (made.kind !== 'each') throw new Error('extract looks at each passage');
    const { kept, drops } = await made.apply(item, tools);
    expect(kept).toHaveLength(1);
    expect(drops.map(({ reason }) => reason)).toEqual(['same_fact']);
  });

  test('says of a passage without a question that there was none', async () => {
    const made = stage('extract');
    if (made.kind !== 'each') throw new Error('extract looks at each passage');
    const { kept, drops } = await made.apply(passage('Nothing to see.', 0), tools);
    expect({ kept, drops }).toEqual({ kept: [], drops: [{ reason: 'no_question', detail: '0' }] });
  });

  test('keeps its promises on any text that can be put together from ours', async () => {
    expect.hasAssertions();
    const sentences = passagesIn(OWN)
      .slice(0, 8)
      .flatMap(({ passage: { text } }) => text.split(/(?<=\.)\s/u));
    const mark = fc.constantFrom('\n\n', ' ', '\n- ', ' **', ' (', '**', ' — ', ', and ');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...sentences), mark), { maxLength: 8 }),
        async (parts) => {
          const item = passage(parts.flat().join(''), 0);
          expectGood((await through([item], stage('extract'))).filter((made) => made.kind === 'pair'));
        },
      ),
      { numRuns: 60 },
    );
  });
});

// Runs where the chapters lie beside the checkout: they are real text that is not ours to ship.
describe.skipIf(!existsSync(PHYSICS))(
  'extract on 92 chapters of physics (skipped where the data is absent)',
  () => {
    test(
      `keeps at least ${KEPT_MIN} pairs whose evidence holds their answers`,
      { timeout: 120_000 },
      async () => {
        const pairs = await generated(passagesIn(PHYSICS));
        expect(pairs.length).toBeGreaterThanOrEqual(KEPT_MIN);
        expectGood(pairs);
      },
    );
  },
);
