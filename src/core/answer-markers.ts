// The places where a completion marks its answer: `\boxed{}`, `<answer>`, `####`. Index scans
// only; the few regular expressions see a short piece of text each.

import { withPercent } from './answer-number.ts';
import type { ExtractedAnswer } from './answer.ts';

/** Most boxes that one answer is spread over. */
const BOXES_MAX = 32;
/** Longest text between two boxes that belong together. */
const GLUE_CHARS_MAX = 60;

interface Box {
  readonly content: string;
  readonly start: number;
  readonly end: number;
}

// ── \boxed{} ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `whole` is the text that `tail` ends: a box may open before the tail and close in it. */
export function findBoxed(tail: string, whole: string): ExtractedAnswer | undefined {
  if (!tail.includes('\\')) return whole.length === tail.length ? undefined : boxAcross(whole, tail.length);
  let box = boxBefore(tail, tail.length);
  while (box !== undefined && box.content === '') box = boxBefore(tail, box.start - 1);
  if (box === undefined) return whole.length === tail.length ? undefined : boxAcross(whole, tail.length);
  const contents = [box.content];
  let next = box;
  while (contents.length < BOXES_MAX && endsNear(tail, next.start)) {
    const previous = boxBefore(tail, next.start - 1);
    if (previous === undefined || previous.end > next.start) break;
    if (previous.content === '' || !isGlue(tail, previous.end, next.start)) break;
    contents.unshift(previous.content);
    next = previous;
  }
  const answer = new Set(contents).size > 1 ? contents.join(', ') : withPercent(box.content, tail, box.end);
  return { answer, source: 'boxed' };
}

/** Whether something in braces ends within a glue's length before `at`: without it there is no box to join. */
function endsNear(text: string, at: number): boolean {
  const brace = text.indexOf('}', Math.max(0, at - GLUE_CHARS_MAX));
  return brace >= 0 && brace < at;
}

/** The last box that starts at or before `from`. */
function boxBefore(text: string, from: number): Box | undefined {
  if (from < 0) return undefined;
  // Backward searches are slow where there is nothing to find.
  const boxed = text.includes('\\boxed') ? text.lastIndexOf('\\boxed', from) : -1;
  const framed = text.includes('\\fbox') ? text.lastIndexOf('\\fbox', from) : -1;
  const start = Math.max(boxed, framed);
  return start < 0 ? undefined : boxAt(text, start, start + (start === boxed ? 6 : 5));
}

function boxAt(text: string, start: number, after: number): Box {
  let at = after;
  while (text.charAt(at) === ' ') at += 1;
  if (text.charAt(at) === '{') {
    const end = closingBrace(text, at);
    return { content: text.slice(at + 1, end).trim(), start, end: end + 1 };
  }
  // `\boxed 5`: up to white space or the end of the formula.
  const open = at;
  while (at < text.length && !' \n\t$,'.includes(text.charAt(at)) && !text.startsWith('\\)', at)) at += 1;
  return { content: text.slice(open, at).replace(/[.;]$/, ''), start, end: at };
}

/** Where the brace that opens at `open` closes; the end of its paragraph when it never does. */
function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 92) at += 1;
    else if (code === 123) depth += 1;
    else if (code === 125) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  const line = text.indexOf('\n', open);
  return line < 0 ? text.length : line;
}

/** A box that is open where the tail begins: its answer is too long, but no other text may pass for it. */
function boxAcross(whole: string, tailLength: number): ExtractedAnswer | undefined {
  const cut = whole.length - tailLength;
  const start = whole.lastIndexOf('\\boxed', cut);
  if (start < 0) return undefined;
  const box = boxAt(whole, start, start + 6);
  return box.end > cut && box.content !== '' ? { answer: box.content, source: 'boxed' } : undefined;
}

const GLUE_WORDS = new Set([
  'and',
  'or',
  'for',
  'part',
  'parts',
  'text',
  'quad',
  'qquad',
  'case',
  'mbox',
  'the',
  'respectively',
]);

/** Whether the text between two boxes only joins them: ", ", " and ", " \text{ for part (a) and } ". */
function isGlue(text: string, from: number, to: number): boolean {
  if (to - from > GLUE_CHARS_MAX || to < from) return false;
  const glue = text.slice(from, to);
  // Boxes side by side are one offer, whatever they hold.
  if (/^[\s$]*$/.test(glue)) return !/\n\s*\n/.test(glue);
  if (/[\d=.:?!]|\n\s*\n/.test(glue) || !/[,;&]|\band\b|\bor\b/.test(glue)) return false;
  return (glue.match(/[A-Za-z]+/g) ?? []).every((word) => word.length === 1 || GLUE_WORDS.has(word));
}

// ── <answer> and #### ───────────────────────────────────────────────────────────────────────────────────────────────

const ANSWER_TAGS = ['answer', 'Answer', 'ANSWER'];

export function findAnswerTag(text: string): ExtractedAnswer | undefined {
  for (const name of ANSWER_TAGS) {
    const tag = `<${name}>`;
    if (!text.includes(tag)) continue;
    for (
      let open = text.lastIndexOf(tag);
      open >= 0;
      open = open === 0 ? -1 : text.lastIndexOf(tag, open - 1)
    ) {
      const start = open + tag.length;
      const close = text.indexOf(`</${name}>`, start);
      const answer = text.slice(start, close < 0 ? text.length : close).trim();
      if (answer !== '') return { answer, source: 'answer_tag' };
    }
  }
  return undefined;
}

/** `#### 18`. A Markdown heading of the fourth level is no answer: it starts with a word and text follows it. */
export function findHash(text: string): ExtractedAnswer | undefined {
  const at = text.includes('####') ? text.lastIndexOf('####') : -1;
  if (at < 0 || text.charAt(at - 1) === '#') return undefined;
  const end = lineEnd(text, at);
  const answer = text.slice(at + 4, end).trim();
  if (answer === '') return undefined;
  const isLast = text.slice(end).trim() === '';
  return isLast || /^[-+$\\([{.\d]/.test(answer) ? { answer, source: 'hash' } : undefined;
}

export function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
