// What all documents have in common once they are text: UTF-8 or refused, line ends as `\n`, no mark at the beginning, no
// front matter in the text, a title if the text itself has one.

import { isUtf8 } from 'node:buffer';

import { parse, YAMLParseError } from 'yaml';

/** A document before it is cut into passages. */
export interface DocumentText {
  readonly kind: 'text';
  readonly text: string;
  readonly title: string | undefined;
  readonly license: string | undefined;
}

/** Why a document is none. */
export interface Unreadable {
  readonly kind: 'unreadable';
  /** Counted in reports: `not_utf8`. */
  readonly reason: string;
  readonly detail: string;
}

const FRONT_MATTER = /^---[ \t]*\n([\s\S]{0,65536}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/u;
const TITLE_CHARS_MAX = 200;

/** The characters of a file, or of a value in one. */
export function decodeText(bytes: Uint8Array): string | Unreadable {
  if (isUtf8(bytes)) return new TextDecoder('utf-8').decode(bytes);
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return {
    kind: 'unreadable',
    reason: 'not_utf8',
    detail: isUtf16 ? 'is UTF-16, not UTF-8' : 'is not UTF-8',
  };
}

/** Plain text; its title is a first line that stands alone. */
export function plainDocument(raw: string): DocumentText | Unreadable {
  return checked({ text: raw, title: undefined, license: undefined });
}

/** Markdown; front matter (`title`, `license`) comes before what the text says. */
export function markdownDocument(raw: string): DocumentText | Unreadable {
  const text = withLineEnds(raw);
  const head = FRONT_MATTER.exec(text);
  const values = head === null ? undefined : frontMatter(head[1] ?? '');
  if (head === null || values === undefined) return plainDocument(text);
  return checked({
    text: text.slice(head[0].length),
    title: textOf(values['title']),
    license: textOf(values['license'] ?? values['licence']),
  });
}

/** A document as it will be cut: refused when there is nothing in it, or nothing that is text. */
export function checked({
  text: raw,
  title,
  license,
}: Omit<DocumentText, 'kind'>): DocumentText | Unreadable {
  const text = withLineEnds(raw).trim();
  if (text === '') return { kind: 'unreadable', reason: 'empty', detail: 'has no text' };
  if (text.includes('\0')) {
    return {
      kind: 'unreadable',
      reason: 'not_text',
      detail: 'has zero bytes in it, as files that are no text do',
    };
  }
  if (!text.isWellFormed()) {
    return {
      kind: 'unreadable',
      reason: 'not_unicode',
      detail: 'has half a character in it (a lone surrogate)',
    };
  }
  return { kind: 'text', text, title: clean(title) ?? titleIn(text), license: clean(license) };
}

/** The first heading; or else a first line that stands alone and is no sentence. */
export function titleIn(text: string): string | undefined {
  const beginning = text.slice(0, 20_000);
  const heading =
    /^ {0,3}#{1,6}[ \t]+(\S.*)$/mu.exec(beginning)?.[1] ??
    /^(\S.*)\n {0,3}(?:={2,}|-{2,})[ \t]*$/mu.exec(beginning)?.[1];
  const title = clean(heading?.replace(/[ \t]+#+[ \t]*$/u, ''));
  if (title !== undefined) return title;
  const alone = /^(.+)\n[ \t]*\n/u.exec(beginning)?.[1]?.trim() ?? '';
  const isSentence = /[.!?:;,…]["'”’)]*$/u.test(alone);
  return alone.length > 120 || isSentence || !/\p{L}/u.test(alone) ? undefined : clean(alone);
}

function withLineEnds(text: string): string {
  return text.replace(/^\ufeff/u, '').replace(/\r\n?/gu, '\n');
}

/** Undefined where the lines are no map: then they are text between two rules. */
function frontMatter(yaml: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const values: unknown = parse(yaml, { maxAliasCount: 0 });
    return typeof values === 'object' && values !== null && !Array.isArray(values)
      ? (values as Readonly<Record<string, unknown>>)
      : undefined;
  } catch (error) {
    // The library throws a ReferenceError where an alias is used.
    if (error instanceof YAMLParseError || error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function clean(value: string | undefined): string | undefined {
  const text = value?.replace(/\s+/gu, ' ').trim() ?? '';
  return text === '' ? undefined : text.slice(0, TITLE_CHARS_MAX).toWellFormed();
}
