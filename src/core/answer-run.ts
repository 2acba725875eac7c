// The expression that a number in plain text is a part of: `2√3` around the 3 of "we get 2√3", `1 and 3` around the 3 of "roots: 1
// and 3". Grows from the number over what can only be maths and stops at the first word.

import type { NumberPlace } from './answer-number.ts';
import { type Piece, piecesOf } from './answer-pieces.ts';

const REACH_CHARS_MAX = 200;
/** "7 or maybe" before an 8: two offers are taken as two, for the verifier to refuse. */
const OFFER = /\d[\d.,/]*,?\s\(?(?:or\s)?(?:or|maybe|perhaps|possibly)\s$/;
const MULTIPLIERS = /^ ?(?:thousand|million|billion|trillion)\b/;
const PAIRS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** A walk over the pieces of one line, from a number outwards. */
class Run {
  readonly #pieces: readonly Piece[];
  #first: number;
  #last: number;

  constructor(pieces: readonly Piece[], at: number) {
    this.#pieces = pieces;
    this.#first = at;
    this.#last = at;
  }

  grow(): { readonly start: number; readonly end: number } {
    while (this.#enclose() || this.#growLeft() || this.#growRight()) continue;
    return { start: this.#pieces[this.#first]?.start ?? 0, end: this.#pieces[this.#last]?.end ?? 0 };
  }

  #at(index: number): Piece | undefined {
    return this.#pieces[index];
  }

  /** The index before `index` that is no white space. */
  #before(index: number): number {
    return this.#at(index - 1)?.kind === 'space' ? index - 2 : index - 1;
  }

  #after(index: number): number {
    return this.#at(index + 1)?.kind === 'space' ? index + 2 : index + 1;
  }

  /** Brackets around the run with nothing but maths in them. */
  #enclose(): boolean {
    let open = this.#first - 1;
    for (let depth = 0; open >= 0; open -= 1) {
      const kind = this.#at(open)?.kind;
      if (kind === 'other' || kind === 'joiner' || kind === undefined) return false;
      if (kind === 'close') depth += 1;
      if (kind === 'open') depth -= 1;
      if (depth < 0) break;
    }
    const close = this.#closing(open);
    if (open < 0 || close <= this.#last) return false;
    for (let at = this.#last + 1; at < close; at += 1) {
      const kind = this.#at(at)?.kind;
      if (kind === 'other' || kind === 'joiner') return false;
    }
    this.#first = open;
    this.#last = close;
    return true;
  }

  /** The bracket that closes the one at `open`; -1 when there is none, or none of its kind. An interval may be half open. */
  #closing(open: number): number {
    let depth = 0;
    for (let at = open; at >= 0 && at < this.#pieces.length; at += 1) {
      const kind = this.#at(at)?.kind;
      if (kind === 'open') depth += 1;
      if (kind === 'close') depth -= 1;
      if (depth === 0) return at;
    }
    return -1;
  }

  #opening(close: number): number {
    let depth = 0;
    for (let at = close; at >= 0; at -= 1) {
      const piece = this.#at(at);
      if (piece?.kind === 'close') depth += 1;
      if (piece?.kind === 'open') depth -= 1;
      if (depth === 0) return piece?.text === PAIRS[this.#at(close)?.text ?? ''] ? at : -1;
    }
    return -1;
  }

  #growLeft(): boolean {
    const before = this.#before(this.#first);
    const piece = this.#at(before);
    const head = this.#at(this.#first);
    if (piece === undefined || head === undefined) return false;
    const isSpaced = before < this.#first - 1;
    switch (piece.kind) {
      case 'operator':
        return this.#overOperator(before, isSpaced);
      case 'prefix':
        return this.#moveLeft(before);
      case 'letter':
        return !isSpaced || head.kind === 'operator' ? this.#moveLeft(before) : false;
      case 'number':
        // "2√3", "x^2 + 1", and the 1 of "1 2/3".
        return !isSpaced || head.kind === 'operator' || /^\d+\/\d+$/.test(head.text)
          ? this.#moveLeft(before)
          : false;
      case 'close':
        return !isSpaced || head.kind === 'operator' ? this.#moveLeft(this.#opening(before)) : false;
      case 'joiner':
        return this.#overJoiner(before);
      case 'comma':
      case 'open':
      case 'other':
      case 'space':
        return false;
    }
  }

  #moveLeft(to: number): boolean {
    if (to < 0) return false;
    this.#first = to;
    return true;
  }

  /** An operator needs something to its left; a sign stands next to its number, and a comparison says something by itself. */
  #overOperator(at: number, isSpaced: boolean): boolean {
    const operator = this.#at(at)?.text ?? '';
    const before = this.#at(this.#before(at))?.kind;
    const isBinary = before === 'number' || before === 'letter' || before === 'close' || before === 'prefix';
    if (isBinary) return this.#moveLeft(at);
    const isComparison = /^(?:[<>≤≥≠]|\\(?:le|leq|ge|geq|lt|gt|ne|neq))$/.test(operator);
    const isSign = isSpaced ? /^(?:±|\\[pm][mp])$/.test(operator) : /^(?:[-−±]|\\[pm][mp])$/.test(operator);
    return isComparison || isSign ? this.#moveLeft(at) : false;
  }

  /** "1 and 3", "1, 2, and 3". */
  #overJoiner(joiner: number): boolean {
    let at = this.#before(joiner);
    if (this.#at(at)?.kind === 'comma') at = this.#before(at);
    if (this.#at(at)?.kind !== 'number') return false;
    for (let more = at; ;) {
      const comma = this.#before(more);
      const number = this.#before(comma);
      if (this.#at(comma)?.kind !== 'comma' || this.#at(number)?.kind !== 'number')
        return this.#moveLeft(more);
      more = number;
    }
  }

  #growRight(): boolean {
    const next = this.#at(this.#last + 1);
    if (next?.kind === 'letter' || next?.text === '^' || next?.kind === 'prefix') return this.#moveRight();
    if (next?.kind === 'open') {
      const close = this.#closing(this.#last + 1);
      if (close < 0 || this.#at(this.#last)?.kind === 'number') return false;
      this.#last = close;
      return true;
    }
    if (next?.text === '!') {
      // "3! ways" is a factorial, "It is 3! Great" is not.
      const behind = this.#at(this.#after(this.#last + 1))?.text ?? '';
      return /^[a-z]/.test(behind) ? this.#moveRight() : false;
    }
    const at = this.#after(this.#last);
    const operator = this.#at(at);
    const behind = this.#at(this.#after(at))?.kind;
    const isBinary = operator?.kind === 'operator' && !/^[-−=/]$/.test(operator.text);
    if (!isBinary || !(behind === 'letter' || behind === 'prefix')) return false;
    this.#last = this.#after(at);
    return true;
  }

  #moveRight(): boolean {
    this.#last += 1;
    return true;
  }
}

/** The expression around the number at `place` in its line; undefined when the number stands alone. */
export function mathAround(
  text: string,
  place: NumberPlace,
): { readonly text: string; readonly end: number } | undefined {
  const lineStart = text.lastIndexOf('\n', place.start) + 1;
  const from = Math.max(lineStart, place.start - REACH_CHARS_MAX);
  const newline = text.indexOf('\n', place.end);
  const to = Math.min(newline < 0 ? text.length : newline, place.end + REACH_CHARS_MAX);
  const pieces = piecesOf(text.slice(from, to), from);
  const at = pieces.findIndex(({ end }) => end === place.end);
  if (at < 0) return undefined;
  const grown = new Run(pieces, at).grow();
  const multiplier = MULTIPLIERS.exec(text.slice(grown.end, to))?.[0] ?? '';
  const end = grown.end + multiplier.length;
  const offer = OFFER.exec(text.slice(from, grown.start))?.[0] ?? '';
  const maths = `${offer}${claimed(text.slice(grown.start, end))}`.trim();
  return /^[-−]?[\d.,/:]+$/.test(maths) ? undefined : { text: maths, end };
}

/** What follows the last "=" of a calculation. */
function claimed(maths: string): string {
  const equals = Math.max(maths.lastIndexOf(' = '), maths.search(/(?<![<>=!])=(?!=)[^=]*$/));
  return equals < 0 ? maths : maths.slice(equals).replace(/^[\s=]+/, '');
}

const DENIED =
  /(?:\bnot|n't|\bnever|\bneither|\b(?:one|two|three|four|five|six|seven|eight|nine|ten) or)(?: equal to| be)?\s$/i;

/** "It is not 9", "three or 4": what stands before a number says that it is no answer. */
export function saysNot(text: string, start: number): boolean {
  return DENIED.test(text.slice(Math.max(0, start - REACH_CHARS_MAX), start));
}
