// Text of one block without its inline marks, and where each of its characters stands in the source: what is read as
// English must be found again byte for byte.

export interface PlainBlock {
  /** One line; marks of Markdown and HTML taken out. */
  readonly text: string;
  /** Offset in the source of each character of `text`, and of the end. In UTF-16 units. */
  readonly at: Uint32Array;
  /** Names of the sections that it lies in, outermost first. */
  readonly headings: readonly string[];
}

/** Marks that are no text, longest first; a group is text that stays. */
const MARK =
  /\s?\((?:see|as seen in|shown in|as shown in|illustrated in|refer to)?\s*\.?\)|!\[[^\]]*\]\([^)\s]*\)|\[(?<link>[^\][]+)\]\([^)\s]*\)|\[\^?\d{1,3}\]|\[(?:AL|BL|OL|EL|citation needed)\]|<\/?[a-z][^<>]*>|`{1,3}|\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)|\\(?=[*_[\]#>])/giu;
const SPACE = /\s/u;

/** `source` from `start` to `end` as one line. */
export function plainBlock(
  source: string,
  span: { readonly start: number; readonly end: number },
  headings: readonly string[],
): PlainBlock {
  const raw = source.slice(span.start, span.end);
  const characters: string[] = [];
  const places: number[] = [];
  const take = (from: number, to: number): void => {
    for (let index = from; index < to; index += 1) {
      const character = raw.charAt(index);
      if (SPACE.test(character)) {
        if (characters.length === 0 || characters.at(-1) === ' ') continue;
        characters.push(' ');
      } else characters.push(character);
      places.push(span.start + index);
    }
  };
  let from = 0;
  for (const match of raw.matchAll(MARK)) {
    if (isArithmetic(raw, match)) continue;
    take(from, match.index);
    from = match.index + match[0].length;
    const link = match.groups?.['link'];
    if (link !== undefined) take(match.index + 1, match.index + 1 + link.length);
  }
  take(from, raw.length);
  if (characters.at(-1) === ' ') {
    characters.pop();
    places.pop();
  }
  const last = places.at(-1);
  return {
    text: characters.join(''),
    at: Uint32Array.from([...places, last === undefined ? span.start : last + 1]),
    headings,
  };
}

/** `2*3` and `a * b` are products, not emphasis. */
function isArithmetic(raw: string, match: RegExpExecArray): boolean {
  if (!match[0].startsWith('*')) return false;
  const before = raw.charAt(match.index - 1);
  const after = raw.charAt(match.index + match[0].length);
  return (SPACE.test(before) && SPACE.test(after)) || (/[\d)]/u.test(before) && /[\d(]/u.test(after));
}

/** Offsets in the source of a stretch of a block's text. */
export function sourceSpan(block: PlainBlock, start: number, end: number): { start: number; end: number } {
  const from = block.at[start] ?? 0;
  const last = block.at[end - 1] ?? from;
  return { start: from, end: last + 1 };
}
