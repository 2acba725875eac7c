// The readings of one answer. Nearly always one; "1,22" may be a list or a number with a decimal comma.

import type { Expression } from './expression.ts';
import { parseAnswer } from './parse-answer.ts';

const DECIMAL_COMMA = /^[\s$]*(-?\d+),(\d+)([\s$%\\]*)$/;

/** At least one. Throws `MathFault` when the text cannot be read. */
export function readingsOf(text: string): readonly Expression[] {
  const first = parseAnswer(text);
  const comma = first.kind === 'list' && text.length <= 64 ? DECIMAL_COMMA.exec(text) : null;
  if (comma === null) return [first];
  return [first, parseAnswer(`${comma[1] ?? ''}.${comma[2] ?? ''}${comma[3] ?? ''}`)];
}
