import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openCorpus } from '../../../../src/commands/generate/corpus.ts';
import { openSources } from '../../../../src/commands/generate/sources.ts';
import { collect } from '../../../support/collect.ts';

const folder = mkdtempSync(join(tmpdir(), 'sources-'));
const at = (name: string): string => join(folder, name);
writeFileSync(at('a.md'), 'Rivers flow to the sea.');
writeFileSync(at('b.jsonl'), '{"content": "Sums of odd numbers are even."}\n{"content": "Snow is cold."}\n');
afterAll(() => rmSync(folder, { recursive: true }));

describe('openSources()', () => {
  const sources = [
    { path: at('a.md'), license: 'CC0-1.0' },
    { path: at('b.jsonl'), textColumn: 'content' },
  ];

  it('openSources() reads each source with its own options, in order', async () => {
    const opened = openSources(sources);
    const passages = (await collect(opened.documents())).flatMap((document) =>
      document.kind === 'document' ? document.passages : [],
    );
    expect(passages.map(({ text, license }) => [text.trim(), license])).toEqual([
      ['Rivers flow to the sea.', 'CC0-1.0'],
      ['Sums of odd numbers are even.', undefined],
      ['Snow is cold.', undefined],
    ]);
    expect(opened.bytesRead()).toBe(opened.bytesTotal);
  });

  it('openSources() reads no more documents than asked for, and can be read again', async () => {
    const opened = openSources(sources, 2);
    expect(await collect(opened.documents())).toHaveLength(2);
    expect(await collect(opened.documents())).toHaveLength(2);
  });

  it('openSources() reads a file once that is named twice', async () => {
    const twice = openSources([{ path: at('a.md') }, { path: folder + '/a.md' }]);
    expect(await collect(twice.documents())).toHaveLength(1);
  });
});

describe('openCorpus()', () => {
  const sources = [{ path: at('b.jsonl'), textColumn: 'content' }];
  const open = (said: string[]) =>
    openCorpus(sources, {
      dataDir: at('data'),
      say: (text) => said.push(text),
      signal: new AbortController().signal,
    });

  it('openCorpus() indexes a corpus once, and again when it has changed', async () => {
    const said: string[] = [];
    const index = await open(said);
    expect(await index.search(['odd'], 5)).toHaveLength(1);
    await index.close();
    expect(said).toHaveLength(2);
    await (await open(said)).close();
    expect(said).toHaveLength(2);
    writeFileSync(at('b.jsonl'), '{"content": "Odd and even are parities."}\n{"content": "Odd."}\n');
    const renewed = await open(said);
    expect(await renewed.search(['odd'], 5)).toHaveLength(2);
    await renewed.close();
    expect(said).toHaveLength(4);
  });
});
