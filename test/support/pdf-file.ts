// A small real PDF: pages with lines of Helvetica at places that the test says. It writes what a PDF needs and no more.

import { deflateSync } from 'node:zlib';

export interface PdfLine {
  readonly text: string;
  /** Points from the lower left corner of a page of 600 by 800. */
  readonly x: number;
  readonly y: number;
  readonly size?: number;
}

export function pdfFile(
  pages: readonly (readonly PdfLine[])[],
  info: { readonly title?: string } = {},
): Buffer {
  const objects: (string | Buffer)[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages.map((_, at) => `${5 + 2 * at} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    `<< ${info.title === undefined ? '' : `/Title ${literal(info.title)}`} >>`,
  ];
  for (const lines of pages) {
    const content = deflateSync(lines.map(operators).join('\n'));
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents ${objects.length + 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      streamOf(content),
    );
  }
  return assembled(objects);
}

/** A page whose content is `content`, packed as `filter` says. */
export function pdfOfContent(content: Buffer, filter: string): Buffer {
  return assembled([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [5 0 R] /Count 1 >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    '<< >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 6 0 R /Resources << /Font << /F1 3 0 R >> >> >>',
    streamOf(content, filter),
  ]);
}

function operators({ text, x, y, size = 12 }: PdfLine): string {
  return `BT /F1 ${size} Tf ${x} ${y} Td ${literal(text)} Tj ET`;
}

function literal(text: string): string {
  return `(${text.replace(/[\\()]/gu, (character) => `\\${character}`)})`;
}

function streamOf(content: Buffer, filter = '/FlateDecode'): Buffer {
  const head = Buffer.from(`<< /Length ${content.length} /Filter ${filter} >>\nstream\n`);
  return Buffer.concat([head, content, Buffer.from('\nendstream')]);
}

function assembled(objects: readonly (string | Buffer)[]): Buffer {
  const pieces: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  const offsets: string[] = [];
  let at = pieces[0]?.length ?? 0;
  objects.forEach((object, index) => {
    const body = typeof object === 'string' ? Buffer.from(object, 'latin1') : object;
    const piece = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), body, Buffer.from('\nendobj\n')]);
    offsets.push(`${String(at).padStart(10, '0')} 00000 n \n`);
    at += piece.length;
    pieces.push(piece);
  });
  const count = objects.length + 1;
  const table = `xref\n0 ${count}\n0000000000 65535 f \n${offsets.join('')}`;
  const trailer = `trailer << /Size ${count} /Root 1 0 R /Info 4 0 R >>\nstartxref\n${at}\n%%EOF`;
  return Buffer.concat([...pieces, Buffer.from(`${table}${trailer}`)]);
}
