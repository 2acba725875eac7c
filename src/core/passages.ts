// Cuts a long text into passages at its own boundaries. The passages tile the text: put together they are the text, byte for
// byte. Which cuts break what is in `text-boundaries.ts`; this file finds the cheapest set of them.

import type { ByteSpan } from './document.ts';
import { invalidArgument } from './errors.ts';
import { BREAK_COSTS, type TextBoundary, textBoundaries } from './text-boundaries.ts';
import { utf8Length } from './utf8-length.ts';

export interface TextPassage {
  readonly text: string;
  /** Bytes of the whole text in UTF-8. */
  readonly span: ByteSpan;
}

/** A code point has up to four bytes, so smaller passages could not hold one. */
export const PASSAGE_BYTES_MIN = 4;

/** Boundaries that are looked at for the length of one passage are this many, and the first and last of each stretch. */
const STRETCHES = 128;
/** Pieces that a stretch without boundaries is cut into for the length of one passage. */
const PIECES = 8;
/** How much passages of unequal length cost, in units of one more passage. */
const SLACK_COST = 0.5;

const HAS_NO_BREAK_BEFORE = /^(?:\p{M}|\p{Emoji_Modifier}|\u200d)/u;

/** A boundary with its distance from the beginning of the text. */
interface Cut extends TextBoundary {
  readonly bytes: number;
}

/**
 * The passages of `text`, in order; none of more than `bytesMax` bytes; one for a text that is short enough. The cuts have
 * the least sum, over all passages, of 1, what the cut breaks, and the square of the room left. Time is linear in the text.
 *
 * @param text well-formed Unicode: half a surrogate pair has no bytes in UTF-8
 * @throws EnvError `invalid_argument` when no character would fit
 */
export function splitPassages(text: string, bytesMax: number): readonly TextPassage[] {
  if (!Number.isSafeInteger(bytesMax) || bytesMax < PASSAGE_BYTES_MIN) {
    throw invalidArgument(
      'passage_bytes_max',
      `Cannot split into passages of ${bytesMax} bytes: it must be a whole number from ${PASSAGE_BYTES_MIN} up`,
    );
  }
  const bytesTotal = utf8Length(text, 0, text.length);
  if (bytesTotal <= bytesMax) return text === '' ? [] : [{ text, span: { start: 0, end: bytesTotal } }];
  const cuts = cheapestCuts(withSmallGaps(text, candidates(text, bytesMax), bytesMax), bytesMax);
  return cuts.slice(1).map((cut, index) => {
    const from = cuts[index] ?? cut;
    return { text: text.slice(from.at, cut.at), span: { start: from.bytes, end: cut.bytes } };
  });
}

/** The text's own boundaries. Where they are many, the first, the last and the best of each stretch. */
function candidates(text: string, bytesMax: number): readonly Cut[] {
  const stretchBytes = Math.ceil(bytesMax / STRETCHES);
  const cuts: Cut[] = [{ at: 0, bytes: 0, cost: 0 }];
  let stretch: Cut[] = [];
  const close = (): void => {
    const best = stretch.reduce<Cut | undefined>(
      (cheapest, cut) => (cheapest === undefined || cut.cost <= cheapest.cost ? cut : cheapest),
      undefined,
    );
    cuts.push(...stretch.filter((cut, at) => at === 0 || at === stretch.length - 1 || cut === best));
    stretch = [];
  };
  let at = 0;
  let bytes = 0;
  for (const boundary of textBoundaries(text)) {
    bytes += utf8Length(text, at, boundary.at);
    at = boundary.at;
    const [first] = stretch;
    if (first !== undefined && bytes - first.bytes >= stretchBytes) close();
    stretch.push({ ...boundary, bytes });
    if (stretch.length > STRETCHES) close();
  }
  close();
  cuts.push({ at: text.length, bytes: bytes + utf8Length(text, at, text.length), cost: 0 });
  return cuts;
}

/** The same cuts, and cuts between words or characters wherever two are further apart than a passage may be long. */
function withSmallGaps(text: string, cuts: readonly Cut[], bytesMax: number): readonly Cut[] {
  const stepBytes = Math.max(PASSAGE_BYTES_MIN, Math.floor(bytesMax / PIECES));
  return cuts.flatMap((cut, index) => {
    const before = cuts[index - 1];
    if (before === undefined || cut.bytes - before.bytes <= bytesMax) return [cut];
    return [...cutsBetween(text, before, cut, stepBytes), cut];
  });
}

/** Cuts not more than `stepBytes` apart: before a word if there is one, else before a character, else a code point. */
function* cutsBetween(text: string, from: Cut, to: Cut, stepBytes: number): Generator<Cut> {
  let last = from;
  let best: Cut | undefined;
  let { at, bytes } = from;
  while (at < to.at) {
    const next = at + codePointUnits(text, at);
    const nextBytes = bytes + utf8Length(text, at, next);
    if (nextBytes - last.bytes > stepBytes) {
      last = best ?? { at, bytes, cost: BREAK_COSTS.character };
      yield last;
      best = undefined;
      // What lies behind the cut is looked at again: less than one step.
      ({ at, bytes } = last);
      continue;
    }
    at = next;
    bytes = nextBytes;
    if (at >= to.at) return;
    const cost = costInside(text, at);
    if (cost !== undefined && (best === undefined || cost <= best.cost)) best = { at, bytes, cost };
  }
}

/** Undefined where a cut would part a letter from its marks. */
function costInside(text: string, at: number): number | undefined {
  if (/\s/u.test(text.charAt(at - 1)) && !/\s/u.test(text.charAt(at))) return BREAK_COSTS.word;
  const isJoined = text.charAt(at - 1) === '\u200d' || HAS_NO_BREAK_BEFORE.test(text.slice(at, at + 2));
  return isJoined ? undefined : BREAK_COSTS.character;
}

/** Which cuts to make, from the first to the last: the least total, found from left to right. */
function cheapestCuts(cuts: readonly Cut[], bytesMax: number): readonly Cut[] {
  const totals: number[] = [0];
  const origins: number[] = [0];
  let first = 0;
  for (let to = 1; to < cuts.length; to += 1) {
    const end = cuts[to]?.bytes ?? 0;
    while (end - (cuts[first]?.bytes ?? 0) > bytesMax) first += 1;
    let least = Number.POSITIVE_INFINITY;
    let origin = first;
    for (let from = first; from < to; from += 1) {
      const slack = 1 - (end - (cuts[from]?.bytes ?? 0)) / bytesMax;
      const total = (totals[from] ?? 0) + 1 + SLACK_COST * slack * slack;
      if (total < least) {
        least = total;
        origin = from;
      }
    }
    totals.push(least + (cuts[to]?.cost ?? 0));
    origins.push(origin);
  }
  const chosen: Cut[] = [];
  for (let at = cuts.length - 1; at > 0; at = origins[at] ?? 0) {
    const cut = cuts[at];
    if (cut !== undefined) chosen.push(cut);
  }
  return [...cuts.slice(0, 1), ...chosen.toReversed()];
}

function codePointUnits(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
