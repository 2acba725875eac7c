// What questions for a term have in common: when a noun phrase is a term, how one is asked for, and in which forms it is right.

import { stems, tidy } from '../phrases.ts';
import type { Proposal } from '../question-kind.ts';
import { textOf } from '../sentence.ts';
import type { Sentence, TokenSpan } from '../sentence.ts';

const TERM_WORDS_MAX = 5;
/** Words that name a role in a text rather than a thing. */
const NO_TERM =
  /^(?:result|answer|example|difference|reason|problem|idea|goal|purpose|path|record|fact|topic|effect|thing|way|part|point|case|value|number|step|rule|method|question|solution|conclusion|aim|key|law|theory|process|device|model|term|name|word|one|other|change|area|type|kind|form|system|object|experiment|cause|formula|relationship|link|figure|letter|symbol|image|side|length|chapter|section|unit|quantity|concept|story|book|author|man|woman|people|company|city|country|event|city|place|year|it|this|that|these|those|they|he|she|what|which|there|here|we|you|i|most|some|many|all|each|any|both|such|another|an|every|several)s?$/iu;

const NO_OPENING =
  /^(?:same|other|new|main|equally|next|previous|current|another|certain|first|second|third|last|amount|pure|\w{2,}est)$/iu;
const NO_HEAD =
  /^(?:problems?|demonstrations?|views?|videos?|lessons?|ideas?|situations?|statements?|days?|times?)$/iu;

/** Whether a noun phrase can be the answer to "what is the term for …". */
export function isTermPhrase(sentence: Sentence, span: TokenSpan): boolean {
  const tags = new Set(sentence.tags.slice(span.first, span.last + 1));
  const text = textOf(sentence, bare(sentence, span));
  const words = text.split(/\s+/u);
  if (words.length > TERM_WORDS_MAX || tags.has('O') || (tags.has('U') && !/\bzero$/u.test(text)))
    return false;
  if (words.length === 1 && (NO_TERM.test(text) || text.length < 3)) return false;
  if (NO_OPENING.test(words[0] ?? '') || NO_HEAD.test(words.at(-1) ?? '')) return false;
  if (NO_TERM.test(words[0] ?? '') && words[1] === 'of') return false;
  return /^[\p{L}][\p{L}\d\s'’/–‐-]*$/u.test(text);
}

/** The phrase without its article and without a symbol behind its name: "the period T". */
export function bare(sentence: Sentence, { first, last }: TokenSpan): TokenSpan {
  const named = sentence.tags[first] === 'D' && first < last ? first + 1 : first;
  // "a machine’s efficiency" is the efficiency; "Newton’s first law" is Newton’s.
  const owned = /^[AN]*NT(?=.)/u.exec(sentence.tags.slice(named, last + 1))?.[0].length ?? 0;
  const word = /^(?:term|word|name)$/u.test(sentence.tokens[named + owned]?.text ?? '') ? 1 : 0;
  const from = Math.min(last, named + owned + word);
  // "power of a sound wave" is power.
  let end = sentence.tokens.findIndex(
    ({ text }, index) =>
      index > from && index < last && text === 'of' && /[DO]/u.test(sentence.tags[index + 1] ?? ''),
  );
  end = end < 0 ? last : end - 1;
  while (end > from && (sentence.tokens[end]?.text.length ?? 0) <= 2) end -= 1;
  return { first: from, last: end };
}

/** The term as an answer, with the other forms of it that are surely right. */
export function termAnswer(sentence: Sentence, span: TokenSpan): Omit<Proposal, 'question'> {
  const own = bare(sentence, span);
  const head = sentence.tokens[own.last];
  const text = textOf(sentence, own);
  const aliases: string[] = [];
  if (
    head !== undefined &&
    /^\p{L}\p{Ll}+s$/u.test(head.text) &&
    head.lemma.toLowerCase() !== head.text.toLowerCase() &&
    head.pos === 'NOUN' &&
    !/(?:ics|ss|sis|us)$/u.test(head.text)
  )
    aliases.push(text.slice(0, text.length - head.text.length) + singular(head));
  const behind = sentence.text.slice(sentence.tokens[span.last]?.end ?? 0);
  const short = /^\s\((?<short>\p{Lu}[\p{L}\d]{1,5})\)/u.exec(behind)?.groups?.['short'];
  if (short !== undefined) aliases.push(short);
  const other =
    /^,?\s(?:or|also called|also known as)\s(?<other>\p{L}[\p{Ll}-]{3,}(?:\s[\p{Ll}-]{4,})?)(?=[,.;])/u.exec(
      behind,
    );
  if (other?.groups?.['other'] !== undefined) aliases.push(other.groups['other']);
  // "Newton’s third law of motion" is as well "Newton’s third law".
  const law = /^(?<law>\p{Lu}\p{L}+['’]s?\s(?:\p{Ll}+\s)?law)\sof\s/u.exec(text)?.groups?.['law'];
  if (law !== undefined) aliases.push(law);
  return {
    answer: {
      start: sentence.tokens[own.first]?.start ?? 0,
      end: sentence.tokens[own.last]?.end ?? 0,
    },
    aliases,
    answerType: 'text',
  };
}

/** The library's lemma of "masses" is "masse". */
function singular({ text, lemma }: { readonly text: string; readonly lemma: string }): string {
  return /(?:ss|sh|ch|x)es$/u.test(text) ? text.slice(0, -2) : lemma;
}

const STUDY = /^(?:the|a|an)\s(?:\w+\s)?(?:study|science|branch|field|art|practice|scientific study)\sof\b/u;
const NAMED =
  /^the\s(?:basic\s|metric\s|SI\s)?(?:process|phenomenon|region|layer|device|instrument|effect|organ|period|unit|law|principle|area|condition)\b/u;

/** Asks for the term that `description` describes; a description begins with an article, a plural or a mass noun. */
export function termQuestion(description: string): string {
  const text = generic(
    tidy(description).replace(/^(?:generally|basically|technically|in physics),?\s/iu, ''),
  );
  if (STUDY.test(text)) return `What is ${text} called?`;
  if (NAMED.test(text)) return `What is the name of ${text}?`;
  return `What is the term for ${text}?`;
}

const ANY =
  /\bthe\s(?<noun>object|wave|particle|system|circuit|medium|material|spring|string|substance|mirror|lens|cell|organism|person|plant|animal|gas|liquid|fluid|disturbance)(?=s?\b)(?!s)/gu;

/** In a definition "the object" is any object; it is "an object" where it comes first. */
function generic(text: string): string {
  return text.replace(ANY, (written, noun: string, at: number) => {
    const isKnown = new RegExp(`\\b${noun}`, 'u').test(text.slice(0, at));
    const isOwner = /^\sof\b/u.test(text.slice(at + written.length));
    if (isKnown || isOwner) return written;
    return `${/^[aeiou]/u.test(noun) ? 'an' : 'a'} ${noun}`;
  });
}

/** Whether a description would say the term itself in other words only. */
export function isCircular(term: string, description: string): boolean {
  const words = new Set(stems(description));
  const own = stems(term);
  return own.length > 0 && own.every((word) => words.has(word));
}
