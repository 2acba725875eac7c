import { deflateSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { DocumentExtractor } from '../../../src/adapters/document-extractor.ts';
import { pdfDocument } from '../../../src/adapters/pdf-document.ts';
import { type PdfLine, pdfFile, pdfOfContent } from '../../support/pdf-file.ts';

/** Lines one below the other. */
const lines = (texts: readonly string[], top = 700, x = 50): readonly PdfLine[] =>
  texts.map((text, at) => ({ text, x, y: top - 14 * at }));

async function textOf(pages: readonly (readonly PdfLine[])[]): Promise<string> {
  const document = await pdfDocument(new Uint8Array(pdfFile(pages)));
  return document.kind === 'text' ? document.text : document.reason;
}

describe('pdfDocument()', () => {
  it('pdfDocument() reads headings, paragraphs, and words that a line parts', async () => {
    const page = [
      { text: 'The Speed of Light', x: 50, y: 760, size: 24 },
      { text: 'History', x: 50, y: 728, size: 15 },
      ...lines([
        'Romer showed in 1676 that light does not travel instan-',
        'taneously. It is a well-known matter, and well-',
        'known since (long) ago.',
      ]),
      ...lines(['A second paragraph begins here.'], 640),
    ];
    expect(await textOf([page])).toBe(
      '# The Speed of Light\n\n## History\n\nRomer showed in 1676 that light does not travel instantaneously. It is a well-known matter, and well-known since (long) ago.\n\nA second paragraph begins here.',
    );
  });

  it('pdfDocument() reads a page from top to bottom whatever the order in the file, and columns one by one', async () => {
    const page = lines(['First line of the page,', 'second line of the page,', 'third line of the page.']);
    expect(await textOf([page.toReversed()])).toBe(
      'First line of the page, second line of the page, third line of the page.',
    );
    const columns = [
      ...lines(['Left one', 'left two', 'left three']),
      ...lines(['right four', 'right five.'], 700, 320),
    ];
    expect(await textOf([columns])).toBe('Left one left two left three right four right five.');
  });

  it('pdfDocument() joins what goes on over pages and leaves out running heads and page numbers', async () => {
    const pages = [1, 2, 3, 4].map((number, at) => [
      { text: 'A Book of Physics', x: 200, y: 780 },
      ...lines([`page ${'abcd'[at]} begins and it goes`, `on after ${'abcd'[at]}`]),
      { text: String(number), x: 300, y: 20 },
    ]);
    expect(await textOf(pages)).toBe(
      'page a begins and it goes on after a page b begins and it goes on after b page c begins and it goes on after c page d begins and it goes on after d',
    );
  });

  it('pdfDocument() keeps a raised exponent apart from its number', async () => {
    const page = [
      { text: 'It is 3 x 10', x: 50, y: 700 },
      { text: '8', x: 105, y: 705, size: 7 },
      { text: 'm/s.', x: 112, y: 700 },
    ];
    expect(await textOf([page])).toBe('It is 3 x 10⁸ m/s.');
  });

  it.each<[string, string | undefined]>([
    ['On Light', 'On Light'],
    ['Microsoft Word - draft7.doc', undefined],
    ['untitled', undefined],
  ])('pdfDocument() takes the title that the file states: %s', async (stated, title) => {
    const file = pdfFile([lines(['This is a sentence.'])], { title: stated });
    expect(await pdfDocument(new Uint8Array(file))).toMatchObject({ kind: 'text', title });
  });
});

describe('DocumentExtractor', () => {
  const good = { format: 'pdf', bytes: pdfFile([lines(['Good text.'])]) } as const;

  it('DocumentExtractor ends what unpacks without end, and reads the next', async () => {
    const spaces = deflateSync(deflateSync(Buffer.alloc(512 * 1024 * 1024, 0x20)));
    const bomb = pdfOfContent(spaces, '[/FlateDecode /FlateDecode]');
    expect(bomb.length).toBeLessThan(5_000);
    const extractor = new DocumentExtractor({ growthMbMax: 300 });
    expect(await extractor.extract({ format: 'pdf', bytes: bomb })).toMatchObject({ reason: 'too_large' });
    expect(await extractor.extract(good)).toMatchObject({ kind: 'text', text: 'Good text.' });
    await extractor.close();
  });

  it('DocumentExtractor ends a reader that does not answer, and starts another', async () => {
    const silent = new URL('data:text/javascript,setInterval(()=>{},1000)');
    const extractor = new DocumentExtractor({ limitMs: 60, workerUrl: silent });
    expect(await extractor.extract(good)).toMatchObject({ reason: 'too_slow' });
    expect(await extractor.extract(good)).toMatchObject({ reason: 'too_slow' });
    await extractor.close();
  });

  it('DocumentExtractor says that a reader ended, and starts another', async () => {
    const dying = new URL('data:text/javascript,process.exit(1)');
    const extractor = new DocumentExtractor({ workerUrl: dying });
    expect(await extractor.extract(good)).toMatchObject({
      reason: 'damaged',
      detail: 'cannot be read: its reader ended',
    });
    await extractor.close();
  });
});
