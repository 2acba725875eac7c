// Takes the final answer out of a completion. One extraction serves all scorers of a completion, and what was taken, and
// where, is reported. It only finds; whether an answer hedges or echoes the prompt is the verifiers' business.
//
// On the hot path: every search is an index scan behind a cheap test, and only the last `SEARCHED_CHARS_MAX` characters count.

import { lastExpression, shortLastLine } from './answer-fallbacks.ts';
import { findLabelled } from './answer-labels.ts';
import { findAnswerTag, findBoxed, findHash } from './answer-markers.ts';
import { lastQuantity } from './answer-quantity.ts';

export const ANSWER_SOURCES = [
  'boxed',
  'hash',
  'answer_tag',
  'answer_label',
  'final_answer',
  'last_expression',
  'last_number',
  'last_line',
  'whole',
] as const;
export type AnswerSource = (typeof ANSWER_SOURCES)[number];

/** What to take when no marker is found. `none`: nothing, the completion has no answer. */
export const FALLBACKS = ['expression', 'number', 'line', 'none'] as const;
export type Fallback = (typeof FALLBACKS)[number];

export interface ExtractedAnswer {
  readonly answer: string;
  readonly source: AnswerSource;
}

/** Answers stand at the end: earlier text is not searched. */
const SEARCHED_CHARS_MAX = 16_384;
/** No opening marker (`\boxed{`, `<answer>`, `final answer is`) is longer. */
const MARKER_CHARS_MAX = 24;

/**
 * The final answer of `text`, or undefined when there is none. The first of these that is found: the last `\boxed{}` (several
 * in a row make a list), `<answer>`, `####`, a sentence "the final answer is", a line "Answer:" or "A:", then `fallback`.
 * Text before `</think>` does not count; an open `<think>` is thinking that was cut off, without an answer.
 */
export function extractAnswer(text: string, fallback: Fallback): ExtractedAnswer | undefined {
  // Most texts have no "<" at all: neither thinking nor turns nor tags.
  const hasTags = text.includes('<');
  const searched = hasTags ? withoutThinking(text) : text;
  if (searched === undefined) return undefined;
  const tail = clip(hasTags ? withoutChatTokens(searched) : searched);
  return (
    findBoxed(tail, searched) ??
    (hasTags ? findAnswerTag(tail) : undefined) ??
    findHash(tail) ??
    findLabelled(tail, fallback) ??
    lastResort(tail, fallback)
  );
}

function lastResort(tail: string, fallback: Fallback): ExtractedAnswer | undefined {
  switch (fallback) {
    case 'expression':
      return lastExpression(tail);
    case 'number':
      return lastQuantity(tail);
    case 'line':
      return shortLastLine(tail);
    case 'none':
      return undefined;
  }
}

/** What follows the thinking. Undefined when the thinking never ends. */
function withoutThinking(text: string): string | undefined {
  const isClosed = text.includes('</think>');
  if (!isClosed && !text.includes('<think>')) return text;
  const close = isClosed ? text.lastIndexOf('</think>') : -1;
  const open = text.lastIndexOf('<think>');
  if (open > close) return undefined;
  return close < 0 ? text : text.slice(close + '</think>'.length);
}

const TURN_ENDS = [
  '<|im_start|>',
  '<|im_end|>',
  '<|endoftext|>',
  '<|eot_id|>',
  '<|end|>',
  '<|user|>',
  '<end_of_turn>',
  '</s>',
  '<eos>',
];

/** A model that runs on past its turn starts a new one: only its own turn counts. */
function withoutChatTokens(text: string): string {
  if (!text.includes('<|') && !text.includes('</s>') && !text.includes('<e')) return text;
  for (const token of TURN_ENDS) {
    const at = text.indexOf(token);
    if (at > 0 && text.slice(0, at).trim() !== '') return withoutChatTokens(text.slice(0, at));
  }
  return text;
}

/** The last part, cut where no marker is torn: back to the white space before the cut, when that is near. */
function clip(text: string): string {
  if (text.length <= SEARCHED_CHARS_MAX) return text;
  const cut = text.length - SEARCHED_CHARS_MAX;
  for (let at = cut; at > cut - MARKER_CHARS_MAX; at -= 1) {
    const character = text.charCodeAt(at);
    // Backslash, "<", "#" and line feed: where markers start.
    if (character === 92 || character === 60 || character === 35 || character === 10) return text.slice(at);
  }
  return text.slice(cut);
}
