// Whether a completion is laid out as asked. Pays for the layout alone: exactly one well-formed answer with something in it.
// What the answer says is for other scorers.

import type { JsonObject } from '../json.ts';
import { hasDuplicateKeys } from '../json-keys.ts';
import { oneOf, readOptions } from './options.ts';
import { CORRECT, incorrect } from './verifier.ts';
import type { Verdict, Verifier, VerifierInput } from './verifier.ts';

export const FORMAT_PATTERNS = ['boxed', 'answer_tag', 'think_answer', 'hash', 'json'] as const;
type FormatPattern = (typeof FORMAT_PATTERNS)[number];

const JSON_CHARS_MAX = 100_000;

export const formatVerifier: Verifier = {
  name: 'format',
  summary:
    'Requires the layout of a completion: \\boxed{}, <answer>, <think> and <answer>, ####, or JSON, exactly once.',
  reads: 'completion',
  fallback: 'none',
  parseOptions(options: JsonObject): JsonObject {
    return readOptions(options, { pattern: oneOf(FORMAT_PATTERNS) });
  },
  verify({ answer, options }: VerifierInput): Verdict {
    const pattern = FORMAT_PATTERNS.find((name) => name === options['pattern']);
    if (pattern === undefined) throw new TypeError('Format options were not checked by parseOptions');
    return checkLayout(answer, pattern);
  },
};

function checkLayout(text: string, pattern: FormatPattern): Verdict {
  switch (pattern) {
    case 'boxed':
      return checkBoxed(text);
    case 'answer_tag':
      return checkTag(text, 'answer');
    case 'think_answer':
      return checkThinkAnswer(text);
    case 'hash':
      return checkHash(text);
    case 'json':
      return checkJson(text);
    default:
      return pattern satisfies never;
  }
}

function checkBoxed(text: string): Verdict {
  const start = text.indexOf('\\boxed');
  if (start < 0) return incorrect('no \\boxed{}');
  if (text.includes('\\boxed', start + 1) || text.includes('\\fbox'))
    return incorrect('more than one \\boxed{}');
  let at = start + '\\boxed'.length;
  while (text[at] === ' ') at += 1;
  if (text[at] !== '{') return incorrect('\\boxed without braces');
  let depth = 0;
  for (let end = at; end < text.length; end += 1) {
    const mark = text[end];
    if (mark === '\\') end += 1;
    else if (mark === '{') depth += 1;
    else if (mark === '}' && (depth -= 1) === 0) {
      return isEmpty(text.slice(at + 1, end)) ? incorrect('an empty \\boxed{}') : CORRECT;
    }
  }
  return incorrect('\\boxed{} is not closed');
}

/** One opening and one closing tag, in this order, in this spelling, with something between them. */
function checkTag(text: string, tag: string): Verdict {
  const open = `<${tag}>`;
  const close = `</${tag}>`;
  const start = text.indexOf(open);
  const end = text.indexOf(close);
  if (start < 0 || end < 0) return incorrect(`no ${open}…${close}`);
  if (end < start) return incorrect(`${close} before ${open}`);
  // Tags in other spellings are found too, or a second answer could hide in one.
  if (countTags(text, tag) !== 2) return incorrect(`more than one ${open}`);
  return isEmpty(text.slice(start + open.length, end)) ? incorrect(`an empty ${open}`) : CORRECT;
}

function countTags(text: string, tag: string): number {
  let count = 0;
  for (let at = text.indexOf('<'); at >= 0 && count < 3; at = text.indexOf('<', at + 1)) {
    const name = /^<\s*\/?\s*([a-z]+)/iu.exec(text.slice(at, at + 40))?.[1];
    if (name?.toLowerCase() === tag) count += 1;
  }
  return count;
}

function checkThinkAnswer(text: string): Verdict {
  const trimmed = text.trim();
  const think = checkTag(trimmed, 'think');
  if (think.kind !== 'correct') return think;
  const answer = checkTag(trimmed, 'answer');
  if (answer.kind !== 'correct') return answer;
  if (!trimmed.startsWith('<think>')) return incorrect('text before <think>');
  if (!trimmed.endsWith('</answer>')) return incorrect('text after </answer>');
  const between = trimmed.slice(trimmed.indexOf('</think>') + '</think>'.length, trimmed.indexOf('<answer>'));
  const isInOrder = trimmed.indexOf('</think>') < trimmed.indexOf('<answer>');
  return isInOrder && between.trim() === '' ? CORRECT : incorrect('text between </think> and <answer>');
}

/** "#### 18" as the last line, once. */
function checkHash(text: string): Verdict {
  const start = text.indexOf('####');
  if (start < 0) return incorrect('no ####');
  if (text.includes('####', start + 4) || text[start + 4] === '#') return incorrect('more than one ####');
  if (start > 0 && text[start - 1] !== '\n') return incorrect('#### is not at the beginning of a line');
  const answer = text.slice(start + 4).trim();
  if (isEmpty(answer)) return incorrect('nothing after ####');
  return answer.includes('\n') ? incorrect('text after the answer') : CORRECT;
}

/** One JSON object or array with something in it, and nothing else; a fence around it is fine. */
function checkJson(text: string): Verdict {
  if (text.length > JSON_CHARS_MAX) return incorrect('too long for JSON');
  const body = /^```(?:json)?\s*\n(.*)\n\s*```$/su.exec(text.trim())?.[1] ?? text;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return incorrect('not JSON');
    throw error;
  }
  if (typeof value !== 'object' || value === null)
    return incorrect('JSON, but neither an object nor an array');
  if (Object.keys(value).length === 0) return incorrect('empty JSON');
  return hasDuplicateKeys(body) ? incorrect('JSON with a key twice') : CORRECT;
}

/** Whether nothing would be seen: white space, invisible characters, LaTeX spacing, empty braces. */
function isEmpty(body: string): boolean {
  const seen = body
    .slice(0, 10_000)
    .replace(/\\(?:[,;:! ]|quad|qquad|text|mathrm|mathbf|phantom)(?![a-zA-Z])/gu, '')
    .replace(/[{}$~\s\p{Cf}\p{Cc}\p{Z}]/gu, '');
  return seen === '' || /^\.+$/u.test(seen);
}
