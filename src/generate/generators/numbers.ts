// The numbers of a question that can be hidden, each with its place. What only looks like one (a step of a list, a time of day, part
// of a name, of a date or of a formula) stays: hiding it makes no problem, or a broken one.

import { plainNumber } from '../../core/plain-number.ts';

export interface NumberPlace {
  /** In UTF-16 units: from `start` up to, not including, `end`. */
  readonly start: number;
  readonly end: number;
  /** As an answer is written: without separators of thousands. */
  readonly text: string;
  readonly value: number;
}

/** Whole, with decimals or a fraction; a sign only where nothing stands before it that it could be taken from. */
const NUMBER =
  /(?<![\p{L}\p{N}_.,:/^{\\\-−])(?:(?<=^|[\s(=])[-−])?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+|\/\d+)?(?![\p{L}\p{N}_^]|[.,:/]\d|[-–−]\d)/gu;
/** "1. First, …" at the beginning of a line counts lines. */
const LIST_STEP = /(?:^|\n)[ \t]*$/u;

/** In the order of the text. */
export function numbersIn(text: string): readonly NumberPlace[] {
  return [...text.matchAll(NUMBER)].flatMap((match) => {
    const { index } = match;
    const [written] = match;
    if (LIST_STEP.test(text.slice(0, index)) && /^[.)]\s/u.test(text.slice(index + written.length))) {
      return [];
    }
    const plain = written.replaceAll(',', '').replace('−', '-');
    const value = valueOf(plain);
    if (!Number.isFinite(value)) return [];
    return [{ start: index, end: index + written.length, text: plain, value }];
  });
}

/** The number that a whole text is; undefined where it is anything else. */
export function numberOf(text: string): number | undefined {
  const plain = plainNumber(text.trim());
  if (!Number.isNaN(plain)) return plain;
  const [only, ...more] = numbersIn(text.trim());
  const isAll =
    only !== undefined && more.length === 0 && only.start === 0 && only.end === text.trim().length;
  return isAll ? only.value : undefined;
}

/** `text` with `letter` in place of a number. */
export function masked(text: string, place: NumberPlace, letter: string): string {
  return text.slice(0, place.start) + letter + text.slice(place.end);
}

const LETTERS = ['x', 'y', 'z', 'n', 'k', 'm', 'q', 'w'];

/** A letter that stands for nothing yet in `text`; undefined where all are taken. */
export function freeLetter(text: string): string | undefined {
  return LETTERS.find((letter) => !new RegExp(String.raw`(?<!\p{L})${letter}(?!\p{L})`, 'iu').test(text));
}

function valueOf(plain: string): number {
  const [over = '', under] = plain.split('/');
  return under === undefined ? Number(over) : Number(over) / Number(under);
}
