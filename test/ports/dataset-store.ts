// What every dataset store promises. An adapter's test calls this with a way to make an empty store.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { recipeOf } from '../../src/core/recipe.ts';
import type { PairId } from '../../src/core/ids.ts';
import type { QaPair } from '../../src/core/qa-pair.ts';
import type { DatasetInfo } from '../../src/core/calls.ts';
import type { DatasetStore, NewDataset } from '../../src/ports/dataset-store.ts';
import { collect } from '../support/collect.ts';
import { numberedPairs, pairWith } from '../support/pairs.ts';

export interface StoreUnderTest {
  readonly store: DatasetStore;
  close(): Promise<void> | void;
}

const FRUIT: NewDataset = {
  name: 'fruit',
  description: 'Questions about fruit',
  reward: undefined,
  provenance: { source: 'orchard', license: 'CC0-1.0', generator: '' },
};

function rowOf(question: string, split: string, documentId?: string): QaPair {
  return pairWith({ question, split, provenance: documentId === undefined ? {} : { documentId } });
}

export function testDatasetStore(
  storeName: string,
  open: () => Promise<StoreUnderTest> | StoreUnderTest,
): void {
  describe(`${storeName} as a dataset store`, () => {
    let opened: StoreUnderTest;
    let store: DatasetStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(async () => {
      await opened.close();
    });

    async function write(
      pairs: readonly QaPair[],
      dataset: Partial<NewDataset> = {},
      replace = false,
    ): Promise<DatasetInfo> {
      const writer = await store.create({ ...FRUIT, ...dataset }, { replace });
      await writer.add(pairs);
      return writer.commit();
    }
    async function all(info: DatasetInfo, split?: string): Promise<QaPair[]> {
      return collect(store.rows(info.name, info.version, split));
    }

    it('commit() makes visible what add() took, with facts that add up', async () => {
      const writer = await store.create(FRUIT, { replace: false });
      await writer.add([
        ...numberedPairs(3, { domain: 'Math' }),
        ...numberedPairs(2, { split: 'test', answerType: 'text', domain: 'Other' }, 3),
      ]);
      expect(await store.list()).toEqual([]);
      expect(await store.get('fruit')).toBeUndefined();
      const info = await writer.commit({ layout: 'native', rejected: { empty: 2 } });
      expect(info).toMatchObject({
        name: 'fruit',
        description: 'Questions about fruit',
        splits: [
          { name: 'train', count: 3 },
          { name: 'test', count: 2 },
        ],
        answerTypes: [
          { name: 'number', count: 3 },
          { name: 'text', count: 2 },
        ],
        domains: [
          { name: 'Math', count: 3 },
          { name: 'Other', count: 2 },
        ],
        provenance: FRUIT.provenance,
      });
      expect(await store.list()).toEqual([info]);
      expect(await store.get('fruit')).toEqual(info);
      expect(await store.get('fruit', info.version)).toEqual(info);
      expect(await store.record('fruit', info.version)).toEqual({ layout: 'native', rejected: { empty: 2 } });
    });

    it('a row comes back with every field that it was given', async () => {
      const full = pairWith({
        question: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Which is \\frac{1}{2} of a "plum"?\u0000\n€ 😀' },
        ],
        groundTruth: { answer: 'A', aliases: ['a half', '½'] },
        answerType: 'choice',
        choices: ['half', 'whole'],
        reward: {
          ...recipeOf('choice'),
          scorers: [
            { name: 'choice', weight: 0.9, required: true, when: 'always', options: {} },
            {
              name: 'format',
              weight: 0.1,
              required: false,
              when: 'undecided',
              options: { pattern: 'boxed' },
            },
          ],
          combine: 'product',
          lengthPenalty: { maxTokens: 100, bufferTokens: 10, factor: 0.5 },
        },
        domain: 'Math',
        persona: 'a grocer',
        provenance: {
          documentId: 'doc-1',
          span: { start: 3, end: 14 },
          generator: 'by hand',
          promptVersion: '2',
          model: 'm',
          costUsd: 0.001,
          extra: { nested: { list: [1, null, 'x'] } },
        },
        passRate: 0.25,
        split: 'validation',
      });
      const info = await write([full]);
      expect(await all(info)).toEqual([full]);
      const split = await store.openSplit('fruit', info.version, 'validation');
      expect(await split?.pairsAt([0])).toEqual([full]);
      expect(await store.findPair('fruit', full.pairId)).toEqual(full);
    });

    it('pairsAt() answers in the order asked for, repeats included, and refuses what is not there', async () => {
      const train = numberedPairs(700);
      const test = numberedPairs(5, { split: 'test' }, 700);
      const info = await write([...train.slice(0, 350), ...test, ...train.slice(350)]);
      const split = await store.openSplit('fruit', info.version, 'train');
      expect(split?.count).toBe(700);
      expect(await split?.pairsAt([699, 0, 349, 350, 0])).toEqual([
        train[699],
        train[0],
        train[349],
        train[350],
        train[0],
      ]);
      expect(await split?.pairsAt([])).toEqual([]);
      await expect(split?.pairsAt([700])).rejects.toThrow(/no row 700/);
      expect(await store.openSplit('fruit', info.version, 'validation')).toBeUndefined();
      expect(await store.openSplit('fruit', 'no-such-version', 'train')).toBeUndefined();
      expect(await store.openSplit('nuts', info.version, 'train')).toBeUndefined();
    });

    it('rows() streams all rows in order of import, or those of one split', async () => {
      const pairs = numberedPairs(1_203).map((pair, index) => ({
        ...pair,
        split: index % 3 === 0 ? 'test' : 'train',
      }));
      const info = await write(pairs);
      expect(await all(info)).toEqual(pairs);
      expect(await all(info, 'test')).toEqual(pairs.filter((pair) => pair.split === 'test'));
      expect(await all(info, 'validation')).toEqual([]);
    });

    it('add() leaves out prompts that are there already and tells conflicting ground truths apart', async () => {
      const [plum, pear, fig] = numberedPairs(3);
      if (plum === undefined || pear === undefined || fig === undefined)
        throw new Error('three pairs were made');
      const writer = await store.create(FRUIT, { replace: false });
      const other = { ...pear, groundTruth: { answer: 'another', aliases: [] } };
      expect(await writer.add([plum, pear, plum])).toEqual({ duplicates: [2], conflicts: [] });
      expect(await writer.add([other, fig, { ...fig, split: 'test' }])).toEqual({
        duplicates: [0, 2],
        conflicts: [0],
      });
      const info = await writer.commit();
      expect(await all(info)).toEqual([plum, pear, fig]);
      expect(await store.findPair('fruit', pear.pairId)).toEqual(pear);
    });

    it('create() refuses a taken name, and with `replace` makes a new version beside the old one', async () => {
      const first = await write(numberedPairs(3));
      const oldSplit = await store.openSplit('fruit', first.version, 'train');
      await expect(store.create(FRUIT, { replace: false })).rejects.toMatchObject({ code: 'already_exists' });
      const second = await write(numberedPairs(4), {}, true);
      expect(second.version).not.toBe(first.version);
      expect(await store.get('fruit')).toEqual(second);
      expect(await store.get('fruit', first.version)).toEqual(first);
      expect(await store.list()).toEqual([second]);
      expect(await oldSplit?.pairsAt([0, 1, 2])).toEqual(numberedPairs(3));
      expect(await all(first)).toHaveLength(3);
    });

    it('commit() of content that is there already makes that version the newest again', async () => {
      const first = await write(numberedPairs(3));
      await write(numberedPairs(4), {}, true);
      const again = await write(numberedPairs(3), { description: 'Said anew' }, true);
      expect(again).toEqual({ ...first, description: 'Said anew' });
      expect(await store.get('fruit')).toEqual(again);
      expect(await all(again)).toEqual(numberedPairs(3));
    });

    it('commit() refuses a name that another writer took meanwhile', async () => {
      const one = await store.create(FRUIT, { replace: false });
      const other = await store.create(FRUIT, { replace: false });
      await one.add(numberedPairs(1));
      await other.add(numberedPairs(2));
      const info = await one.commit();
      await expect(other.commit()).rejects.toMatchObject({ code: 'already_exists' });
      expect(await store.get('fruit')).toEqual(info);
    });

    it('the version says the same for the same rows and another for any change', async () => {
      const pairs = numberedPairs(2);
      const reference = await write(pairs, { name: 'reference' });
      const recipe = recipeOf('math');
      const same = await write(pairs, {
        name: 'same',
        description: 'else',
        provenance: { source: 'x', license: 'y', generator: 'z' },
      });
      expect(same.version).toBe(reference.version);
      const changed: [string, readonly QaPair[], Partial<NewDataset>][] = [
        ['order', pairs.toReversed(), {}],
        ['fewer', pairs.slice(1), {}],
        ['split', pairs.map((pair) => ({ ...pair, split: 'test' })), {}],
        ['truth', pairs.map((pair) => ({ ...pair, groundTruth: { answer: '7', aliases: [] } })), {}],
        [
          'alias',
          pairs.map((pair) => ({ ...pair, groundTruth: { ...pair.groundTruth, aliases: ['x'] } })),
          {},
        ],
        ['type', pairs.map((pair) => ({ ...pair, answerType: 'text' as const })), {}],
        ['origin', pairs.map((pair) => ({ ...pair, provenance: { documentId: 'd' } })), {}],
        ['reward', pairs, { reward: recipe }],
      ];
      const versions = new Set([reference.version]);
      for (const [name, rows, dataset] of changed)
        versions.add((await write(rows, { ...dataset, name })).version);
      expect(versions.size).toBe(changed.length + 1);
      // Inherited or its own, a row's recipe scores it the same way.
      const own = await write(
        pairs.map((pair) => ({ ...pair, reward: recipe })),
        { name: 'own' },
      );
      expect(own.version).toBe((await store.get('reward'))?.version);
    });

    it('abort() and a failed commit() leave no dataset', async () => {
      const writer = await store.create(FRUIT, { replace: false });
      await writer.add(numberedPairs(3));
      await writer.abort();
      await writer.abort();
      const empty = await store.create(FRUIT, { replace: false });
      await expect(empty.commit()).rejects.toMatchObject({ code: 'failed_precondition' });
      await empty.abort();
      expect(await store.list()).toEqual([]);
      expect((await write(numberedPairs(1))).splits).toEqual([{ name: 'train', count: 1 }]);
    });

    it('findPair() finds nothing for ids that are not there or are no ids', async () => {
      await write(numberedPairs(1));
      const [stranger] = numberedPairs(1, {}, 99);
      if (stranger === undefined) throw new Error('a pair was made');
      expect(await store.findPair('fruit', stranger.pairId)).toBeUndefined();
      for (const id of ['', 'x', "' OR 1=1 --", stranger.pairId.toUpperCase()]) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- clients send any text as an id
        expect(await store.findPair('fruit', id as PairId)).toBeUndefined();
      }
      expect(await store.findPair('nuts', stranger.pairId)).toBeUndefined();
    });

    it('sharedDocuments() finds the documents whose rows lie in several splits, and no others', async () => {
      const writer = await store.create(FRUIT, { replace: false });
      await writer.add([rowOf('1', 'train', 'a'), rowOf('2', 'train', 'a'), rowOf('3', 'train', 'b')]);
      expect(await writer.sharedDocuments(5)).toEqual({ count: 0, examples: [] });
      await writer.add([
        rowOf('4', 'train'),
        rowOf('5', 'test'),
        rowOf('6', 'test', 'c'),
        rowOf('7', 'test', 'B'),
      ]);
      expect(await writer.sharedDocuments(5)).toEqual({ count: 0, examples: [] });
      await writer.add([rowOf('8', 'test', 'b'), rowOf('9', 'dev', 'c'), rowOf('10', 'train', 'c')]);
      const examples = [
        { documentId: 'b', splits: ['train', 'test'] },
        { documentId: 'c', splits: ['train', 'test', 'dev'] },
      ];
      expect(await writer.sharedDocuments(5)).toEqual({ count: 2, examples });
      expect(await writer.sharedDocuments(1)).toEqual({ count: 2, examples: examples.slice(0, 1) });
      await writer.add([rowOf('11', 'train')]);
      expect((await writer.commit()).splits).toHaveLength(3);
    });

    it('remove() removes all versions and frees the name', async () => {
      const first = await write(numberedPairs(1));
      const second = await write(numberedPairs(2), {}, true);
      const split = await store.openSplit('fruit', second.version, 'train');
      expect(await store.remove('fruit')).toBe(2);
      expect(await store.list()).toEqual([]);
      expect(await store.get('fruit', first.version)).toBeUndefined();
      await expect(split?.pairsAt([0])).rejects.toMatchObject({ code: 'not_found' });
      await expect(store.remove('fruit')).rejects.toMatchObject({ code: 'not_found' });
      expect((await write(numberedPairs(1))).version).toBe(first.version);
    });

    it('remove() with `keepNewest` removes what a newer version took the place of', async () => {
      const first = await write(numberedPairs(1));
      const second = await write(numberedPairs(2), {}, true);
      expect(await store.remove('fruit', { keepNewest: true })).toBe(1);
      expect(await store.get('fruit', first.version)).toBeUndefined();
      expect(await all(second)).toEqual(numberedPairs(2));
      expect(await store.remove('fruit', { keepNewest: true })).toBe(0);
    });

    it.each(['', '.', '..', '.hidden', 'a/b', 'a\\b', 'a b', 'ü', 'a\u0000b', 'x'.repeat(129)])(
      'create() refuses the name %j',
      async (name) => {
        await expect(store.create({ ...FRUIT, name }, { replace: false })).rejects.toMatchObject({
          code: 'invalid_argument',
          field: 'name',
        });
      },
    );
  });
}
