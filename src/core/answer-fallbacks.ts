// What stands for an answer when none is marked: the last formula, the last number, the last line. Guesses, and reported as
// such by their source.

import {
  isOfferBesideWords,
  lastNumberPlace,
  numberAt,
  type NumberPlace,
  unitBehind,
  withPercent,
} from './answer-number.ts';
import { lastAlignedValue } from './answer-aligned.ts';
import { mathAround, saysNot } from './answer-run.ts';
import type { ExtractedAnswer } from './answer.ts';

const LINE_CHARS_MAX = 200;
const WHOLE_CHARS_MAX = 200;
const FORMULA_CHARS_MAX = 2_000;

// ── The last formula ────────────────────────────────────────────────────────────────────────────────────────────────

/** A short text that is maths as a whole, else the last LaTeX environment, else the last number. */
export function lastExpression(text: string): ExtractedAnswer | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  // "$9$ cm$^2$", "$x<1$ or $x>2$": several formulas and nothing else.
  if (hasSeveralFormulas(trimmed) && isBareMaths(trimmed)) return { answer: trimmed, source: 'whole' };
  const aligned = lastAlignedValue(trimmed);
  if (aligned !== undefined) return { answer: aligned, source: 'last_expression' };
  const formula = lastFormula(withoutQualifier(trimmed));
  if (formula !== undefined) return { answer: formula, source: 'last_expression' };
  const unstarred = unquoted(trimmed.replace(/^\*+/, '').replace(/\*+$/, ''));
  if (isBareMaths(unstarred)) return { answer: unstarred, source: 'whole' };
  const claim = lastAssignments(trimmed) ?? lastClaim(trimmed);
  if (claim !== undefined) return { answer: claim, source: 'last_expression' };
  const place = lastNumberPlace(trimmed);
  if (place !== undefined) return claimedNumber(trimmed, place);
  const isShort = unstarred.trim() !== '' && unstarred.length <= 60 && !unstarred.includes('\n');
  // "Answer:." announces something and leaves it out.
  return isShort && !/:[\s.*_]*$/.test(unstarred) ? { answer: unstarred, source: 'whole' } : undefined;
}

/** `"3"` without its quotation marks. */
function unquoted(text: string): string {
  return /^(["'])([^"']+)\1$/.exec(text)?.[2] ?? text;
}

const QUALIFIER = /,?\s+for\s+(?:all|any|every|each)\s[^$.\n]{0,40}\$[^$]{1,60}\$[^$\n]{0,20}$/;
const QUALIFIER_CHARS_MAX = 160;

/** "f(x) = x² for all $x$": the x is no answer. */
function withoutQualifier(text: string): string {
  const cut = Math.max(0, text.length - QUALIFIER_CHARS_MAX);
  return text.slice(0, cut) + text.slice(cut).replace(QUALIFIER, '');
}

/** Nothing for "not 9" and "Paris or 9"; "7 or 9" stays together, for the verifier to refuse. */
function claimedNumber(text: string, place: NumberPlace): ExtractedAnswer | undefined {
  if (saysNot(text, place.start)) return undefined;
  const number = numberInContext(text, place);
  return isOfferBesideWords(text, place) && !number.answer.includes(' or ') ? undefined : number;
}

/** The last number, or the expression that it is a part of: the 3 of "we get 2√3" is no answer. */
function numberInContext(text: string, place: NumberPlace): ExtractedAnswer {
  const maths = mathAround(text, place);
  if (maths !== undefined)
    return { answer: withPercent(maths.text, text, maths.end), source: 'last_expression' };
  const { answer, source } = numberAt(text, place);
  return { answer: `${answer}${unitBehind(text, place.end)}`, source };
}

/** Captured, so that a split keeps what stands between the parts. */
const BETWEEN = /(, (?:and |or )?| and | or )/;
const ASSIGNED = /^[A-Za-z](?:_\w)?\s?=[^=<>]{1,30}$/;
const ASSIGNED_LAST = /(?:^|[\s:])([A-Za-z](?:_\w)?\s?=[^=<>]{1,30})$/;

/** "We get x = 3 or x = -4": both, not the last value. Split first: one expression for all would try every way to split. */
function lastAssignments(text: string): string | undefined {
  const line = text
    .slice(text.lastIndexOf('\n') + 1)
    .slice(-WHOLE_CHARS_MAX)
    .replace(/[.\s]+$/, '');
  if (!line.includes('=')) return undefined;
  const parts = line.split(BETWEEN);
  let first = parts.length + 1;
  while (first > 1 && ASSIGNED.test(parts[first - 2] ?? '')) first -= 2;
  const before = first > 1 ? ASSIGNED_LAST.exec(parts[first - 2] ?? '')?.[1] : undefined;
  const said = [before ?? '', ...parts.slice(before === undefined ? first : first - 1)].join('');
  return BETWEEN.test(said) && isBareMaths(said) ? said : undefined;
}

/** What follows the last "is", "are" or "=" of the last line, when it is maths to the end: "We find z = 3 + 4i." */
function lastClaim(text: string): string | undefined {
  const line = text.slice(text.lastIndexOf('\n') + 1).slice(-WHOLE_CHARS_MAX);
  const after = Math.max(
    line.lastIndexOf(' is ') + 3,
    line.lastIndexOf(' are ') + 4,
    // "<=" and ">=" claim nothing.
    /[<>]=[^=]*$/.test(line) ? 0 : line.lastIndexOf('= ') + 1,
  );
  const claim =
    after < 5
      ? ''
      : line
          .slice(after)
          .replace(/[.\s]+$/, '')
          .trim();
  return /\d/.test(claim) && isBareMaths(claim) ? claim : undefined;
}

/** The content of the environment that closes last. */
function lastFormula(text: string): string | undefined {
  const dollar = lastDollar(text, text.length);
  const round = text.lastIndexOf('\\)');
  const square = text.lastIndexOf('\\]');
  const last = Math.max(dollar, round, square);
  if (last < 0) return undefined;
  const open =
    last === dollar ? openingDollar(text, last) : text.lastIndexOf(last === round ? '\\(' : '\\[', last);
  const start = last === dollar ? open + 1 : open + 2;
  if (open < 0 || last - start > FORMULA_CHARS_MAX) return undefined;
  // `\$` is money and stays.
  const content = text
    .slice(start, last)
    .replaceAll(/(?<!\\)\$/g, ' ')
    .trim();
  // "$5 for the first and $" is money and prose, not a formula.
  if (content === '' || (last === dollar && isMoneyTalk(content))) return undefined;
  const before = joinedBefore(text, last === dollar && text.charAt(open - 1) === '$' ? open - 1 : open);
  return before === undefined
    ? withPercent(content, text, last + (last === dollar ? 1 : 2))
    : `${before}${content}`;
}

const GLUE = /(?:\$|\\\)|\\\])(\s*(?:,|;|,?\s*(?:and|or)(?:\s(?:maybe|perhaps|possibly|even))?)\s*)$/;
const JOINED_CHARS_MAX = 400;

/** Formulas before the one that opens at `open`, when only "and", "or" or a comma stand between: they are one answer. */
function joinedBefore(text: string, open: number): string | undefined {
  const head = text.slice(Math.max(0, open - JOINED_CHARS_MAX), open);
  const glue = GLUE.exec(head.slice(-24));
  if (glue === null) return undefined;
  const joiner = glue[1] ?? '';
  const formula = lastFormula(head.slice(0, head.length - joiner.length));
  if (formula === undefined) return undefined;
  return `${formula}${joiner.replace(/(and|or)\s\w+\s*$/, '$1 ')}`;
}

function hasSeveralFormulas(text: string): boolean {
  const dollars = text.length > WHOLE_CHARS_MAX ? 0 : text.split('$').length - 1;
  return dollars >= 4;
}

/** The last `$` before `from` that is not `\$`. */
function lastDollar(text: string, from: number): number {
  let at = from;
  do {
    at = at <= 0 ? -1 : text.lastIndexOf('$', at - 1);
  } while (at > 0 && text.charAt(at - 1) === '\\');
  return at;
}

function openingDollar(text: string, close: number): number {
  const isDisplay = text.charAt(close - 1) === '$';
  return lastDollar(text, isDisplay ? close - 1 : close);
}

function isMoneyTalk(content: string): boolean {
  const words = content.replaceAll(/\\[A-Za-z]+\s*\{[^{}]*\}|\\[A-Za-z]+/g, ' ').match(/[A-Za-z]{3,}/g);
  return /^\d/.test(content) && (words?.length ?? 0) >= 2;
}

const KNOWN_WORDS = new Set([
  'sin',
  'cos',
  'tan',
  'log',
  'sqrt',
  'and',
  'exp',
  'min',
  'max',
  'inf',
  'infinity',
  'cot',
  'sec',
  'csc',
]);

const TWO_LETTER_WORDS =
  /\b(?:[Ii]s|[Ii]t|[Oo]f|[Tt]o|[Ii]n|[Aa]t|[Ww]e|[Hh]e|[Ss]o|[Bb]e|[Aa]s|[Oo]n|[Bb]y|[Nn]o|[Aa]n|[Ii]f|[Mm]y|[Uu]s)\b/;

/** Cyrillic, Japanese, Chinese, Korean. */
const FOREIGN_LETTERS = /[\u0400-\u052f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]/;

/** One short line without prose: `-2 \le x \le 7`, `[0, 1)`, `28 %`. */
function isBareMaths(text: string): boolean {
  if (text.length > WHOLE_CHARS_MAX || text.includes('\n')) return false;
  if (!/[\d\\=<>^]/.test(text) || FOREIGN_LETTERS.test(text)) return false;
  const bare = text.replaceAll(/\\+[A-Za-z]+\s*(?:\{[A-Za-z ,]*\})?/g, ' ');
  if (TWO_LETTER_WORDS.test(bare)) return false;
  const words = bare.match(/[A-Za-z]{3,}/g) ?? [];
  // A digit inside a word is no number: AZYUK2A.
  return (
    words.every((word) => KNOWN_WORDS.has(word.toLowerCase())) && !/[A-Za-z]{3,}\d|\d[A-Za-z]{4,}/.test(text)
  );
}

// ── The last line ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The last line with something on it, when it is short enough to be an answer. */
export function shortLastLine(text: string): ExtractedAnswer | undefined {
  const trimmed = text.trimEnd();
  const line = trimmed.slice(trimmed.lastIndexOf('\n') + 1).trim();
  return line === '' || line.length > LINE_CHARS_MAX ? undefined : { answer: line, source: 'last_line' };
}
