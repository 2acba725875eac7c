import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type DocumentOptions, openDocuments } from '../../../src/adapters/documents.ts';
import { writeParquet } from '../../../src/adapters/parquet-writer.ts';
import type { SourceDocument } from '../../../src/ports/document-source.ts';
import { collect } from '../../support/collect.ts';
import { pdfFile, pdfOfContent } from '../../support/pdf-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-documents-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function read(paths: string | readonly string[], options?: DocumentOptions): Promise<SourceDocument[]> {
  return collect(openDocuments(typeof paths === 'string' ? [paths] : paths, options).documents());
}

/** Source and text of each document, or the reason why it is none. */
function shown(documents: readonly SourceDocument[]): readonly (readonly [string, string])[] {
  return documents.map((document) =>
    document.kind === 'broken'
      ? [document.source, document.reason]
      : [document.passages[0]?.source ?? '', document.passages.map((passage) => passage.text).join('')],
  );
}

async function first(path: string, options?: DocumentOptions) {
  const [document] = await read(path, options);
  if (document?.kind !== 'document') throw new Error(JSON.stringify(document));
  const [passage] = document.passages;
  if (passage === undefined) throw new Error('no passage');
  return passage;
}

describe('openDocuments() on folders', () => {
  it('openDocuments() reads a folder and those in it by name, without hidden ones, and counts other files', async () => {
    file('docs/b/two.md', 'Two');
    file('docs/b/.hidden.md', 'no');
    file('docs/.git/c.md', 'no');
    file('docs/a.txt', 'One');
    file('docs/B.txt', 'Zero');
    file('docs/picture.PNG', 'no');
    file('docs/b/other.png', 'no');
    file('docs/Makefile', 'no');
    const source = openDocuments([join(folder, 'docs')]);
    expect(shown(await collect(source.documents()))).toEqual([
      ['docs/B.txt', 'Zero'],
      ['docs/a.txt', 'One'],
      ['docs/b/two.md', 'Two'],
    ]);
    expect(source.filesTotal).toBe(3);
    expect(source.skipped).toEqual({ '.png': 2, Makefile: 1 });
  });

  it('openDocuments() gives the same again, and says how far it is', async () => {
    file('docs/a.txt', 'One');
    file('docs/b.jsonl', '{"text":"Two"}\n{"text":"Three"}\n');
    const source = openDocuments([join(folder, 'docs')]);
    expect([source.bytesRead(), source.bytesTotal]).toEqual([0, 35]);
    const once = await collect(source.documents());
    expect(source.bytesRead()).toBe(35);
    expect(await collect(source.documents())).toEqual(once);
    expect(source.bytesRead()).toBe(35);
  });

  it('openDocuments() follows links, reads no file twice, is caught in no loop, and tells of links to nothing', async () => {
    file('docs/a.txt', 'One');
    file('else/far.txt', 'Far');
    symlinkSync('..', join(folder, 'docs/loop'));
    symlinkSync('a.txt', join(folder, 'docs/b.txt'));
    symlinkSync(join(folder, 'else'), join(folder, 'docs/link'));
    symlinkSync('nowhere.txt', join(folder, 'docs/z.txt'));
    expect(shown(await read([join(folder, 'docs'), join(folder, 'docs/a.txt')]))).toEqual([
      ['docs/a.txt', 'One'],
      ['docs/link/far.txt', 'Far'],
      ['docs/z.txt', 'unreadable'],
    ]);
  });

  it('openDocuments() gives a document the same id under any path and in any format', async () => {
    const ids = await Promise.all(
      [
        file('x/a.txt', 'The text.\r\nOf two lines.\r\n'),
        file('y/b.md.gz', gzipSync('\ufeffThe text.\nOf two lines.')),
        file('c.jsonl', '{"text":"The text.\\nOf two lines.\\n"}'),
      ].map(async (path) => (await first(path)).documentId),
    );
    // printf 'document\0The text.\nOf two lines.' | sha256sum
    expect(new Set(ids)).toEqual(new Set(['fe74aa5738b8d00a5010a65d875703e0']));
  });

  it.each<[string, (() => string) | undefined, RegExp]>([
    ['a path where nothing is', () => join(folder, 'none.txt'), /none\.txt": there is no such file/u],
    ['a file of another format', () => file('a.docx', 'x'), /a\.docx": a document is named \.txt, /u],
    ['compressed Parquet', () => file('a.parquet.gz', 'x'), /a\.parquet\.gz": a document is named/u],
    ['a folder without documents', () => dirname(file('docs/a.png', 'x')), /docs": no document is in it/u],
    ['nothing', undefined, /no file or folder is named/u],
  ])('openDocuments() refuses %s', (_, path, message) => {
    expect(() => openDocuments(path === undefined ? [] : [path()])).toThrow(message);
  });

  it('openDocuments() refuses a size of passages before anything is read', () => {
    expect(() => openDocuments(['/'], { passageBytesMax: 1 })).toThrow(/whole number from 4 up/u);
  });
});

describe('openDocuments() on text', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['latin.txt', Buffer.from('caf\u00e9', 'latin1'), 'not_utf8'],
    ['utf16.txt', Buffer.from('\ufeffword', 'utf16le'), 'not_utf8'],
    ['binary.txt', Buffer.from([0x61, 0, 0x62]), 'not_text'],
    ['empty.txt', '', 'empty'],
    ['blank.md', '---\ntitle: x\n---\n \n', 'empty'],
    ['empty.html', '<html><body><nav>Home</nav></body></html>', 'empty'],
    ['none.pdf', 'no PDF at all', 'damaged'],
    ['picture.pdf', pdfFile([[]]), 'empty'],
    ['cut.txt.gz', gzipSync('word '.repeat(500)).subarray(0, 20), 'damaged'],
    ['cut.txt.zst', zstdCompressSync('word '.repeat(500)).subarray(0, 16), 'damaged'],
    ['none.txt.gz', 'no gzip', 'damaged'],
    ['bomb.txt.gz', gzipSync(Buffer.alloc(65 * 1024 * 1024, 0x61)), 'too_large'],
    ['bomb.txt.zst', zstdCompressSync(Buffer.alloc(65 * 1024 * 1024, 0x61)), 'too_large'],
    ['bomb.html.zst', zstdCompressSync(Buffer.alloc(17 * 1024 * 1024, 0x61)), 'too_large'],
  ])('openDocuments() says what is wrong with %s and reads on', async (name, content, reason) => {
    const after = file('zzz.txt', 'after');
    expect(shown(await read([file(name, content), after]))).toEqual([
      [name, reason],
      ['zzz.txt', 'after'],
    ]);
  });

  it.each<[string, string, { title: string | undefined; license?: string; text?: string }]>([
    [
      'matter.md',
      '---\ntitle: The Title\nlicense: CC0-1.0\n---\n# Other\n\nText.',
      { title: 'The Title', license: 'CC0-1.0', text: '# Other\n\nText.' },
    ],
    ['heading.md', 'Intro.\n\n## A  heading ##\n\nText.', { title: 'A heading' }],
    ['underlined.md', 'A heading\n=========\n\nText.', { title: 'A heading' }],
    ['rules.md', '---\nNot: [yaml\n---\nText.', { title: 'Not: [yaml', text: '---\nNot: [yaml\n---\nText.' }],
    ['alone.txt', 'A line alone\n\nText that follows.', { title: 'A line alone' }],
    ['sentence.txt', 'This is a sentence.\n\nText.', { title: undefined }],
    ['crlf.txt', '\ufeffOne\r\nTwo\rThree\r\n', { title: undefined, text: 'One\nTwo\nThree' }],
  ])('openDocuments() reads title, license and text of %s', async (name, content, expected) => {
    expect(await first(file(name, content))).toMatchObject(expected);
  });

  it('openDocuments() gives the license of the source to documents that state none', async () => {
    expect((await first(file('a.txt', 'Text'), { license: 'CC-BY-4.0' })).license).toBe('CC-BY-4.0');
    expect(
      (await first(file('a.jsonl', '{"text":"Text","license":"MIT"}'), { license: 'CC0' })).license,
    ).toBe('MIT');
  });

  it('openDocuments() cuts a long document into passages of one id with spans in its text', async () => {
    const text = Array.from({ length: 40 }, (_, at) => `Ünïcode paragraph ${at} of some length.`).join(
      '\n\n',
    );
    const [document] = await read(file('long.txt', text), { passageBytesMax: 300 });
    const passages = document?.kind === 'document' ? document.passages : [];
    expect(passages.length).toBeGreaterThan(4);
    expect(new Set(passages.map((passage) => passage.documentId)).size).toBe(1);
    for (const { span, text: part } of passages) {
      expect(Buffer.from(text).subarray(span.start, span.end).toString()).toBe(part);
    }
  });

  const physics = join(import.meta.dirname, '../../../../shared/data/documents/physics');
  it.skipIf(!existsSync(physics))(
    'openDocuments() reads the 92 chapters of a physics book (skipped where ../shared/data is absent), each with a title',
    async () => {
      const documents = await read(physics);
      expect(documents).toHaveLength(92);
      for (const document of documents) {
        if (document.kind !== 'document') throw new Error(document.detail);
        expect(document.passages[0]?.title).toMatch(/^\p{Lu}/u);
      }
    },
  );
});

describe('openDocuments() on rows', () => {
  const web = { text: 'Of the web.', id: '<urn:uuid:1>', url: 'https://example.org', dump: 'CC-MAIN' };
  const article = { id: '12', url: 'https://example.org/A', title: 'Anarchism', text: 'Of an encyclopedia.' };

  it.each<[string, (line: string) => string | Uint8Array]>([
    ['rows.jsonl', (line) => line],
    ['rows.ndjson', (line) => line],
    ['rows.jsonl.gz', (line) => gzipSync(line)],
    ['rows.jsonl.zst', (line) => zstdCompressSync(line)],
    ['rows.json', (line) => `[${line.trim().replace('\n', ',')}]`],
  ])('openDocuments() reads web and encyclopedia rows of %s', async (name, pack) => {
    const content = pack(`${JSON.stringify(web)}\n${JSON.stringify(article)}\n`);
    expect(await read(file(name, content))).toMatchObject([
      { kind: 'document', passages: [{ source: `${name}:1`, title: undefined, text: 'Of the web.' }] },
      {
        kind: 'document',
        passages: [{ source: `${name}:2`, title: 'Anarchism', text: 'Of an encyclopedia.' }],
      },
    ]);
  });

  it('openDocuments() reads rows of Parquet', async () => {
    const path = join(folder, 'wiki.parquet');
    const columns = ['id', 'url', 'title', 'text'].map((name) => ({ name, type: 'text' as const }));
    const sink = writeParquet(path, columns);
    await sink.write([article, { ...article, title: 'B', text: 'Other.' }]);
    await sink.close();
    expect(await read(path)).toMatchObject([
      { kind: 'document', passages: [{ source: 'wiki.parquet:1', title: 'Anarchism' }] },
      { kind: 'document', passages: [{ source: 'wiki.parquet:2', title: 'B', text: 'Other.' }] },
    ]);
  });

  it('openDocuments() takes columns by the names it is told', async () => {
    const path = file('rows.jsonl', '{"body":"Text","head":"T","rights":"MIT","key":7}');
    const options = { textColumn: 'body', titleColumn: 'head', licenseColumn: 'rights', idColumn: 'key' };
    expect(await first(path, options)).toMatchObject({
      text: 'Text',
      title: 'T',
      license: 'MIT',
      documentId: '7',
    });
  });

  it('openDocuments() lists the columns of a file that has no such one, and passes it over in a folder', async () => {
    const path = file('docs/rows.jsonl', '{"body":"Text","url":"u"}\n');
    file('docs/z.txt', 'Text');
    await expect(read(path)).rejects.toThrow(/no column "text".*the columns are "body", "url"/u);
    await expect(read(path)).rejects.toMatchObject({ code: 'invalid_argument', field: 'text_column' });
    expect(shown(await read(join(folder, 'docs')))).toEqual([
      ['docs/rows.jsonl', 'no_text_column'],
      ['docs/z.txt', 'Text'],
    ]);
  });

  it('openDocuments() says of each row what is wrong with it and reads on', async () => {
    const lines = [
      '{"text":"One"}',
      'no JSON',
      '{"text":null}',
      '{"text":7}',
      '{"text":" "}',
      '[1]',
      '{"text":"\\ud800"}',
      '{"text":"Two"}',
    ];
    expect(shown(await read(file('rows.jsonl', lines.join('\n')))).map(([, what]) => what)).toEqual([
      'One',
      'not_json',
      'no_text_column',
      'no_text_column',
      'empty',
      'not_object',
      'not_unicode',
      'Two',
    ]);
  });

  it('openDocuments() stops at a damaged file of rows and names it, rather than lose its rest', async () => {
    const packed = gzipSync(`${JSON.stringify(web)}\n`.repeat(2_000));
    await expect(read(file('cut.jsonl.gz', packed.subarray(0, -20)))).rejects.toThrow(
      /cut\.jsonl\.gz" after line \d+/u,
    );
  });
});

describe('openDocuments() on hostile pages', () => {
  it('openDocuments() ends the reading of HTML that nests without end and reads on', async () => {
    file('docs/a.html', `<html><body>${'<div>'.repeat(20_000)}<p>Text</p></body></html>`);
    file('docs/b.html', '<html><body><p>After it.</p></body></html>');
    expect(shown(await read(join(folder, 'docs')))).toEqual([
      ['docs/a.html', 'damaged'],
      ['docs/b.html', 'After it.'],
    ]);
  });

  it('openDocuments() reads on after a PDF whose page is packed wrongly', async () => {
    file('docs/a.pdf', pdfOfContent(deflateSync('BT (x) Tj').subarray(0, 4), '/FlateDecode'));
    file('docs/b.pdf', pdfFile([[{ text: 'After it.', x: 50, y: 700 }]]));
    expect(shown(await read(join(folder, 'docs')))).toEqual([
      ['docs/a.pdf', 'empty'],
      ['docs/b.pdf', 'After it.'],
    ]);
  });
});
