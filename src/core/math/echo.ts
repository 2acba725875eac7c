// Tells an answer from the prompt said again: "2 + 3" equals 5, but for "What is 2 + 3?" it answers nothing.

import { type Expression, keyOf } from './expression.ts';
import { cleanMath } from './clean.ts';
import { greatestCommonDivisor } from './rational.ts';

/** Answers this long that stand in the prompt word for word are copies, whatever they say. */
const COPIED_CHARS_MIN = 40;

/**
 * Whether an answer only repeats a part of the prompt that still has work in it: an operation, an equation, an inequality. A
 * number, a symbol or a fraction in lowest terms may well stand in the prompt and be the answer, and so may what looks
 * exactly like the ground truth.
 */
export function isEcho(
  answer: string,
  readings: readonly Expression[],
  truths: readonly Expression[],
  promptText: string,
): boolean {
  if (promptText === '') return false;
  const isFinished = readings.some((reading) => isFinal(reading));
  if (isFinished && answer.length < COPIED_CHARS_MIN) return false;
  const keys = new Set(truths.map(keyOf));
  if (readings.some((reading) => keys.has(keyOf(reading)))) return false;
  return occursIn(squeezed(answer), squeezed(promptText));
}

/** Nothing is left to do: a number, a name, or either with a sign, in lowest terms, alone or as items of a list. */
function isFinal(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
    case 'symbol':
    case 'constant':
    case 'number_set':
      return true;
    case 'negate':
    case 'percent':
    case 'degree':
    case 'measured':
      return isFinal(expression.operand);
    case 'quotient':
      return isLowest(expression.over, expression.under);
    case 'call':
      return expression.name === 'root' && isSquareFree(expression.items);
    case 'list':
    case 'set':
    case 'tuple':
    case 'ratio':
      return expression.items.every(isFinal);
    case 'condition_set':
    case 'factorial':
    case 'matrix':
    case 'plus_minus':
    case 'power':
    case 'product':
    case 'relation':
    case 'series':
    case 'set_operation':
    case 'sum':
      return false;
  }
}

function isLowest(over: Expression, under: Expression): boolean {
  if (over.kind !== 'number' || under.kind !== 'number') return isFinal(over) && isFinal(under);
  return under.value.over > 1n && greatestCommonDivisor(over.value.over, under.value.over) === 1n;
}

/** The square root of a whole number that no square divides: nothing can be taken out of it. */
function isSquareFree(items: readonly Expression[]): boolean {
  const [radicand, index] = items;
  if (radicand?.kind !== 'number' || index?.kind !== 'number' || index.value.over !== 2n) return false;
  const { over, under } = radicand.value;
  if (under !== 1n || over < 2n || over > 1_000_000n) return false;
  for (let factor = 2n; factor * factor <= over; factor += 1n) {
    if (over % (factor * factor) === 0n) return false;
  }
  return true;
}

/** Without white space, dollar signs, formula brackets and layout. */
function squeezed(text: string): string {
  return cleanMath(text)
    .replaceAll(/\\[()[\]]|\\left|\\right|\\[,;:! ]|\\(?:d|t|c)frac/g, (found) =>
      found.endsWith('frac') ? '\\frac' : '',
    )
    .replaceAll(/[\s$]+/g, '')
    .replace(/\.$/, '');
}

/** As a whole: not inside a longer number, word or expression. */
function occursIn(part: string, whole: string): boolean {
  if (part === '') return false;
  for (let at = whole.indexOf(part); at >= 0; at = whole.indexOf(part, at + 1)) {
    const isDigitBefore = /\d/.test(whole.charAt(at - 1)) && /^\d/.test(part);
    const isDigitBehind = /\d/.test(whole.charAt(at + part.length)) && /\d$/.test(part);
    if (!isDigitBefore && !isDigitBehind) return true;
  }
  return false;
}
