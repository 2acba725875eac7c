// What every spool of items must do, whatever it is made of.

import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ItemSpool, SpooledItem } from '../../src/ports/item-spool.ts';
import { collect } from '../support/collect.ts';

/** Runs all tests against spools that `open` makes, each empty. */
export function itemSpoolSuite(name: string, open: () => ItemSpool): void {
  describe(`${name} as an ItemSpool`, () => {
    let spool: ItemSpool;
    beforeEach(() => {
      spool = open();
    });
    afterEach(() => spool.close());

    it('ItemSpool.read() reads in the order of keys, whatever the order of writing, and again', async () => {
      const keys = fc.uniqueArray(fc.stringMatching(/^[0-9]{1,4}(?:\.[0-9]{4}){0,2}$/u), { maxLength: 700 });
      await fc.assert(
        fc.asyncProperty(keys, async (written) => {
          await spool.clear('some');
          const rows = written.map((key) => ({ key, item: { key, deep: [{ é: 'ü\u0000' }, null, 1.5] } }));
          await spool.add('some', rows.slice(0, 3));
          await spool.add('some', rows.slice(3));
          const sorted = rows.toSorted((a, b) => (a.key < b.key ? -1 : 1));
          expect(await collect(spool.read('some'))).toEqual(sorted);
          expect(await collect(spool.read('some'))).toEqual(sorted);
          expect(await spool.count('some')).toBe(rows.length);
        }),
        { numRuns: 20 },
      );
    });

    it('ItemSpool.find() finds a row by its key, and none where there is none', async () => {
      await spool.clear('some');
      await spool.add('some', [{ key: '1', item: { a: 1 } }]);
      expect(await spool.find('some', '1')).toEqual({ a: 1 });
      expect(await spool.find('some', '1.0')).toBeUndefined();
    });

    it('ItemSpool.add() refuses a key that is there', async () => {
      await spool.clear('some');
      await spool.add('some', [{ key: '1', item: {} }]);
      await expect(spool.add('some', [{ key: '1', item: {} }])).rejects.toThrow(/key/u);
    });

    it('ItemSpool.clear() empties one table and leaves the others', async () => {
      await spool.clear('one');
      await spool.clear('two\'s "own"');
      await spool.add('one', [{ key: '1', item: {} }]);
      await spool.add('two\'s "own"', [{ key: '2', item: {} }]);
      await spool.clear('one');
      expect([await spool.count('one'), await spool.count('two\'s "own"')]).toEqual([0, 1]);
    });

    it('ItemSpool.read() may be left early and begun again', async () => {
      await spool.clear('some');
      const rows: SpooledItem[] = Array.from({ length: 1_000 }, (_, index) => ({
        key: String(index).padStart(6, '0'),
        item: { index },
      }));
      await spool.add('some', rows);
      const seen: string[] = [];
      for await (const { key } of spool.read('some')) {
        seen.push(key);
        if (seen.length === 10) break;
      }
      expect(seen).toEqual(rows.slice(0, 10).map(({ key }) => key));
      expect(await collect(spool.read('some'))).toHaveLength(rows.length);
    });
  });
}
