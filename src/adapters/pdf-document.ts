// The text of a PDF, read by the unpdf build of Mozilla's PDF reader. The one file that knows it: where characters stand is
// taken from it, how they read is `core/page-text.ts`'s.

import { getDocumentProxy } from 'unpdf';

import { type PageRun, pageText } from '../core/page-text.ts';
import { checked, type DocumentText, type Unreadable } from './document-text.ts';

/** Titles that programs write and people do not. */
const NO_TITLE = /^(?:untitled.*|microsoft word\b.*|.*\.(?:docx?|tex|indd|dvi|qxd|pdf|rtf|pptx?))$/iu;

/** Throws what the library throws for a file that is no PDF. */
export async function pdfDocument(bytes: Uint8Array): Promise<DocumentText | Unreadable> {
  const pdf = await openPdf(bytes);
  if (!('numPages' in pdf)) return pdf;
  const pages: PageRun[][] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    pages.push(items.flatMap((item) => ('str' in item ? [runOf(item)] : [])));
    page.cleanup();
  }
  const text = pageText(pages);
  if (text === '') {
    return {
      kind: 'unreadable',
      reason: 'empty',
      detail: `has no text on its ${pages.length} pages: pictures, most likely`,
    };
  }
  const { info } = await pdf.getMetadata();
  const stated = 'Title' in info && typeof info.Title === 'string' ? info.Title.trim() : '';
  return checked({
    text,
    title: stated === '' || NO_TITLE.test(stated) ? undefined : stated,
    license: undefined,
  });
}

async function openPdf(
  bytes: Uint8Array,
): Promise<Awaited<ReturnType<typeof getDocumentProxy>> | Unreadable> {
  try {
    return await getDocumentProxy(bytes, {
      verbosity: 0,
      useSystemFonts: false,
      disableFontFace: true,
    });
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException') {
      return { kind: 'unreadable', reason: 'encrypted', detail: 'is encrypted: a password opens it' };
    }
    throw error;
  }
}

function runOf(item: {
  readonly str: string;
  readonly transform: readonly number[];
  readonly width: number;
  readonly height: number;
}): PageRun {
  const [, , skew = 0, scale = 0, x = 0, y = 0] = item.transform;
  return { text: item.str, x, y, width: item.width, height: item.height || Math.hypot(skew, scale) };
}
