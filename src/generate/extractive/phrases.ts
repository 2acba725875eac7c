// Noun phrases and the small changes of wording that turn a statement into a question. Pure string work: which sentences
// deserve a question is decided elsewhere.

import { textOf } from './sentence.ts';
import type { Sentence, TokenSpan } from './sentence.ts';

const PARENTHESES = /\s*\([^()]*\)/gu;
const PARTICIPLE = /(?:ing|ed|en)$/u;
const POSSESSIVE = /^['’]s?$/u;

/** Last token of the noun phrase that begins at `first`, without what follows its head; undefined when none begins there. */
export function nounPhraseEnd(sentence: Sentence, first: number): number | undefined {
  const { tags, tokens } = sentence;
  let at = /[DO]/u.test(tags[first] ?? '') ? first + 1 : first;
  let head: number | undefined;
  for (; at < tags.length; at += 1) {
    const tag = tags[at] ?? '';
    const word = tokens[at]?.text ?? '';
    const next = tags[at + 1] ?? '';
    if (tag === 'N' || tag === 'P') head = at;
    else if (tag === 'A' || tag === 'U') continue;
    else if (tag === 'T' && POSSESSIVE.test(word)) continue;
    else if (tag === 'R' && /[AV]/u.test(next)) continue;
    else if (tag === 'V' && head === undefined && PARTICIPLE.test(word) && /[NPA]/u.test(next)) continue;
    else break;
  }
  // "The longest wavelength of visible light is": an adjective right in front of the verb is a noun read wrongly.
  if (head === undefined && tags[at - 1] === 'A' && tags[at] === 'X' && at - 1 >= first) return at - 1;
  return head;
}

/** The noun phrase at `first` with the `of …` behind it, and what `prepositions` allows besides. */
export function longNounPhrase(
  sentence: Sentence,
  first: number,
  prepositions: RegExp = /^of$/u,
): TokenSpan | undefined {
  let last = nounPhraseEnd(sentence, first);
  if (last === undefined) return undefined;
  for (;;) {
    const next = sentence.tokens[last + 1];
    if (next === undefined || !prepositions.test(next.text)) return { first, last };
    const end = nounPhraseEnd(sentence, last + 2);
    if (end === undefined) return { first, last };
    last = end;
  }
}

/** A stretch of the sentence as it stands inside another one: no brackets, no capital that only opens a sentence. */
export function inside(sentence: Sentence, span: TokenSpan): string {
  return tidy(span.first === 0 ? uncapitalised(sentence, textOf(sentence, span)) : textOf(sentence, span));
}

/** The text from a token to `end`, an offset in the sentence. */
export function insideUntil(sentence: Sentence, first: number, end: number): string {
  const text = sentence.text.slice(sentence.tokens[first]?.start ?? 0, end);
  return tidy(first === 0 ? uncapitalised(sentence, text) : text);
}

function uncapitalised(sentence: Sentence, text: string): string {
  const [word = ''] = /^[\p{L}\d'’-]+/u.exec(text) ?? [];
  if (/\p{Lu}/u.test(word.slice(1)) || word.length === 0) return text;
  // "King John", "Ludwig van": in front of a name stands a part of it.
  if (sentence.tags.startsWith('P') && /^\S+\s(?:\p{Lu}|van\s|von\s|de\s)/u.test(text)) return text;
  // "Attempts to show …", "Centripetal acceleration": taken for names by the library for their capital alone.
  const isName =
    sentence.tags.startsWith('P') &&
    !sentence.lowerCaseWords.has(word.toLowerCase()) &&
    (/^P[PXV.IRUT]/u.test(sentence.tags) || isCapitalInside(sentence.block.text, word)) &&
    !/^P[IT]/u.test(sentence.tags.replace(/^PT(?=[NPA])/u, 'PP'));
  return isName ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

/** Whether the text writes `word` with its capital behind another word. */
function isCapitalInside(text: string, word: string): boolean {
  const at = text.indexOf(` ${word}`);
  return at > 0 && /[\p{Ll},]/u.test(text.charAt(at - 1));
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Without brackets, doubled spaces and marks at the end. */
export function tidy(text: string): string {
  return text
    .replace(PARENTHESES, '')
    .replace(/\s+/gu, ' ')
    .replace(/\s+([,.;:?])/gu, '$1')
    .trim()
    .replace(/[\s,;:.–—-]+$/u, '');
}

const SMALL_WORDS = new Set(
  'a an the of in on at to for from by with and or is are was were be been being it its that which who whom whose what when where how as than not no one two into per can may will has have had do does did this these those their they he she his her him them'.split(
    ' ',
  ),
);

/** Content words of a text, cut to a crude stem: enough to see one word in another. */
export function stems(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\d]+/gu) ?? [])
    .filter((word) => !SMALL_WORDS.has(word) && word.length > 1)
    .map((word) => word.replace(/(?:ies|es|s|ing|ed)$/u, '').slice(0, 6));
}

/** Words that say little: an answer of which only these are not in the question is told. */
const GENERIC = new Set(
  stems(
    'law theorem principle rule theory effect energy force field motion unit wave system process method scale number',
  ),
);

function fold(text: string): string {
  return ` ${(text.toLowerCase().match(/[\p{L}\d.]+/gu) ?? []).join(' ')} `;
}

/** Whether a question gives its answer away: the whole of it, or all words of it that tell anything. */
export function leaks(question: string, answer: string): boolean {
  if (fold(question).includes(fold(answer))) return true;
  const asked = new Set(stems(question));
  // Of "Newton’s second law of motion" only the name tells.
  const owner = /^(?<name>\p{Lu}\p{L}+)['’]/u.exec(answer)?.groups?.['name'];
  const words = stems(owner ?? answer);
  return (
    words.length > 0 && words.every((word) => asked.has(word) || (words.length > 1 && GENERIC.has(word)))
  );
}
