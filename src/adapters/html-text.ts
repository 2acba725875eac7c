// How a part of an HTML tree reads as text: headings as `#` lines, paragraphs apart, lists, tables, code and formulas as Markdown
// has them, raised numbers kept apart from what they stand on. It knows no library; a tree is what has these few members.

import { subscript, superscript } from '../core/raised-text.ts';

export interface HtmlNode {
  readonly nodeType: number;
  readonly textContent: string | null;
  readonly childNodes: Iterable<HtmlNode>;
}

export interface HtmlElement extends HtmlNode {
  readonly localName: string;
  getAttribute(name: string): string | null;
  replaceWith?(text: string): void;
}

const ELEMENT = 1;
const TEXT = 3;
const DOCUMENT_FRAGMENT = 11;
const BLOCKS = new Set(
  'address article aside blockquote body caption dd details div dl dt fieldset figcaption figure footer form header hgroup hr main nav ol p section summary table ul video'.split(
    ' ',
  ),
);
const SILENT = new Set(
  'script style noscript template svg iframe button select textarea input object embed audio video canvas head'.split(
    ' ',
  ),
);
/** Levels of lists within lists that are shown by indentation. */
const INDENTS_MAX = 6;
/** A place where text begins anew: one for a line, two for a paragraph. Of the private use area: a page's own such characters are left out. */
const LINE = '\ue000';
const PARAGRAPH = '\ue001';
/** Spaces and line ends that must stay: of code. */
const KEPT_SPACE = '\ue002';
const KEPT_LINE = '\ue003';

/** The text of a part of a page. */
export function htmlText(root: HtmlElement): string {
  const pieces: string[] = [];
  write(root, { pieces, depth: 0, item: undefined });
  return pieces
    .join('')
    .replace(/[ \t\r\n\f]+/gu, ' ')
    .replace(/ ?([\ue000\ue001]) ?/gu, '$1')
    .replace(/[\ue000\ue001]*\ue001[\ue000\ue001]*/gu, '\n\n')
    .replace(/\ue000+/gu, '\n')
    .replaceAll(KEPT_SPACE, ' ')
    .replaceAll(KEPT_LINE, '\n')
    .trim();
}

interface Writing {
  readonly pieces: string[];
  /** Of lists. */
  readonly depth: number;
  /** Counts the items of a numbered list. */
  readonly item: { at: number } | undefined;
}

function write(node: HtmlNode, writing: Writing): void {
  const { pieces } = writing;
  if (node.nodeType === TEXT) {
    pieces.push(withoutMarks(node.textContent ?? ''));
    return;
  }
  if (node.nodeType === DOCUMENT_FRAGMENT) writeAll(node, writing);
  if (!isElement(node)) return;
  const name = node.localName;
  if (SILENT.has(name)) return;
  const heading = /^h([1-6])$/u.exec(name)?.[1];
  if (heading !== undefined) {
    const text = oneLine(node, writing);
    if (text !== '') pieces.push(PARAGRAPH, '#'.repeat(Number(heading)), ' ', text, PARAGRAPH);
  } else if (name === 'br') pieces.push(LINE);
  else if (name === 'pre') writeCode(node, pieces);
  else if (name === 'table') writeTable(node, writing);
  else if (name === 'ul' || name === 'ol') writeList(node, writing, name === 'ol');
  else if (name === 'li') writeItem(node, writing);
  else if (name === 'math') pieces.push(formulaOf(node));
  else if (name === 'sup') pieces.push(isFootnoteMark(node) ? '' : superscript(oneLine(node, writing)));
  else if (name === 'sub') pieces.push(subscript(oneLine(node, writing)));
  else if (BLOCKS.has(name)) {
    pieces.push(PARAGRAPH);
    writeAll(node, writing);
    pieces.push(PARAGRAPH);
  } else writeAll(node, writing);
}

function writeAll(node: HtmlNode, writing: Writing): void {
  for (const child of node.childNodes) write(child, writing);
}

function writeList(list: HtmlElement, writing: Writing, isNumbered: boolean): void {
  const { pieces, depth } = writing;
  const edge = depth === 0 ? PARAGRAPH : LINE;
  const item = isNumbered ? { at: Number.parseInt(list.getAttribute('start') ?? '1', 10) || 1 } : undefined;
  pieces.push(edge);
  writeAll(list, { pieces, depth: depth + 1, item });
  pieces.push(edge);
}

function writeItem(node: HtmlElement, writing: Writing): void {
  const { pieces, depth, item } = writing;
  const indent = KEPT_SPACE.repeat(2 * Math.min(Math.max(0, depth - 1), INDENTS_MAX));
  const inner: string[] = [];
  writeAll(node, { pieces: inner, depth: Math.max(1, depth), item: undefined });
  // Paragraphs within an item stay within it.
  const text = inner
    .join('')
    .replace(/[\ue000\ue001\s]+$/u, '')
    .replace(/^[\ue000\ue001\s]+/u, '')
    .replace(/[\ue000\ue001\s]*\ue001[\ue000\ue001\s]*/gu, `${LINE}${indent}${KEPT_SPACE}${KEPT_SPACE}`);
  if (text === '') return;
  pieces.push(LINE, indent, item === undefined ? '- ' : `${String(item.at)}. `, text, LINE);
  if (item !== undefined) item.at += 1;
}

/** A fence longer than any in the code. */
function writeCode(node: HtmlElement, pieces: string[]): void {
  const code = withoutMarks(node.textContent ?? '')
    .replace(/^\r?\n/u, '')
    .trimEnd();
  if (code === '') return;
  const longest = Math.max(2, ...Array.from(code.matchAll(/`{3,}/gu), (match) => match[0].length));
  const fence = '`'.repeat(longest + 1);
  const kept = code.replace(/\r\n?|\n/gu, KEPT_LINE).replace(/[ \t]/gu, KEPT_SPACE);
  pieces.push(PARAGRAPH, fence, KEPT_LINE, kept, KEPT_LINE, fence, PARAGRAPH);
}

/** A table of data row by row. One of a single column is a layout, and reads as its cells. */
function writeTable(table: HtmlElement, writing: Writing): void {
  const { pieces } = writing;
  const rows = Array.from(descendants(table, 'tr')).map((row) =>
    Array.from(row.childNodes).filter((cell) => isElement(cell) && /^t[dh]$/u.test(cell.localName)),
  );
  const isData = rows.some((cells) => cells.length > 1) && !isNested(table);
  pieces.push(PARAGRAPH);
  if (!isData) {
    for (const cell of rows.flat()) {
      writeAll(cell, writing);
      pieces.push(PARAGRAPH);
    }
    return;
  }
  for (const caption of descendants(table, 'caption')) pieces.push(oneLine(caption, writing), PARAGRAPH);
  rows
    .filter((cells) => cells.length > 0)
    .forEach((cells, index) => {
      const texts = cells.map((cell) => oneLine(cell, writing).replaceAll('|', '\\|'));
      pieces.push('| ', texts.join(' | '), ' |', LINE);
      if (index === 0) pieces.push('|', ' --- |'.repeat(cells.length), LINE);
    });
  pieces.push(PARAGRAPH);
}

function isNested(table: HtmlElement): boolean {
  for (const _ of descendants(table, 'table')) return true;
  return false;
}

function* descendants(node: HtmlNode, name: string): Generator<HtmlElement> {
  for (const child of node.childNodes) {
    if (!isElement(child)) continue;
    if (child.localName === name) yield child;
    else if (child.localName !== 'table') yield* descendants(child, name);
  }
}

function oneLine(node: HtmlNode, writing: Writing): string {
  const pieces: string[] = [];
  writeAll(node, { ...writing, pieces });
  return pieces
    .join('')
    .replace(/[\s\ue000-\ue003]+/gu, ' ')
    .trim();
}

/** In TeX where the page says it, else as its characters. */
function formulaOf(node: HtmlElement): string {
  const [annotation] = descendants(node, 'annotation');
  const tex = node.getAttribute('alttext') ?? annotation?.textContent ?? undefined;
  const text = withoutMarks(tex ?? node.textContent ?? '')
    .replace(/\s+/gu, ' ')
    .trim();
  return text === '' || tex === undefined ? text : `$${text}$`;
}

/** [3], or a link to the foot of the page. */
function isFootnoteMark(node: HtmlElement): boolean {
  if (/^\s*\[[^\]]{1,12}\]\s*$/u.test(node.textContent ?? '')) return true;
  const [link] = descendants(node, 'a');
  return link?.getAttribute('href')?.startsWith('#') === true;
}

function withoutMarks(text: string): string {
  return text.replace(/[\ue000-\ue003]/gu, '');
}

function isElement(node: HtmlNode): node is HtmlElement {
  return node.nodeType === ELEMENT;
}
