// Retrieval: what is found, in which order, and that words are never query syntax.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { SqlitePassageIndex } from '../../src/adapters/sqlite-passage-index.ts';
import type { Passage } from '../../src/core/document.ts';

function passage(text: string, title?: string): Passage {
  return {
    documentId: text,
    source: text,
    title,
    text,
    span: { start: 0, end: text.length },
    license: undefined,
  };
}

describe('SqlitePassageIndex', () => {
  let folder: string;
  let index: SqlitePassageIndex;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'passages-'));
    index = new SqlitePassageIndex(join(folder, 'nested', 'index.sqlite'));
  });
  afterEach(async () => {
    await index.close();
    rmSync(folder, { recursive: true });
  });

  const found = async (words: readonly string[], limit = 10): Promise<readonly string[]> =>
    (await index.search(words, limit)).map((each) => each.passage.text);

  it('finds passages with any of the words, stems and diacritics apart, best first', async () => {
    await index.add([
      passage('Copper conducts heat and electricity.'),
      passage('Metals conduct; copper is a metal, and metals shine.'),
      passage('Wood burns.'),
      passage('Le café ferme.', 'Opening hours'),
    ]);
    expect(await found(['conducting'])).toHaveLength(2);
    expect((await found(['metal', 'copper']))[0]).toContain('Metals');
    expect(await found(['CAFE'])).toEqual(['Le café ferme.']);
    expect(await found(['opening'])).toEqual(['Le café ferme.']);
    expect(await found(['metal', 'copper'], 1)).toHaveLength(1);
    const scores = (await index.search(['metal'], 5)).map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it.each(['"', 'a" OR "b', 'NEAR(a b)', 'col:x', '*', '-', '', 'AND', '\0'])(
    'takes %j as words and not as syntax',
    async (word) => {
      await index.add([passage('nothing of that kind')]);
      expect(await found([word])).toEqual([]);
    },
  );

  it('gives ties in the order of adding', async () => {
    await index.add(['one same', 'two same', 'six same'].map((text) => passage(text)));
    expect(await found(['same'])).toEqual(['one same', 'two same', 'six same']);
  });

  it('keeps what it was made from, once it is complete', async () => {
    await index.add([passage('kept')]);
    expect(index.signature).toBeUndefined();
    index.sign('corpus-1');
    await index.close();
    index = new SqlitePassageIndex(join(folder, 'nested', 'index.sqlite'));
    expect(index.signature).toBe('corpus-1');
    expect(await index.count()).toBe(1);
    expect(await found(['kept'])).toEqual(['kept']);
  });

  it('says which file it cannot use', () => {
    expect(() => new SqlitePassageIndex(folder)).toThrow(folder);
  });
});
