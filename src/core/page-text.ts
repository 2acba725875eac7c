// Reads the text of a paged document from runs of characters at places on its pages: which runs are a line, which lines are a
// paragraph, which are a heading, and which stand on every page and belong to none. It knows no file format.

import { subscript, superscript } from './raised-text.ts';

/** Characters at one place. Lengths in the page's units, y upwards. */
export interface PageRun {
  readonly text: string;
  readonly x: number;
  /** Of the line that the characters stand on. */
  readonly y: number;
  readonly width: number;
  /** Of the font. */
  readonly height: number;
}

interface PageLine {
  text: string;
  readonly x: number;
  readonly y: number;
  right: number;
  height: number;
}

/** Lines at the upper and at the lower edge that may be a running head or a page number. */
const EDGE_LINES = 2;
const EDGE_PAGES_MIN = 3;
const EDGE_SHARE_MIN = 0.3;
const HEADING_CHARS_MAX = 200;
/** Share of a line that is missing at the end of a paragraph's last line. */
const SHORT_SHARE = 0.35;
const ENDS_SENTENCE = /[.!?:…。！？]["'”’)\]»」』]*$/u;
const HAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const BULLET = /^[•◦▪‣●–*]\s+/u;

/**
 * The text of all pages: paragraphs apart, each on one line, words that were parted at a line's end joined, headings (by the
 * size of their font) as `#` lines.
 *
 * @param pages runs of each page, in the order of the file
 */
export function pageText(pages: readonly (readonly PageRun[])[]): string {
  const all = withoutEdges(pages.map((runs) => inReadingOrder(linesOf(runs))));
  const bodyHeight = commonHeight(all.flat());
  const hyphenated = hyphenatedWords(all.flat());
  const paragraphs: { text: string; level: number }[] = [];
  let last: PageLine | undefined;
  for (const lines of all) {
    const spacing = commonSpacing(lines);
    for (const line of lines) {
      const level = headingLevel(line, bodyHeight);
      const open = paragraphs.at(-1);
      if (
        open !== undefined &&
        last !== undefined &&
        open.level === level &&
        continues(last, line, spacing)
      ) {
        open.text = joined(open.text, line.text, hyphenated);
      } else {
        paragraphs.push({ text: line.text, level });
      }
      last = line;
    }
  }
  return paragraphs
    .map(({ text, level }) => (level > 0 ? `${'#'.repeat(level)} ${text}` : text.replace(BULLET, '- ')))
    .join('\n\n');
}

/** Runs that stand on one line one after another. A small run a little higher or lower is raised or lowered text. */
function linesOf(runs: readonly PageRun[]): readonly PageLine[] {
  const lines: PageLine[] = [];
  let line: PageLine | undefined;
  for (const run of runs) {
    if (run.text === '') continue;
    const height = run.height || line?.height || 1;
    if (line === undefined || !isOnLine(line, run, height)) {
      if (run.text.trim() === '') continue;
      line = { text: run.text.trimStart(), x: run.x, y: run.y, right: run.x + run.width, height };
      lines.push(line);
      continue;
    }
    const gap = run.x - line.right;
    const isApart = gap > 0.15 * line.height && !/\s$/u.test(line.text) && !/^\s/u.test(run.text);
    line.text += `${isApart ? ' ' : ''}${placed(line, run, height)}`;
    line.right = Math.max(line.right, run.x + run.width);
  }
  return lines.map((each) => ({ ...each, text: tidied(each.text) })).filter((each) => each.text !== '');
}

function isOnLine(line: PageLine, run: PageRun, height: number): boolean {
  const isLevel = Math.abs(run.y - line.y) < 0.6 * Math.max(line.height, height);
  // A run far to the left begins the next line, one far to the right another column.
  return isLevel && run.x > line.right - 0.6 * line.height && run.x - line.right < 4 * line.height;
}

function placed(line: PageLine, run: PageRun, height: number): string {
  const rise = run.y - line.y;
  if (height > 0.85 * line.height || run.text.trim() === '') {
    // The line began with something small: what follows is its real size.
    if (height > line.height) line.height = height;
    return run.text;
  }
  if (rise > 0.2 * line.height) return superscript(run.text);
  return rise < -0.08 * line.height ? subscript(run.text) : run.text;
}

/** From top to bottom on a page of one column; as the file has them where lines stand side by side. */
function inReadingOrder(lines: readonly PageLine[]): readonly PageLine[] {
  const sorted = lines.toSorted((one, other) => other.y - one.y || one.x - other.x);
  const areSideBySide = sorted.some((line, index) => {
    const next = sorted[index + 1];
    return next !== undefined && line.y - next.y < 0.5 * Math.min(line.height, next.height);
  });
  return areSideBySide ? lines : sorted;
}

/** Without lines that stand at the edges of many pages, numbers aside. */
function withoutEdges(pages: readonly (readonly PageLine[])[]): readonly (readonly PageLine[])[] {
  const counts = new Map<string, number>();
  const edgesOf = (lines: readonly PageLine[]): ReadonlySet<PageLine> => {
    const sorted = lines.toSorted((one, other) => other.y - one.y);
    return new Set([...sorted.slice(0, EDGE_LINES), ...sorted.slice(-EDGE_LINES)]);
  };
  for (const lines of pages) {
    for (const key of new Set(Array.from(edgesOf(lines), edgeKey)))
      counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  // A line with a number in it, the same on three pages but for the number, is the head of a chapter or a page number.
  const pagesMin = (key: string): number =>
    key.includes('#') ? EDGE_PAGES_MIN : Math.max(EDGE_PAGES_MIN, EDGE_SHARE_MIN * pages.length);
  return pages.map((lines) => {
    const edges = edgesOf(lines);
    return lines.filter((line) => {
      const key = edgeKey(line);
      return !edges.has(line) || (counts.get(key) ?? 0) < pagesMin(key);
    });
  });
}

function edgeKey(line: PageLine): string {
  return line.text
    .replace(/\p{N}+/gu, '#')
    .replace(/\s+/gu, ' ')
    .toLowerCase();
}

/** The height that most characters have. */
function commonHeight(lines: readonly PageLine[]): number {
  const characters = new Map<number, number>();
  for (const line of lines) {
    const height = Math.round(line.height * 2) / 2;
    characters.set(height, (characters.get(height) ?? 0) + line.text.length);
  }
  let most = 0;
  let common = 1;
  for (const [height, count] of characters) {
    if (count > most) [common, most] = [height, count];
  }
  return common;
}

/** The distance of a line to the one below it within a paragraph, in heights of a line: the lower quartile. */
function commonSpacing(lines: readonly PageLine[]): number {
  const spacings = lines
    .slice(1)
    .map((line, index) => ((lines[index]?.y ?? line.y) - line.y) / line.height)
    .filter((spacing) => spacing > 0.5 && spacing < 4)
    .toSorted((one, other) => one - other);
  return spacings[Math.floor((spacings.length - 1) / 4)] ?? 1.2;
}

function headingLevel(line: PageLine, bodyHeight: number): number {
  if (line.text.length > HEADING_CHARS_MAX || !/\p{L}/u.test(line.text)) return 0;
  const size = line.height / bodyHeight;
  if (size >= 1.6) return 1;
  return size >= 1.15 ? 2 : 0;
}

/** Whether a line goes on where another ended. */
function continues(last: PageLine, line: PageLine, spacing: number): boolean {
  if (BULLET.test(line.text)) return false;
  const distance = (last.y - line.y) / line.height;
  // Upwards: the next column or page; a paragraph may go on there.
  if (distance <= 0) return !ENDS_SENTENCE.test(last.text) && /^["'“(]*\p{Ll}/u.test(line.text);
  if (distance > 1.3 * spacing) return false;
  // A line much shorter than the next one was the last of its paragraph.
  const isShort = line.right - last.right > SHORT_SHARE * (line.right - line.x);
  if (isShort && !/^\p{Ll}/u.test(line.text)) return false;
  const indent = (line.x - last.x) / line.height;
  return !(indent > 0.8 && indent < 6 && ENDS_SENTENCE.test(last.text));
}

function joined(before: string, after: string, hyphenated: ReadonlySet<string>): string {
  const stem = /(\p{L}+)[-\u2010]$/u.exec(before)?.[1];
  const rest = /^\p{Ll}+/u.exec(after)?.[0];
  if (stem !== undefined && rest !== undefined) {
    // "well-" and "known" is one word with its hyphen if the text has it so elsewhere.
    const isCompound = hyphenated.has(`${stem}-${rest}`.toLowerCase());
    return `${isCompound ? before : before.slice(0, -1)}${after}`;
  }
  const isDense = HAN.test(before.slice(-1)) && HAN.test(after.slice(0, 1));
  return /\p{L}[-\u2010]$/u.test(before) || isDense ? `${before}${after}` : `${before} ${after}`;
}

/** Words with a hyphen that stand within a line. */
function hyphenatedWords(lines: readonly PageLine[]): ReadonlySet<string> {
  const words = lines.flatMap((line) => line.text.match(/\p{L}+[-\u2010]\p{L}+/gu) ?? []);
  return new Set(words.map((word) => word.replace('\u2010', '-').toLowerCase()));
}

/** Ligatures as letters; no soft hyphens but at a line's end, where they are hyphens; no control characters. */
function tidied(text: string): string {
  return (
    text
      .replace(/[\ufb00-\ufb06]/gu, (ligature) => ligature.normalize('NFKC'))
      .replace(/\u00ad\s*$/u, '-')
      .replace(/\u00ad/gu, '')
      // The dots between a chapter and its page in a table of contents.
      .replace(/(?:\s?\.){5,}/gu, ' … ')
      .replace(/[\p{Cc}\s]+/gu, ' ')
      .trim()
      // Half a surrogate pair is what a damaged font table gives.
      .toWellFormed()
  );
}
