// Text in the cells of a terminal. Completions may hold anything: control characters would move the cursor, marks of direction would
// turn lines around, and Chinese characters take two cells.

import stringWidth from 'string-width';

const ELLIPSIS = '…';
/** Controls, and marks that show nothing and change how the rest is shown; joiners of emoji stay. */
const UNSEEN = /[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;
const LEVELS = '▁▂▃▄▅▆▇█';

/** Cells that a text takes in a line. */
export function cellsOf(text: string): number {
  return stringWidth(text, { ambiguousIsNarrow: true });
}

/** In one line and without anything that a terminal would obey. */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n|[\n\r]/gu, '⏎')
    .replaceAll('\t', ' ')
    .replaceAll(UNSEEN, '·');
}

/** The beginning of a text that fits into `cells`, whole characters only, with an ellipsis where something is missing. */
export function cut(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  let kept = '';
  let room = cells - 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    room -= cellsOf(segment);
    if (room < 0) break;
    kept += segment;
  }
  return cells < 1 ? '' : kept + ELLIPSIS;
}

/** Cut or filled with spaces to exactly `cells`. */
export function fitted(text: string, cells: number): string {
  const short = cut(text, cells);
  return short + ' '.repeat(Math.max(0, cells - cellsOf(short)));
}

/**
 * Values as one character each, from the lowest to the highest level between `low` and `high`. More values than `cells` become
 * means of neighbours, in order; what is not finite is a gap.
 */
export function sparkline(
  values: readonly number[],
  { cells, low, high }: { readonly cells: number; readonly low: number; readonly high: number },
): string {
  const count = Math.min(cells, values.length);
  let line = '';
  for (let cell = 0; cell < count; cell += 1) {
    const from = Math.floor((cell * values.length) / count);
    const to = Math.floor(((cell + 1) * values.length) / count);
    const finite = values.slice(from, to).filter(Number.isFinite);
    line += finite.length === 0 ? ' ' : level(finite.reduce((sum, each) => sum + each, 0) / finite.length);
  }
  return line;

  function level(value: number): string {
    const share = high > low ? (value - low) / (high - low) : 0;
    const place = Math.round(share * (LEVELS.length - 1));
    return LEVELS[Math.min(LEVELS.length - 1, Math.max(0, place))] ?? ' ';
  }
}
