// Finds where a text is quoted from. Whoever quotes changes white space, quotation marks and dashes; words must be the same,
// in the same order, and whole.

import type { ByteSpan } from './document.ts';
import { utf8Length } from './utf8-length.ts';

/** From `start` up to, not including, `end`, in UTF-16 units. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** Text as it is compared, with the place in the original of each of its units. */
interface Folded {
  readonly text: string;
  readonly places: readonly TextSpan[];
}

const UNSEEN = /[\s\p{Cf}\p{Cc}]/u;
const WORD = /[\p{L}\p{N}\p{M}]/u;
/** What people put around a quotation that is no part of it. */
const BEFORE = /^(?:["'…]|\.\.\.)+/u;
const BEHIND = /(?:["'…]|\.\.\.)+$/u;

/** Marks that are written in many ways, as one. */
const LOOKALIKES: readonly (readonly [RegExp, string])[] = [
  [/[‘’‚‛ʼ′`´]/u, "'"],
  [/[“”„‟«»″]/u, '"'],
  [/[‐‑‒–—―−]/u, '-'],
];

/**
 * The first place in `text` that `quote` was taken from; undefined when there is none. White space does not count at all,
 * neither does case, and neither end may lie within a word. A quotation with something left out in its middle is not found.
 */
export function findQuote(text: string, quote: string): TextSpan | undefined {
  const wanted = fold(quote).text.replace(BEFORE, '').replace(BEHIND, '');
  if (wanted === '') return undefined;
  const folded = fold(text);
  for (let at = folded.text.indexOf(wanted); at !== -1; at = folded.text.indexOf(wanted, at + 1)) {
    const start = folded.places[at]?.start ?? 0;
    const end = folded.places[at + wanted.length - 1]?.end ?? 0;
    if (!isWithinWord(text, start) && !isWithinWord(text, end)) return { start, end };
  }
  return undefined;
}

/** The bytes, in UTF-8, of a stretch of `text`, where `text` itself begins at byte `offset`. */
export function byteSpanOf(text: string, { start, end }: TextSpan, offset: number): ByteSpan {
  const from = offset + utf8Length(text, 0, start);
  return { start: from, end: from + utf8Length(text, start, end) };
}

/** The stretch of `text` that lies at these bytes, where `text` itself begins at byte `offset`. */
export function textAtBytes(text: string, span: ByteSpan, offset: number): string {
  return text.slice(unitAtByte(text, span.start - offset), unitAtByte(text, span.end - offset));
}

function fold(text: string): Folded {
  let folded = '';
  const places: TextSpan[] = [];
  for (let at = 0; at < text.length;) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const place = { start: at, end: at + character.length };
    at = place.end;
    if (UNSEEN.test(character)) continue;
    const seen = foldedMark(character) ?? character.toLowerCase();
    folded += seen;
    for (let unit = 0; unit < seen.length; unit += 1) places.push(place);
  }
  return { text: folded, places };
}

function foldedMark(character: string): string | undefined {
  if (character < '\u007f') return character === '`' ? "'" : undefined;
  return LOOKALIKES.find(([mark]) => mark.test(character))?.[1];
}

/** Whether letters or digits stand on both sides of `at`. */
function isWithinWord(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  return WORD.test(characterBefore(text, at)) && WORD.test(String.fromCodePoint(text.codePointAt(at) ?? 0));
}

function characterBefore(text: string, at: number): string {
  const isLow = /[\uDC00-\uDFFF]/.test(text[at - 1] ?? '');
  return text.slice(isLow ? at - 2 : at - 1, at);
}

function unitAtByte(text: string, byte: number): number {
  let bytes = 0;
  let at = 0;
  while (at < text.length && bytes < byte) {
    bytes += utf8Length(text, at, at + 1);
    at += 1;
  }
  return at;
}
