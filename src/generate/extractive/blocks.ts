// Paragraphs and list items of a passage, with the sections that they lie in. Markdown is read as far as prose needs it:
// what is no prose (tables, code, formulas on their own, exercises, reading lists) is left out.

import { plainBlock } from './plain-block.ts';
import type { PlainBlock } from './plain-block.ts';

const HEADING = /^(?<marks>#{1,6})\s+(?<name>.*?)\s*#*$/u;
const FENCE = /^(?:```|~~~|\$\$)/u;
const ITEM = /^(?:[-*+•]|\d{1,3}[.)]|\([a-z\d]\))\s+/u;
const NO_PROSE = /^(?:\||>|<!--|\+[-=]+\+|={3,}|-{3,}|\[\^?[^\]]+\]:|!\[)/u;
/** Sections that ask, list or refer instead of telling. */
const SKIPPED_SECTION =
  /\b(?:learning objectives?|key terms|key equations|practice|exercises?|problems?|questions?|check your understanding|test prep|concept items|critical thinking|performance task|quiz|references|bibliography|further reading|external links|see also|notes|sources|contents|lab|preface|foreword|acknowledge?ments?|about the authors?|licen[sc]e|copyright)\b/iu;
/** Sections for teachers run into the text behind them, so that only their own words tell them apart. */
const TEACHING_SECTION = /\b(?:teachers?|instructors?)\b/iu;
const TEACHING =
  /^\[(?:AL|BL|OL|EL)\]|\b(?:students?|teachers?|classroom|the class|class discussion|in class|ask (?:them|if|how|why|what|whether)|have them|point out|remind|explain (?:that|how|why|to)|review|emphasi[sz]e|demonstrate|discuss|misconceptions?|standards?)\b/iu;

/** All prose blocks of `text`, in order. */
export function proseBlocks(text: string): PlainBlock[] {
  const blocks: PlainBlock[] = [];
  const headings: string[] = [];
  let isFenced = false;
  let open: { start: number; end: number } | undefined;
  const close = (): void => {
    if (open === undefined) return;
    const names = headings.filter((name) => name !== '');
    const block = plainBlock(text, open, names);
    open = undefined;
    if (!names.some((name) => SKIPPED_SECTION.test(name)) && !isTeaching(block)) blocks.push(block);
  };
  for (const { line, start } of lines(text)) {
    const trimmed = line.trim();
    if (FENCE.test(trimmed)) {
      close();
      isFenced = !isFenced && !/^(?:\$\$|```|~~~).+(?:\$\$|```|~~~)$/u.test(trimmed);
      continue;
    }
    if (isFenced) continue;
    const heading = HEADING.exec(trimmed);
    if (heading !== null) {
      close();
      const depth = heading.groups?.['marks']?.length ?? 1;
      headings.length = Math.min(headings.length, depth - 1);
      while (headings.length < depth - 1) headings.push('');
      headings.push(heading.groups?.['name'] ?? '');
      continue;
    }
    if (trimmed === '' || NO_PROSE.test(trimmed)) {
      close();
      continue;
    }
    const indent = line.length - line.trimStart().length;
    const mark = ITEM.exec(trimmed)?.[0].length ?? 0;
    if (mark > 0) close();
    const from = start + indent + mark;
    const to = start + line.trimEnd().length;
    open = open === undefined ? { start: from, end: to } : { start: open.start, end: to };
  }
  close();
  return blocks;
}

function isTeaching({ headings, text }: PlainBlock): boolean {
  return headings.some((name) => TEACHING_SECTION.test(name)) && TEACHING.test(text);
}

function* lines(text: string): Generator<{ line: string; start: number }> {
  let start = 0;
  while (start <= text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    yield { line: text.slice(start, end), start };
    start = end + 1;
  }
}
