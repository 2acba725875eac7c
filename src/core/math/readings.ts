// The readings of one answer. Nearly always one; "1,22" may be a list or a number with a decimal comma, "(B) 5" is a letter
// and what stands beside it.

import type { Expression } from './expression.ts';
import { parseAnswer } from './parse-answer.ts';
import { setInWords } from './text-answer.ts';

const DECIMAL_COMMA = /^[\s$]*(-?\d+),(\d+)([\s$%\\]*)$/;
/** `1.000,99` */
const EUROPEAN = /^[\s$]*(-?\d{1,3}(?:\.\d{3})+),(\d+)[\s$]*$/;
const LABELLED =
  /^[\s$]*(?:\\(?:text|textbf|mathrm|mathbf)\s?\{)?\s?\(([A-J])\)\s?\}?(?:\\[ ,;:]|\\quad|[\s~:])*(\S.*)$/s;
const SPECIAL_CHARS_MAX = 400;

/** At least one. Throws `MathFault` when the text cannot be read. */
export function readingsOf(text: string): readonly Expression[] {
  const words = text.length <= SPECIAL_CHARS_MAX ? setInWords(text) : undefined;
  if (words === 'all') return [{ kind: 'number_set', name: 'R' }];
  if (words === 'none') return [{ kind: 'set', items: [] }];
  const first = parseAnswer(labelledChoice(text)?.value ?? text);
  const comma = first.kind === 'list' && text.length <= 64 ? DECIMAL_COMMA.exec(text) : null;
  if (comma === null) {
    const european = first.kind === 'list' && text.length <= 64 ? EUROPEAN.exec(text) : null;
    return european === null
      ? [first]
      : [first, parseAnswer(`${(european[1] ?? '').replaceAll('.', '')}.${european[2] ?? ''}`)];
  }
  return [first, parseAnswer(`${comma[1] ?? ''}.${comma[2] ?? ''}${comma[3] ?? ''}`)];
}

/** `\textbf{(B)}\ 5`: the letter of a choice and its value. */
export function labelledChoice(
  text: string,
): { readonly letter: string; readonly value: string } | undefined {
  if (text.length > SPECIAL_CHARS_MAX || !text.includes('(')) return undefined;
  const found = LABELLED.exec(text);
  const value = found?.[2]?.replace(/^[}$\s]+/, '').trim() ?? '';
  // "(A)(B)" is a product and "(A)^2" a power.
  const isProduct = value === '' || /^[(^_+\-*/=]/.test(value);
  return found === null || isProduct ? undefined : { letter: found[1] ?? '', value };
}
