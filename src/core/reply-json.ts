// Finds the JSON objects in what a language model wrote around them, with LaTeX in their strings as it was meant. In one pass: a
// text of nothing but opening braces costs no more than any other.

import { withLatexKept } from './latex-escapes.ts';

const CODE_FENCE = /^```[a-z]*[ \t]*\r?\n([\s\S]*?)\r?\n?```$/iu;
const END_OF_THINKING = '</think>';

/** A reasoning model's thinking is not its reply. */
export function afterThinking(text: string): string {
  const close = text.lastIndexOf(END_OF_THINKING);
  return close < 0 ? text : text.slice(close + END_OF_THINKING.length);
}

/** All outermost `{…}` of `text` that are JSON objects, in order. Braces in strings of an object do not count. */
export function jsonObjectsIn(text: string): readonly Readonly<Record<string, unknown>>[] {
  const trimmed = text.trim();
  const whole = parseObject(CODE_FENCE.exec(trimmed)?.[1]?.trim() ?? trimmed);
  if (whole !== undefined) return [whole];
  const found: Readonly<Record<string, unknown>>[] = [];
  let depth = 0;
  let start = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      // Raw line breaks are not allowed in JSON strings: a stray quote in prose ends with its line.
      else if (character === '"' || character === '\n') inString = false;
      continue;
    }
    if (character === '"' && depth > 0) inString = true;
    else if (character === '{') {
      if (depth === 0) start = at;
      depth += 1;
    } else if (character === '}' && depth > 0) {
      depth -= 1;
      if (depth > 0) continue;
      const object = parseObject(text.slice(start, at + 1));
      if (object !== undefined) found.push(object);
    }
  }
  return found;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(withLatexKept(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
  return isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
