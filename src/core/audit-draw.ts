// Which cheap verdicts a judge looks at as well: drawn by a hash of what was compared, so that a restart draws the same ones
// and completions with one answer are drawn together, for one asking. Not for secrets.

import { hash32, hashFloat } from './random.ts';

/** Longer texts are told apart by their beginning, their end and their length. */
const CHARS_MAX = 1_000;

/** A number in [0, 2³²) for a text: FNV-1a over its code units. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  const { length } = text;
  const headEnd = Math.min(length, CHARS_MAX);
  for (let index = 0; index < headEnd; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  for (let index = Math.max(headEnd, length - CHARS_MAX); index < length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash32(hash >>> 0, length);
}

/** Whether the verdict on an answer is drawn, `share` of all in the long run; `question` is a hash of what it answers. */
export function isDrawn(
  share: number,
  verdict: { readonly question: number; readonly answer: string },
): boolean {
  return share > 0 && hashFloat(verdict.question, hashText(verdict.answer)) < share;
}
