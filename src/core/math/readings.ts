// The readings of one answer. Nearly always one; "1,22" may be a list or a number with a decimal comma, "(B) 5" is a letter
// and what stands beside it.

import type { Expression } from './expression.ts';
import { MathFault } from './limits.ts';
import { parseAnswer } from './parse-answer.ts';
import { setInWords } from './text-answer.ts';
import { unitNamed } from './units.ts';

const DECIMAL_COMMA = /^[\s$]*(-?\d+),(\d+)((?:[\s$%\\~]|\\(?:text|mathrm)\s?\{[^{}\d]*\})*)$/;
const COMMA_CHARS_MAX = 64;
const WITH_UNIT =
  /^[\s$]*([-+]?\d[\d,]*(?:\.\d+)?)(\s*)([A-Za-z]{1,4}(?:\^\{?\d\}?)?(?:\s?[/*]\s?[A-Za-z]{1,4}(?:\^\{?\d\}?)?)*)[\s.$]*$/;
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
  const first = readAsItStands(labelledChoice(text)?.value ?? text);
  if (text.length > COMMA_CHARS_MAX) return [first];
  const other = otherSpelling(text, first);
  return other === undefined ? [first] : [first, parseAnswer(other)];
}

function readAsItStands(text: string): Expression {
  try {
    return parseAnswer(text);
  } catch (fault) {
    const spelled =
      fault instanceof MathFault && text.length <= COMMA_CHARS_MAX ? withTextUnit(text) : undefined;
    if (spelled === undefined) throw fault;
    return parseAnswer(spelled);
  }
}

/** What else the text may say: a decimal comma where a list was read, a unit where symbols were. */
function otherSpelling(text: string, first: Expression): string | undefined {
  const value = first.kind === 'measured' ? first.operand : first;
  if (value.kind === 'list') {
    const comma = DECIMAL_COMMA.exec(text);
    if (comma !== null) return `${comma[1] ?? ''}.${comma[2] ?? ''}${comma[3] ?? ''}`;
    const european = EUROPEAN.exec(text);
    return european === null ? undefined : `${(european[1] ?? '').replaceAll('.', '')}.${european[2] ?? ''}`;
  }
  return value.kind === 'product' || value.kind === 'quotient' ? withTextUnit(text) : undefined;
}

/** `20 m/s` as `20 \text{m/s}`. A single letter needs a space, or a thousands separator, which no coefficient has. */
function withTextUnit(text: string): string | undefined {
  const found = WITH_UNIT.exec(text);
  const [, number = '', gap = '', unit = ''] = found ?? [];
  const parts = unit.match(/[A-Za-z]+/g) ?? [];
  if (parts.length === 0 || parts.some((part) => unitNamed(part, true) === undefined)) return undefined;
  const isLetter = parts.length === 1 && unit.length === 1;
  if (isLetter && !(/^[msghLJNKWV]$/.test(unit) && (gap !== '' || number.includes(',')))) return undefined;
  return `${number} \\text{${unit}}`;
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
