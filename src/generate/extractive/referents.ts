// What "she", "it" or "the tower" stands for, only where there is no doubt: the text is about one named thing, every sentence
// up to here has it as its subject, and nothing else was named that the word could mean.

import { personIn } from './names.ts';
import { inside, longNounPhrase, nounPhraseEnd } from './phrases.ts';
import { textOf } from './sentence.ts';
import type { Sentence } from './sentence.ts';

export interface Topic {
  readonly name: string;
  readonly isPerson: boolean;
  /** Nouns that the opening sentence or the name itself calls it: "tower". */
  readonly nouns: ReadonlySet<string>;
}

const OPENING_VERB = /^(?:is|was|are|were)$/u;
const PERSON_PRONOUN = /^(?:He|She)$/u;
const THING_PRONOUN = /^It$/u;

/** The thing that a passage is about, said by its opening sentence; undefined when that names none. */
export function topicOf(opening: Sentence | undefined, title: string | undefined): Topic | undefined {
  return opening === undefined ? undefined : namedSubject(opening, title);
}

/** The sentences of one block with the referents of their subjects filled in. */
export function withReferents(sentences: readonly Sentence[], topic: Topic | undefined): Sentence[] {
  const [opening] = sentences;
  if (topic === undefined || opening === undefined) return [...sentences];
  // A later paragraph is about the topic as long as its sentences begin with it.
  let isClear = true;
  return sentences.map((sentence, index) => {
    if (!isClear || (index === 0 && startsWithTopic(sentence, topic))) return sentence;
    if (index === 0 && !standsFor(sentence, topic)) {
      isClear = false;
      return sentence;
    }
    const stands = standsFor(sentence, topic);
    if (!stands && !startsWithTopic(sentence, topic)) isClear = false;
    if (!stands) return sentence;
    return { ...sentence, referent: topic.name };
  });
}

/** A named thing that the block opens with and says what it is. */
function namedSubject(sentence: Sentence, title: string | undefined): Topic | undefined {
  const span = longNounPhrase(sentence, 0);
  if (span === undefined) return undefined;
  const name = inside(sentence, span);
  const own = name.replace(/^the\s/u, '');
  const isNamed = own.split(' ').every((word) => /^(?:\p{Lu}|of$|the$|and$|de$|van$|\d)/u.test(word));
  if (!isNamed) return undefined;
  let verb = span.last + 1;
  if (sentence.tokens[verb]?.text === '(') verb = sentence.tokens.findIndex(({ text }) => text === ')') + 1;
  if (!OPENING_VERB.test(sentence.tokens[verb]?.text ?? '')) return undefined;
  const head = nounPhraseEnd(sentence, verb + 1);
  const isPerson = personIn(sentence, span) !== undefined;
  const called = head === undefined ? [] : [sentence.tokens[head]?.lemma ?? ''];
  const last = (own.split(' ').at(-1) ?? '').toLowerCase();
  const isTitle =
    title === undefined ||
    title.toLowerCase().includes(last) ||
    own.toLowerCase().includes(title.toLowerCase());
  return isTitle ? { name, isPerson, nouns: new Set([...called, last]) } : undefined;
}

function standsFor(sentence: Sentence, topic: Topic): boolean {
  const [first, second, third] = sentence.tokens;
  const word = first?.text ?? '';
  const opening = /^(?:In|On|By|From|At)$/u.test(word) ? afterComma(sentence) : 0;
  const subject = sentence.tokens[opening];
  if (subject === undefined) return false;
  const text = opening === 0 ? subject.text : subject.text.charAt(0).toUpperCase() + subject.text.slice(1);
  if (topic.isPerson) return PERSON_PRONOUN.test(text);
  if (THING_PRONOUN.test(text)) return /^[VXR]/u.test(sentence.tags.slice(opening + 1));
  if (opening !== 0) return false;
  return (
    word === 'The' &&
    topic.nouns.has(second?.lemma ?? '') &&
    /^[VX]$/u.test(sentence.tags[2] ?? '') &&
    third !== undefined
  );
}

function afterComma(sentence: Sentence): number {
  const comma = sentence.tokens.findIndex(({ text }) => text === ',');
  return comma < 0 || comma > 6 ? 0 : comma + 1;
}

function startsWithTopic(sentence: Sentence, topic: Topic): boolean {
  const own = topic.name.replace(/^the\s/u, '');
  const opening = afterComma(sentence);
  const span = longNounPhrase(sentence, opening) ?? longNounPhrase(sentence, 0);
  return span !== undefined && textOf(sentence, span).includes(own.split(' ').at(-1) ?? own);
}
