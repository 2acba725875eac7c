// Lists: the same items, as often, in any order unless the recipe says otherwise. One item too many is as wrong as one too
// few, so listing everything that might be right earns nothing.

import { exactKey } from '../exact.ts';
import type { JsonObject } from '../json.ts';
import { collapseSpace, echoesPrompt } from '../normalize.ts';
import { plainText } from '../plain-text.ts';
import { readQuantities } from '../quantities.ts';
import { toBase } from '../units.ts';
import { looseText } from './exact.ts';
import { flag, oneOf, readOptions } from './options.ts';
import { CORRECT, incorrect, unusable } from './verifier.ts';
import type { Verdict, Verifier, VerifierInput } from './verifier.ts';

const ITEMS_MAX = 500;
const TEXT_CHARS_MAX = 20_000;
const ITEM_CHARS_MAX = 1_000;

export const listVerifier: Verifier = {
  name: 'list',
  summary: 'Compares lists item by item: any order, each item as often as in the ground truth.',
  reads: 'answer',
  fallback: 'line',
  parseOptions(options: JsonObject): JsonObject {
    return readOptions(options, {
      ordered: flag(false),
      // `ignore`: sets rather than multisets.
      duplicates: oneOf(['count', 'ignore'], 'count'),
      // `auto`: an item that is one number or quantity is compared as such, any other as text.
      items: oneOf(['auto', 'text', 'number'], 'auto'),
    });
  },
  verify(input: VerifierInput): Verdict {
    const { answer, groundTruth, promptText, options } = input;
    const truths = [groundTruth.answer, ...groundTruth.aliases].flatMap((truth) => readings(truth, options));
    if (truths.length === 0) return unusable('the ground truth is not a list of such items');
    if (answer.length > TEXT_CHARS_MAX) return incorrect('too long to be this list');
    if (echoesPrompt(answer, promptText)) return incorrect('repeats the prompt');
    const lists = readings(answer, options);
    if (lists.length === 0) return incorrect('not a list of such items');
    for (const list of lists) {
      if (truths.some((truth) => isSameList(list, truth, options))) return CORRECT;
    }
    if (lists.some((list) => list.some(joinsAlternatives))) return incorrect('hedges between answers');
    const [list, truth] = [lists[0] ?? [], truths[0] ?? []];
    if (list.length > truth.length) return incorrect('too many items, or others');
    return incorrect(list.length < truth.length ? 'too few items' : 'other items');
  },
};

function joinsAlternatives(key: string): boolean {
  return /(?:^| )(?:or|either|maybe)(?: |$)/u.test(key);
}

/**
 * Keys of the items of `text`, in each way that it can be read: "100,200" is one number or two (in brackets it is two), and
 * the end of "red, black and white" one item or two. No reading: no items, too many, or items of another kind.
 */
function readings(text: string, options: JsonObject): readonly (readonly string[])[] {
  if (text.length > TEXT_CHARS_MAX) return [];
  const { body, isBracketed } = withoutBrackets(text);
  const lists: (readonly string[])[] = [];
  const quoted = isBracketed ? jsonItems(text) : undefined;
  const splits = quoted === undefined ? splitsOf(body, isBracketed) : [quoted];
  for (const items of splits) {
    const keys = keysOf(items, options);
    if (keys !== undefined) lists.push(keys);
  }
  return lists;
}

function splitsOf(body: string, isBracketed: boolean): readonly (readonly string[])[] {
  const isNumberLike = !isBracketed && /\d,\d{3}(?!\d)/u.test(body);
  const splits: (readonly string[])[] = [];
  for (const everyComma of isNumberLike ? [false, true] : [true]) {
    splits.push(split(body, { everyComma, lastAnd: true }));
    if (body.includes(',')) splits.push(split(body, { everyComma, lastAnd: false }));
  }
  return splits;
}

function keysOf(items: readonly string[], options: JsonObject): readonly string[] | undefined {
  if (items.length === 0 || items.length > ITEMS_MAX) return undefined;
  const keys: string[] = [];
  for (const item of items) {
    const key = keyOf(item, options['items']);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  if (options['duplicates'] === 'ignore') return [...new Set(keys)];
  return keys;
}

/** The same text for the same item. */
function keyOf(item: string, kind: unknown): string | undefined {
  if (item.length > ITEM_CHARS_MAX) return undefined;
  if (kind !== 'text') {
    const read = readQuantities(plainText(item));
    const [quantity] = read.quantities;
    const isPlain = read.quantities.length === 1 && read.marks === '' && !read.isOutOfRange;
    if (quantity !== undefined && isPlain && read.words.length === 0) {
      const unit = quantity.unit;
      return unit === undefined
        ? `= ${exactKey(quantity.value)}`
        : `= ${exactKey(toBase(quantity.value, unit))} ${unit.dimension}`.trimEnd();
    }
    if (kind === 'number') return undefined;
  }
  const text = looseText(item);
  return text === '' ? undefined : text;
}

function isSameList(list: readonly string[], truth: readonly string[], options: JsonObject): boolean {
  if (list.length !== truth.length) return false;
  if (options['ordered'] === true) return list.every((key, index) => key === truth[index]);
  const sorted = truth.toSorted();
  return list.toSorted().every((key, index) => key === sorted[index]);
}

/** Takes one pair of brackets off: [..], {..}, (..), \{..\}, and the dollars around them. */
function withoutBrackets(text: string): { readonly body: string; readonly isBracketed: boolean } {
  const bare = text
    .trim()
    .replace(/^\$+|\$+$/gu, '')
    .trim();
  const match = /^(?:\\left)?\\?([[{(])(.*?)(?:\\right)?\\?([\]})])\.?$/su.exec(bare);
  const isPair = match !== null && ['[]', '{}', '()'].includes(`${match[1] ?? ''}${match[3] ?? ''}`);
  // "(a), (b)" is not one pair of brackets.
  if (
    !isPair ||
    /[[\](){}]/u.test((match[2] ?? '').replace(/\\[a-z]+\{[^{}]*\}(?:\{[^{}]*\})?|\([^()]*\)/gu, ''))
  ) {
    return { body: bare, isBracketed: false };
  }
  return { body: match[2] ?? '', isBracketed: true };
}

/** Items of a JSON array of strings and numbers, where quotes protect commas. */
function jsonItems(text: string): readonly string[] | undefined {
  if (!text.includes('"')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    const isFlat =
      Array.isArray(parsed) && parsed.every((item) => typeof item === 'string' || typeof item === 'number');
    return isFlat ? parsed.map(String) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Splits at the strongest separator that is there: lines, then semicolons, then commas and a closing "and". */
function split(
  body: string,
  as: { readonly everyComma: boolean; readonly lastAnd: boolean },
): readonly string[] {
  const lines = body
    .split(/\r?\n|\\\\/u)
    .map(collapseSpace)
    .filter((line) => line !== '');
  if (lines.length > 1)
    return trimItems(lines.map((line) => line.replace(/^\s*(?:[-*•–]|\(?\d{1,3}[.)])\s+/u, '')));
  const line = lines[0] ?? '';
  if (/[;|]/u.test(line))
    return trimItems(line.split(/[;|]/u).map((item) => item.replace(/^\s*and\s+/iu, '')));
  const comma = as.everyComma ? /(?<!\{),(?!\})/u : /(?<!\{),(?!\}|\d{3}(?!\d))/u;
  const items = line.split(comma);
  const last = items.pop() ?? '';
  // "a, b and c": only the end of a list is joined by a word, so that "black and white, red" keeps its first item whole.
  const tail = last.replace(/^\s*(?:and|&)\s+/iu, '');
  const ends = as.lastAnd ? tail.split(/\s+(?:and|&|\\(?:text|mathrm)\{\s*and\s*\})\s+/iu) : [tail];
  return trimItems([...items, ...ends]);
}

function trimItems(items: readonly string[]): readonly string[] {
  return items.map((item) => collapseSpace(item).replace(/[,;]+$/u, '')).filter((item) => item !== '');
}
