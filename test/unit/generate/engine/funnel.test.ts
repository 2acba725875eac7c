// What a run counts: reasons with their first examples, and what was paid for nothing.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelOf, StageFunnel } from '../../../../src/generate/engine/funnel.ts';
import { FirstExamples, Reasons } from '../../../../src/generate/engine/reasons.ts';
import { findLostCosts, spentKey, spentRow } from '../../../../src/generate/engine/lost-costs.ts';
import { childKey, rootKey, type PairItem, type PassageItem } from '../../../../src/generate/item.ts';
import { MemoryItemSpool } from '../../../support/memory-generation.ts';

const pairWith = (key: string, question = 'How many?'): PairItem => ({
  kind: 'pair',
  key,
  draft: { question, answer: '1', aliases: [], generator: 'toy' },
  costUsd: 0,
  notes: {},
});
const passageWith = (title: string | undefined): PassageItem => ({
  kind: 'passage',
  key: rootKey(0),
  passage: {
    documentId: 'd',
    source: 'a/b.txt',
    title,
    text: 'text',
    span: { start: 3, end: 7 },
    license: undefined,
  },
  notes: {},
});

describe('labelOf()', () => {
  it('labelOf() names a passage by source, title and place, and a pair by its question on one line', () => {
    expect(labelOf(passageWith(undefined))).toBe('a/b.txt (bytes 3 to 7)');
    expect(labelOf(passageWith('On b'))).toBe('a/b.txt: On b (bytes 3 to 7)');
    expect(labelOf(pairWith('0', 'How\n  many?'))).toBe('How many?');
    expect(labelOf(pairWith('0', 'x'.repeat(500)))).toBe(`${'x'.repeat(119)}…`);
  });
});

describe('FirstExamples', () => {
  it('FirstExamples keeps those with the first places, whatever the order in which they come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(12).keys()], { minLength: 12 }), (order) => {
        const examples = new FirstExamples();
        for (const at of order) examples.add({ item: String(at), detail: 'd' }, rootKey(at));
        expect(examples.report().map(({ item }) => item)).toEqual(['0', '1', '2', '3', '4']);
      }),
    );
  });
});

describe('Reasons', () => {
  it('Reasons.report() has the most frequent first, with counts of all and examples of few', () => {
    const reasons = new Reasons();
    for (let at = 0; at < 9; at += 1) reasons.add({ reason: 'often', detail: '' }, 'i', rootKey(at));
    reasons.add({ reason: 'b_rare', detail: 'x'.repeat(1_000) }, 'i', rootKey(0));
    reasons.add({ reason: 'a_rare', detail: '' }, 'i', rootKey(0));
    const report = reasons.report();
    expect(report.map(({ reason, count, examples }) => [reason, count, examples.length])).toEqual([
      ['often', 9, 5],
      ['a_rare', 1, 1],
      ['b_rare', 1, 1],
    ]);
    expect(report[2]?.examples[0]?.detail).toHaveLength(300);
  });
});

describe('StageFunnel', () => {
  it('StageFunnel tells items that go on from new ones, and costs that are not known from none', () => {
    const funnel = new StageFunnel('check', 'teacher');
    funnel.came(3);
    const [a, b] = [pairWith('1'), pairWith('2')];
    funnel.decided(a, [a, pairWith('1.0000')], []);
    funnel.decided(b, [], [{ reason: 'wrong', detail: 'no' }]);
    funnel.left(pairWith('3'), 'no reply');
    const reply = { isBought: true, isReadable: true, promptTokens: 5, completionTokens: null, costUsd: 1 };
    funnel.asked(reply);
    funnel.asked({ ...reply, isBought: false, isReadable: false });
    expect(funnel.report()).toMatchObject({
      in: 3,
      kept: 1,
      made: 1,
      dropped: [{ reason: 'wrong', count: 1, examples: [{ item: 'How many?', detail: 'no' }] }],
      unfinished: { count: 1, examples: [{ item: 'How many?', detail: 'no reply' }] },
      calls: 1,
      cached: 1,
      unreadable: 1,
      promptTokens: 5,
      completionTokens: 0,
      costUsd: 1,
      usedUsd: 2,
    });
    expect(funnel.madePairs).toBe(1);
    funnel.asked({ ...reply, costUsd: null });
    expect(funnel.report()).toMatchObject({ costUsd: null, usedUsd: null });
  });
});

describe('findLostCosts()', () => {
  it('findLostCosts() finds exactly what was spent on items without a descendant that is alive', async () => {
    const key = fc
      .tuple(fc.nat({ max: 12 }), fc.array(fc.nat({ max: 2 }), { maxLength: 2 }))
      .map(([root, path]) => path.reduce(childKey, rootKey(root)));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 15 }),
        fc.uniqueArray(fc.tuple(key, fc.constantFrom('a', 'b-2')), { maxLength: 30, selector: String }),
        async (alive, spent) => {
          const spool = new MemoryItemSpool();
          await spool.clear('spent');
          await spool.clear('alive');
          await spool.add(
            'alive',
            alive.map((each) => ({ key: each, item: {} })),
          );
          const rows = spent.map(([each, stage], index) => ({ item: pairWith(each), stage, cost: index }));
          await spool.add(
            'spent',
            rows.map(({ item, stage, cost }) => ({
              key: spentKey(item, stage),
              item: spentRow(item, stage, cost),
            })),
          );
          const lost: number[] = [];
          await findLostCosts(spool.read('spent'), spool.read('alive'), ({ costUsd }) =>
            lost.push(costUsd ?? -1),
          );
          const expected = rows
            .filter(({ item }) => !alive.some((each) => each === item.key || each.startsWith(`${item.key}.`)))
            .map(({ cost }) => cost);
          expect(lost.toSorted((a, b) => a - b)).toEqual(expected);
        },
      ),
    );
  });
});
