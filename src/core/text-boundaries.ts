// Where a text may be cut, and what each cut would break: headings and paragraphs are free or nearly so, sentences cost
// more, the inside of a code block, table or formula most. It reads Markdown, of which plain text is a special case; it
// decides nothing about sizes.

/** A place to cut: before the UTF-16 unit at `at`. */
export interface TextBoundary {
  readonly at: number;
  /** What a cut here breaks, in units of one more passage: see `BREAK_COSTS`. */
  readonly cost: number;
}

/** 1 is as bad as one passage more. Only the order and the rough distances matter. */
export const BREAK_COSTS = {
  /** Before a heading of level 1 to 6. */
  headings: [0, 0.1, 0.25, 0.4, 0.4, 0.4],
  paragraph: 1,
  /** Before a line that follows the end of a sentence, where texts have a paragraph on each line. */
  lineAfterSentence: 1.2,
  listItem: 1.5,
  /** What a colon announces: a list, a table, a formula. */
  announced: 2,
  sentence: 3,
  line: 5,
  /** Between lines of a code block, a table or a formula. */
  insideBlock: 6,
  /** A heading would stand alone at the end of a passage. */
  afterHeading: 8,
  word: 10,
  character: 20,
} as const;

interface Line {
  readonly start: number;
  readonly end: number;
  readonly kind: 'blank' | 'heading' | 'item' | 'table' | 'block' | 'underline' | 'prose';
  /** Of a heading, 1 to 6. */
  readonly level: number;
}

/** Lines that a formula may have: beyond it, its opening was something else. */
const FORMULA_LINES_MAX = 100;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]|$)/u;
const ITEM = /^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]/u;
const FENCE = /^ {0,3}(`{3,}|~{3,})/u;
const ENVIRONMENT = /^\s*\\begin\{([a-zA-Z*]{1,30})\}/u;
const UNDERLINE = /^ {0,3}(=+|-{2,})[ \t]*$/u;
/** Code and formulas within a line come first, so that nothing inside them is taken for the end of a sentence. */
const SENTENCE_END =
  /`[^`\n]+`|\$(?![\s\d])[^$\n]{1,500}(?<!\s)\$|\\\((?:[^\n\\]|\\[^()\n]){0,500}\\\)|(?<![.!?…])[.!?…]+["'”’)\]»]{0,5}[ \t\u00a0]+(?=["'“‘([«¿¡]{0,5}[\p{Lu}\p{Lt}\p{Lo}\p{N}])|[。！？।؟۔]+["'”’）」』»]*[ \t\u00a0\u3000]*/gu;
const ABBREVIATION =
  /(?:^|[\s([“"])(?:\p{L}|[Ff]igs?|[Ee]qs?|[Cc]h|[Ss]ec|[Nn]os?|[Vv]ol|pp|vs|cf|ca|approx|e\.g|i\.e|St|Mt|Dr|Mrs?|Ms|Prof|Jr|Sr|Gen|Col|Capt|Lt|al)$/u;
const ENDS_SENTENCE = /[.!?…。！？।؟۔]["'”’)\]»）」』]*\s*$/u;

/** All places between the beginning and the end, in order, each once; none inside a character. */
export function* textBoundaries(text: string): Generator<TextBoundary> {
  let previous: Line | undefined;
  let wasBlank = false;
  for (const line of linesOf(text)) {
    if (line.kind === 'blank') {
      wasBlank = true;
      continue;
    }
    if (previous !== undefined) yield { at: line.start, cost: costBefore(text, previous, line, wasBlank) };
    if (line.kind === 'prose' || line.kind === 'item') yield* sentencesIn(text, line);
    previous = line;
    wasBlank = false;
  }
}

function costBefore(text: string, previous: Line, line: Line, wasBlank: boolean): number {
  if (line.kind === 'underline') return BREAK_COSTS.insideBlock;
  if (previous.kind === 'heading' || previous.kind === 'underline') return BREAK_COSTS.afterHeading;
  if (line.kind === 'heading') return BREAK_COSTS.headings[line.level - 1] ?? 0;
  if (line.kind === 'block' && line.level > 0) return BREAK_COSTS.insideBlock;
  if (line.kind === 'table' && previous.kind === 'table' && !wasBlank) return BREAK_COSTS.insideBlock;
  const before = text.slice(Math.max(previous.start, previous.end - 16), previous.end).trimEnd();
  if (before.endsWith(':') || before.endsWith('：')) return BREAK_COSTS.announced;
  if (line.kind === 'item' && previous.kind === 'item') return BREAK_COSTS.listItem;
  if (wasBlank) return BREAK_COSTS.paragraph;
  if (line.kind === 'item' || previous.kind === 'block') return BREAK_COSTS.announced;
  return ENDS_SENTENCE.test(before) ? BREAK_COSTS.lineAfterSentence : BREAK_COSTS.line;
}

function* sentencesIn(text: string, line: Line): Generator<TextBoundary> {
  const content = text.slice(line.start, line.end);
  for (const match of content.matchAll(SENTENCE_END)) {
    const [found] = match;
    const end = match.index + found.length;
    if (end >= content.length || /^[`$\\]/u.test(found)) continue;
    if (
      found.startsWith('.') &&
      ABBREVIATION.test(content.slice(Math.max(0, match.index - 8), match.index))
    ) {
      continue;
    }
    yield { at: line.start + end, cost: BREAK_COSTS.sentence };
  }
}

/** Lines with their kinds. A `block` line has level 0 when it opens a code block or formula, and 1 within it. */
function* linesOf(text: string): Generator<Line> {
  /**
   * What was sought in vain, so that it is not sought again from each line: by the fence's character, the shortest fence
   * that nothing closes; by a formula's closing mark, where to look again.
   */
  const unclosed = new Map<string, number>();
  for (let start = 0; start < text.length;) {
    const end = lineEnd(text, start);
    const content = text.slice(start, end);
    const blockEnd = endOfBlock(text, { start, end, content }, unclosed);
    if (blockEnd > end) {
      yield { start, end, kind: 'block', level: 0 };
      for (let at = end; at < blockEnd;) {
        const next = lineEnd(text, at);
        yield { start: at, end: next, kind: 'block', level: 1 };
        at = next;
      }
      start = blockEnd;
      continue;
    }
    const underline = nextUnderline(text, content, end);
    if (underline !== undefined) {
      yield { start, end, kind: 'heading', level: underline.level };
      yield { start: end, end: underline.end, kind: 'underline', level: 0 };
      // What follows an underline follows its heading.
      start = underline.end;
      continue;
    }
    yield { start, end, ...kindOf(content) };
    start = end;
  }
}

function kindOf(content: string): Pick<Line, 'kind' | 'level'> {
  if (content.trim() === '') return { kind: 'blank', level: 0 };
  const heading = HEADING.exec(content)?.[1];
  if (heading !== undefined) return { kind: 'heading', level: heading.length };
  if (ITEM.test(content)) return { kind: 'item', level: 0 };
  return { kind: content.trimStart().startsWith('|') ? 'table' : 'prose', level: 0 };
}

interface Opening {
  readonly start: number;
  readonly end: number;
  readonly content: string;
}

/** Where the code block or formula ends that this line opens; the line's own end when it opens none. */
function endOfBlock(text: string, line: Opening, unclosed: Map<string, number>): number {
  const fence = FENCE.exec(line.content)?.[1];
  if (fence !== undefined) {
    const mark = fence.charAt(0);
    if (fence.length >= (unclosed.get(mark) ?? Number.POSITIVE_INFINITY)) return line.end;
    const close = mark === '`' ? /^ {0,3}(`{3,})\s*$/u : /^ {0,3}(~{3,})\s*$/u;
    const end = findLine(text, line.end, Number.POSITIVE_INFINITY, (content) => {
      return (close.exec(content)?.[1]?.length ?? 0) >= fence.length;
    });
    if (end === undefined) unclosed.set(mark, fence.length);
    return end ?? line.end;
  }
  const closing = formulaClosing(line.content);
  if (closing === undefined || line.start < (unclosed.get(closing) ?? 0)) return line.end;
  const end = findLine(text, line.end, FORMULA_LINES_MAX, (content) => content.includes(closing));
  // None within so many lines: nor is there one for an opening a few lines on, give or take those few.
  if (end === undefined) unclosed.set(closing, line.start + FORMULA_LINES_MAX);
  return end ?? line.end;
}

/** What closes the formula that this line opens and does not close itself. */
function formulaClosing(content: string): string | undefined {
  const trimmed = content.trimStart();
  if (trimmed.startsWith('$$')) return trimmed.includes('$$', 2) ? undefined : '$$';
  if (trimmed.startsWith('\\[')) return trimmed.includes('\\]') ? undefined : '\\]';
  const environment = ENVIRONMENT.exec(trimmed.slice(0, 60))?.[1];
  if (environment === undefined) return undefined;
  const closing = `\\end{${environment}}`;
  return trimmed.includes(closing) ? undefined : closing;
}

function findLine(
  text: string,
  from: number,
  linesMax: number,
  isSought: (content: string) => boolean,
): number | undefined {
  let seen = 0;
  for (let start = from; start < text.length && seen < linesMax; seen += 1) {
    const end = lineEnd(text, start);
    if (isSought(text.slice(start, end))) return end;
    start = end;
  }
  return undefined;
}

/** A heading may be underlined on the line that follows it. */
function nextUnderline(
  text: string,
  content: string,
  end: number,
): { readonly end: number; readonly level: number } | undefined {
  const first = text[end];
  if ((first !== '=' && first !== '-' && first !== ' ') || content.trim() === '') return undefined;
  if (content.length > 200 || kindOf(content).kind !== 'prose') return undefined;
  const underlineEnd = lineEnd(text, end);
  const mark = UNDERLINE.exec(text.slice(end, underlineEnd).trimEnd())?.[1];
  return mark === undefined ? undefined : { end: underlineEnd, level: mark.startsWith('=') ? 1 : 2 };
}

/** Behind the line's newline. */
function lineEnd(text: string, start: number): number {
  const newline = text.indexOf('\n', start);
  return newline < 0 ? text.length : newline + 1;
}
